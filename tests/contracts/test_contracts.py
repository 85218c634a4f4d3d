"""Rules of the house that are programs: imports, topic names, clocks, chance, privacy."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas.topics import TOPICS

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("schemas", "geo", "cities", "jobs", "simulators", "dashboard", "stack")
PURE = ("geo", "schemas", "jobs/steps", "dashboard/figures")
CLOCKS = {"time.time", "time.time_ns", "datetime.now", "datetime.utcnow", "date.today"}
REGISTRIES = (  # in parts, so that this file does not carry them either
    ("pypi", "org"),
    ("pythonhosted", "org"),
    ("registry", "npmjs", "org"),
    ("repo", "maven", "apache", "org"),
    ("repo1", "maven", "org"),
    ("deb", "debian", "org"),
    ("crates", "io"),
)
CHANCE = re.compile(
    r"np\.random\.(?!default_rng|Generator|SeedSequence)|random\.(random|randint)\("
)


def sources(*parts: str) -> Iterator[Path]:
    for part in parts:
        yield from sorted((ROOT / part).rglob("*.py"))


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True
    )
    return [ROOT / name for name in listed.stdout.split("\0") if name]


def dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def called(tree: ast.AST) -> set[str]:
    return {dotted(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}


@pytest.mark.parametrize("path", list(sources(*PURE)), ids=lambda p: str(p.relative_to(ROOT)))
def test_pure_parts_never_read_a_clock(path: Path) -> None:
    names = called(ast.parse(path.read_text(encoding="utf-8")))
    assert not {name for name in names if any(name.endswith(clock) for clock in CLOCKS)}


@pytest.mark.parametrize("path", list(sources(*PARTS)), ids=lambda p: str(p.relative_to(ROOT)))
def test_chance_comes_from_a_generator_that_was_passed(path: Path) -> None:
    assert not CHANCE.search(path.read_text(encoding="utf-8"))


def test_topic_names_are_written_in_one_place_only() -> None:
    names = re.compile(rf"""["']({"|".join(name for name in TOPICS if "-" in name)})["']""")
    allowed = {ROOT / "schemas" / "topics.py"}
    found = [
        str(path.relative_to(ROOT))
        for path in sources(*PARTS)
        if path not in allowed and names.search(path.read_text(encoding="utf-8"))
    ]
    assert not found


def test_imports_go_down_only() -> None:
    result = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout


def test_no_commit_carries_a_host_of_a_package_registry() -> None:
    hosts = re.compile("|".join(re.escape(".".join(parts)) for parts in REGISTRIES).encode())
    text = [path for path in tracked() if path.suffix not in {".whl", ".woff2", ".png", ".parquet"}]
    offenders = [
        str(path.relative_to(ROOT))
        for path in text
        if path.is_file() and hosts.search(path.read_bytes())
    ]
    assert not offenders


def test_every_python_file_opens_with_what_it_is_for() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in sources(*PARTS)
        if path.read_text(encoding="utf-8").strip()
        and ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) is None
    ]
    assert not silent
