"""Density, people present and completeness by a second road."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.cells import cells_to_strings
from jobs.steps.picture.picture import Due, Picture, last_values
from schemas.topics import CELL_DENSITY
from tests.jobs.picture.making import (
    CITY,
    DAY,
    HOUR,
    MINUTE,
    NOON,
    SETTINGS,
    ground,
    said_of,
    slice_of,
    slices,
)

draws = st.tuples(st.integers(0, 7), st.integers(0, 130), st.integers(1, 9))


@given(st.lists(draws, min_size=1, max_size=30))
@settings(deadline=None)
def test_density_counts_the_last_hour_of_each_cell(drawn) -> None:
    """Compare with a count slice by slice."""
    live = Picture.of(ground(), SETTINGS)
    sent = {(place, NOON - MINUTE * ago): n for place, ago, n in drawn}
    live.fold(slices(*(slice_of(place, at, n, NOON) for (place, at), n in sent.items())))
    wanted: dict[str, int] = {}
    for (place, at), n in sent.items():
        (cell,) = cells_to_strings(CITY.cells[[place], 2])
        wanted[cell] = wanted.get(cell, 0) + (n if NOON - 59 * MINUTE <= at <= NOON else 0)
    said = said_of(last_values(live.tick(Due())), CELL_DENSITY.name)
    assert {each["cell"]: each["passages"] for each in said} == wanted
    assert {each["window_end_ms"] for each in said} == {NOON + MINUTE}


def test_yesterdays_same_hour_is_what_is_expected() -> None:
    live = Picture.of(ground(), SETTINGS)
    live.fold(slices(slice_of(1, NOON - DAY - 2 * HOUR, 9), slice_of(1, NOON - DAY, 4)))
    live.fold(slices(slice_of(1, NOON, 6)))
    (said,) = said_of(last_values(live.tick(Due())), CELL_DENSITY.name)
    assert (said["passages"], said["expected"], said["ratio"]) == (6, 4.0, 1.5)


def test_a_day_of_which_only_late_slices_are_known_is_no_yesterday() -> None:
    """A city begins at noon, and a gate sends what it had kept since the noon before."""
    live = Picture.of(ground(), SETTINGS)
    late = (slice_of(1, NOON - DAY + HOUR * n, 1, NOON) for n in range(24))
    live.fold(slices(*late, slice_of(1, NOON, 60)))
    (said,) = said_of(last_values(live.tick(Due())), CELL_DENSITY.name)
    assert (said["passages"], said["expected"], said["ratio"]) == (60, None, None)
    live.fold(slices(slice_of(1, NOON + DAY + HOUR, 60)))
    (said,) = said_of(last_values(live.tick(Due())), CELL_DENSITY.name)
    assert (said["passages"], said["expected"]) == (60, 0.0)


def test_yesterdays_window_is_whole_however_long_it_is() -> None:
    long = msgspec.structs.replace(SETTINGS.statistics, window_min=720)
    live = Picture.of(ground(), replace(SETTINGS, statistics=long))
    for hours in range(48):
        live.fold(slices(slice_of(1, NOON + hours * HOUR, 6)))
        said = last_values(live.tick(Due()))
    (last,) = said_of(said, CELL_DENSITY.name)
    assert (last["passages"], last["expected"], last["ratio"]) == (72, 72.0, 1.0)


def test_occupancy_halves_what_drifted_each_night_and_adds_ins_less_outs() -> None:
    live = Picture.of(ground(), SETTINGS)
    live.fold(slices(slice_of(1, NOON - DAY, 40), slice_of(1, NOON, 10, n_out=4)))
    at = int(np.flatnonzero(live.ground.fine == CITY.cells[1, 2])[0])
    lives = live.ground.fine_people[at]
    wanted = (lives + 40) / 2 + lives / 2 + 10 - 4
    (said,) = said_of(last_values(live.tick(Due())), CELL_DENSITY.name)
    assert said["occupancy"] == pytest.approx(wanted, rel=1e-4)


def presence(*nights: tuple[int, int], kept: int = 0) -> float | None:
    """Give who is present at a gate after nights of so many ins and outs, the oldest first.

    A gate had `kept` ins of the night before when the log began.
    """
    live = Picture.of(ground(), SETTINGS)
    began = NOON - len(nights) * DAY
    if kept:
        live.fold(slices(slice_of(1, began - 20 * HOUR, kept, began)))
    ago = range(len(nights), 0, -1)
    for days, (ins, outs) in zip(ago, nights, strict=True):
        live.fold(slices(slice_of(1, NOON - days * DAY, ins, n_out=outs)))
    live.fold(slices(slice_of(1, NOON, 10, n_out=4)))
    (said,) = said_of(last_values(live.tick(Due())), CELL_DENSITY.name)
    return said["occupancy"]


def test_presence_is_hidden_where_gates_see_one_direction_for_whole_nights() -> None:
    assert presence((400, 0), (400, 390), (400, 395)) is not None  # of the first a part is known
    assert presence((400, 0), (400, 250), (400, 260)) is None
    assert presence((400, 0), (6, 2), (5, 3)) is not None  # no more than chance
    assert presence((400, 0), (400, 390), (400, 395), kept=9) is not None


def complete(*newest_ago_s: int, every_s: int) -> float:
    """Give the completeness of partitions with a slice so often, each up to so long ago."""
    live = Picture.of(ground(), SETTINGS)
    for partition, ago in enumerate(newest_ago_s):
        arrivals = range(NOON - ago * 1000, NOON - HOUR, -every_s * 1000)
        sent = [slice_of(partition, at - at % MINUTE, 1, at) for at in arrivals]
        live.fold(slices(*sent, partition=partition))
    return next(iter(said_of(last_values(live.tick(Due())), CELL_DENSITY.name)))["completeness"]


def test_a_partition_of_a_quiet_city_is_not_behind_for_being_silent_some_minutes() -> None:
    assert complete(0, 50, 59, 55, every_s=60) == 1.0
    assert complete(0, 50, 360, 55, every_s=60) == 0.75
    assert complete(0, 150, 400, 240, every_s=240) == 1.0
    assert complete(0, 150, 3300, 240, every_s=240) == 0.75
