"""Published counts come back from the reports that stand, area by area and day by day."""

from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from schemas.codec import decode, encode
from schemas.records import CaseReport
from simulators.replay.case_counts import Areas, Published, case_reports, last_of_each

DAY_MS = 86_400_000


def reports_of(days: dict[str, dict[str, int]], known=frozenset()) -> list[CaseReport]:
    at = {day: number * DAY_MS for number, day in enumerate(days)}
    return list(case_reports(days, at, Areas(known)))


def standing_after(reports: list[CaseReport], at_ms: int) -> dict[str, float]:
    """Take, the slow way, the highest revision of each case by then, summed by published area."""
    highest: dict[str, CaseReport] = {}
    for report in reports:
        known = highest.get(report.case_id)
        if report.report_ms <= at_ms and (known is None or report.revision > known.revision):
            highest[report.case_id] = report
    sums: dict[str, float] = defaultdict(float)
    for report in highest.values():
        if report.status != "retracted":
            sums[report.case_id.split("-")[1]] += report.weight
    return dict(sums)


def assert_same_as_published(days: dict[str, dict[str, int]]) -> None:
    reports = reports_of(days)
    for number, counts in enumerate(days.values()):
        stand = standing_after(reports, number * DAY_MS)
        assert stand == {area: float(cases) for area, cases in counts.items() if cases}


def test_rise_is_a_new_report_and_a_fall_takes_from_the_newest():
    reports = reports_of(
        {"2020-04-01": {"a": 30}, "2020-04-02": {"a": 38}, "2020-04-03": {"a": 29}}
    )
    told = [(r.case_id, r.revision, r.status, r.weight) for r in reports]
    assert told == [
        ("nyc-a-2020-04-01", 1, "open", 30.0),
        ("nyc-a-2020-04-02", 1, "open", 8.0),
        ("nyc-a-2020-04-02", 2, "retracted", 0.0),
        ("nyc-a-2020-04-01", 2, "open", 29.0),
    ]


def test_area_left_out_of_a_publication_is_taken_back_whole():
    reports = reports_of({"2020-04-01": {"a": 3, "b": 1}, "2020-04-02": {"b": 1}})
    assert [(r.case_id, r.status) for r in reports][2:] == [("nyc-a-2020-04-01", "retracted")]


def test_area_named_twice_in_a_publication_stands_as_named_last():
    rows = [Published("2020-04-10", "11697", 61), Published("2020-04-10", "11697", 52)]
    assert last_of_each(rows) == {"2020-04-10": {"11697": 52}}


def test_area_the_city_does_not_know_lies_outside():
    reports = reports_of({"2020-04-01": {"NA": 1, "10001": 1}}, known={"modzcta-10001"})
    assert [r.area_id for r in reports] == ["modzcta-10001", "outside"]


def test_every_report_can_be_decoded():
    for report in reports_of({"2020-04-01": {"a": 3}, "2020-04-02": {"a": 1}}):
        assert decode(encode(report), CaseReport) == report


counts = st.dictionaries(st.sampled_from("abc"), st.integers(0, 40), max_size=3)


@given(st.lists(counts, min_size=1, max_size=12))
def test_standing_weights_add_up_to_what_was_published(publications):
    assert_same_as_published({f"2020-04-{n + 1:02}": day for n, day in enumerate(publications)})
