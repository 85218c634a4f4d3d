"""The live city: history first, the same streams however often it is started, as busy as asked."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import MagicMock

import msgspec
import numpy as np
import polars as pl
import pytest

from schemas.topics import CASES, CHECKINS
from simulators.check_ins import DENIED, IN, OUT
from simulators.city import live
from simulators.city.rates import rate_of_people, stands_for
from simulators.city.stream import CityStream
from simulators.errors import SettingError
from simulators.scenario import Epidemic, Scenario, read_scenario
from simulators.truth import Truth, write_run
from tests.simulators.towns import CITY, PEOPLE, simulation, stream_of, whole

DAY, MINUTE = 86_400_000, 60_000
CALM = Scenario(name="calm", days=4, epidemic=Epidemic(seeds=30))
PACK = SimpleNamespace(id="town", version="1", timezone="Asia/Shanghai", gazetteer=CITY)


def live_stream(gates_after_hours: float, stands: float = 1.0) -> CityStream:
    made = simulation(CALM, stands_for=stands)
    return stream_of(made, made.calendar.begin_ms(0) + int(gates_after_hours * 3_600_000))


def sent(made: CityStream, start: int, end: int, step: int) -> dict[str, list[tuple]]:
    found: dict[str, list[tuple]] = {}
    for at in range(start, end, step):
        for part in made.between(at, min(at + step, end)):
            rows = zip(part.arrival_ms.tolist(), part.ids, part.values, strict=True)
            found.setdefault(part.topic, []).extend(rows)
    return found


def test_before_its_gates_are_seen_a_city_reports_cases_alone():
    made = live_stream(gates_after_hours=2 * 24 + 9.5)
    rows = sent(made, made.begin_ms, made.begin_ms + 3 * DAY, DAY)
    assert min(at for at, _, _ in rows[CASES.name]) < made.begin_ms + DAY
    first = min(at for at, _, _ in rows[CHECKINS.name])
    assert made.gates_from_ms <= first < made.gates_from_ms + MINUTE


@pytest.mark.parametrize(("hours", "stands"), [(15.0, 1.0), (0.6, 1.0), (0.1, 2.5), (9.2, 2.5)])
def test_a_city_that_is_started_again_goes_on_with_the_same_messages(hours: float, stands: float):
    whole_run = live_stream(24 + 21, stands)
    begin, end = whole_run.begin_ms, whole_run.begin_ms + 3 * DAY
    all_of_it = sent(whole_run, begin, end, DAY)
    again = live_stream(2 * 24 + hours, stands)
    rest = sent(again, again.gates_from_ms, end, 777_777)
    for topic in (CHECKINS.name, CASES.name):
        assert rest[topic] == [r for r in all_of_it[topic] if r[0] >= again.gates_from_ms]


def test_ticks_of_a_few_check_ins_give_what_long_stretches_give():
    start = live_stream(56.0).gates_from_ms
    by_minutes, at_once = (
        sent(live_stream(56.0), start, start + 20 * MINUTE, step)[CHECKINS.name]
        for step in (777, 20 * MINUTE)
    )
    assert by_minutes == at_once
    assert len(at_once) > 50


@pytest.mark.parametrize("many", [0.3, 2.0, 3.4])
def test_a_crowd_is_as_large_as_asked_and_goes_where_its_people_go(many: float):
    made = simulation(CALM, stands_for=many)
    alone, crowd = (whole(one, next(one.days())) for one in (simulation(CALM), made))
    rows, base = crowd.sent.check_ins, alone.sent.check_ins
    assert len(rows) / len(base) == pytest.approx(many, rel=0.03)
    assert len(np.unique(rows.event_id)) == len(rows)
    passed = len(np.unique(base.person))
    people = len(np.unique(rows.person)) / passed
    # The share of people that a fraction asks for is drawn: four standard deviations.
    assert people == pytest.approx(many, abs=4 * 0.5 / passed**0.5)
    shares = [np.bincount(r.place, minlength=len(CITY.lat)) / len(r) for r in (rows, base)]
    # Nine tenths in common: what a third of few people leaves of small places varies by itself.
    assert np.abs(shares[0] - shares[1]).sum() / 2 < (0.2 if many < 1 else 0.1)


def test_doubles_are_in_order_each_of_them_leaves_before_it_comes_back():
    made = simulation(CALM, stands_for=2.0)
    rows = whole(made, next(made.days())).sent.check_ins
    gone = np.isin(rows.direction, (IN, OUT)) & (rows.direction != DENIED)
    person, direction = rows.person[gone], rows.direction[gone]
    order = np.lexsort((rows.event_ms[gone], person))
    first = np.unique(person[order], return_index=True)[1]
    # Nobody's day begins by coming in: all are at home at first.
    assert (direction[order][first] == OUT).mean() > 0.99


def test_whatever_people_stand_for_the_disease_is_the_same():
    one, many = simulation(CALM), simulation(CALM, stands_for=5.0)
    for made in (one, many):
        list(made.days())
    assert np.array_equal(one.health.infected, many.health.infected)


def test_days_without_gates_leave_the_disease_as_it_was():
    one, blind = simulation(CALM), simulation(CALM)
    list(one.days())
    assert [len(day.passages) > 0 for day in blind.days(seen_from=3)] == [False] * 3 + [True]
    assert np.array_equal(one.health.infected, blind.health.infected)


def test_a_rate_is_what_the_city_then_makes_in_a_working_day():
    ground = simulation(CALM).ground
    natural = rate_of_people(ground)
    made = simulation(CALM, stands_for=stands_for(ground, 3 * natural))
    days = made.days()
    next(days)
    tuesday = whole(made, next(days)).sent.check_ins
    assert len(tuesday) / 86_400 == pytest.approx(3 * natural, rel=0.1)
    assert stands_for(ground, None) == 1.0
    with pytest.raises(SettingError, match="expected check-ins a second"):
        stands_for(ground, 0.0)


def test_counts_of_the_truth_are_those_of_the_whole_crowd(tmp_path: Path):
    made = live_stream(gates_after_hours=24.0, stands=2.5)
    made.watch = Truth(tmp_path, made.simulation, CITY, at_once=True)
    rows = sent(made, made.begin_ms, made.begin_ms + 3 * DAY, DAY)[CHECKINS.name]
    made.watch.close()
    frame = pl.concat(pl.read_parquet(f) for f in sorted((tmp_path / "true-minutes").glob("*")))
    until = made.begin_ms + 2 * DAY
    counted = frame.filter(
        (pl.col("minute_ms") >= made.gates_from_ms) & (pl.col("minute_ms") < until)
    )
    happened = [
        1
        for _, _, value in rows
        if made.gates_from_ms <= msgspec.json.decode(value)["event_ms"] < until
    ]
    # The first minutes' check-ins may have happened in the stretch before the gates were seen.
    total = int(
        counted.select(pl.sum_horizontal("n_in", "n_out", "n_pass", "n_denied")).sum()[0, 0]
    )
    assert len(happened) == pytest.approx(total, abs=20)
    assert len(happened) > 2 * PEOPLE


def order(folder: Path, people: int = PEOPLE) -> live.Order:
    return live.Order(CALM, "town", people, None, 1, folder)


def test_the_first_run_begins_weeks_ago_and_a_later_one_on_the_same_day(tmp_path: Path):
    now = 1_586_102_400_000 + 40 * DAY
    wanted = order(tmp_path)
    assert live.earlier(PACK, wanted) is None
    calendar = live.calendar_of(PACK, None, now)
    assert calendar.begin_ms(live.HISTORY_DAYS) <= now < calendar.begin_ms(live.HISTORY_DAYS + 1)
    since = live.Since(calendar.begin_ms(0), now, now, frozenset())
    write_run(tmp_path, live.run_file(PACK, wanted, simulation(CALM), since))
    kept = live.earlier(PACK, wanted)
    begun = msgspec.structs.replace(kept, begin_ms=calendar.begin_ms(0))
    assert live.calendar_of(PACK, begun, now + 9 * DAY).first == calendar.first
    with pytest.raises(SettingError, match="holds a live city of 3,000 people"):
        live.earlier(PACK, replace(wanted, people=5_000))


def topics_that_end_at(*last: int) -> MagicMock:
    """Stand for topics by the last arrival of each partition of check-ins."""
    topics = MagicMock()
    topics.newest_arrival_ms = lambda before_ms: max(
        (at for at in last if at < before_ms), default=None
    )
    topics.ids_since.return_value = frozenset(["there"])
    return topics


def since(monkeypatch: pytest.MonkeyPatch, topics: MagicMock, done_ms: int) -> live.Since:
    made = simulation(CALM)
    begun = live.Since(made.calendar.begin_ms(0), NOW, NOW, frozenset())
    before = live.run_file(PACK, order(Path()), made, begun)
    before = msgspec.structs.replace(before, done_ms=done_ms)
    topics.__enter__.return_value = topics
    monkeypatch.setattr(live, "Present", lambda _broker: topics)
    return live.since_of(None, before, begun.cases_ms, NOW)


NOW = 1_586_102_400_000 + 40 * DAY


def test_what_was_being_sent_when_a_run_was_killed_is_looked_for(monkeypatch: pytest.MonkeyPatch):
    # A step of ten minutes: one partition has all of it, the other nothing.
    began = NOW - 30 * MINUTE
    topics = topics_that_end_at(began + 10 * MINUTE, began - 5)
    found = since(monkeypatch, topics, began)
    assert (found.cases_ms, found.gates_ms) == (began, began)
    topics.ids_since.assert_called_once_with(began)


def test_a_minute_is_looked_at_where_all_was_sent(monkeypatch: pytest.MonkeyPatch):
    newest = NOW - 3 * MINUTE
    assert since(monkeypatch, topics_that_end_at(newest), NOW).cases_ms == newest - MINUTE


def test_cases_of_a_run_killed_before_its_gates_are_not_sent_twice(monkeypatch: pytest.MonkeyPatch):
    topics = topics_that_end_at()
    found = since(monkeypatch, topics, NOW - 20 * DAY)
    topics.ids_since.assert_called_once_with(found.cases_ms)
    assert found.present == {"there"}


def test_what_up_runs_is_a_scenario_with_years_before_it():
    assert read_scenario("living-city").days >= 3650
