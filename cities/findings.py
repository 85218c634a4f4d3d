"""What is wrong with a pack, one finding a line."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

LONGEST_VALUE = 160
NO_CONTROLS = "no line break, tab or other control character in it"
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")


class Severity(StrEnum):
    """An error keeps a pack from being used; a warning asks for a look."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault: where it is, what stands there, and what was expected.

    `row` counts as the file's reader would: lines of a CSV from 1, its header being line 1;
    features of a GeoJSON from 0.
    """

    file: str
    field: str
    value: object
    expected: str
    row: int | None = None
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        """Write the finding as one line."""
        row = "" if self.row is None else f" {_row_word(self.file)} {self.row}"
        what = f"{self.field}: {_shown(self.value)}: expected {self.expected}"
        return f"{self.severity}: {self.file}{row}: {what}"


def warning(file: str, field: str, value: object, expected: str, row: int | None = None) -> Finding:
    """Make a finding that asks for a look only."""
    return Finding(file, field, value, expected, row, Severity.WARNING)


def errors(findings: Iterable[Finding]) -> list[Finding]:
    """Give the findings that keep a pack from being used."""
    return [finding for finding in findings if finding.severity is Severity.ERROR]


def has_controls(name: str) -> bool:
    """Say whether an id has a character that cannot stand in the key of a record."""
    return _CONTROLS.search(name) is not None


def _row_word(file: str) -> str:
    return "line" if file.endswith((".csv", ".toml")) else "feature"


def _shown(value: object) -> str:
    text = str(value)
    if text != " ".join(text.split()) or not text.isprintable():
        text = repr(text)  # blanks and odd characters must be seen
    text = text or "blank"
    return text if len(text) <= LONGEST_VALUE else text[:LONGEST_VALUE] + "…"
