"""`bench NAME --help` says what a bench takes, and a bench takes nothing else."""

import ast
import importlib
import inspect

import pytest
from typer.testing import CliRunner

from stack.bench import BENCHES, cli
from stack.bench.rows import at_most

RUNNER = CliRunner()


def words_of(name):
    """Give the strings of a bench's `run`, and those it looks up in its options."""
    tree = ast.parse(inspect.getsource(importlib.import_module(f"stack.bench.{name}").run))
    texts = {n.value for n in ast.walk(tree) if isinstance(n, ast.Constant)}
    looked_up = set()
    for node in ast.walk(tree):
        of_options = (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "get"
            and ast.unparse(node.func.value) == "options"
        )
        if of_options and isinstance(node.args[0], ast.Constant):
            looked_up.add(node.args[0].value)
    return texts, looked_up


@pytest.mark.parametrize("name", BENCHES)
def test_a_bench_reads_the_options_that_its_help_names(name):
    texts, looked_up = words_of(name)
    assert looked_up <= set(BENCHES[name].options) <= texts


@pytest.mark.parametrize("name", BENCHES)
@pytest.mark.parametrize("write", [str, lambda name: name.replace("_", "-")])
def test_help_of_a_bench_shows_what_it_is_and_runs_nothing(name, write, monkeypatch):
    monkeypatch.setattr(cli, "run", lambda *_: pytest.fail("the bench ran"))
    said = RUNNER.invoke(cli.app, [write(name), "--help"], env={"COLUMNS": "200"})
    assert said.exit_code == 0
    for text in (BENCHES[name].about, *BENCHES[name].figures, BENCHES[name].takes):
        assert text in said.output
    assert all(f"{option}=…" in said.output for option in BENCHES[name].options)


@pytest.mark.parametrize("word", ["recordz=1", "records", "records=", "--fast"])
def test_an_unknown_option_is_one_line_and_nothing_runs(word, monkeypatch):
    monkeypatch.setattr("stack.bench.counts.run", lambda _: pytest.fail("the bench ran"))
    said = RUNNER.invoke(cli.app, ["counts", word])
    assert said.exit_code != 0
    if not word.startswith("-"):
        assert said.stderr.strip() == (
            f"bench counts: {word!r} is not an option: "
            "expected records=…, parallelism=…, only=…, state=…"
        )


def test_figures_go_to_a_file_wherever_the_option_stands(tmp_path, monkeypatch):
    rows = [at_most("figure", 1.0, 2.0, "ms")]
    asked = []
    monkeypatch.setattr("stack.bench.map.run", lambda words: asked.append(words) or rows)
    for number, words in enumerate((["rounds=3", "--json"], ["--json"])):
        file = tmp_path / f"{number}.json"
        said = RUNNER.invoke(cli.app, ["map", *words, str(file), *words[1:0]])
        assert said.exit_code == 0
        assert '"figure"' in file.read_text()
    assert asked == [{"rounds": "3"}, {}]
