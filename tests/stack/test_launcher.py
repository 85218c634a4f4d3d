"""`./hexline`: finds a Python, wherever it is called from, in an empty environment too."""

import os
import shutil
import subprocess

import pytest

from stack.layout import CHECKOUT

SHELL = shutil.which("sh")


@pytest.fixture
def checkout(tmp_path):
    """Make a checkout that holds the launcher, and an environment that says what it got."""
    folder = tmp_path / "check out"
    (folder / ".venv/bin").mkdir(parents=True)
    shutil.copy(CHECKOUT / "hexline", folder)
    for place in ("requirements.lock", ".venv/hexline.lock"):
        (folder / place).write_text("locked\n")
    program = folder / ".venv/bin/python"
    program.write_text('#!/bin/sh\necho "$PWD|$PYTHONPATH|$*"\n')
    program.chmod(0o755)
    return folder


def run(*command, **more):
    return subprocess.run(command, capture_output=True, text=True, check=False, **more)


def python(folder, name, usable):
    program = folder / name
    program.write_text(f"#!/bin/sh\necho {name} >> {folder}/asked\nexit {0 if usable else 1}\n")
    program.chmod(0o755)


def test_hands_over_with_the_callers_folder_and_arguments(checkout, tmp_path):
    said = run(checkout / "hexline", "up", "--city", "a b", cwd=tmp_path, env={})
    assert said.stdout == f"{tmp_path}|{checkout}|-P -m stack up --city a b\n"


def test_is_found_through_links(checkout, tmp_path):
    (tmp_path / "one").symlink_to(checkout / "hexline")
    (tmp_path / "two").symlink_to("one")
    said = run(tmp_path / "two", "status", env={})
    assert f"|{checkout}|" in said.stdout


def test_is_found_by_its_name_on_the_path(checkout):
    said = run(SHELL, "hexline", "status", env={"PATH": f"{checkout}:{os.defpath}"})
    assert f"|{checkout}|" in said.stdout


def test_is_found_whatever_folders_the_callers_shell_searches(checkout, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / checkout.name).mkdir(parents=True)
    environment = {"CDPATH": str(elsewhere), "PATH": os.defpath}
    said = run(SHELL, f"{checkout.name}/hexline", "status", cwd=tmp_path, env=environment)
    assert f"|{checkout}|" in said.stdout


def test_environment_is_made_again_when_its_python_is_gone(checkout, tmp_path):
    program = checkout / ".venv/bin/python"
    program.unlink()
    program.symlink_to(tmp_path / "python3.11")
    python(tmp_path, "python3.12", usable=True)
    run(checkout / "hexline", "up", env={"PATH": f"{tmp_path}:{os.defpath}"})
    assert (tmp_path / "asked").read_text().splitlines() == ["python3.12", "python3.12"]


def test_named_python_that_is_too_old_is_refused(checkout, tmp_path):
    (checkout / "requirements.lock").write_text("newer\n")
    python(tmp_path, "python3.9", usable=False)
    said = run(checkout / "hexline", "up", env={"HEXLINE_PYTHON": str(tmp_path / "python3.9")})
    assert said.returncode == 1
    assert said.stderr.startswith("hexline: HEXLINE_PYTHON=")
    assert len(said.stderr.splitlines()) == 1


def test_without_any_python_one_line_says_what_to_install(checkout, tmp_path):
    (checkout / "requirements.lock").write_text("newer\n")
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("cmp", "dirname", "readlink"):
        (tools / name).symlink_to(shutil.which(name))
    python(tools, "python3", usable=False)
    said = run(SHELL, checkout / "hexline", "up", env={"PATH": str(tools)})
    assert said.returncode == 1
    assert "no Python 3.11 or 3.12 found" in said.stderr
    assert len(said.stderr.splitlines()) == 1


def test_environment_is_made_when_the_lock_has_changed(checkout, tmp_path):
    (checkout / "requirements.lock").write_text("newer\n")
    python(tmp_path, "python3.12", usable=True)
    run(checkout / "hexline", "up", env={"PATH": f"{tmp_path}:{os.defpath}"})
    assert (tmp_path / "asked").read_text().splitlines() == ["python3.12", "python3.12"]
