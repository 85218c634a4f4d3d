"""People by cell: nobody is lost, and each minute is what the outings say of it."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from simulators.city.outings import DRIVE, RETURN
from simulators.scenario import Event, Returning, Scenario
from simulators.truth import Truth
from tests.simulators.towns import CITY, PEOPLE, simulation

DAY, MINUTE = 86_400_000, 60_000
MOVING = Scenario(
    name="moving",
    days=3,
    returning=Returning(share=0.2, peak_day=1.5, spread_days=1.0),
    event=(Event(kind="denied_wave", day=1, hour=9.0, hours=3.0, size=100),),
)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder: Path = tmp_path_factory.mktemp("truth")
    made = simulation(MOVING)
    truth = Truth(folder, made, CITY)
    days = []
    for day in made.days():
        truth.day(day)
        days.append(day)
    truth.close()
    return made, days, folder


def recounted(made, days, at_ms: int) -> dict[str, int]:
    """Say the slow way who is where at the end of a minute, outing by outing."""
    where = {p: int(home) for p, home in enumerate(made.ground.people.home)}
    begin_ms = made.calendar.begin_ms(0)
    for person in np.flatnonzero(made.travel.back_ms > at_ms - begin_ms).tolist():
        where[person] = None
    for day in days:
        for row in range(len(day.outings)):
            out = day.outings
            person, kind = int(out.person[row]), out.kind[row]
            leave, arrive, depart, back = (
                day.begin_ms + int(getattr(out, name)[row])
                for name in ("leave", "arrive", "depart", "back")
            )
            if kind == RETURN and made.travel.back_ms[person] > at_ms - begin_ms:
                continue
            if leave <= at_ms < back:
                inside = arrive <= at_ms < depart and kind != DRIVE and not out.denied[row]
                where[person] = int(out.place[row]) if inside else None
    counts: dict[str, int] = {}
    for place in where.values():
        if place is not None:
            cell = f"{CITY.cells[place, 1]:x}"
            counts[cell] = counts.get(cell, 0) + 1
    return counts


def at(folder: Path, day: int, minute_ms: int) -> dict[str, int]:
    frame = pl.read_parquet(folder / "cell-people" / f"day-{day:03d}.parquet")
    last = frame.filter(pl.col("minute_ms") <= minute_ms).sort("minute_ms")
    rows = last.group_by("cell").agg(pl.col("people").last())
    return {cell: number for cell, number in rows.iter_rows() if number}


@pytest.mark.parametrize(
    ("day", "hour"), [(0, 8.5), (0, 23.9), (1, 0.2), (1, 10.0), (2, 2.0), (2, 18)]
)
def test_people_of_a_minute_are_those_that_outings_put_there(written, day: int, hour: float):
    made, days, folder = written
    minute_ms = days[day].begin_ms + int(hour * 60) * MINUTE
    assert at(folder, day, minute_ms) == recounted(made, days, minute_ms + MINUTE - 1)


def test_at_no_time_are_there_more_people_than_live_here(written):
    _, days, folder = written
    for day in range(3):
        frame = pl.read_parquet(folder / "cell-people" / f"day-{day:03d}.parquet")
        assert (frame["people"] >= 0).all()
        for hour in range(0, 24, 3):
            total = sum(at(folder, day, days[day].begin_ms + hour * 60 * MINUTE).values())
            assert 0.4 * PEOPLE < total <= PEOPLE
