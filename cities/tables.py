"""A customer's file as columns of text, with a geometry where it has one, in degrees."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import shapely

from cities.errors import SourceError
from geo.cells import Degrees

WGS84 = "EPSG:4326"
ENCODINGS = ("utf-8", "gb18030")
"""Tried in this order where none is given: any GBK text is GB18030, hardly any is UTF-8."""

LONGEST_CELL = 1 << 30
"""Characters of one value of a CSV; an outline as WKT may have millions."""
LARGEST_EXACT = 1 << 53
"""Whole numbers up to here are exact as numbers with a point."""

DBF_HEAD, DBF_ENCODING, UNNAMED = 32, 29, (0x00, 0x57)
"""A dBASE table: bytes of its head and of each field's, which of them names the encoding, and
what that is where it names none."""


@dataclass(frozen=True, eq=False)
class Table:
    """Named columns of equal length; `geometry` is None where the file has none."""

    file: str
    rows: int
    columns: dict[str, list[str]]
    geometry: Any = None

    def text(self, column: str | None, row: int) -> str:
        """Give a value as text; `=word` stands for the word itself, None for blank."""
        if column is None:
            return ""
        if column.startswith("="):
            return column[1:]
        return self._column(column)[row].strip()

    def whole_number(self, column: str | None, row: int) -> int:
        """Give a value rounded to a whole number of 0 or more; 0 where no column is named."""
        if column is None:
            return 0
        text = self.text(column, row)
        try:
            number = round(float(text))
        except (ValueError, OverflowError):
            number = -1
        if number < 0:
            raise SourceError(f"{self.file} row {row}: {column}: {text!r}: expected a count")
        return number

    def degrees(self, column: str) -> Degrees:
        """Give a whole column as numbers."""
        texts = self._column(column)
        for row, text in enumerate(texts):
            try:
                float(text)
            except ValueError:
                raise SourceError(
                    f"{self.file} row {row}: {column}: {text!r}: expected degrees"
                ) from None
        return np.array([float(text) for text in texts], dtype=np.float64)

    def _column(self, name: str) -> list[str]:
        if name not in self.columns:
            have = ", ".join(self.columns)
            raise SourceError(f"{self.file}: no column {name!r}: has {have}")
        return self.columns[name]


def read_table(path: Path, encoding: str | None = None, wkt: str = "wkt") -> Table:
    """Read a CSV, or whatever else GDAL reads (GeoJSON, GeoPackage, Shapefile).

    A geometry with another reference system is turned into WGS-84 degrees.
    """
    if not path.is_file():
        raise SourceError(f"{path}: not a file")
    is_csv = path.suffix.lower() == ".csv"
    table = _read_csv(path, encoding, wkt) if is_csv else _read_layer(path, encoding)
    if not table.rows:
        raise SourceError(f"{path.name}: no rows: expected at least one")
    return table


def _read_csv(path: Path, encoding: str | None, wkt: str) -> Table:
    lines = io.StringIO(_decoded(path, encoding), newline=None)
    limit = csv.field_size_limit(LONGEST_CELL)
    try:
        rows = list(csv.DictReader(lines, restval=""))
    except csv.Error as error:
        raise SourceError(f"{path.name}: {error}") from error
    finally:
        csv.field_size_limit(limit)
    names = [name for name in (rows[0] if rows else {}) if name is not None]
    columns = {name: [row[name] for row in rows] for name in names}
    return Table(path.name, len(rows), columns, _from_wkt(path.name, columns.get(wkt)))


def _decoded(path: Path, encoding: str | None) -> str:
    content = path.read_bytes()
    for name in (encoding,) if encoding else ENCODINGS:
        try:
            return content.decode(name).removeprefix("\ufeff")
        except UnicodeDecodeError:
            continue
        except LookupError:
            raise SourceError(f"--encoding {name}: not an encoding") from None
    raise SourceError(f"{path.name}: not {encoding or 'UTF-8 or GB18030'}: name its --encoding")


def _from_wkt(file: str, texts: list[str] | None) -> Any:
    if texts is None:
        return None
    geometry = shapely.from_wkt(texts, on_invalid="ignore")
    unreadable = np.flatnonzero(shapely.is_missing(geometry))
    if len(unreadable):
        raise SourceError(f"{file} row {unreadable[0]}: expected a polygon as WKT")
    return geometry


def _read_layer(path: Path, encoding: str | None) -> Table:
    try:
        frame = pyogrio.read_dataframe(path, encoding=encoding or _encoding_of(path))
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, ValueError) as error:
        raise SourceError(f"{path.name}: {' '.join(str(error).split())}") from error
    if not hasattr(frame, "geometry"):
        geometry = None
    else:
        geometry = np.array(_in_degrees(frame).geometry.array, dtype=object)
        frame = frame.drop(columns=frame.geometry.name)
    columns = {str(name): [_as_text(value) for value in frame[name]] for name in frame.columns}
    return Table(path.name, len(frame), columns, geometry)


def _encoding_of(path: Path) -> str | None:
    """Find the encoding of a Shapefile that names none; None where GDAL knows it."""
    parts = {part.suffix.lower(): part for part in path.parent.iterdir() if part.stem == path.stem}
    if path.suffix.lower() != ".shp" or ".cpg" in parts or ".dbf" not in parts:
        return None
    content = parts[".dbf"].read_bytes()
    if len(content) < DBF_HEAD or content[DBF_ENCODING] not in UNNAMED:
        return None
    first = int.from_bytes(content[8:10], "little")  # where the header ends and the rows begin
    fields = [content[at : at + 11] for at in range(DBF_HEAD, first - 1, DBF_HEAD)]
    texts = [*(name.partition(b"\0")[0] for name in fields), content[first:]]
    return next((name for name in ENCODINGS if all(_is_in(name, text) for text in texts)), None)


def _is_in(encoding: str, text: bytes) -> bool:
    try:
        text.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _in_degrees(frame: Any) -> Any:
    return frame if frame.crs is None or frame.crs == WGS84 else frame.to_crs(WGS84)


def _as_text(value: Any) -> str:
    missing = value is None or value != value  # noqa: PLR0124 - NaN, in any of pandas' types
    if missing:
        return ""
    # Ids become numbers with a point by their column's type, or by a blank among them.
    if isinstance(value, float) and value.is_integer() and abs(value) <= LARGEST_EXACT:
        return str(int(value))
    return str(value)
