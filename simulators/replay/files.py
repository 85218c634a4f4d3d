"""The files of a replay: trips, zones and case counts of a city's `streams/` folder.

The same readers take the raw published files, packed or not, so a pack can ship them as they
came.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import shapely
import shapely.geometry

from simulators.errors import SourceError
from simulators.replay.case_counts import Published
from simulators.replay.trips import Trips

PUBLISHED_UNDER = {57: 56, 104: 103, 105: 103}
_TIME = "%Y-%m-%d %H:%M:%S"


def find(folder: Path, *patterns: str) -> list[Path]:
    """List the files that fit any pattern, sorted by name; none at all is an error."""
    found = sorted({path for pattern in patterns for path in folder.rglob(pattern)})
    if not found:
        raise SourceError(f"{folder}: no file like {' or '.join(patterns)}: nothing to replay")
    return found


@dataclass(frozen=True, slots=True)
class Files:
    """The files one replay reads."""

    trips: tuple[Path, ...]
    cases: tuple[Path, ...]
    zones: Path

    @classmethod
    def inside(cls, folder: Path) -> Files:
        """Find raw published files in a folder, at any depth."""
        trips = find(folder, "*tripdata_*.csv.gz", "*tripdata_*.csv", "*tripdata_*.parquet")
        cases = find(folder, "*modzcta_cumulative*.csv*")
        return cls(tuple(trips), tuple(cases), find(folder, "*zones.geojson*")[0])

    @classmethod
    def of(cls, folder: Path, trips: Sequence[str], cases: str, zones: str) -> Files:
        """Take the files a pack names, inside its folder; names may hold `*`."""
        return cls(tuple(find(folder, *trips)), tuple(find(folder, cases)), find(folder, zones)[0])


def read_trips(paths: Sequence[Path]) -> Trips:
    """Read trip files; the month in a file's name (`…2020-04.csv.gz`) is where it was filed."""
    frame = pl.concat([_trip_frame(path) for path in paths])
    if frame.is_empty():
        raise SourceError(f"{paths[0]}: no trip in it: nothing to replay")
    return Trips(
        picked_up_ms=frame["picked_up"].to_numpy().astype(np.int64),
        dropped_off_ms=frame["dropped_off"].to_numpy().astype(np.int64),
        from_zone=frame["from_zone"].to_numpy().astype(np.int64),
        to_zone=frame["to_zone"].to_numpy().astype(np.int64),
        held=frame["held"].to_numpy().astype(np.bool_),
        filed_ms=frame["filed"].to_numpy().astype(np.int64),
    )


def _trip_frame(path: Path) -> pl.DataFrame:
    raw = (
        pl.read_parquet(path)
        if path.suffix == ".parquet"
        else pl.read_csv(path, infer_schema=False)
    )
    held = pl.col("store_and_fwd_flag") if "store_and_fwd_flag" in raw.columns else pl.lit("N")
    try:
        return raw.select(
            picked_up=_wall_ms("lpep_pickup_datetime"),
            dropped_off=_wall_ms("lpep_dropoff_datetime"),
            from_zone=pl.col("PULocationID").cast(pl.Int64),
            to_zone=pl.col("DOLocationID").cast(pl.Int64),
            held=(held == "Y").fill_null(value=False),
            filed=pl.lit(_month_ms(path)),
        )
    except pl.exceptions.PolarsError as error:
        raise SourceError(f"{path}: not a trip file: {str(error).splitlines()[0]}") from error


def _wall_ms(column: str) -> pl.Expr:
    return pl.col(column).cast(pl.String).str.slice(0, 19).str.to_datetime(_TIME).dt.epoch("ms")


def _month_ms(path: Path) -> int:
    month = path.name.split(".")[0][-7:]
    try:
        return int(np.datetime64(month, "ms").astype(np.int64))
    except ValueError:
        raise SourceError(f"{path}: the name ends in no month: expected …2020-04.csv.gz") from None


def read_counts(paths: Sequence[Path]) -> list[Published]:
    """Read published cumulative counts (columns published, modzcta, cum_cases), in file order."""
    rows = pl.concat(
        [
            pl.read_csv(path, infer_schema=False).select("published", "modzcta", "cum_cases")
            for path in paths
        ]
    )
    return [Published(day, area, int(cases)) for day, area, cases in rows.iter_rows()]


def read_zones(path: Path) -> dict[int, shapely.Geometry]:
    """Read zone polygons by LocationID; a zone in several parts becomes one.

    The published file gives three zones the id of a neighbour of the same name (Corona 57 as
    56, the islands 104 and 105 as 103): trips name them, so they take the neighbour's polygon.
    """
    text = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    parts: dict[int, list[shapely.Geometry]] = {}
    for feature in json.loads(text)["features"]:
        zone = int(feature["properties"]["LocationID"])
        parts.setdefault(zone, []).append(shapely.geometry.shape(feature["geometry"]))
    zones = {zone: shapely.make_valid(shapely.union_all(part)) for zone, part in parts.items()}
    known_as = {zone: zones[under] for zone, under in PUBLISHED_UNDER.items() if under in zones}
    return known_as | zones
