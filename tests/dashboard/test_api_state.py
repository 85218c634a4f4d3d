"""What the API says of its own state: healthy only when all is read, nothing known as nothing."""

from __future__ import annotations

from dashboard.api import routes
from dashboard.hub.panels import inspector
from dashboard.hub.source import Batch
from tests.dashboard.fake_city import fake_city
from tests.dashboard.served import CASES, FULL, G, client_of, wait_for
from tests.dashboard.slices import NOON, batch, record_of


def test_health_is_good_only_when_all_has_been_read(client):
    assert client.get("/health").status_code == 200
    with client_of([Batch(caught_up=False)]) as loading:
        answer = loading.get("/health")
        assert answer.status_code == 503
        assert "loading" in answer.json()["reasons"][0]
        assert loading.get("/api/areas/grid/values").status_code == 503
        assert loading.get("/api/kpi").json()["tiles"]["passages"]["value"] is None


def test_cases_are_not_counted_before_all_of_them_are_read():
    reading = [Batch(cases=CASES[:3], caught_up=False)]
    for given, state, open_cases in (
        (reading, "loading", None),
        ([Batch(ends={0: 0})], "empty", None),  # none was ever reported: not known, not 0
        ([*reading, Batch(cases=CASES[3:], ends={0: 0})], "empty", 9),
    ):
        with client_of(given) as opened:
            wait_for(opened, state)
            assert opened.get("/api/kpi").json()["tiles"]["cases"]["value"] == open_cases


def test_few_cases_are_told_neither_by_the_status_nor_by_the_metrics():
    for n, told in ((4, "<5"), (5, 5)):
        with client_of([batch([record_of(G, 0, NOON, [9])], cases=CASES[:n])]) as opened:
            wait_for(opened, "live")
            assert opened.get("/api/status").json()["cases"]["read"] == told
            metrics = opened.get("/metrics").text
            assert ("hexline_cases_read_total 5" in metrics) == (n == 5)
            assert "hexline_cases_rejected_total 0" in metrics
            assert "<" not in metrics


def test_inspectors_of_a_frame_that_stands_for_long_are_bounded(client, monkeypatch):
    monkeypatch.setattr(routes, "MOST_KEPT", 3)
    asked = []
    for name in ("cell", "area"):
        work_out = getattr(inspector, name)
        monkeypatch.setattr(
            inspector, name, lambda *given, do=work_out: asked.append(given) or do(*given)
        )
    areas = [str(area) for area in G.area_id[:4]]
    first = [client.get(f"/api/area/{area}").json() for area in areas]
    assert len(asked) == 4
    assert client.get(f"/api/area/{areas[0]}").json() == first[0]
    assert len(asked) == 5  # it was not kept


def test_an_empty_city_that_is_caught_up_is_healthy():
    with client_of([Batch(ends={0: 0})]) as empty:
        wait_for(empty, "empty")
        answer = empty.get("/health")
        assert answer.status_code == 200
        assert (answer.json()["state"], answer.json()["reasons"]) == ("empty", [])
        assert "hexline_hub_up 1" in empty.get("/metrics").text


def test_health_says_that_the_broker_is_away():
    away = [*FULL, Batch(trouble="the broker at x does not answer")]
    with client_of(away) as opened:
        wait_for(opened, "waiting")
        answer = opened.get("/health")
        assert answer.status_code == 503
        assert answer.json()["reasons"] == ["the broker at x does not answer"]
        assert opened.get("/api/kpi").json()["tiles"]["passages"]["value"] > 0


def test_an_old_picture_is_not_healthy_on_a_live_clock_but_is_on_a_replays():
    old = [batch([record_of(G, 0, NOON - 10, [9])])]
    for clock, status in (("live", 503), ("replay", 200)):
        with client_of(old, fake_city(clock=clock)) as opened:
            wait_for(opened, "live")
            assert opened.get("/health").status_code == status


def test_live_counts_are_told_down_to_the_level_that_the_city_names():
    city = fake_city(finest_counts="district")
    with client_of(FULL, city) as opened:
        wait_for(opened, "live")
        told = opened.get("/api/areas/district/values?minutes=60").json()["values"]
        assert any(isinstance(area["value"], int) for area in told.values())
        for level in city.levels[1:]:
            untold = opened.get(f"/api/areas/{level}/values?minutes=60").json()["values"]
            # zero is not told either: it would be one gap less for who works out the rest
            assert {area["value"] for area in untold.values()} == {"<5"}
            body = opened.get(f"/api/area/{next(iter(untold))}").json()
            assert {v for series in body["series"].values() for v in series} == {"<5"}
            assert {v for counts in body["windows"].values() for v in counts.values()} == {"<5"}
            assert set(body["changes"].values()) == {None}
