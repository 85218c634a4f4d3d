"""People and their days: what every city obeys, whatever the chance."""

from itertools import pairwise

import numpy as np
import pytest

from simulators.chance import generator
from simulators.check_ins import DENIED, IN, OUT, PASS
from simulators.city.ground import Ground
from simulators.city.outings import BREATH_MS, DRIVE, HOUR_MS, WORK, Day, outings_of
from simulators.city.passages import Passages, passages_of
from simulators.city.town import CLINIC, DOOR, GATE, SHOP
from simulators.errors import SettingError
from simulators.scenario import Phase, Scenario
from tests.simulators.cities import little_city
from tests.simulators.towns import CITY, days, simulation

QUIET = Scenario(name="quiet", days=3)
GROUND = Ground.of(CITY, QUIET, 20_000, 1)


def a_day(weekday: int = 1, **phase) -> object:
    everyone = np.arange(len(GROUND.people), dtype=np.int32)
    day = Day(0, weekday, Phase(from_day=0, **phase))
    return outings_of(GROUND, day, everyone, generator(5, "test"))


def test_people_live_where_the_residents_do():
    # 1,000 to 4,000 residents of four grids; households straddle borders by a few people
    home = CITY.grid[GROUND.people.home]
    share = np.bincount(home, minlength=len(CITY.area_id))[1:5] / len(home)
    assert np.abs(share - np.array([0.1, 0.2, 0.3, 0.4])).max() < 0.001


def test_households_have_the_sizes_of_the_census():
    sizes = np.bincount(np.bincount(GROUND.people.household), minlength=6)[1:6]
    expected = np.array([0.254, 0.297, 0.210, 0.132, 0.107])
    # five standard deviations of a share among about 7,800 households
    assert np.abs(sizes / sizes.sum() - expected).max() < 5 * 0.5 / 7_800**0.5


def test_nobody_is_in_two_places_at_once():
    found = a_day()
    order = np.lexsort((found.leave, found.person))
    same = np.diff(found.person[order]) == 0
    gap = found.leave[order][1:] - found.back[order][:-1]
    assert same.sum() > 500
    assert gap[same].min() > BREATH_MS


def test_an_outing_goes_forward_in_time():
    found = a_day()
    times = np.stack([found.leave, found.arrive, found.depart, found.back])
    assert (np.diff(times, axis=0) > 0).all()
    assert times.min() >= 0


def test_no_hour_gathers_what_would_be_later():
    # with 20,000 people a minute has a few dozen of either; those cut at an hour all had its first
    for time in (a_day().arrive, a_day().depart):
        minutes = np.bincount(time // 60_000, minlength=36 * 60)
        around = (np.roll(minutes, 1) + np.roll(minutes, -1)) / 2
        assert (minutes <= around + 5 * np.sqrt(around + 1) + 5).all()


def test_levels_of_lockdown_leave_ever_fewer_outings():
    numbers = [len(a_day(level=level)) for level in range(4)]
    assert numbers == sorted(numbers, reverse=True)
    assert numbers[3] < 0.35 * numbers[0]


def test_curfew_leaves_nobody_out():
    found = a_day(curfew_from=20.0, curfew_to=7.0)
    assert found.leave.min() >= 7 * HOUR_MS
    assert found.back.max() <= 20 * HOUR_MS


def test_weekends_have_less_work_and_school():
    week, weekend = a_day(weekday=2), a_day(weekday=6)
    assert (weekend.kind == 1).sum() < 0.4 * (week.kind == 1).sum()
    assert (weekend.kind == 2).sum() == 0


def steps(found: Passages) -> np.ndarray:
    return np.where(found.direction == IN, 1, np.where(found.direction == OUT, -1, 0))


def test_every_place_lets_out_whom_it_let_in():
    # Gates and doors see their own people leave and come back; the sum over them balances too.
    well = np.zeros(len(GROUND.people), dtype=bool)
    found = passages_of(GROUND, a_day(), well, generator(6, "test"))
    balance = np.bincount(found.place, weights=steps(found), minlength=len(CITY.place_id))
    part = GROUND.town.part
    assert not balance[(part != GATE) & (part != DOOR)].any()
    assert balance.sum() == 0
    assert len(found) > 50_000


def test_a_day_goes_from_midnight_to_midnight_and_nobody_leaves_who_did_not_enter():
    inside = np.zeros(len(CITY.place_id))
    visited = ~np.isin(GROUND.town.part, (GATE, DOOR))
    through_the_night = []
    for day in days(QUIET):
        found = day.passages
        assert found.at.min() >= 0
        assert found.at.max() < 24 * HOUR_MS
        for place in np.flatnonzero(visited):
            there = found.place == place
            assert inside[place] + np.cumsum(steps(found)[there]).min(initial=0) >= 0
        inside += np.bincount(found.place, weights=steps(found), minlength=len(inside))
        through_the_night.append(inside[visited].sum())
    assert min(through_the_night) > 10


def test_nobody_leaves_home_before_being_back_from_the_day_before():
    late = 0
    for one, next_one in pairwise(days(QUIET)):
        back = np.zeros(len(GROUND.people), dtype=np.int64)
        np.maximum.at(back, one.outings.person, one.outings.back - 24 * HOUR_MS)
        out = np.flatnonzero(back > 0)
        again = np.isin(next_one.outings.person, out)
        assert (next_one.outings.leave[again] > back[next_one.outings.person[again]]).all()
        late += again.sum()
    assert late > 100


def test_hospitals_work_at_night_more_than_shops_do():
    found = a_day()
    works = found.take(found.kind == WORK)
    share = {
        part: np.mean(works.depart[GROUND.town.part[works.place] == part] > 27 * HOUR_MS)
        for part in (CLINIC, SHOP)
    }
    assert share[CLINIC] > 2 * share[SHOP] > 0.04


def test_drivers_pass_checkpoints_between_leaving_with_their_vehicle_and_bringing_it_back():
    outings = a_day()
    drives = outings.take(outings.kind == DRIVE)
    well = np.zeros(len(GROUND.people), dtype=bool)
    found = passages_of(GROUND, drives, well, generator(6, "test"))
    assert len(drives) > 100
    for row in range(0, len(drives), 10):
        own = found.take(found.person == drives.person[row])
        at_place = own.place == drives.place[row]
        gone = np.sort(own.at[at_place & (own.direction == OUT)])[0]
        back = np.sort(own.at[at_place & (own.direction == IN)])[-1]
        passes = own.at[(own.direction == PASS) & (own.at > drives.arrive[row])]
        passes = passes[passes < drives.depart[row]]
        assert len(passes) >= 5
        assert gone < passes.min() < passes.max() < back


def test_who_is_turned_away_was_never_inside():
    found = days(Scenario(name="closed", days=1, phase=(Phase(from_day=0, level=3),)))[0]
    turned = found.outings.denied.sum()
    assert turned > 0
    assert (found.passages.direction == DENIED).sum() == turned


def test_places_are_visited_with_a_heavy_tail():
    visits = np.sort(np.bincount(a_day().place))[::-1]
    assert visits[: len(visits) // 10].sum() > 0.35 * visits.sum()


def test_nearer_places_are_chosen_more_often():
    town, people = GROUND.town, GROUND.people
    works = np.flatnonzero((people.work >= 0) & (people.age >= 18))
    home, work = people.home[works], people.work[works]
    other = generator(0, "other").permutation(work)
    chosen, at_random = (
        np.hypot(town.x_km[home] - town.x_km[to], town.y_km[home] - town.y_km[to])
        for to in (work, other)
    )
    assert np.median(chosen) < 0.7 * np.median(at_random)


def test_city_without_residents_is_refused():
    empty = little_city()
    empty.residents[:] = 0
    with pytest.raises(SettingError, match="residents"):
        Ground.of(empty, QUIET, 1_000, 1)


def test_adding_people_of_another_seed_changes_them():
    one, two = (simulation(QUIET, seed).ground.people for seed in (1, 2))
    assert (one.home != two.home).mean() > 0.3
