"""What the page is told of a cell, an area or a list: shares whole, small counts withheld."""

from __future__ import annotations

import h3
import numpy as np
import pytest

from dashboard.errors import UnknownError
from dashboard.hub.statistics import panels, said
from dashboard.hub.statistics.catalog import STATISTICS
from tests.dashboard import statements
from tests.dashboard.fake_city import fake_city
from tests.dashboard.statements import state_with
from tests.oracles.attacker import worked_out

CITY = fake_city(side=4, places_per_grid=2)
G = CITY.gazetteer
CELLS = sorted({h3.int_to_str(c) for c in G.cells[:, 1].tolist()})
FINE = sorted({h3.int_to_str(c) for c in G.cells[:, 2].tolist()})
AREAS = [str(a) for a, level in zip(G.area_id, G.level, strict=True) if level == 0 and a[0] == "d"]


def frame_with(**topics):
    return state_with(CITY, **topics).frame(1)


def test_every_layer_is_named_and_empty_until_something_was_said():
    layers = panels.overview(frame_with().picture, CITY.statistics)["layers"]
    assert [layer["id"] for layer in layers] == list(STATISTICS)
    assert {layer["state"] for layer in layers} == {"empty"}
    assert {layer["as_of_ms"] for layer in layers} == {None}


def test_a_layer_says_as_of_when_it_holds_and_how_complete_it_is():
    view = frame_with(cell_risk=[statements.risk(CELLS[0])]).picture
    layer = {one["id"]: one for one in panels.overview(view, CITY.statistics)["layers"]}["risk"]
    assert (layer["state"], layer["resolutions"]) == ("ready", [8])
    assert (layer["as_of_ms"], layer["completeness"]) == (statements.AS_OF_MS, 0.8)


def test_a_layer_that_no_record_carries_stays_empty():
    view = frame_with(cell_density=[statements.density(FINE[0])]).picture
    states = {one["id"]: one["state"] for one in panels.overview(view, CITY.statistics)["layers"]}
    assert (states["density"], states["occupancy"], states["ratio"]) == ("ready", "empty", "empty")


def test_a_cells_shares_are_those_of_the_record_and_add_up():
    body = panels.cell(frame_with(cell_risk=[statements.risk(CELLS[0])]), CELLS[0])["risk"]
    assert body["shares"] == statements.SHARES
    assert sum(body["shares"].values()) == pytest.approx(1.0)
    assert body["local_factor"] * body["component_mean"] == pytest.approx(body["rr"][0])


def test_what_would_change_a_score_goes_the_right_way():
    body = panels.cell(frame_with(cell_risk=[statements.risk(CELLS[0])]), CELLS[0])["risk"]
    would, rr = body["changes"], body["rr"][0]
    assert would["one_more"] > rr > would["no_neighbours"]
    assert would["no_neighbours"] == pytest.approx(rr * 0.7)
    assert would["quiet_week"] < rr


def test_nothing_is_said_to_change_where_too_little_is_known():
    poor = statements.risk(CELLS[0], **{"class": -1})
    assert panels.cell(frame_with(cell_risk=[poor]), CELLS[0])["risk"]["changes"] == {}


@pytest.mark.parametrize(("amount", "told"), [(0.0, 0), (0.4, "<5"), (4.9, "<5"), (5.0, 5)])
def test_small_case_counts_are_withheld(amount, told):
    body = panels.cell(
        frame_with(cell_risk=[statements.risk(CELLS[0], cases_14d=amount)]), CELLS[0]
    )
    assert body["risk"]["cases_14d"] == told


def test_cases_of_overlapping_neighbourhoods_come_in_steps_of_k():
    assert [said.about(n, 5) for n in (0.0, 3.0, 7.0, 8.0, 31.0)] == [0, "<5", 5, 10, 30]


def test_a_city_that_withholds_nothing_tells_whole_cases():
    assert [said.about(n, 0) for n in (0.0, 3.0, 7.4)] == [0, 3, 7]


def test_an_exact_p_value_does_not_tell_the_cases_of_a_hot_spot():
    exact = {"p": 1.234e-4, "p_adjusted": 0.01234, "p_cold": 0.98766, "p_cold_adjusted": 1.0}
    (row,) = panels.hotspots(frame_with(hotspots=[statements.hotspot(CELLS[0], **exact)]))["rows"]
    assert [row[name] for name in exact] == [1e-4, 0.01, 1.0, 1.0]


def test_a_finer_cell_is_told_the_statistics_of_the_one_that_holds_its_centre():
    fine = FINE[0]
    lat, lng = h3.cell_to_latlng(fine)
    holder = h3.latlng_to_cell(lat, lng, 8)
    frame = frame_with(
        cell_risk=[statements.risk(holder)], clusters=[statements.cluster(1, [holder])]
    )
    body = panels.cell(frame, fine)
    assert body["risk"]["cell"] == holder
    assert [one["rank"] for one in body["clusters"]] == [1]


def test_density_is_withheld_where_the_map_withholds_it():
    records = [statements.density(FINE[0], passages=3), statements.density(FINE[1], passages=100)]
    frame = frame_with(cell_density=records)
    assert panels.cell(frame, FINE[0])["density"]["withheld"] is True
    assert "per_km2" not in panels.cell(frame, FINE[0])["density"]
    assert panels.cell(frame, FINE[1])["density"]["withheld"] is False


def test_a_cell_nothing_was_said_of_has_no_parts():
    body = panels.cell(frame_with(), CELLS[0])
    assert (body["risk"], body["hotspot"], body["density"]) == (None, None, None)
    assert (body["clusters"], body["aberrations"]) == ([], [])


def test_the_list_of_cells_at_risk_keeps_expected_errors_to_a_tenth():
    sure = [0.999, 0.99, 0.95, 0.9, 0.5, 0.3]
    records = [statements.risk(cell, p_above_1_5=p) for cell, p in zip(CELLS, sure, strict=False)]
    body = panels.risks(frame_with(cell_risk=records))
    kept = [row["above"]["1.5"] for row in body["rows"]]
    assert kept == sure[: len(kept)]
    assert np.mean([1 - p for p in kept]) <= 0.1
    assert np.mean([1 - p for p in sure[: len(kept) + 1]]) > 0.1


def test_cells_with_too_little_data_are_never_listed():
    poor = statements.risk(CELLS[0], **{"class": -1, "p_above_1_5": 1.0})
    assert panels.risks(frame_with(cell_risk=[poor]))["rows"] == []


def test_hot_spots_and_unusual_areas_are_listed_only_after_control():
    frame = frame_with(
        hotspots=[statements.hotspot(CELLS[0]), statements.hotspot(CELLS[1], level=0, z=9.0)],
        aberrations=[
            statements.aberration(AREAS[0], level="district"),
            statements.aberration(AREAS[1], level="district", level_found=0),
        ],
    )
    assert [row["cell"] for row in panels.hotspots(frame)["rows"]] == [CELLS[0]]
    assert [row["area_id"] for row in panels.aberrations(frame)["rows"]] == [AREAS[0]]


def test_cold_spots_are_listed_apart_the_coldest_first_and_only_after_control():
    cold = {"level": 0, "p_cold": 1e-3, "p_cold_adjusted": 0.02}
    records = [
        statements.hotspot(CELLS[0]),
        statements.hotspot(CELLS[1], **cold, z=-3.0, level_cold=1),
        statements.hotspot(CELLS[2], **cold, z=-5.0, level_cold=2),
        statements.hotspot(CELLS[3], **cold, z=-9.0, level_cold=0),
    ]
    body = panels.hotspots(frame_with(hotspots=records))
    assert [row["cell"] for row in body["rows"]] == [CELLS[0]]
    assert [row["cell"] for row in body["cold"]] == [CELLS[2], CELLS[1]]
    assert (body["n"], body["n_cold"], body["n_judged_cold"]) == (1, 2, 3)
    assert body["cold"][0]["p_cold_adjusted"] == 0.02


def test_the_cases_of_a_small_cold_spot_are_withheld():
    few = statements.hotspot(CELLS[0], level=0, level_cold=1, cases=2.0, p_cold_adjusted=0.01)
    assert panels.hotspots(frame_with(hotspots=[few]))["cold"][0]["cases"] == "<5"


def test_a_cluster_has_the_outline_of_its_cells():
    disk = h3.grid_disk(CELLS[0], 1)
    row = panels.clusters(frame_with(clusters=[statements.cluster(1, disk)]))["rows"][0]
    ring = row["outline"]["coordinates"]
    while not isinstance(ring[0][0], (int, float)):
        ring = ring[0]
    corners = {(round(x, 6), round(y, 6)) for x, y in ring}
    of_cells = {(round(lng, 6), round(lat, 6)) for c in disk for lat, lng in h3.cell_to_boundary(c)}
    assert corners <= of_cells
    assert len(corners) == 18


def test_a_cluster_of_few_cases_says_neither_count_nor_ratio():
    few = statements.cluster(1, CELLS[:1], observed=3.0)
    row = panels.clusters(frame_with(clusters=[few]))["rows"][0]
    assert (row["observed"], row["ratio"]) == ("<5", None)


def test_a_rank_without_a_cluster_is_not_listed_and_the_scan_has_run():
    none = statements.cluster(1, [], found=False)
    body = panels.clusters(frame_with(clusters=[none]))
    assert (body["rows"], body["scanned"]) == ([], True)
    assert panels.clusters(frame_with())["scanned"] is False


def test_no_clear_trend_has_no_doubling_time():
    flat = statements.area_rt(AREAS[0], is_trend=False, doubling_days=8.0)
    body = panels.area(frame_with(area_rt=[flat]), AREAS[0])["spread"]
    assert (body["is_trend"], body["doubling_days"]) == (False, None)


def test_an_area_with_too_few_cases_shows_the_area_above_and_says_so():
    grid = str(G.area_id[int(G.grid[0])])
    few = statements.area_rt(
        grid, level="grid", is_sure=False, from_area_id=AREAS[0], rt=None, cases_7d=2.0
    )
    frame = frame_with(area_rt=[few, statements.area_rt(AREAS[0])])
    body = panels.area(frame, grid)
    assert body["spread"]["rt"] is None
    assert body["spread"]["cases_7d"] == "<5"
    assert body["instead"]["area_id"] == AREAS[0]
    assert body["instead"]["rt"][0] == 1.4


def test_no_areas_cases_are_the_difference_of_what_is_shown():
    parts = [str(G.area_id[r]) for r in np.flatnonzero(G.parent == G.area_index[AREAS[0]])]
    cases = dict(zip(parts, [3.0, 40.0, 50.0, 60.0], strict=False))
    total = sum(cases.values())
    records = [statements.area_rt(AREAS[0], cases_7d=total)]
    records += [statements.area_rt(a, level="street", cases_7d=n) for a, n in cases.items()]
    frame = frame_with(area_rt=records)
    shown = {row["area_id"]: row["cases_7d"] for row in panels.area(frame, AREAS[0])["parts"]}
    hidden = [a for a in cases if shown[a] == "<5"]
    whole = panels.area(frame, AREAS[0])["spread"]["cases_7d"]
    assert parts[0] in hidden
    assert whole == "<5" or len(hidden) >= 2
    assert all(
        row["incidence_per_100k"] is None
        for row in panels.area(frame, AREAS[0])["parts"]
        if row["area_id"] in hidden
    )


RECENT = [
    {"day": "2024-12-20", "median": 1.3, "low": 1.0, "high": 1.7},
    {"day": "2024-12-29", "median": 1.1, "low": 0.9, "high": 1.4},
]


def test_a_curve_has_every_day_and_null_where_nothing_was_estimated():
    frame = frame_with(area_rt=[statements.area_rt(AREAS[0], recent=RECENT)])
    curve = panels.area(frame, AREAS[0])["spread"]["recent"]
    assert [day["day"] for day in curve] == [f"2024-12-{n}" for n in range(16, 30)]
    known = {day["day"]: day["rt"] for day in curve if day["rt"] is not None}
    assert known == {"2024-12-20": [1.3, 1.0, 1.7], "2024-12-29": [1.1, 0.9, 1.4]}


def test_the_city_has_its_curve_in_the_list_of_areas_and_an_area_without_days_has_none():
    city = statements.area_rt("city", level="city", recent=RECENT)
    body = panels.areas(frame_with(area_rt=[city, statements.area_rt(AREAS[0])]), 0)
    assert len(body["city"]["recent"]) == 14
    assert "recent" not in body["rows"][0]
    assert (
        panels.area(frame_with(area_rt=[statements.area_rt(AREAS[0])]), AREAS[0])["spread"][
            "recent"
        ]
        == []
    )


def test_an_area_that_is_none_is_named():
    with pytest.raises(UnknownError, match="nowhere"):
        panels.area(frame_with(), "nowhere")


def test_the_spread_of_a_level_lists_its_areas_and_the_city():
    records = [statements.area_rt(AREAS[0]), statements.area_rt("city", level="city", rt=1.1)]
    body = panels.areas(frame_with(area_rt=records), 0)
    assert [row["area_id"] for row in body["rows"]] == [AREAS[0]]
    assert body["city"]["rt"][0] == 1.1


PARTS = [str(G.area_id[r]) for r in np.flatnonzero(G.parent == G.area_index[AREAS[0]])]


def weeks_of(counts: dict[str, float], series: str = "cases", **more) -> list[dict]:
    levels = {a: G.levels[int(G.level[G.area_index[a]])] for a in counts}
    return [
        statements.aberration(a, levels[a], series=series, count=n, **more)
        for a, n in counts.items()
    ]


def unusual_in(frame, area_id: str, series: str = "cases") -> dict:
    """Give what is said of an area's week, the same in the list, of the area and of a cell."""
    (of_area,) = [
        row for row in panels.area(frame, area_id)["aberrations"] if row["series"] == series
    ]
    for row in [*panels.aberrations(frame)["rows"], *panels.cell(frame, CELLS[0])["aberrations"]]:
        if (row["area_id"], row["series"]) == (area_id, series):
            assert row.items() >= of_area.items()
    return of_area


@pytest.mark.parametrize("series", ["cases", "fever"])
def test_no_areas_unusual_count_is_the_difference_of_what_is_shown(series):
    counts = dict(zip(PARTS, [3.0, 40.0], strict=True))
    frame = frame_with(aberrations=weeks_of({AREAS[0]: 43.0, AREAS[1]: 90.0, **counts}, series))
    told = {a: unusual_in(frame, a, series) for a in (*AREAS[:2], *PARTS)}
    assert told[PARTS[0]]["count"] == told[PARTS[1]]["count"] == "<5"
    assert told[PARTS[1]]["expected"] is None
    assert (told[AREAS[0]]["count"], told[AREAS[0]]["expected"]) == (43, 8.5)


def test_an_exact_p_value_does_not_tell_the_count_that_is_withheld():
    counts = {AREAS[0]: 43.0, AREAS[1]: 90.0, PARTS[0]: 3.0, PARTS[1]: 40.0}
    weeks = weeks_of(counts, p=0.01234, p_adjusted=0.0456)
    frame = frame_with(aberrations=weeks)
    few, many = (unusual_in(frame, area) for area in (PARTS[0], AREAS[0]))
    assert (few["count"], few["p"], few["p_adjusted"]) == ("<5", 0.01, 0.05)
    assert (many["count"], many["p"], many["p_adjusted"]) == (43, 0.01234, 0.0456)


def test_cases_withheld_of_the_spread_are_withheld_of_what_is_unusual_and_the_other_way_round():
    # the spread's are corrected for what is not reported yet: six where four are counted
    shown = {AREAS[0]: 96.0, PARTS[0]: 46.0, PARTS[1]: 50.0}
    for spread, counted in (
        ({**shown, PARTS[0]: 3.0}, shown),
        ({**shown, PARTS[0]: 6.0}, {**shown, PARTS[0]: 4.0}),
    ):
        records = [statements.area_rt(a, cases_7d=n) for a, n in spread.items()]
        frame = frame_with(area_rt=records, aberrations=weeks_of(counted))
        for part in PARTS:
            assert panels.area(frame, part)["spread"]["cases_7d"] == "<5"
            assert unusual_in(frame, part)["count"] == "<5"


def test_fever_of_a_week_is_told_down_to_the_level_that_the_city_names_and_cases_of_all():
    city = fake_city(side=4, places_per_grid=2, finest_counts="district")
    fevers = {AREAS[0]: 90.0, PARTS[0]: 40.0, PARTS[1]: 50.0}
    records = [*weeks_of(fevers, "fever"), *weeks_of(fevers, "cases")]
    frame = state_with(city, aberrations=records).frame(1)
    told = [unusual_in(frame, a, "fever") for a in fevers]
    assert [row["count"] for row in told] == [90, "<5", "<5"]
    assert [row["expected"] for row in told] == [8.5, None, None]
    assert [unusual_in(frame, a)["count"] for a in fevers] == [90, 40, 50]


@pytest.mark.parametrize("seed", range(40))
def test_nobody_works_out_an_unusual_count_from_those_of_other_areas_and_the_spread(seed):
    rng = np.random.default_rng(seed)
    smallest = np.flatnonzero(G.level == len(G.levels) - 1)
    known = np.where(
        rng.random(len(smallest)) < 0.4, 0, rng.poisson(rng.gamma(0.6, 9, len(smallest)))
    )
    holds = (G.lineage[smallest].T[:, None] == np.arange(len(G.area_id))[:, None]).any(axis=0)
    values = holds @ known
    counts = dict(zip(map(str, G.area_id), values.tolist(), strict=True))
    spread = [statements.area_rt(a, cases_7d=float(n)) for a, n in counts.items()]
    spread.append(statements.area_rt("city", level="city", cases_7d=float(known.sum())))
    frame = frame_with(area_rt=spread, aberrations=weeks_of(counts))
    shown = np.array([isinstance(unusual_in(frame, a)["count"], int) for a in counts])
    whole = panels.areas(frame, 0)["city"]["cases_7d"]
    rows = [holds[shown], np.ones((int(whole != "<5"), len(smallest)))]
    asked = holds[(values > 0) & (values < 5)] * (known > 0)
    assert not worked_out(np.concatenate(rows) * (known > 0), asked).any()


def test_the_citys_cases_are_withheld_where_they_would_tell_those_of_its_only_district():
    records = [
        statements.area_rt(AREAS[0], cases_7d=4.0),
        statements.area_rt(AREAS[1], cases_7d=1.0),
        statements.area_rt("city", level="city", cases_7d=5.0),
    ]
    # two withheld parts of 5 could be any: the total is shown
    assert panels.areas(frame_with(area_rt=records), 0)["city"]["cases_7d"] == 5
    alone = [records[0], statements.area_rt("city", level="city", cases_7d=5.0)]
    body = panels.areas(frame_with(area_rt=alone), 0)["city"]
    assert (body["cases_7d"], body["incidence_per_100k"]) == ("<5", None)


def test_a_part_of_a_case_above_a_small_count_is_still_small():
    body = panels.area(frame_with(area_rt=[statements.area_rt(AREAS[0], cases_7d=4.3)]), AREAS[0])
    assert body["spread"]["cases_7d"] == "<5"


def test_nothing_tells_what_is_small_from_what_is_withheld_beside_it():
    frame = frame_with(
        cell_risk=[statements.risk(CELLS[0], below_k=True)],
        hotspots=[statements.hotspot(CELLS[0], below_k=True)],
        aberrations=weeks_of({AREAS[0]: 3.0}, below_k=True),
        area_rt=[statements.area_rt(AREAS[0], cases_7d=3.0, below_k=True)],
        cell_density=[statements.density(FINE[0], below_k=True)],
    )
    bodies = [panels.cell(frame, CELLS[0]), panels.cell(frame, FINE[0])]
    assert "below_k" not in str([*bodies, panels.area(frame, AREAS[0]), panels.areas(frame, 0)])


@pytest.mark.parametrize(("people", "told"), [(0.0, 0), (4.96, "<5"), (5.2, 5), (1234.0, 1200)])
def test_people_present_are_told_as_the_map_tells_them(people, told):
    frame = frame_with(cell_density=[statements.density(FINE[0], occupancy=people)])
    assert panels.cell(frame, FINE[0])["density"]["occupancy"] == told
