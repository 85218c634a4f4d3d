"""The picture's function in Flink: what is written to its state, and when, with the state played.

A checkpoint holds the state as it is between two calls; so after every call, whatever it was, a
worker that begins with that state alone must know as much as the one that goes on.
"""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jobs import local
from jobs.flink import picturing
from jobs.flink.picturing import MOST_WAITING, SayPicture
from jobs.steps.picture import clusters
from jobs.steps.picture.keeping import restored
from jobs.steps.picture.picture import Picture, last_values
from jobs.steps.picture.pieces import Piece
from jobs.steps.picture.settings import PictureSettings
from jobs.steps.picture.ticks import Ticks
from schemas.topics import CLUSTERS
from tests.jobs.picture.making import (
    MINUTE,
    NOON,
    SETTINGS,
    case_of,
    cases,
    ground,
    slice_of,
    slices,
    statements,
)


class Map(dict):  # type: ignore[type-arg]
    """A map state that counts how often each key is written."""

    def __init__(self) -> None:
        super().__init__()
        self.written: Counter[str] = Counter()

    def put(self, key: str, value: bytes) -> None:
        """Write a key."""
        self.written[key] += 1
        self[key] = value

    def remove(self, key: str) -> None:
        """Forget a key, known or not."""
        self.pop(key, None)


class Pieces(list):  # type: ignore[type-arg]
    """A list state."""

    add = list.append

    def get(self) -> list[Any]:
        """Give what is held."""
        return list(self)


class Timers:
    """A clock that stands, and the timers registered."""

    def current_processing_time(self) -> int:
        """Give the hour at which the clock stands."""
        return NOON

    def register_processing_time_timer(self, at_ms: int) -> None:
        """Take the next timer."""
        self.at_ms = at_ms

    def timer_service(self) -> Timers:
        """Give what a context would."""
        return self


class State:
    """Both states, as a runtime context gives them."""

    def __init__(self) -> None:
        self.kept, self.pieces = Map(), Pieces()

    def get_map_state(self, _descriptor: Any) -> Map:
        """Give the map."""
        return self.kept

    def get_list_state(self, _descriptor: Any) -> Pieces:
        """Give the list."""
        return self.pieces


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the function load the small city."""

    class Pack:
        gazetteer = ground().gazetteer

    monkeypatch.setattr(picturing, "load", lambda _city: Pack)
    monkeypatch.setattr(picturing.PictureSettings, "of", lambda _pack: SETTINGS)
    monkeypatch.setattr(picturing.Ground, "of", lambda *_: ground())
    monkeypatch.setattr(picturing.Ticks, "of", lambda _: Ticks(10_000, 10_000, 10_000))


def opened(state: State) -> SayPicture:
    class Config:
        city = "small"

    function = SayPicture(Config())  # type: ignore[arg-type]
    function.open(state)
    return function


def take(function: SayPicture, piece: Piece) -> None:
    list(function.process_element([piece.topic, piece.partition, piece.lines], Timers()))  # type: ignore[arg-type]


def tick(function: SayPicture) -> list[Any]:
    return list(function.on_timer(NOON, Timers()))  # type: ignore[arg-type]


def known_by(state: State) -> Picture:
    """Give what a worker knows that begins with this state."""
    picture = restored(ground(), SETTINGS, list(state.kept.items()))
    for piece in state.pieces:
        picture.fold(Piece(*piece))
    return picture


def answer(picture: Picture) -> Any:
    return statements(last_values(picture.everything()))


some = st.lists(st.booleans() | st.integers(0, 40), max_size=12)


@given(some)
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_state_between_two_calls_holds_all_that_came(steps: list[bool | int]) -> None:
    state, whole = State(), Picture.of(ground(), SETTINGS)
    function, n = opened(state), 0
    for step in steps:
        if isinstance(step, bool):
            tick(function)
        for _ in range(0 if isinstance(step, bool) else step):
            n += 1
            piece = slices(slice_of(n % 9, NOON - n * MINUTE, n))
            piece = cases(case_of(f"c{n}", days_ago=n % 9)) if n % 5 == 0 else piece
            take(function, piece)
            whole.fold(piece)
        assert len(state.pieces) < MOST_WAITING
        if step is False:
            function = opened(state)
    assert answer(known_by(state)) == answer(whole)


def lasting(seconds: int) -> Iterator[int]:
    """Give the instants of the ticks of a stretch of time that begins at noon."""
    yield from range(NOON, NOON + seconds * 1000 + 1, 10_000)


def clusters_of(rows: list[Any]) -> Any:
    found = [
        line.split("\t") for row in rows if row[0] == CLUSTERS.name for line in row[1].split("\n")
    ]
    last = {CLUSTERS.name: {key: value.encode() for key, value in found}}
    return statements(last)[CLUSTERS.name]


@pytest.fixture
def hourly(monkeypatch: pytest.MonkeyPatch) -> PictureSettings:
    """Scan once an hour, 27 ticks long, as on a map of many cells."""
    many = msgspec.structs.replace(SETTINGS.statistics, replicates=999)
    long = replace(SETTINGS, statistics=many)
    monkeypatch.setattr(clusters, "CELLS_AT_ONCE", 1)
    monkeypatch.setattr(picturing.PictureSettings, "of", lambda _pack: long)
    monkeypatch.setattr(picturing.Ticks, "of", lambda _: Ticks(10_000, 300_000, 3_600_000))
    return long


STEADY = cases(*(case_of(f"c{n}", days_ago=n % 30) for n in range(60)))
NEWS = cases(*(case_of(f"b{n}", days_ago=1, place_id="gate-00003") for n in range(5)))


def test_a_scan_that_was_running_at_a_crash_runs_again_at_once(hourly: PictureSettings) -> None:
    state = State()
    function = opened(state)
    take(function, STEADY)
    said = [row for at in lasting(100) for row in function.on_timer(at, Timers())]
    assert not any(row[0] == CLUSTERS.name for row in said)
    function = opened(state)
    said = [row for at in lasting(280) for row in function.on_timer(at, Timers())]
    wanted = statements(local.picture([STEADY], ground(), hourly))
    assert clusters_of(said) == wanted[CLUSTERS.name]


def test_what_is_read_again_after_a_crash_is_scanned_within_minutes(
    hourly: PictureSettings,
) -> None:
    state = State()
    function = opened(state)
    take(function, STEADY)
    tick(function)
    checkpoint = copy.deepcopy(state)
    take(function, NEWS)
    whole = [row for at in lasting(900) for row in function.on_timer(at, Timers())]
    wanted = statements(local.picture([STEADY, NEWS], ground(), hourly))[CLUSTERS.name]
    assert clusters_of(whole) == wanted
    function = opened(checkpoint)
    said = tick(function)  # the worker speaks before the source has read on
    take(function, NEWS)
    said += [row for at in lasting(600) for row in function.on_timer(at, Timers())]
    assert clusters_of(said) == wanted


def test_a_tick_writes_each_change_once_and_forgets_the_pieces() -> None:
    state = State()
    function = opened(state)
    take(function, slices(slice_of(1, NOON, 5)))
    take(function, slices(slice_of(1, NOON, 6), slice_of(2, NOON - MINUTE, 1)))
    take(function, cases(case_of("a")))
    assert not state.kept.written
    assert len(state.pieces) == 3
    assert tick(function)
    assert not state.pieces
    assert set(state.kept.written.values()) == {1}
    assert {f"minute:{NOON}", f"minute:{NOON - MINUTE}", "case:a", "clocks"} <= state.kept.keys()


def test_pieces_that_are_folded_early_are_written_down_with_it() -> None:
    state = State()
    function = opened(state)
    for n in range(MOST_WAITING):
        take(function, slices(slice_of(1, NOON - n * MINUTE, 1)))
    assert not state.pieces
    assert sum(key.startswith("minute:") for key in state.kept) == MOST_WAITING
