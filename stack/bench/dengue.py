"""Dengue: Kaohsiung 2014 as a city of cases alone, day by day, by the day they were notified.

    cases with onset, notification and coordinates --> picture, day by day --> scan
    towns' outlines, no residents                                               |
                                              first cluster, beside counts of the whole city

Nobody's residence is known, so the scan compares cells with days (space-time permutation). A day
is drawn until it is sure that its cluster would not be told; only days whose cluster is told are
drawn to the end. It ends with the first alarm, or with September.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import msgspec
import numpy as np
import shapely
from numpy.typing import NDArray

from cities.statistics import Statistics
from geo.aberrations import ears
from geo.cells import as_texts, cells_to_latlng, strings_to_cells
from geo.columns import Reals
from geo.gazetteer import Areas, Gazetteer, Places, gazetteer
from jobs.steps.picture.cases import Cases
from jobs.steps.picture.clusters import ScanInput, ScanWork, scan_input
from jobs.steps.picture.curves import columns_of, curves
from jobs.steps.picture.days import Calendar
from jobs.steps.picture.ground import Ground
from jobs.steps.picture.pieces import Message
from jobs.steps.picture.settings import PictureSettings
from jobs.steps.picture.statements import Stamp
from schemas.records import CaseReport
from schemas.times import DAY_MS
from stack.bench.rows import Row
from stack.errors import StackError

FIRST, LAST = date(2014, 4, 15), date(2014, 9, 30)
STATISTICS = Statistics(
    pathogen="dengue",
    serial_interval_days=17.0,
    serial_interval_sd_days=6.0,
    longest_interval_days=40,
    accrual_days=3,
    most_clusters=1,
)
WEEKLY = (10, 25, 50)
WEEKLY_OF_TOWN = (3, 5, 10)


@dataclass(frozen=True, slots=True)
class Case:
    """One notified case."""

    case_id: str
    onset: date
    notified: date
    lat: float
    lng: float


def run(options: Mapping[str, str]) -> list[Row]:
    """Find the first cluster; `data=DIR` holds cases/ and boundaries/ of the outbreak."""
    if "data" not in options:
        raise StackError("dengue needs data=DIR, a folder with cases/ and boundaries/")
    folder = Path(options["data"])
    town = towns(folder / "boundaries" / "towns.geojson.gz")
    settings = PictureSettings.with_statistics("Asia/Taipei", 5, STATISTICS)
    ground = Ground.of(town, STATISTICS.scan_rings)
    found = cases(folder / "cases" / "dengue_kaohsiung_2014.csv.gz")
    notified = np.array([(each.notified - FIRST).days for each in found])
    at = town.locate(np.array([each.lat for each in found]), np.array([each.lng for each in found]))
    home = town.area_id[at.grid]
    rows: list[Row] = []
    for word, (day, said) in first_clusters(found, ground, settings).items():
        rows += rows_of(word, day, said, notified)
        rows += lead(day, notified, WEEKLY, "the city")
        there = home == home_of(str(said["centre"]), town)
        rows += lead(day, notified[there], WEEKLY_OF_TOWN, "its town")
    return rows


def home_of(cell: str, town: Gazetteer) -> str:
    """Give the town that holds the centre of a cell."""
    at = town.locate(*cells_to_latlng(strings_to_cells([cell])))
    return str(town.area_id[at.grid[0]])


def towns(path: Path) -> Gazetteer:
    """Make a gazetteer of the towns' outlines; nobody is known to live there."""
    features = json.loads(gzip.decompress(path.read_bytes()))["features"]
    n = len(features)
    polygons = np.empty(n, dtype=object)
    polygons[:] = [shapely.make_valid(shapely.geometry.shape(f["geometry"])) for f in features]
    names = as_texts(f"town-{at}" for at in range(n))
    zeros = np.zeros(n, dtype=np.int64)
    areas = Areas(names, names, names, zeros.astype(np.int8), np.full(n, -1, dtype=np.int32),
                  zeros, polygons)  # fmt: skip
    none, nothing = as_texts([]), np.empty(0)
    places = Places(none, none, none, nothing, nothing, np.empty(0, dtype=np.int32))
    return gazetteer(("town",), areas, places)


def cases(path: Path) -> list[Case]:
    """Read the cases that have an onset, a notification and coordinates."""
    text = io.StringIO(gzip.decompress(path.read_bytes()).decode("utf-8-sig"))
    found = []
    for number, row in enumerate(csv.DictReader(text)):
        place = row["Enumeration_unit_lat"], row["Enumeration_unit_long"]
        days = row["Date_Onset"], row["Date_Notification"]
        if "None" in (*place, *days) or row["Imported"] == "Y":
            continue
        onset, notified = (date.fromisoformat(day.replace("/", "-")) for day in days)
        found.append(Case(f"d{number}", onset, notified, float(place[0]), float(place[1])))
    return found


def first_clusters(
    found: list[Case], ground: Ground, settings: PictureSettings
) -> dict[str, tuple[date, dict[str, object]]]:
    """Go from day to day until a cluster is an alarm; give the first told, and the first alarm."""
    first: dict[str, tuple[date, dict[str, object]]] = {}
    held, calendar = Cases(ground.gazetteer), Calendar(settings.timezone)
    ordered = sorted(found, key=lambda each: each.notified)
    at, day = 0, FIRST
    while day <= LAST:
        known = [each for each in ordered[at:] if each.notified <= day]
        at += len(known)
        held.fold(0, [_message(each) for each in known])
        columns = columns_of(held.standing, calendar, STATISTICS.longest_delay_days)
        now = curves(columns, ground, day.toordinal(), STATISTICS.longest_delay_days)
        said = _scan(ground, settings, scan_input(ground, now, settings))
        if said is not None and said["found"]:
            first.setdefault(f"told, p at most {STATISTICS.cluster_p:g}", (day, said))
            if said["is_alarm"]:
                first["an alarm, once in a year by chance"] = (day, said)
                return first
        day += timedelta(days=1)
    raise StackError(f"no cluster until {LAST}")


def _message(case: Case) -> Message:
    report_ms = (case.notified - date(1970, 1, 1)).days * DAY_MS + DAY_MS // 4
    report = CaseReport(
        v=1, case_id=case.case_id, revision=1, category="confirmed", status="open",
        report_ms=report_ms, source="taiwan-cdc", onset_date=case.onset.isoformat(),
        lat=case.lat, lng=case.lng,
    )  # fmt: skip
    return Message(report_ms, msgspec.json.encode(report))


def _scan(ground: Ground, settings: PictureSettings, given: ScanInput) -> dict[str, object] | None:
    """Scan one day; None as soon as no draw to come can make its cluster one to be told."""
    work = ScanWork(ground, settings, given, Stamp(0, 0, 1.0, 0))
    strongest = work.strongest()
    most = STATISTICS.cluster_p * (STATISTICS.replicates + 1)
    while not work.is_done:
        work.draw()
        if 1 + (np.concatenate(work.maxima) >= strongest).sum() > most:
            return None
    return dict(work.said()["1"])


def rows_of(
    word: str, day: date, said: Mapping[str, object], notified: NDArray[np.int64]
) -> list[Row]:
    """Give a cluster's day and size, and the alarms of a plain count of the city before it."""
    at = (day - FIRST).days
    alarms = np.flatnonzero(ears(daily(notified)[None, :], guard=2).alarm[0])
    return [
        Row(f"first cluster that is {word}: {day}; cases notified since {FIRST}",
            float(((notified >= 0) & (notified <= at)).sum()), ""),
        Row("p", float(str(said["p"])), ""),
        Row("cases in it", float(str(said["observed"])), ""),
        Row("expected there", round(float(str(said["expected"])), 2), ""),
        Row("its days", float(str(said["days"])), ""),
        Row("EARS C2 of the whole city: alarms before that day", float((alarms < at).sum()), ""),
    ]  # fmt: skip


def lead(day: date, notified: NDArray[np.int64], numbers: Sequence[int], where: str) -> list[Row]:
    """Give by how many days a count of the last seven came later than a cluster."""
    weekly = np.convolve(daily(notified), np.ones(7), "full")
    at, rows = (day - FIRST).days, []
    for number in numbers:
        reached = np.flatnonzero(weekly >= number)
        later = float(reached[0] - at) if len(reached) else float("nan")
        rows.append(Row(f"{where} has {number} cases in a week: days later", later, ""))
    return rows


def daily(notified: NDArray[np.int64]) -> Reals:
    """Count cases by the day they were notified, FIRST .. LAST."""
    span = (LAST - FIRST).days + 1
    known = notified[(notified >= 0) & (notified < span)]
    return np.bincount(known, minlength=span).astype(np.float64)
