"""Rows: what a bench gives, one measured figure each."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One figure: what was measured, its value and unit, and what it must be (empty: nothing)."""

    name: str
    value: float
    unit: str
    must: str = ""
    good: bool = True


def at_most(name: str, value: float, limit: float, unit: str) -> Row:
    """Give a row that must not exceed a limit."""
    return Row(name, value, unit, f"<= {limit:g}", value <= limit)


def at_least(name: str, value: float, limit: float, unit: str) -> Row:
    """Give a row that must reach a limit."""
    return Row(name, value, unit, f">= {limit:g}", value >= limit)


def between(name: str, value: float, low: float, high: float, unit: str = "") -> Row:
    """Give a row that must lie between two limits, ends included."""
    return Row(name, value, unit, f"{low:g}..{high:g}", low <= value <= high)
