"""Commands of other parts: in the help without an import, and unable to break one another."""

import subprocess
import sys
import time

import pytest
import typer
from typer.testing import CliRunner

from stack import mounted
from stack.errors import SettingsError, StackError
from stack.layout import CHECKOUT
from stack.mounted import PARTS, Part, mount, mount_one, stack_options


def fresh():
    app = typer.Typer()
    app.command("own")(lambda: None)
    return app


def test_help_names_every_part_without_importing_one(monkeypatch):
    monkeypatch.setattr(mounted, "imported", None)
    app = fresh()
    mount(app, None)
    said = CliRunner().invoke(app, ["--help"]).output
    assert all(name in said for name in PARTS)


def test_part_that_cannot_be_imported_is_one_line():
    with pytest.raises(StackError, match="jobs is not available in this checkout"):
        mounted.imported("jobs", Part("no_such_module_anywhere", ""))


def test_only_the_command_of_that_name_is_mounted():
    part = typer.Typer()
    part.command()(replay)
    part.command("evaluate")(lambda: None)
    app = fresh()
    mount_one(app, "replay", part)
    assert "played again" in CliRunner().invoke(app, ["replay"]).output


def replay() -> None:
    """Play."""
    typer.echo("played again")


def test_missing_command_of_a_part_is_one_line():
    with pytest.raises(StackError, match="simulate is not available"):
        mount_one(fresh(), "simulate", typer.Typer())


@pytest.mark.parametrize("words", [["list", "--state"], ["list", "--state="], ["--ports"]])
def test_option_without_a_value_is_refused_and_not_taken_for_the_usual_folder(words):
    with pytest.raises(SettingsError, match="expected a value behind it"):
        stack_options(words)


@pytest.mark.parametrize(
    "arguments",
    [["--state", "d", "list", "--ports", "8700"], ["list", "--state=d", "--ports=8700"]],
)
def test_state_and_ports_are_taken_out_wherever_they_stand(arguments):
    left, state, ports = stack_options(arguments)
    assert (left, str(state), ports) == (["list"], "d", 8700)


def test_ports_that_are_no_number_are_refused():
    with pytest.raises(StackError, match="--ports abc: expected a whole number"):
        stack_options(["--ports", "abc"])


def test_help_imports_nothing_heavy():
    """Time depends on the machine; what is imported does not."""
    code = (
        "import sys; from stack.mounted import main\n"
        "sys.argv = ['hexline', '--help']\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'pyflink', 'pandas', 'confluent_kafka', 'jgo', 'supervisor', 'numpy'}\n"
        "print('heavy:', sorted(heavy & set(sys.modules)))"
    )
    began = time.monotonic()
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=CHECKOUT, check=True
    ).stdout
    assert said.splitlines()[-1] == "heavy: []"
    assert time.monotonic() - began < 10
