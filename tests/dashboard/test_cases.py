"""The highest revision of a case stands, whatever the order; the accounts add up."""

from __future__ import annotations

import json
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.hub.accounts import Accounts, clocks_differ, freshness_s
from dashboard.hub.cases import Cases
from dashboard.hub.panels.curve import CaseCurves
from dashboard.hub.rates import Rates
from dashboard.hub.source import CaseMessage
from schemas.records import Progress
from tests.dashboard.fake_city import fake_city

G = fake_city(side=2, places_per_grid=1).gazetteer
DAY_MS = 86_400_000
NOW_MS = 1_740_000_000_000


def cases_of(messages, limit: int = 1_000) -> Cases:
    cases = Cases(ZoneInfo("Asia/Shanghai"), G, limit=limit, kept=3)
    cases.fold(messages)
    return cases


def message(case: int, revision: int, offset: int = 0, **more) -> CaseMessage:
    fields = {
        "v": 1, "case_id": f"c{case}", "revision": revision, "category": "confirmed",
        "status": "open", "report_ms": NOW_MS + revision * DAY_MS // 4, "source": "sim:x",
        "place_id": G.place_id[0],
    }  # fmt: skip
    return CaseMessage(0, offset, NOW_MS + 3 * DAY_MS, json.dumps({**fields, **more}).encode())


reports = st.lists(
    st.tuples(
        st.integers(0, 4),
        st.sampled_from(["confirmed", "suspected"]),
        st.sampled_from(["open", "recovered", "retracted"]),
        st.integers(0, 9),
    ),
    max_size=20,
)


@given(reports, st.randoms(use_true_random=False))
def test_curves_are_those_of_the_highest_revisions_in_any_order(drawn, random):
    revisions, messages, last = {}, [], {}
    for case, category, status, weight in drawn:
        revisions[case] = revisions.get(case, 0) + 1
        fields = {"category": category, "status": status, "weight": weight}
        messages.append(message(case, revisions[case], **fields))
        last[case] = fields
    expected: dict[str, float] = {}
    for fields in last.values():
        if fields["status"] != "retracted":
            name = fields["category"]
            expected[name] = expected.get(name, 0) + fields["weight"]
    random.shuffle(messages)
    cases = cases_of(messages)
    report, _ = cases.curves()
    assert cases.read == cases.accepted + cases.rejected + cases.late == len(messages)
    assert len(report) <= 1, "a later revision does not move a case to another day"
    assert {k: v for day in report.values() for k, v in day.items()} == expected


def test_a_retraction_takes_a_case_away_and_leaves_none_below_zero():
    cases = cases_of([message(1, 1), message(1, 2, status="retracted")])
    assert cases.curves()[0] == {}


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"place_id": "nowhere"}, "place_id"),
        ({"place_id": None, "area_id": "nowhere"}, "area_id"),
        ({"report_ms": NOW_MS + 4 * DAY_MS}, "report_ms"),
        ({"category": "ill"}, "category"),
    ],
)
def test_a_bad_case_is_rejected_with_the_field_named(fields, named):
    cases = cases_of([message(1, 1, offset=7, **fields)])
    (kept,) = cases.rejects
    assert (cases.rejected, kept.offset) == (1, 7)
    assert kept.reason.startswith(named)
    assert "expected" in kept.reason


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"place_id": "13800138000"}, "place_id: expected a place of the city"),
        ({"place_id": "x: expected 420106199001011234"}, "place_id: expected a place of the city"),
        ({"place_id": None, "lat": 31.234567, "lng": 20.0}, "lat: expected within"),
        ({"onset_date": "2025-02-31"}, "onset_date: expected a day of the calendar"),
        ({"status": "13800138000"}, "status: expected"),
    ],
)
def test_of_a_bad_case_the_field_is_told_and_never_the_value(fields, told):
    (kept,) = cases_of([message(1, 1, **fields)]).rejects
    assert kept.reason.startswith(told)
    assert not any(str(value) in kept.reason for value in fields.values() if value is not None)


@pytest.mark.parametrize(
    ("n", "told"), [(0, [3, 0]), (1, ["<5", "<5"]), (4, ["<5", "<5"]), (5, [8, 5])]
)
def test_so_few_cases_as_are_withheld_are_not_told_by_the_accounts_either(n, told):
    bad = [message(9, 1, place_id="nowhere")] * 3
    accounts = cases_of([*(message(case, 1) for case in range(n)), *bad]).accounts(5)
    assert [accounts["read"], accounts["accepted"]] == told
    assert (accounts["rejected"], accounts["late"]) == (3, 0)
    assert "standing" not in accounts


def test_a_case_thirty_days_late_is_late_and_one_millisecond_less_counts():
    arrival_ms = NOW_MS + 3 * DAY_MS
    late = message(1, 1, report_ms=arrival_ms - 30 * DAY_MS - 1)
    counts = message(2, 1, report_ms=arrival_ms - 30 * DAY_MS)
    cases = cases_of([late, counts])
    assert (cases.late, cases.accepted) == (1, 1)


def test_cases_and_kept_rejects_are_bounded():
    messages = [message(n, 1) for n in range(10)] + [message(0, 2)]
    cases = cases_of(messages, limit=4)
    assert (len(cases.standing), cases.accepted, cases.rejected, len(cases.rejects)) == (4, 5, 6, 3)


def test_small_categories_of_a_day_are_withheld_with_the_next_smallest():
    messages = [message(n, 1) for n in range(20)]
    messages += [message(100 + n, 1, category="suspected") for n in range(2)]
    messages += [message(200 + n, 1, category="fever") for n in range(8)]
    body = CaseCurves.of(cases_of(messages)).body(5)
    assert body["total"] == [30]
    day = {name: values[0] for name, values in body["categories"].items()}
    assert day == {"confirmed": 20, "suspected": "<5", "fever": "<5", "contact": 0}


@pytest.mark.parametrize(
    ("k", "n", "told"),
    [
        (5, {"confirmed": 0.4}, ["<5", 0, "<5"]),  # a part of a case is not none
        (5, {"confirmed": 8.0, "fever": 0.4}, ["<5", "<5", 8]),
        (2, {"confirmed": 12.0, "fever": 1.0, "contact": 1.0}, ["<2", "<2", 14]),  # 2 = 1 + 1
        (2, {"fever": 1.0, "contact": 1.0}, [0, "<2", "<2"]),
        (0, {"confirmed": 3.0, "fever": 1.0}, [3, 1, 4]),
    ],
)
def test_few_cases_of_a_day_are_told_neither_as_none_nor_by_the_total(k, n, told):
    reports = [message(i, 1, category=c, weight=w) for i, (c, w) in enumerate(n.items())]
    curves = CaseCurves.of(cases_of(reports))
    body = curves.body(k)
    shown = [body["categories"][name][0] for name in ("confirmed", "fever")]
    assert [*shown, body["total"][0]] == told
    assert curves.tile(k)["series"] == body["total"]


def test_a_day_of_few_cases_is_not_what_the_other_days_lack_of_all_cases():
    #  day          1st  2nd  3rd  4th
    #  reported      12   30    3   40     85 accepted: less 12, 30 and 40 that is 3
    #  onset         82    3
    n = {0: 12, 1: 30, 2: 3, 3: 40}
    days = [day for day, times in n.items() for _ in range(times)]
    reports = [
        message(i, 1, report_ms=NOW_MS + day * DAY_MS, onset_date=f"2025-02-{19 + (i < 3):02d}")
        for i, day in enumerate(days)
    ]
    cases = cases_of([*reports])
    assert cases.accounts(5)["accepted"] == 85
    body = CaseCurves.of(cases).body(5)
    assert body["total"][-4:] == ["<5", 30, "<5", 40]
    assert body["categories"]["confirmed"] == body["total"]
    assert sorted(map(str, body["onset"]["confirmed"]))[-2:] == ["<5", "<5"]
    assert CaseCurves.of(cases).tile(5)["series"] == body["total"]


def test_cases_that_weigh_less_than_one_are_not_told_as_none_by_the_tile():
    assert CaseCurves.of(cases_of([message(1, 1, weight=0.4)])).tile(5)["value"] == "<5"


def test_the_first_day_of_a_curve_is_not_complete_either():
    body = CaseCurves.of(cases_of([message(1, 1)])).body(5)
    (today,) = body["days"]
    assert body["last_complete"] < today


def progress(partition: int, offset: int) -> Progress:
    return Progress(
        topic="checkins", partition=partition, first_offset=0, offset=offset, read=offset + 1,
        accepted=offset, rejected=1, late=0, arrival_ms=0,
    )  # fmt: skip


def test_completeness_and_lag_count_partitions_that_nobody_has_read_yet():
    accounts = Accounts()
    accounts.fold([progress(0, 49), progress(0, 99)])
    assert accounts.completeness() is None
    accounts.saw_ends({0: 100, 1: 300})
    assert accounts.completeness() == pytest.approx(0.25)
    assert accounts.lag() == 300
    assert accounts.totals().read == 100, "the last record of a partition stands"


def test_the_end_of_a_log_is_never_told_before_what_was_read_of_it():
    accounts = Accounts()
    accounts.fold([progress(0, 9)])
    assert accounts.inputs()[0]["end"] is None
    for end, told in ((7, 10), (10, 10), (12, 12)):
        accounts.saw_ends({0: end})
        assert accounts.inputs()[0]["end"] == told


@pytest.mark.parametrize(
    ("since_ms", "fresh", "is_told"),
    [(None, None, False), (8_000, 8.0, False), (-60_000, 0.0, False), (-60_001, None, True)],
)
def test_an_arrival_of_the_future_has_no_age(since_ms, fresh, is_told):
    assert freshness_s(since_ms) == fresh
    assert bool(clocks_differ(since_ms)) == is_told


def test_rates_are_those_of_the_last_ten_seconds():
    rates = Rates()
    for second in range(60):
        rates.saw(second * 1_000, {"read": second * (100 if second < 40 else 200)})
    assert rates.per_second()["read"] == 200.0
    rates.saw(61_000, {"read": 0})
    assert rates.per_second()["read"] == 0.0
