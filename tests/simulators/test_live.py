"""The live city: its minutes do not depend on how they are asked for, and look like a city."""

from dataclasses import replace
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from schemas.codec import Refusal, decode
from schemas.records import CaseReport, CheckIn
from schemas.topics import CASES, CHECKINS
from simulators.check_ins import IN, OUT
from simulators.live.minute import minute_of_check_ins
from simulators.live.open import BACKFILL_MS, Wanted, open_live
from simulators.live.rhythm import busyness, share_in
from simulators.live.stream import Live
from tests.simulators.cities import little_city

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = 1_585_756_800_000  # 2020-04-02 00:00 in Shanghai
MINUTE = 60_000
CITY = little_city()


def town(rate: float = 20.0, dirt: float = 0.0, seed: int = 1) -> Live:
    return open_live("town", SHANGHAI, CITY, Wanted(rate, seed, dirt), NOW)


def sent(live: Live, start: int, end: int, step: int, topic: str) -> list[tuple[int, str, bytes]]:
    found = []
    for at in range(start, end, step):
        for messages in live.between(at, min(at + step, end)):
            if messages.topic == topic:
                found += zip(
                    messages.arrival_ms.tolist(), messages.ids, messages.values, strict=True
                )
    return found


@pytest.mark.parametrize("topic", [CHECKINS.name, CASES.name])
def test_stream_is_the_same_however_it_is_cut(topic: str):
    start = NOW - 3 * MINUTE
    whole = sent(town(), start, NOW, 3 * MINUTE, topic)
    assert whole == sent(town(), start, NOW, 777, topic)


def test_another_seed_is_another_stream():
    one, other = (
        sent(town(seed=seed), NOW - MINUTE, NOW, MINUTE, CHECKINS.name) for seed in (1, 2)
    )
    assert {row[1] for row in one}.isdisjoint(row[1] for row in other)


def test_no_check_in_comes_before_the_history_begins_and_arrivals_are_in_order():
    begin = NOW - BACKFILL_MS
    rows = sent(town(), begin - 5 * MINUTE, begin + 2 * MINUTE, MINUTE, CHECKINS.name)
    arrivals = [row[0] for row in rows]
    assert arrivals == sorted(arrivals)
    assert begin <= arrivals[0]


def test_every_check_in_and_case_is_sound():
    live = town()
    check_ins = sent(live, NOW, NOW + 5 * MINUTE, MINUTE, CHECKINS.name)
    cases = sent(live, NOW - 20 * 86_400_000, NOW, 86_400_000, CASES.name)
    assert len(check_ins) > 1_000
    assert len(cases) > 100
    assert all(isinstance(decode(value, CheckIn), CheckIn) for _, _, value in check_ins)
    assert all(isinstance(decode(value, CaseReport), CaseReport) for _, _, value in cases)


def test_dirt_on_request_shows_as_twins_lateness_and_refusals():
    rows = sent(town(dirt=0.1), NOW, NOW + 5 * MINUTE, MINUTE, CHECKINS.name)
    ids = [row[1] for row in rows]
    assert 0.05 < 1 - len(set(ids)) / len(ids) < 0.15
    read = [(at, decode(value, CheckIn)) for at, _, value in rows]
    assert 0.05 < np.mean([isinstance(record, Refusal) for _, record in read]) < 0.15
    late = [at - record.event_ms > 86_400_000 for at, record in read if isinstance(record, CheckIn)]
    assert 0.05 < np.mean(late) < 0.15


def test_without_dirt_nothing_is_sent_twice():
    ids = [row[1] for row in sent(town(), NOW, NOW + 5 * MINUTE, MINUTE, CHECKINS.name)]
    assert len(set(ids)) == len(ids)


def test_revisions_of_a_case_count_up_in_time():
    live = town()
    rows = sent(live, NOW - 30 * 86_400_000, NOW, 86_400_000, CASES.name)
    history: dict[str, list[int]] = {}
    for _, _, value in rows:
        report = decode(value, CaseReport)
        history.setdefault(report.case_id, []).append(report.revision)
    started = [revisions for revisions in history.values() if revisions[0] == 1]
    assert any(len(revisions) == 3 for revisions in started)
    assert all(revisions == list(range(1, len(revisions) + 1)) for revisions in started)


def test_over_a_day_ins_and_outs_balance_and_the_rate_is_as_asked():
    hours = np.arange(0, 24, 1 / 60)
    for home in (True, False):
        surplus = (busyness(hours) * (share_in(hours, home=home) - 0.5)).mean()
        assert abs(surplus) < 1e-3
    assert abs(busyness(hours).mean() - 1) < 1e-3


def test_mornings_leave_home_and_evenings_come_back():
    city = replace(town().city, rate=200.0)
    morning, evening = (
        minute_of_check_ins(city, NOW + int(hour * 3_600_000)) for hour in (7.5, 19.0)
    )
    ratio = [
        (rows.direction[city.is_home[rows.place]] == IN).sum()
        / (rows.direction[city.is_home[rows.place]] == OUT).sum()
        for rows in (morning, evening)
    ]
    assert ratio[0] < 0.5
    assert ratio[1] > 2.0


def test_places_are_heavy_tailed_and_hot_spots_move():
    popularity = town().city.popularity
    now = popularity.weights(NOW)
    top = np.sort(now)[::-1]
    assert top[: len(top) // 10].sum() > 0.3 * top.sum()
    later = popularity.weights(NOW + 2 * 3_600_000)
    assert (np.abs(later / now - 1) > 0.2).mean() > 0.1
