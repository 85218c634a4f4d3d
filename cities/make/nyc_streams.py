"""The streams of the New York pack from the raw public files, quirks left in and counted.

Trips keep every row of a month that lies whole in the period, also those dated 2008, those
that end before they begin, exact duplicates and unknown zones (264, 265, or blank): what is
wrong with real data is what a replay is for. Of a month that lies in it in part, the rows
whose pick-up lies in the period are kept. Times stay as published: local, without offset.
"""

from __future__ import annotations

import calendar
import gzip
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from cities.errors import SourceError

PICKUP, DROPOFF = "lpep_pickup_datetime", "lpep_dropoff_datetime"
FROM_ZONE, TO_ZONE = "PULocationID", "DOLocationID"
HELD = "store_and_fwd_flag"
"""`Y` where the meter was without connection and the trip was sent later."""
TRIP_COLUMNS = (PICKUP, DROPOFF, FROM_ZONE, TO_ZONE)
CASE_COLUMNS = ("published", "modzcta", "cum_cases", "cum_tests", "commit")
LONGEST_TRIP = timedelta(hours=6)
_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class Period:
    """Local days, both included."""

    first: date
    last: date

    def holds_month(self, year: int, month: int) -> bool:
        """Say whether a whole month lies in the period."""
        end = calendar.monthrange(year, month)[1]
        return self.first <= date(year, month, 1) and date(year, month, end) <= self.last


@dataclass(frozen=True, slots=True)
class TripReport:
    """What the trips of a period are like; every one of `kept` is in the stream."""

    read: int
    kept: int
    unreadable: int
    misdated: int
    backwards: int
    long: int
    duplicates: int
    unknown_zone: int

    def __str__(self) -> str:
        """Write the report as one line."""
        return (
            f"trips: {self.read} read, {self.kept} kept; among them {self.misdated} misdated, "
            f"{self.backwards} ending before they begin, {self.long} over 6 hours, "
            f"{self.duplicates} exact duplicates, {self.unknown_zone} with an unknown zone; "
            f"{self.unreadable} without a readable time left out"
        )


@dataclass(frozen=True, slots=True)
class CountsReport:
    """What the cumulative counts of a period are like."""

    rows: int
    snapshots: int
    falling: int
    unknown_areas: tuple[str, ...]

    def __str__(self) -> str:
        """Write the report as one line."""
        unknown = ", ".join(self.unknown_areas) or "none"
        return (
            f"cases: {self.rows} counts in {self.snapshots} snapshots; {self.falling} fall below "
            f"the one before; without an area of this pack: {unknown}"
        )


def read_trips(
    files: list[Path], period: Period, zones: set[int]
) -> tuple[dict[str, pl.DataFrame], TripReport]:
    """Read the trips of a period from the TLC's monthly files (CSV, gzipped CSV or Parquet).

    Gives one table a file that has any, by the file's bare name; columns are the TLC's own
    (those used), times local in milliseconds, zones null where blank, rows in the file's order.
    """
    months = {}
    for path in files:
        with _one_line(path):
            months[_bare_name(path)] = _trips_of(path)
    chosen = {name: _in_period(trips, name, period) for name, trips in months.items()}
    trips = pl.concat(chosen.values())
    usable = {name: part.drop_nulls([PICKUP, DROPOFF]) for name, part in chosen.items()}
    read = sum(len(part) for part in months.values())
    report = _trip_report(read, trips, pl.concat(usable.values()), period, zones)
    return {name: part for name, part in usable.items() if len(part)}, report


def write_trips(folder: Path, trips: dict[str, pl.DataFrame]) -> list[Path]:
    """Write one Parquet file a month and give their paths."""
    paths = [folder / f"{name}.parquet" for name in trips]
    for path, part in zip(paths, trips.values(), strict=True):
        part.write_parquet(path, compression="zstd", compression_level=19)
    return paths


def write_cases(path: Path, cases: pl.DataFrame) -> None:
    """Write the counts as gzipped CSV; the same counts give the same bytes."""
    with path.open("wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as packed:
        packed.write(cases.write_csv().encode())


def read_cases(path: Path, period: Period, areas: set[str]) -> tuple[pl.DataFrame, CountsReport]:
    """Read the cumulative counts published in a period, values as published."""
    with _one_line(path):
        return _cases_of(path, period, areas)


def _cases_of(path: Path, period: Period, areas: set[str]) -> tuple[pl.DataFrame, CountsReport]:
    table = pl.read_csv(path, schema_overrides={"modzcta": pl.String, "commit": pl.String})
    _require(path, table.columns, CASE_COLUMNS)
    day = pl.col("published").str.to_date("%Y-%m-%d")
    rows = table.filter(day.is_between(period.first, period.last)).select(CASE_COLUMNS)
    step = rows.sort("published").select(pl.col("cum_cases").diff().over("modzcta"))
    report = CountsReport(
        rows=len(rows),
        snapshots=rows["published"].n_unique(),
        falling=int((step["cum_cases"] < 0).sum()),
        unknown_areas=tuple(sorted(set(rows["modzcta"]) - areas)),
    )
    return rows, report


@contextmanager
def _one_line(path: Path) -> Iterator[None]:
    """Turn what polars says of a file it cannot use into one line."""
    try:
        yield
    except pl.exceptions.PolarsError as error:
        raise SourceError(f"{path.name}: {str(error).strip().splitlines()[0]}") from error


def _bare_name(path: Path) -> str:
    return path.name.removesuffix(".gz").removesuffix(".csv").removesuffix(".parquet")


def _trips_of(path: Path) -> pl.DataFrame:
    parquet = path.suffix == ".parquet"
    raw = pl.read_parquet(path) if parquet else pl.read_csv(path, infer_schema=False)
    _require(path, raw.columns, TRIP_COLUMNS)
    held = pl.col(HELD) if HELD in raw.columns else pl.lit(None, dtype=pl.String).alias(HELD)
    times = [_time(raw, PICKUP), _time(raw, DROPOFF)]
    return raw.select(*times, _zone(FROM_ZONE), _zone(TO_ZONE), held.cast(pl.String))


def _time(raw: pl.DataFrame, name: str) -> pl.Expr:
    column = pl.col(name)
    if raw.schema[name] == pl.String:
        column = column.str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False)
    return column.cast(pl.Datetime("ms"))


def _zone(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.Float64, strict=False).cast(pl.Int16, strict=False)


def _in_period(trips: pl.DataFrame, name: str, period: Period) -> pl.DataFrame:
    month = _MONTH.search(name)
    if month is None:
        raise SourceError(f"{name}: expected the month in the name, like …2020-04.csv.gz")
    if period.holds_month(int(month[1]), int(month[2])):
        return trips
    return trips.filter(pl.col(PICKUP).dt.date().is_between(period.first, period.last))


def _trip_report(
    read: int, trips: pl.DataFrame, usable: pl.DataFrame, period: Period, zones: set[int]
) -> TripReport:
    known = sorted(zones)
    unknown = ~(pl.col(FROM_ZONE).is_in(known) & pl.col(TO_ZONE).is_in(known))
    day = pl.col(PICKUP).dt.date()
    lasting = pl.col(DROPOFF) - pl.col(PICKUP)
    return TripReport(
        read=read,
        kept=len(usable),
        unreadable=len(trips) - len(usable),
        misdated=_count(usable, ~day.is_between(period.first, period.last)),
        backwards=_count(usable, lasting < timedelta(0)),
        long=_count(usable, lasting > LONGEST_TRIP),
        duplicates=len(usable) - len(usable.unique(list(TRIP_COLUMNS))),
        unknown_zone=_count(usable, unknown.fill_null(value=True)),
    )


def _count(table: pl.DataFrame, condition: pl.Expr) -> int:
    return len(table.filter(condition))


def _require(path: Path, columns: list[str], wanted: Iterable[str]) -> None:
    absent = [name for name in wanted if name not in columns]
    if absent:
        raise SourceError(f"{path.name}: no column {', '.join(absent)}: has {', '.join(columns)}")
