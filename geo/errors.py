"""Errors of this part; each leaf is also the built-in a caller would guess."""

from __future__ import annotations


class GeoError(Exception):
    """Any error of geography or statistics."""


class CoordinateError(GeoError, ValueError):
    """A latitude or longitude is missing, infinite or out of range."""

    @classmethod
    def at(cls, name: str, row: int, value: float, limit: float) -> CoordinateError:
        """Name the column, the first bad row, its value and the allowed range."""
        return cls(f"{name}[{row}] is {value!r}: expected degrees in ±{limit:g}")


class ResolutionError(GeoError, ValueError):
    """A resolution is not one of H3's."""

    @classmethod
    def of(cls, resolution: int) -> ResolutionError:
        """Name the resolution and the allowed range."""
        return cls(f"resolution is {resolution!r}: expected 0..15")


class CellError(GeoError, ValueError):
    """A value is not an H3 cell."""

    @classmethod
    def at(cls, row: int, value: object) -> CellError:
        """Name the first bad row and its value."""
        return cls(f"cells[{row}] is {value!r}: expected an H3 cell")


class ShapeError(GeoError, ValueError):
    """Columns that belong together differ in length."""

    @classmethod
    def of(cls, **lengths: int) -> ShapeError:
        """Name the columns with their lengths."""
        named = ", ".join(f"{name} has {length}" for name, length in lengths.items())
        return cls(f"columns differ in length: {named}: expected the same")


class GeometryError(GeoError, ValueError):
    """A polygon cannot be used."""


class AreaTreeError(GeoError, ValueError):
    """Areas do not form a tree, or a column of the gazetteer contradicts it."""


class ColumnError(GeoError, ValueError):
    """A column has the wrong shape or length."""

    @classmethod
    def shaped(cls, name: str, shape: tuple[int, ...], expected: str) -> ColumnError:
        """Name the column, its shape and what was expected."""
        return cls(f"{name} has shape {shape}: expected {expected}")


class ParameterError(GeoError, ValueError):
    """A parameter of a method lies outside its range."""

    @classmethod
    def of(cls, name: str, value: object, expected: str) -> ParameterError:
        """Name the parameter, its value and what was expected."""
        return cls(f"{name} is {value!r}: expected {expected}")


class GazetteerError(GeoError, ValueError):
    """Places or areas of a city cannot be used together."""
