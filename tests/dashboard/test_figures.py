"""Figures say what the values say: gaps stay gaps, withheld counts have no height."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from plotly.offline import get_plotlyjs_version

from dashboard import figures
from dashboard.i18n import words

ZH = words("zh")
CURVE = {
    "days": ["2020-04-01", "2020-04-02", "2020-04-03"],
    "categories": {"confirmed": [5, "<5", 7], "contact": [0, 6, None]},
    "last_complete": "2020-04-02",
}
# 2020-04-01 00:00, 00:01, 00:02 in New York (four hours behind UTC in April).
MIDNIGHT_MS = 1_585_713_600_000
HOUR = {
    "minute_ms": [MIDNIGHT_MS + 60_000 * i for i in range(3)],
    "passages": [10, None, "<5"],
    "in": [6, None, "<5"],
    "out": [4, None, 0],
}


def by_name(figure):
    return {trace.name: trace for trace in figure.data}


def test_a_withheld_or_missing_count_has_no_height_and_says_so():
    traces = by_name(figures.epicurve(CURVE, ZH, "dark"))
    assert list(traces["确诊"].y) == [5, None, 7]
    assert list(traces["确诊"].customdata) == ["5", "&lt;5", "7"]
    assert list(traces["密接"].customdata) == ["0", "6", ZH["unknown"]]


def test_only_categories_that_are_reported_are_drawn():
    assert set(by_name(figures.epicurve(CURVE, ZH, "dark"))) == {
        "确诊",
        "密接",
        ZH["epicurve.incomplete"],
    }


def test_days_not_yet_complete_are_shaded_from_the_first_of_them():
    figure = figures.epicurve(CURVE, ZH, "dark")
    (shade,) = figure.layout.shapes
    assert str(shade.x0).startswith("2020-04-02T12:00")
    assert str(shade.x1).startswith("2020-04-03T12:00")


def test_nothing_is_shaded_where_all_days_are_complete():
    figure = figures.epicurve({**CURVE, "last_complete": "2020-04-03"}, ZH, "dark")
    assert not figure.layout.shapes
    assert not figures.epicurve({**CURVE, "last_complete": None}, ZH, "dark").layout.shapes


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_cases_is_said_and_not_drawn_as_zero(language):
    figure = figures.epicurve({"days": [], "categories": {}}, words(language), "dark")
    assert len(figure.data) == 0
    assert figure.layout.annotations[0].text == words(language)["epicurve.empty"]


def test_the_hour_is_drawn_in_the_citys_time_with_gaps():
    traces = by_name(figures.hour(HOUR, ZH, "light", "America/New_York"))
    assert [moment.strftime("%H:%M") for moment in traces["通行"].x] == ["00:00", "00:01", "00:02"]
    assert list(traces["通行"].y) == [10, None, None]
    assert traces["通行"].connectgaps is False
    assert traces["通行"].fill is None  # a surface would go on where the line ends
    assert list(traces["通行"].marker.size) == [5, 0, 0]  # a minute alone is a point
    assert list(traces["离开"].marker.size) == [5, 0, 5]


@pytest.mark.parametrize("changed", ["2025-11-02T06:00Z", "2025-03-09T07:00Z"])
def test_an_hour_in_which_clocks_are_changed_goes_on_evenly(changed):
    # New York: the clock says 01:59, 01:00 in autumn, and 01:59, 03:00 in spring
    first_ms = int(datetime.fromisoformat(changed).timestamp() * 1000) - 60_000
    hour = {**HOUR, "minute_ms": [first_ms + 60_000 * n for n in range(3)]}
    times = list(by_name(figures.hour(hour, ZH, "light", "America/New_York"))["通行"].x)
    assert {after - before for before, after in itertools.pairwise(times)} == {timedelta(minutes=1)}
    assert times[-1].minute == 1


def test_an_hour_without_gaps_is_a_surface():
    whole = {**HOUR, "passages": [10, 12, 9]}
    assert by_name(figures.hour(whole, ZH, "light", "UTC"))["通行"].fill == "tozeroy"


def test_an_hour_without_check_ins_is_said():
    figure = figures.hour({**HOUR, "passages": [None] * 3}, ZH, "dark", "UTC")
    assert figure.layout.annotations[0].text == ZH["hour.empty"]


def test_an_unknown_theme_is_dark():
    assert figures.hour(HOUR, ZH, "pink", "UTC") == figures.hour(HOUR, ZH, "dark", "UTC")


def test_categories_differ_in_lightness_without_hue():
    from dashboard.figures.look import LOOKS  # noqa: PLC0415

    for look in LOOKS.values():
        greys = sorted(grey(colour) for colour in look.categories.values())
        assert all(b - a > 10 for a, b in itertools.pairwise(greys))


def grey(colour):
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return 0.299 * red + 0.587 * green + 0.114 * blue


CARRIED = Path(figures.__file__).parents[1] / "assets" / "vendor" / "plotly-basic.min.js"


def test_the_library_that_draws_is_of_the_version_and_knows_the_traces_of_what_is_written():
    title = CARRIED.read_text(encoding="utf-8")[:100]
    assert f"plotly.js (basic - minified) v{get_plotlyjs_version()}\n" in title
    drawn = (figures.epicurve(CURVE, ZH, "dark"), figures.hour(HOUR, ZH, "dark", "UTC"))
    assert {trace.type for figure in drawn for trace in figure.data} <= {"bar", "scatter"}
