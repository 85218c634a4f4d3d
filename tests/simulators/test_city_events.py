"""Injected events: each is in the truth with place, time and size, and shows in the stream."""

from collections import Counter, defaultdict
from collections.abc import Callable
from functools import lru_cache

import msgspec
import numpy as np
import polars as pl
import pytest

from schemas.codec import decode
from schemas.records import CaseReport, CheckIn
from schemas.topics import CASES, CHECKINS
from simulators.city.names import pseudonyms
from simulators.city.simulation import Simulation
from simulators.scenario import Event, Scenario, read_scenario
from simulators.truth import Truth
from tests.simulators.test_city_stream import Collected
from tests.simulators.towns import CITY, stream

DAY, HOUR = 86_400_000, 3_600_000
QUIET = Scenario(name="quiet", days=5)
EVENTS = {event.kind: event for event in read_scenario("quiet-week", ["many-events"]).event}


@lru_cache(maxsize=16)
def lived(kind: str | None) -> tuple[Simulation, dict[str, tuple[CheckIn, int]], list[CaseReport]]:
    """Live five quiet days with one event; give check-ins by id with their arrival, and reports."""
    event = () if kind is None else (EVENTS[kind],)
    made, out = stream(msgspec.structs.replace(QUIET, event=event)), Collected()
    for messages in made.between(made.begin_ms, made.begin_ms + 5 * DAY):
        out.send(messages)
    read = [(decode(value, CheckIn), at) for at, _, value in out.rows[CHECKINS.name]]
    reports = [decode(value, CaseReport) for _, _, value in out.rows.get(CASES.name, [])]
    return made.simulation, {one.event_id: (one, at) for one, at in read}, reports


def named(made: Simulation) -> set[str]:
    return {
        pseudonyms(int(p), int(made.ground.people.household[p]))[0] for p in made.settled[0].people
    }


def at_event(made: Simulation, of: Callable[[CheckIn], bool], records) -> list[CheckIn]:
    """Give the records at the event's place, within its hours, that are of a kind."""
    found, begin_ms = made.settled[0], made.calendar.begin_ms(0)
    place = CITY.place_id[found.place]
    return [
        one
        for one, _ in records.values()
        if one.place_id == place and found.begin <= one.event_ms - begin_ms < found.end and of(one)
    ]


def came_in(one: CheckIn) -> bool:
    return one.direction == "in"


def test_one_of_each_kind_is_shipped():
    assert len(EVENTS) == 11
    assert read_scenario("quiet-week", ["many-events"]).days == 7


@pytest.mark.parametrize("kind", EVENTS)
def test_an_event_is_where_and_when_it_was_asked_for(kind: str):
    found = stream(msgspec.structs.replace(QUIET, event=(EVENTS[kind],))).simulation.settled[0]
    event = EVENTS[kind]
    assert found.begin == event.day * DAY + event.hour * HOUR
    assert found.end - found.begin == event.hours * HOUR
    if kind == "slow_growth":
        assert found.place == -1
    else:
        assert 0 <= found.place < len(CITY.place_id)
    if kind not in ("blind_spot", "slow_growth", "frequent_person", "fever_household"):
        assert len(found.people) >= event.size


@pytest.mark.parametrize("kind", ["gathering", "surge", "super_spreader", "testing_drive"])
def test_people_come_to_the_place_within_the_hours_as_many_as_asked(kind: str):
    made, records, _ = lived(kind)
    base = lived(None)[1]
    more = len(at_event(made, came_in, records)) - len(at_event(made, came_in, base))
    # Some were out before and come late; some live behind that gate and come home besides.
    assert 0.8 * EVENTS[kind].size <= more <= 1.1 * EVENTS[kind].size
    came = {one.person for one in at_event(made, came_in, records)}
    assert len(came & named(made)) >= 0.8 * EVENTS[kind].size


def test_a_wave_of_strangers_is_turned_away_at_one_gate():
    made, records, _ = lived("denied_wave")
    turned = at_event(made, lambda one: one.direction == "denied", records)
    assert len(turned) >= 0.8 * EVENTS["denied_wave"].size
    assert {one.person for one in turned} <= named(made)


def test_a_silent_household_is_seen_nowhere_while_it_lasts():
    made, records, _ = lived("silent_household")
    found, begin_ms, who = made.settled[0], made.calendar.begin_ms(0), named(made)
    when = [one.event_ms - begin_ms for one, _ in records.values() if one.person in who]
    assert not [at for at in when if found.begin <= at < found.end]
    before = [one.person for one, _ in lived(None)[1].values() if one.person in who]
    assert before or len(who) < 3


def test_everybody_of_a_fever_household_has_a_fever_while_it_lasts_and_nobody_else():
    made, records, _ = lived("fever_household")
    found, begin_ms, who = made.settled[0], made.calendar.begin_ms(0), named(made)
    hot = defaultdict(list)
    for one, _ in records.values():
        if one.temperature_c is not None:
            within = found.begin <= one.event_ms - begin_ms < found.end
            group = "ill" if within and one.person in who else one.person in who
            hot[group].append(one.temperature_c >= 37.3)
    assert len(hot["ill"]) > 5
    assert all(hot["ill"])
    assert not any(hot[False])


def test_a_frequent_person_goes_in_and_out_as_often_as_asked():
    made, records, _ = lived("frequent_person")
    (who,) = named(made)
    found, begin_ms = made.settled[0], made.calendar.begin_ms(0)
    home = CITY.place_id[made.ground.people.home[made.settled[0].people[0]]]
    near = {home, *CITY.place_id[made.ground.town.near[made.ground.people.home[found.people[0]]]]}
    day = [
        one
        for one, _ in records.values()
        if one.person == who and found.begin <= one.event_ms - begin_ms < found.end + HOUR
    ]
    came_home = [one for one in day if one.direction == "in" and one.place_id in near]
    assert len(came_home) >= 0.9 * EVENTS["frequent_person"].size
    usual = Counter(one.person for one, _ in lived(None)[1].values())
    assert len(day) > 3 * max(usual.values()) / 5


def test_nobody_hears_of_a_blind_spot_and_all_around_it_is_as_it_was():
    made, records, _ = lived("blind_spot")
    base = lived(None)[1]
    found, begin_ms = made.settled[0], made.calendar.begin_ms(0)
    grid = CITY.grid[found.place]

    def inside(one: CheckIn) -> bool:
        in_time = found.begin <= one.event_ms - begin_ms < found.end
        return in_time and CITY.grid[CITY.place_index[one.place_id]] == grid

    silenced = {name for name, (one, _) in base.items() if inside(one)}
    assert len(silenced) > 100
    assert records == {name: row for name, row in base.items() if name not in silenced}


def test_returnees_are_away_before_and_come_back_to_one_building():
    made, records, _ = lived("returnees")
    found, begin_ms, who = made.settled[0], made.calendar.begin_ms(0), named(made)
    homes = made.ground.people.home[found.people]
    assert len(found.people) == EVENTS["returnees"].size >= 5
    assert set(homes.tolist()) == {found.place}
    own = [one for one, _ in records.values() if one.person in who]
    assert min(one.event_ms for one in own) >= begin_ms + found.begin
    told = Counter(one.direction for one in own if one.reason == "returned")
    assert told["out"] == 0
    assert told["in"] >= len(who)  # at the gate, and at the door where there is one
    assert any(one.event_ms > begin_ms + found.end + DAY for one in own)


def test_a_venue_has_a_source_who_was_ill_before_and_infects_guests():
    made, _, reports = lived("super_spreader")
    found, health = made.settled[0], made.health
    source, guests = found.people[0], found.people[1:]
    caught = guests[health.infector[guests] == source]
    begin = found.begin / DAY
    assert 0.1 * len(guests) < len(caught) < 0.45 * len(guests)
    assert health.infected[source] < begin - 2
    assert np.allclose(health.infected[caught], begin, atol=1.0)
    assert len(reports) > len(lived(None)[2])


def test_slow_growth_brings_more_every_day_anywhere():
    made, _, _ = lived("slow_growth")
    day = made.health.infected[np.isfinite(made.health.infected)].astype(int)
    brought = np.bincount(
        day[made.health.infector[np.isfinite(made.health.infected)] < 0], minlength=5
    )
    assert brought[0] == 0
    # Poisson with means 5, 10, 15, 20
    assert brought[1] < brought[3] < 45
    assert 30 <= brought[1:5].sum() <= 75


def test_a_testing_drive_makes_suspects_of_the_well_who_are_taken_back():
    made, _, reports = lived("testing_drive")
    base = {report.case_id for report in lived(None)[2]}
    who = named(made)
    more = [report for report in reports if report.case_id not in base]
    assert len({r.case_id for r in more}) > 0.45 * EVENTS["testing_drive"].size
    assert {r.person for r in more} <= who
    assert {r.category for r in more} == {"suspected"}
    assert not np.isfinite(made.health.infected).any()


@pytest.mark.parametrize(
    "kind", ["gathering", "surge", "denied_wave", "returnees", "frequent_person"]
)
def test_an_event_changes_nothing_of_those_who_take_no_part(kind: str):
    made, records, _ = lived(kind)
    who = named(made)
    rest, base = (
        {name: row for name, row in found.items() if row[0].person not in who}
        for found in (records, lived(None)[1])
    )
    if kind == "returnees":  # some of them are ill, and may infect others
        health = made.health
        ill = np.flatnonzero(np.isfinite(health.infected))
        away = {pseudonyms(int(p), 0)[0] for p in ill}
        rest, base = (
            {name: row for name, row in found.items() if row[0].person not in away}
            for found in (rest, base)
        )
    assert rest == base


@pytest.mark.parametrize("kind", ["silent_household", "fever_household", "frequent_person"])
def test_what_befalls_a_household_is_known_by_its_home(kind: str):
    found = stream(msgspec.structs.replace(QUIET, event=(EVENTS[kind],))).simulation
    assert found.settled[0].place == found.ground.people.home[found.settled[0].people[0]]


def test_the_truth_names_no_place_for_what_is_of_the_whole_city(tmp_path):
    made = stream(msgspec.structs.replace(QUIET, event=tuple(EVENTS.values()))).simulation
    Truth(tmp_path, made, CITY)
    events = pl.read_parquet(tmp_path / "events.parquet")
    assert events.filter(pl.col("place_id").is_null())["kind"].to_list() == ["slow_growth"]
    assert set(events["place_id"].drop_nulls()) <= set(CITY.place_id.tolist())


@pytest.mark.parametrize("kind", sorted(EVENTS.keys() - {"slow_growth"}))
def test_a_named_place_is_taken(kind: str):
    at = msgspec.structs.replace(EVENTS[kind], place="p0003", size=2)
    made = stream(msgspec.structs.replace(QUIET, event=(at,))).simulation
    assert made.settled[0].place == 3
    if kind in ("silent_household", "fever_household", "frequent_person", "returnees"):
        assert set(made.ground.people.home[made.settled[0].people].tolist()) == {3}


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (Event(kind="gathering", day=1, place="p9999"), "'p9999' is unknown"),
        (Event(kind="surge", day=5), "day 5: expected one of the scenario's days 0..4"),
        (Event(kind="surge", day=1, size=3_001), "size 3001: the city has 3,000 people"),
        (Event(kind="fever_household", day=1, size=3_000), "households"),
        (
            Event(kind="fever_household", day=1, size=200, place="p0003"),
            "'p0003' has .* households",
        ),
        (Event(kind="silent_household", day=1, size=1, place="p0004"), "nobody lives there"),
        (Event(kind="slow_growth", day=1, place="p0003"), "it is of the whole city"),
    ],
)
def test_an_event_that_cannot_be_is_refused_by_name(event: Event, said: str):
    with pytest.raises(ValueError, match=rf"event 0 \({event.kind}\): .*{said}"):
        stream(msgspec.structs.replace(QUIET, event=(event,)))
