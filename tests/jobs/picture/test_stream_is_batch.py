"""Whatever order, lag, repetition, ticks or crashes: the last value of every key is the batch's."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jobs import local
from jobs.steps.picture.keeping import changes, restored
from jobs.steps.picture.picture import Due, Picture, last_values
from jobs.steps.picture.pieces import Message, Piece
from jobs.steps.picture.statements import Spoken, Stamp
from schemas.topics import (
    ABERRATIONS,
    AREA_RT,
    CASES,
    CELL_DENSITY,
    CELL_RISK,
    CLUSTERS,
    HOTSPOTS,
    PLACE_MINUTES,
    Topic,
)
from tests.jobs.picture.making import (
    DAY,
    MINUTE,
    NOON,
    SETTINGS,
    case_of,
    ground,
    slice_of,
    slices,
    statements,
)

minutes = st.integers(0, 90) | st.integers(0, 3 * 1440)
dues = st.builds(Due, st.booleans(), st.booleans(), st.booleans())


@st.composite
def partitions(draw: st.DrawFn) -> list[list[Message]]:
    """Draw slices that grow, some late, each place in one partition, in order of arrival."""
    parts: list[list[Message]] = [[], [], []]
    for _ in range(draw(st.integers(0, 25))):
        place, minute = draw(st.integers(0, 8)), NOON - MINUTE * draw(minutes)
        arrival = minute + draw(st.integers(60_000, 300_000) | st.just(DAY))
        n = draw(st.integers(1, 9))
        for more in range(draw(st.integers(1, 3))):
            grown = slice_of(place, minute, n + more, arrival + more, n_fever=n // 3, n_out=n // 2)
            parts[place % 3].append(grown)
    return [sorted(part, key=lambda each: each.arrival_ms) for part in parts]


case_reports = st.builds(
    case_of,
    case=st.integers(0, 9).map("c{}".format),
    revision=st.integers(1, 3),
    days_ago=st.integers(0, 60),
    category=st.sampled_from(["confirmed", "confirmed", "suspected", "contact"]),
    status=st.sampled_from(["open", "open", "retracted"]),
    onset_days=st.sampled_from([None, 0, 3, 40, -2, 4000]),
    place_id=st.sampled_from(["gate-00001", "gate-00002", "gate-00003"]),
    weight=st.sampled_from([1.0, 7.0]),
    imported=st.booleans(),
) | st.builds(
    case_of,
    case=st.integers(0, 9).map("a{}".format),
    area_id=st.sampled_from(["d0", "g1-1", "outside"]),
)


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Piece], list[Piece]]:
    """Draw a log as a batch reads it, and as a stream may: cut, interleaved, repeated."""
    parts = draw(partitions())
    reports = draw(st.lists(case_reports, max_size=25))
    logs = [(PLACE_MINUTES.name, at, part) for at, part in enumerate(parts)]
    whole = [Piece.of(topic, at, part) for topic, at, part in logs]
    whole.append(Piece.of(CASES.name, 0, reports))
    logs.append((CASES.name, 0, draw(st.permutations(reports))))
    waiting = [(topic, at, deque(part)) for topic, at, part in logs if part]
    stream = []
    while waiting:
        topic, at, part = draw(st.sampled_from(waiting))
        taken = [part.popleft() for _ in range(min(len(part), draw(st.integers(1, 6))))]
        stream += [Piece.of(topic, at, taken)] * draw(st.sampled_from([1, 1, 2]))
        waiting = [each for each in waiting if each[2]]
    return whole, stream


def differences(found: Mapping[str, Any], wanted: Mapping[str, Any]) -> list[Any]:
    """Name topic, key, field and both values wherever two sets of last values differ."""
    topics = found.keys() | wanted.keys()
    return [
        (topic, key, field, mine.get(field), batch.get(field))
        for topic in sorted(topics)
        for key in sorted(found.get(topic, {}).keys() | wanted.get(topic, {}).keys())
        for mine, batch in [(found.get(topic, {}).get(key, {}), wanted.get(topic, {}).get(key, {}))]
        for field in sorted(mine.keys() | batch.keys())
        if mine.get(field) != batch.get(field)
    ]


@given(histories(), st.data())
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
def test_last_value_of_every_key_is_the_batch_answer(
    history: tuple[list[Piece], list[Piece]], data: st.DataObject
) -> None:
    whole, stream = history
    picture, kept, said = Picture.of(ground(), SETTINGS), {}, []
    for piece in stream:
        picture.fold(piece)
        if data.draw(st.booleans()):
            said += picture.tick(data.draw(dues))
        happens = data.draw(st.sampled_from(["nothing", "kept", "crash"]))
        if happens != "nothing":
            kept = {**kept, **dict(changes(picture))}
            kept = {key: value for key, value in kept.items() if value is not None}
        if happens == "crash":
            picture = restored(ground(), SETTINGS, kept.items())
    said += picture.everything()
    said += picture.everything()  # a scan that was under way when the last case came
    batch = statements(local.picture(whole, ground(), SETTINGS))
    assert not differences(statements(last_values(said)), batch)


@given(st.lists(case_reports, min_size=1, max_size=25), st.sampled_from([0, 40]))
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_city_of_cases_alone_has_all_but_density(reports: list[Message], people: int) -> None:
    """Where residents are not known either, risk and hot spots have nobody to speak of."""
    city = ground(people)
    batch = local.picture([Piece.of(CASES.name, 0, reports)], city, SETTINGS)
    areas = {*city.gazetteer.area_id.tolist(), "city"}
    by_cell = {CELL_RISK.name, HOTSPOTS.name} if people else set()
    assert batch.keys() == {CLUSTERS.name, AREA_RT.name, ABERRATIONS.name} | by_cell
    assert CELL_DENSITY.name not in batch
    assert batch[AREA_RT.name].keys() == areas
    assert batch[CLUSTERS.name].keys() == {"1", "2"}
    picture, said = Picture.of(city, SETTINGS), []
    for report in reports:
        picture.fold(Piece.of(CASES.name, 0, [report]))
        said += picture.tick(Due(statistics=True))
    said += [*picture.everything(), *picture.everything()]
    assert not differences(statements(last_values(said)), statements(batch))


@pytest.mark.parametrize("arrivals_go_on", [True, False])
def test_a_picture_begun_anew_speaks_above_the_one_whose_state_was_lost(arrivals_go_on) -> None:
    def revisions(second: int, ticks: int) -> list[int]:
        picture = Picture.of(ground(), SETTINGS)
        said = []
        for n in range(ticks):
            arrival = NOON + MINUTE + (1000 * second if arrivals_go_on else 0) + n
            picture.fold(slices(slice_of(0, NOON, 1 + n, arrival)))
            said += picture.tick(Due(), NOON + 2 * MINUTE + 1000 * (second + n))
        return [json.loads(each.value)["revision"] for each in said]

    before, after = revisions(second=0, ticks=8), revisions(second=10, ticks=1)
    assert len(before) > len(after) > 0
    assert max(before) < min(after)


def test_what_does_not_change_is_said_again_before_its_topic_forgets_it() -> None:
    def hours(topic: Topic) -> list[int]:
        spoken, same = Spoken(), {"first": {"passages": 1}, "key": {"passages": 1}}
        stamps = [Stamp(NOON + hour * 60 * MINUTE, NOON, 1.0, hour) for hour in range(30)]
        said = {at: spoken.news(topic, same, stamp) for at, stamp in enumerate(stamps)}
        return [at for at, news in said.items() if "key" in {each.key for each in news}]

    assert hours(CELL_DENSITY) == [0, 13, 26]
    assert hours(CELL_RISK) == [0]


def test_where_nothing_is_new_one_statement_says_as_of_when_all_stand() -> None:
    spoken, same = Spoken(), {"a": {"passages": 1}, "b": {"passages": 2}}
    rounds = [
        list(spoken.news(CELL_RISK, same, Stamp(NOON + n * MINUTE, NOON, 1.0, n))) for n in range(3)
    ]
    assert [len(said) for said in rounds] == [2, 1, 1]
    again = json.loads(rounds[-1][0].value)
    assert (again["as_of_ms"], again["passages"]) == (NOON + 2 * MINUTE, 1)
    assert not list(spoken.news(CELL_RISK, {}, Stamp(NOON, NOON, 1.0, 9)))
