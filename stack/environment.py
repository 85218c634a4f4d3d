"""Make the virtual environment from a lock; runs on a bare Python, before anything is installed.

A bare Debian has neither pip nor ensurepip. So the environment is made without pip, and pip
runs out of the wheel in `stack/vendor`. Everything installed is checked against the lock's
hashes; packages that come as source are built with the locked setuptools.
"""

import fcntl
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path
from typing import IO

VENDOR = Path(__file__).resolve().parent / "vendor"
BUILDER = "setuptools"
FREE_BYTES = 4 << 30


def main(environment: Path, lock: Path, stamp: str) -> None:
    """Install a lock into an environment, unless another run did so meanwhile."""
    environment.parent.mkdir(parents=True, exist_ok=True)
    with (environment.parent / ".venv.lock").open("w") as guard:
        wait_for(guard)
        if installed(environment / stamp, lock) and works(environment):
            return
        check_disk(environment)
        make(environment)
        install(environment, lock)
        shutil.copyfile(lock, environment / stamp)


def wait_for(guard: IO[str]) -> None:
    """Take the lock file; say so when another run holds it."""
    try:
        fcntl.flock(guard, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        say("waiting for another run that installs the environment …")
        fcntl.flock(guard, fcntl.LOCK_EX)


def installed(stamp: Path, lock: Path) -> bool:
    """Say whether this very lock is installed; its copy is written last."""
    return stamp.is_file() and stamp.read_bytes() == lock.read_bytes()


def check_disk(environment: Path) -> None:
    """Stop with one line where the disk is too full for an environment."""
    free = shutil.disk_usage(environment.parent).free
    if not environment.exists() and free < FREE_BYTES:
        stop(f"the disk has {free >> 20} MiB free: expected {FREE_BYTES >> 20} for {environment}")


def make(environment: Path) -> None:
    """Make an environment without pip; one of another Python is made anew."""
    if works(environment):
        return
    say(f"making the environment with Python {sys.version.split()[0]} in {environment}")
    venv.EnvBuilder(with_pip=False, clear=True, symlinks=True).create(environment)
    if not works(environment):  # one that was moved after it was built, mostly
        stop(
            f"{sys.executable} makes environments whose Python does not start: name another "
            f"Python 3.11 or 3.12 with HEXLINE_PYTHON"
        )


def works(environment: Path) -> bool:
    """Say whether an environment's Python starts and is one of ours."""
    test = "import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 13))"
    try:
        python = environment / "bin" / "python"
        return subprocess.call([python, "-c", test], stderr=subprocess.DEVNULL) == 0
    except OSError:
        return False


def install(environment: Path, lock: Path) -> None:
    """Install what the lock lists, and only that."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        builder = Path(folder) / "builder.lock"
        builder.write_text(requirement(lock.read_text(), BUILDER))
        if builder.stat().st_size:
            pip(environment, "-r", builder)
        pip(environment, "--no-build-isolation", "-r", lock)
    say(f"environment ready after {time.monotonic() - began:.0f} s")


def requirement(lock: str, name: str) -> str:
    """Cut one package with its hashes out of a lock."""
    found = re.search(rf"^{name}==(?:.*\\\n)*.*\n", lock, re.MULTILINE)
    return found.group() if found else ""


def pip(environment: Path, *arguments: str | Path) -> None:
    """Run the pip that comes with the checkout; stop with one line where it fails."""
    wheel = next(VENDOR.glob("pip-*.whl"))
    command = [
        environment / "bin" / "python", wheel / "pip", "install", "--require-hashes",
        "--no-deps", "--disable-pip-version-check", "--no-warn-script-location",
        "--root-user-action=ignore", *arguments,
    ]  # fmt: skip
    if sys.stderr.isatty():
        code, last = subprocess.run(command, check=False, stdout=sys.stderr).returncode, ""
    else:
        code, last = followed(command)
    if code:
        stop(
            f"the environment could not be installed{last}: the first run needs a Python "
            f"package index; check the network and the disk, and run this again"
        )


def followed(command: list[str | Path]) -> tuple[int, str]:
    """Run pip with a line every few seconds; give its exit code and its last words."""
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    )
    count, said, last = 0, time.monotonic(), ""
    for line in process.stdout or ():
        last = line.strip() if line.startswith("ERROR") or not last else last
        count += line.startswith("Collecting")
        if time.monotonic() - said > 5:
            said = time.monotonic()
            say(f"installing, {count} packages so far …")
    return process.wait(), f" ({last})" if last.startswith("ERROR") else ""


def say(text: str) -> None:
    """Write a line about the progress."""
    print(f"hexline: {text}", file=sys.stderr, flush=True)


def stop(text: str) -> None:
    """End with one line."""
    say(text)
    raise SystemExit(1)


if __name__ == "__main__":
    os.environ.pop("PYTHONPATH", None)
    os.environ.pop("PIP_REQUIRE_VIRTUALENV", None)
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
