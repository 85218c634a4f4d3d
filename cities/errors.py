"""Errors of this part; each leaf is also the built-in a caller would guess."""

from __future__ import annotations


class CityError(Exception):
    """Any error of city packs."""


class PackError(CityError, ValueError):
    """A city pack cannot be used; the message names file, row, value and expectation."""


class UnknownCityError(CityError, LookupError):
    """No city pack has this name and no folder is one."""

    @classmethod
    def named(cls, name: str, known: list[str]) -> UnknownCityError:
        """Name what was asked for and what there is."""
        return cls(
            f"city {name!r}: expected a folder with a city.toml, or one of {', '.join(known)}"
        )


class SourceError(CityError, ValueError):
    """A customer's file or a raw public file cannot be converted."""
