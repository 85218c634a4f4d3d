"""One refresh: one snapshot for all panels, and no chart drawn twice."""

from __future__ import annotations

import pytest
from dash import no_update

from dashboard import views

MINUTE = 60_000


class OneView:
    """A snapshot that counts how often it is asked."""

    def __init__(self, arrival_ms=10 * MINUTE + 30_000):
        self.arrival_ms = arrival_ms
        self.asked = []

    def kpi(self):
        """Give an hour whose last minute still runs."""
        minutes = [MINUTE * i for i in range(8, 11)]
        hour = {"minute_ms": minutes, "passages": [7, 8, 1], "in": [7, 8, 1], "out": [0, 0, 0]}
        return {"arrival_ms": self.arrival_ms, "minute_ms": minutes[-1], "tiles": {}, "hour": hour}

    def status(self):
        """Give an account."""
        return {"read": 3}

    def epicurve(self):
        """Give no cases."""
        return {"days": [], "categories": {}, "last_complete": None}

    def hottest(self, res, metric, minutes, n):
        """Note what was asked."""
        self.asked.append((res, metric, minutes))
        return {"rows": []}


def test_all_panels_are_answered_from_one_snapshot():
    view = OneView()
    now, epicurve, hour, key = views.war_room(view, {"res": 8, "metric": "in", "minutes": 60}, None)
    assert set(now) == {"kpi", "status", "hottest"}
    assert view.asked == [(8, "in", 60)]
    assert epicurve is not no_update
    assert hour is not no_update
    assert key


def test_a_chart_that_shows_it_already_is_left_alone():
    view = OneView()
    key = views.war_room(view, {}, None)[3]
    assert views.war_room(view, {}, key)[1:] == (no_update, no_update, no_update)


def test_nothing_is_charted_before_the_page_has_said_what_it_wants():
    now, *charts = views.war_room(OneView(), None, None)
    assert now["status"] == {"read": 3}
    assert charts == [no_update, no_update, no_update]


def test_another_language_or_theme_draws_the_charts_again():
    view = OneView()
    key = views.war_room(view, {"lang": "zh"}, None)[3]
    assert views.war_room(view, {"lang": "en"}, key)[3] != key
    assert views.war_room(view, {"lang": "zh", "theme": "light"}, key)[3] != key


@pytest.mark.parametrize("arrival_ms", [None, 10 * MINUTE + 30_000])
def test_cases_are_charted_although_no_check_in_comes(arrival_ms):
    view = OneView(arrival_ms)
    curve = {"days": ["2025-01-01"], "categories": {"confirmed": [7]}, "last_complete": None}
    view.epicurve = lambda: curve
    key = views.war_room(view, {}, None)[3]
    curve["categories"] = {"confirmed": [8]}
    assert views.war_room(view, {}, key)[1] is not no_update


def test_the_running_minute_is_left_out_of_the_curve_until_it_is_over():
    view = OneView()
    hour = view.kpi()["hour"]
    assert views.whole_minutes(hour, 10 * MINUTE + 59_999)["passages"] == [7, 8]
    assert views.whole_minutes(hour, 11 * MINUTE)["passages"] == [7, 8, 1]
    assert views.whole_minutes(hour, None) == hour
    assert views.whole_minutes({"minute_ms": []}, 5.0) == {"minute_ms": []}
