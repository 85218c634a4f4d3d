"""The test suites and the checks of the code, as CI runs them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping

from stack.errors import SettingsError
from stack.layout import CHECKOUT

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
PACKAGES = ("schemas", "geo", "cities", "jobs", "simulators", "dashboard", "stack")
UNIT, STREAM, BROWSER, DRILL = "unit", "stream", "browser", "drill"
SUITES: Mapping[str, tuple[str, ...]] = {
    UNIT: (UNIT,),
    STREAM: (STREAM,),
    BROWSER: (BROWSER,),
    DRILL: (DRILL,),
    "all": (UNIT, STREAM, BROWSER),
}
"""What each suite is made of, in the order in which it is run."""
NO_TESTS = 5
"""What pytest answers when no test was chosen."""


def find_chromium() -> str | None:
    """Find Debian's browser, which the browser tests drive."""
    return next((path for name in CHROMIUM if (path := shutil.which(name))), None)


def test(suite: str) -> int:
    """Run one suite, or all; the checks of the code belong to the unit tests."""
    if suite not in SUITES:
        raise SettingsError(f"test {suite}: expected one of {', '.join(SUITES)}")
    ready()
    parts = SUITES[suite]
    if BROWSER in parts and find_chromium() is None:
        say("no chromium found, so the browser tests are left out: apt-get install chromium")
        if suite == BROWSER:
            return 1
        parts = tuple(part for part in parts if part != BROWSER)
    codes = {"checks": check()} if UNIT in parts else {}
    codes |= {f"{part} tests": run_tests(part) for part in parts}
    if failed := [name for name, code in codes.items() if code]:
        say(f"failed: {', '.join(failed)}")
    return next((code for code in codes.values() if code), 0)


def run_tests(part: str) -> int:
    """Run one part; unit tests on all cores, the others have a stack that takes them all."""
    if part != UNIT:
        return run("pytest", "-m", part, "--durations=10")
    cores = len(os.sched_getaffinity(0))
    others = " and ".join(f"not {other}" for other in (STREAM, BROWSER, DRILL))
    return run("pytest", "-m", others, "--durations=10", "-n", str(cores), "--dist", "loadfile")


def check() -> int:
    """Run every check, also after one that failed; give the first failure."""
    ready()
    there = [name for name in PACKAGES if (CHECKOUT / name / "__init__.py").exists()]
    checks: tuple[tuple[str, Callable[[], int]], ...] = (
        ("ruff format", lambda: run("ruff", "format", "--check", *there, "tests")),
        ("ruff", lambda: run("ruff", "check", *there, "tests")),
        ("mypy --strict", lambda: run("mypy", *there)),
        ("import contracts", lambda: run("importlinter.cli", "lint_imports_command")),
        ("doctests", lambda: doctests(there)),
    )
    codes = {name: one() for name, one in checks}
    failed = [name for name, code in codes.items() if code]
    say(f"checks failed: {', '.join(failed)}" if failed else "all checks passed")
    return next((code for code in codes.values() if code), 0)


def doctests(there: list[str]) -> int:
    """Run the examples in the docstrings; having none is no failure."""
    code = run("pytest", "--doctest-modules", "--ignore-glob=*/__main__.py", *there)
    return 0 if code == NO_TESTS else code


def run(module: str, *arguments: str) -> int:
    """Run a tool of the environment in the checkout."""
    environment = os.environ | {"PYTHONPATH": str(CHECKOUT)}
    return subprocess.call(
        [sys.executable, "-m", module, *arguments], cwd=CHECKOUT, env=environment
    )


def ready() -> None:
    """Install what only developers need, where it is not installed yet."""
    lock = CHECKOUT / "requirements-dev.lock"
    stamp = CHECKOUT / ".venv" / "hexline-dev.lock"
    if stamp.is_file() and stamp.read_bytes() == lock.read_bytes():
        return
    script = CHECKOUT / "stack" / "environment.py"
    subprocess.run([sys.executable, script, CHECKOUT / ".venv", lock, stamp.name], check=True)


def say(text: str) -> None:
    """Print a line of our own between the tools' output."""
    print(f"hexline: {text}", flush=True)
