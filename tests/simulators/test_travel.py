"""Travellers are away until they come back in a peak, and then tell of it."""

from collections import Counter

import msgspec
import numpy as np
import pytest

from schemas.codec import decode
from schemas.records import CheckIn, Clue, GridVisit
from schemas.topics import CHECKINS, CLUES, VISITS
from simulators.city.disease import IMPORTED
from simulators.city.names import pseudonyms
from simulators.scenario import Returning, Scenario
from tests.simulators.test_city_stream import Collected
from tests.simulators.towns import stream

DAY = 86_400_000
BACK = Returning(share=0.3, peak_day=4.0, spread_days=1.5, infected=0.1)
SPRING = Scenario(name="spring", days=9, returning=BACK)


@pytest.fixture(scope="module")
def spring():
    made, out = stream(SPRING), Collected()
    for messages in made.between(made.begin_ms, made.begin_ms + 9 * DAY):
        out.send(messages)
    return made.simulation, out.rows


def test_households_come_back_together_in_a_peak(spring):
    made, _ = spring
    back, household = made.travel.back_ms, made.ground.people.household
    travels = back >= 0
    houses = int(household[-1]) + 1
    # five standard deviations of a share among households; few would have been back before
    assert abs(len(np.unique(household[travels])) / houses - 0.3) < 5 * (0.21 / houses) ** 0.5
    for house in np.unique(household[travels])[:200]:
        assert len(set(back[household == house].tolist())) == 1
    days = back[travels] // DAY
    assert abs(days.mean() - 3.5) < 0.3
    assert abs(days.std() - 1.5) < 0.3


def test_nobody_who_is_away_passes_a_gate_and_all_come_back_through_their_own(spring):
    made, rows = spring
    begin_ms, people = made.calendar.begin_ms(0), made.ground.people
    back = {
        pseudonyms(p, 0)[0]: int(made.travel.back_ms[p])
        for p in np.flatnonzero(made.travel.back_ms >= 0).tolist()
    }
    records = [decode(value, CheckIn) for _, _, value in rows[CHECKINS.name]]
    own = [one for one in records if one.person in back]
    assert len(own) > 5_000
    assert all(one.event_ms - begin_ms >= back[one.person] - 1 for one in own)
    told = [one for one in records if one.reason == "returned"]
    assert {one.direction for one in told} == {"pass", "in"}
    came = [one for one in told if one.direction == "in"]
    due = [p for p in back.values() if p < 8 * DAY]
    assert {one.person for one in came} >= {name for name, at in back.items() if at < 8 * DAY}
    by_day = np.bincount([(one.event_ms - begin_ms) // DAY for one in came], minlength=9)
    assert by_day.argmax() in (3, 4)
    assert len(due) > 500
    assert len(people) == 3_000


def test_neighbours_tell_of_those_back_and_grid_workers_find_them_or_an_empty_home(spring):
    made, rows = spring
    begin_ms, household = made.calendar.begin_ms(0), made.ground.people.household
    back = {
        pseudonyms(0, int(household[p]))[1]: int(made.travel.back_ms[p])
        for p in np.flatnonzero(made.travel.back_ms >= 0).tolist()
    }
    clues = [decode(value, Clue) for _, _, value in rows[CLUES.name]]
    returnees = [one for one in clues if one.kind == "returnee" and one.status == "open"]
    assert len(returnees) > 0.4 * len(back)
    assert np.mean([one.household in back for one in returnees]) > 0.9
    assert all(
        one.opened_ms - begin_ms > back[one.household] for one in returnees if one.household in back
    )
    found: Counter[str] = Counter()
    for _, _, value in rows[VISITS.name]:
        visit = decode(value, GridVisit)
        at, today = back.get(visit.household, -1), (visit.visit_ms - begin_ms) // DAY * DAY
        kind = "here" if at < 0 else "away" if at >= today else "back"
        found[kind] += 1
        for finding in visit.findings:
            found[f"{kind}: {finding}"] += 1
    assert found["away: nobody_home"] == found["away"] > 100
    assert found["back: returned"] > 0.8 * found["back"] > 100
    assert found["here: returned"] < 0.02 * found["here"]


def test_some_come_back_infected_and_were_so_before(spring):
    made, _ = spring
    health, back = made.health, made.travel.back_ms
    ill = np.isfinite(health.infected) & (health.way == IMPORTED)
    assert ill.any()
    assert (back[ill] >= 0).all()
    assert (health.infected[ill] <= back[ill] / DAY).all()
    came = (back >= 0) & (back < 9 * DAY)
    assert abs(ill.sum() / came.sum() - 0.1) < 5 * (0.09 / came.sum()) ** 0.5


def test_without_returning_nobody_is_away():
    made = stream(msgspec.structs.replace(SPRING, returning=Returning())).simulation
    assert (made.travel.back_ms < 0).all()
    assert made.travel.outings(3) == []
