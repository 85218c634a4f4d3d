"""The API over a small city whose every count is known."""

from __future__ import annotations

import h3
import numpy as np
import pytest

from dashboard.api.metrics import HELP, MetricName
from dashboard.hub.panels.inspector import kinds
from tests.dashboard.served import CITY, G
from tests.dashboard.slices import MINUTE_MS
from tests.oracles.hub import read_table


def test_area_values_are_a_recount_or_withheld(client, slow):
    places = slow.places_by_area()
    for level in CITY.levels:
        for metric, column in (("in", 0), ("passages", 3), ("fever", 4)):
            answer = client.get(f"/api/areas/{level}/values?metric={metric}&minutes=60").json()
            for area_id, shown in answer["values"].items():
                value = slow.window("last_60", places[area_id])[column]
                assert shown["value"] in ({"<5"} if 0 < value < 5 else {value, "<5"})
                if value == 0:
                    assert shown["value"] == 0


def test_kpi_tiles_are_a_recount(client, slow):
    kpi = client.get("/api/kpi").json()
    everywhere = set(G.place_id)
    assert kpi["tiles"]["passages"]["value"] == slow.window("last_15", everywhere)[3]
    assert kpi["windows"]["60"]["value"] == slow.window("last_60", everywhere)[3]
    now, ago = (slow.window(w, everywhere)[3] for w in ("whole_15", "ago_15"))
    assert kpi["tiles"]["passages"]["change"] == round(100 * (now - ago) / ago)
    assert len(kpi["tiles"]["passages"]["series"]) == 30
    assert len(kpi["hour"]["passages"]) == 60
    busy = [p for p in slow.places_by_cell(9).values() if slow.window("last_15", p)[3] > 0]
    assert kpi["tiles"]["active"]["value"] == len(busy) == kpi["tiles"]["active"]["series"][-1]
    assert kpi["refused_share"] == pytest.approx(20 / 900, abs=1e-6)


def test_active_cells_of_the_past_are_a_recount(client, slow):
    series = client.get("/api/kpi").json()["tiles"]["active"]["series"]
    back = 7
    in_window = {
        place
        for (place, minute), r in slow.slices.items()
        if 0 <= slow.clock - back - minute < 15 and r["n_in"] + r["n_out"] + r["n_pass"] > 0
    }
    expected = sum(bool(p & in_window) for p in slow.places_by_cell(9).values())
    assert series[-1 - back] == expected


def test_the_inspector_of_a_cell_is_a_recount_or_withheld(client, slow):
    for cell, places in list(slow.places_by_cell(9).items())[:12]:
        body = client.get(f"/api/cell/{h3.int_to_str(cell)}").json()
        assert {p["place_id"] for p in body["places"]} == places
        window = slow.window("last_15", places)
        assert body["kinds"]["channels"] is None
        assert body["changes"]["passages"] == body["change"]
        for column, name in enumerate(("in", "out", "pass", "passages", "fever")):
            assert body["now"][name] in (window[column], "<5")
            series = body["series"][name]
            assert len(series) == 60
            assert all(v in ("<5", 0) or v >= 5 for v in series)
        ages = [slow.clock - m // MINUTE_MS for m in body["minute_ms"]]
        assert ages == list(range(59, -1, -1))
        assert [a["level"] for a in body["areas"]] == list(CITY.levels)


def minutes_of(*rows):
    """Give minutes of counters in, out, pass, denied, screened, fever, simulated."""
    return np.array(rows, dtype=np.int64)


@pytest.mark.parametrize(
    ("minutes", "simulated", "share"),
    [
        (minutes_of([0] * 7), None, None),
        (minutes_of([9, 3, 0, 0, 0, 0, 0]), "none", None),
        (minutes_of([9, 3, 0, 1, 0, 0, 13]), "all", None),
        (minutes_of([30, 0, 0, 0, 0, 0, 30], [70, 0, 0, 0, 0, 0, 0]), "part", 0.3),
        # The four that are not simulated are too few to tell how many there are.
        (minutes_of([96, 0, 0, 0, 0, 0, 96], [4, 0, 0, 0, 0, 0, 0]), "part", None),
    ],
)
def test_the_inspector_says_whether_counts_are_simulated_and_not_which_channel(
    minutes, simulated, share
):
    assert kinds(minutes, 5) == {"simulated": simulated, "share": share, "channels": None}


def test_the_inspector_of_an_area_rolls_up_what_is_below(client, slow):
    body = client.get("/api/area/d0").json()
    total = slow.window("last_60", slow.places_by_area()["d0"])
    assert body["windows"]["60"]["passages"] == total[3]
    residents = int(G.residents[G.area_index["d0"]])
    assert body["residents"] == residents
    assert body["per_1000"] == round(1000 * total[3] / residents, 1)


def test_hottest_are_the_largest_shown_cells_in_order(client, slow):
    answer = client.get("/api/hottest?n=5&minutes=60").json()
    rows = answer["rows"]
    values = [row["value"] for row in rows]
    assert values == sorted(values, reverse=True)
    places = slow.places_by_cell(9)
    for row in rows:
        assert slow.window("last_60", places[h3.str_to_int(row["cell"])])[3] == row["value"]
        assert [a["level"] for a in row["areas"]] == list(CITY.levels)
    everything = client.get("/api/hottest?n=100&minutes=60").json()["rows"]
    counted = [cell for cell in places if slow.window("last_60", places[cell])[3] > 0]
    assert answer["n_withheld"] == len(counted) - len(everything) > 0


def test_the_cell_table_is_kept_by_its_etag(client):
    first = client.get("/api/cells/9.bin")
    table = read_table(first.content)
    assert first.headers["etag"] == f'"{table["hash"]}"'
    places = {h3.str_to_int(h3.latlng_to_cell(y, x, 9)) for y, x in zip(G.lat, G.lng, strict=True)}
    assert set(table["cells"]) == places
    again = client.get("/api/cells/9.bin", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_polygons_are_geojson_with_names(client):
    answer = client.get("/api/areas/grid.geojson")
    features = answer.json()["features"]
    assert len(features) == 16
    assert features[0]["properties"].keys() == {
        "area_id", "name", "name_en", "parent", "residents", "area_km2"
    }  # fmt: skip
    etag = {"if-none-match": answer.headers["etag"]}
    assert client.get("/api/areas/grid.geojson", headers=etag).status_code == 304


def test_the_epidemic_curve_counts_what_stands_by_local_day(client):
    body = client.get("/api/epicurve").json()
    assert body["categories"]["confirmed"] == [9]
    assert body["days"] == ["2025-02-19"]  # of Shanghai; by UTC it was the 18th
    assert body["total"] == [9]


def test_status_says_the_accounts_and_that_they_add_up(client):
    status = client.get("/api/status").json()
    assert [status[n] for n in ("read", "accepted", "rejected", "late")] == [900, 880, 15, 5]
    assert status["adds_up"] is True
    assert status["skipped"] == 0
    assert status["completeness"] == pytest.approx(0.9)
    assert status["lag"] == 100
    assert status["freshness_s"] == pytest.approx(5.0)
    cases = status["cases"]
    assert [cases[n] for n in ("read", "accepted", "rejected", "late")] == [12, 9, 2, 1]


def test_rejected_cases_are_listed_with_place_and_reason_and_without_payload(client):
    kept = client.get("/api/cases/rejected").json()["rejected"]
    assert [(k["offset"], k["reason"].split(":")[0]) for k in kept] == [
        (98, "revision"),
        (99, "area_id"),
    ]
    assert kept[0].keys() == {"partition", "offset", "arrival_ms", "reason"}


@pytest.mark.parametrize(
    ("query", "kind", "found"),
    [
        ("g0-1", "area", "g0-1"),
        ("Grid g0-1", "area", "g0-1"),
        ("网g0-1", "area", "g0-1"),
        ("7号门", "place", "gate-00007"),
        ("GATE-00007", "place", "gate-00007"),
    ],
)
def test_search_finds_areas_and_places_in_both_languages(client, query, kind, found):
    first = client.get("/api/search", params={"q": query}).json()["results"][0]
    assert (first["kind"], first["id"]) == (kind, found)


def test_search_finds_a_cell_by_its_number(client):
    cell = h3.latlng_to_cell(30.51, 114.21, 9)
    first = client.get(f"/api/search?q={cell}").json()["results"][0]
    assert (first["kind"], first["id"]) == ("cell", cell)


@pytest.mark.parametrize(
    "path",
    [
        "/api/cells/10.bin",
        "/api/cells/x.bin",
        "/api/cell/zzz",
        "/api/cell/8a411a4c3b37fff",
        "/api/cell/89411a4c3b3ffff0",
        "/api/areas/nowhere.geojson",
        "/api/areas/nowhere/values",
        "/api/areas/grid/values?minutes=7",
        "/api/areas/grid/values?minutes=-1",
        "/api/areas/grid/values?metric=persons",
        "/api/search",
        "/api/search?q=",
        "/api/search?q=x&n=0",
        "/api/search?q=x&n=1e3",
        "/api/search?q=" + "x" * 65,
        "/api/hottest?res=3",
        "/api/hottest?n=100000",
        "/api/hottest?n=%C2%B2",
        "/api/area/" + "x" * 200,
    ],
)
def test_a_bad_request_gets_one_clear_line(client, path):
    answer = client.get(path)
    assert answer.status_code == 400
    assert list(answer.json()) == ["error"]
    assert "expected" in answer.json()["error"]


@pytest.mark.parametrize("path", ["/api/area/nowhere", "/api/cell/8928308280fffff"])
def test_what_the_city_does_not_have_is_not_found(client, path):
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.json()["error"]


def test_metrics_are_exactly_the_closed_list(client):
    text = client.get("/metrics").text
    names = {line.split()[0] for line in text.splitlines() if not line.startswith("#")}
    assert names == {str(name) for name in MetricName}
    assert set(HELP) == set(MetricName)


def test_assets_answer_a_range(client):
    name = "/assets/hexline.svg"
    whole = client.get(name)
    part = client.get(name, headers={"range": "bytes=0-9"})
    assert (part.status_code, part.content) == (206, whole.content[:10])
    assert client.head(name).headers["content-length"] == str(len(whole.content))


def test_the_city_answers_what_the_page_needs_first(client):
    city = client.get("/api/city").json()
    assert [level["id"] for level in city["levels"]] == list(CITY.levels)
    assert city["levels"][0]["name_en"] == "District"
    assert city["notes"] == {"zh": "模拟数据", "en": "Simulated data"}
    assert city["usual_minutes"] == 15
    for six in [*city["breaks"]["per_km2"].values(), city["breaks"]["counts"]["9"]["15"]]:
        assert len(six) == 6
        assert six == sorted(six)
