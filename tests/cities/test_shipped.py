"""The packs that come with Hexline are whole, and say where they are made up."""

import csv
import gzip
import json
from datetime import date
from zoneinfo import ZoneInfo

import h3
import numpy as np
import polars as pl
import pytest
import shapely

from cities.check import check
from cities.findings import errors
from cities.make import wuhan as wuhan_maker
from cities.make.nyc_streams import Period, read_cases, read_trips
from cities.make.wuhan_tables import DISTRICTS
from cities.pack import PACKS, load, shipped
from geo.area_tree import sums_up
from geo.datum import wgs84_to_gcj02
from geo.polygons import polygon_areas_km2
from tests.oracles.geo import first_polygon_that_holds

HERE = PACKS / "wuhan"
PERIOD = Period(date(2020, 3, 29), date(2020, 4, 30))


@pytest.fixture(scope="module", params=["nyc", "wuhan"])
def pack(request):
    return load(request.param)


@pytest.fixture(scope="module")
def wuhan():
    return load("wuhan")


@pytest.fixture(scope="module")
def nyc():
    return load("nyc")


def real_grids(gazetteer):
    return gazetteer.smallest[:-1]


# --- both


def test_these_two_are_shipped():
    assert shipped() == ["nyc", "wuhan"]


def test_check_finds_no_error(pack):
    assert errors(check(pack.folder).findings) == []


def test_smallest_areas_neither_overlap_nor_leave_slivers(pack):
    polygons = pack.gazetteer.polygons[real_grids(pack.gazetteer)]
    union = shapely.union_all(polygons)
    assert shapely.coverage_is_valid(polygons)
    assert shapely.area(polygons).sum() == pytest.approx(union.area, rel=1e-9)


def test_areas_of_children_sum_to_their_parent_at_every_level(pack):
    g = pack.gazetteer
    for level in range(len(g.levels) - 1):
        above = polygon_areas_km2(g.level_polygons(level))
        below = polygon_areas_km2(g.level_polygons(level + 1))
        summed = np.zeros(len(above))
        children = np.flatnonzero(g.level == level + 1)
        np.add.at(summed, g.parent[children], below[children])
        here = g.level == level
        np.testing.assert_allclose(summed[here], above[here], rtol=1e-9)


def test_every_smallest_area_lies_inside_all_its_ancestors(pack):
    g = pack.gazetteer
    for level in range(len(g.levels) - 1):
        outlines = g.level_polygons(level)
        for grid in real_grids(g)[::7].tolist():
            beyond = g.polygons[grid].difference(outlines[g.lineage[grid, level]])
            assert beyond.area < 1e-12


def test_residents_add_up_at_every_level(pack):
    g = pack.gazetteer
    totals = {int(g.residents[g.level == level].sum()) for level in range(len(g.levels))}
    assert len(totals) == 1
    assert totals.pop() > 8_000_000


def test_every_place_is_in_its_area(pack):
    g = pack.gazetteer
    rows = np.random.default_rng(0).permutation(len(g.place_id))[:150]
    for row in rows.tolist():
        found = first_polygon_that_holds(g.polygons, g.lat[row], g.lng[row])
        assert (g.outside if found < 0 else found) == g.grid[row], g.place_id[row]


def test_every_place_s_cells_hold_it(pack):
    g = pack.gazetteer
    for row in range(0, len(g.place_id), 41):
        expected = [h3.latlng_to_cell(g.lat[row], g.lng[row], res) for res in (7, 8, 9)]
        assert [f"{cell:x}" for cell in g.cells[row].tolist()] == expected


def test_counts_by_cell_and_by_area_add_up(pack):
    g = pack.gazetteer
    counts = np.random.default_rng(1).integers(0, 50, len(g.place_id))
    by_grid = np.zeros(len(g.area_id), dtype=np.int64)
    np.add.at(by_grid, g.grid, counts)
    by_area = sums_up(by_grid, g.lineage)
    for level in range(len(g.levels)):
        assert by_area[g.level == level].sum() == counts.sum()
    for column in range(3):
        _, group = np.unique(g.cells[:, column], return_inverse=True)
        assert np.bincount(group, weights=counts).sum() == counts.sum()


def test_pack_says_where_it_is_and_what_is_made_up(pack):
    assert ZoneInfo(pack.timezone)
    assert pack.notes.zh
    assert pack.notes.en
    assert set(pack.level_names) == set(pack.levels)
    assert (pack.folder / "README.md").is_file()
    assert pack.small_count == 5


def test_pack_is_small(pack):
    size = sum(path.stat().st_size for path in pack.folder.rglob("*") if path.is_file())
    assert size < 6_000_000


def test_version_is_the_content_s(wuhan, tmp_path):
    for name in ("city.toml", "areas.geojson", "places.csv"):
        (tmp_path / name).write_bytes((wuhan.folder / name).read_bytes())
    assert load(tmp_path).version == wuhan.version
    with (tmp_path / "places.csv").open("a", encoding="utf-8") as file:
        file.write("new,gate,new,30.6,114.3,\n")
    assert load(tmp_path).version != wuhan.version


# --- wuhan


def test_wuhan_is_a_labelled_synthetic_city_of_four_levels(wuhan):
    g = wuhan.gazetteer
    assert wuhan.levels == ("district", "street", "community", "grid")
    assert (wuhan.clock, wuhan.stream.kind, wuhan.synthetic) == ("live", "simulate", True)
    assert "合成" in wuhan.notes.zh
    assert "synthetic" in wuhan.notes.en
    assert (g.level == 0).sum() == 13 + 1
    assert len(real_grids(g)) == 1000
    assert len(g.place_id) > 10_000


def test_wuhan_grids_cover_the_source_s_districts(wuhan):
    g = wuhan.gazetteer
    outlines = g.level_polygons(0)
    for row, source in enumerate(wuhan_maker.read_districts(wuhan_maker.SOURCE)):
        made = outlines[g.area_index[DISTRICTS[row].code]]
        # Where a cut meets the outline, its end is rounded to 1e-6 degree.
        assert made.symmetric_difference(source).area < 1e-6 * source.length


def test_wuhan_districts_are_the_source_shifted_back_from_gcj02(wuhan):
    #   the source's vertices are multiples of 1/1024 degree; shifted there again they must be
    g = wuhan.gazetteer
    lng, lat = shapely.get_coordinates(g.level_polygons(0)[g.area_index["420102"]]).T
    back_lat, back_lng = wgs84_to_gcj02(lat, lng)
    off = np.abs(np.stack([back_lat, back_lng]) * 1024 % 1 - 0.5)
    on_raster = (off > 0.5 - 0.01).all(axis=0)  # 0.01/1024 degree: 1 m
    assert on_raster.sum() > 200  # 280 of the outline's points are the source's; others are cuts


def test_wuhan_is_denser_in_the_middle_than_outside(wuhan):
    g = wuhan.gazetteer
    density = g.residents / np.maximum(polygon_areas_km2(g.polygons), 1e-9)
    districts = {code: g.lineage[:, 0] == g.area_index[code] for code in ("420103", "420116")}
    grids = np.isin(np.arange(len(g.level)), real_grids(g))
    middle, country = (np.median(density[grids & inside]) for inside in districts.values())
    assert middle > 10 * country


def test_wuhan_can_be_made_again(tmp_path):
    # Byte for byte with the locked packages; another processor's sine may move a last digit.
    wuhan_maker.main(tmp_path)
    for name in ("areas.geojson", "places.csv"):
        made, kept = ((folder / name).read_text().splitlines() for folder in (tmp_path, HERE))
        assert len(made) == len(kept)
        assert sum(map(str.__eq__, made, kept)) > 0.98 * len(kept)


# --- nyc


def test_nyc_is_a_real_city_replayed(nyc):
    g = nyc.gazetteer
    assert nyc.levels == ("borough", "modzcta")
    assert (nyc.clock, nyc.stream.kind, nyc.synthetic) == ("replay", "replay", False)
    assert nyc.timezone == "America/New_York"
    assert len(real_grids(g)) == 178
    assert len(g.place_id) == 260
    assert g.residents[g.level == 0].sum() == 8_394_354


def test_nyc_zones_in_parts_are_one_place_and_unknown_ones_none(nyc):
    index = nyc.gazetteer.place_index
    assert {"zone-56", "zone-103", "zone-1", "zone-74"} <= set(index)
    assert not {"zone-57", "zone-264", "zone-265"} & set(index)


def test_newark_airport_is_outside_and_counted(nyc):
    g = nyc.gazetteer
    assert g.grid[g.place_index["zone-1"]] == g.outside
    counts = np.zeros(len(g.area_id), dtype=np.int64)
    np.add.at(counts, g.grid, 1)
    assert sums_up(counts, g.lineage)[g.level == 0].sum() == 260


def test_nyc_zone_polygons_hold_their_place(nyc):
    g = nyc.gazetteer
    features = json.loads((nyc.folder / "zones.geojson").read_text())["features"]
    assert len(features) == 260
    for feature in features:
        polygon = shapely.geometry.shape(feature["geometry"])
        row = g.place_index[feature["properties"]["place_id"]]
        assert polygon.is_valid
        assert polygon.covers(shapely.Point(g.lng[row], g.lat[row]))
        assert feature["properties"]["place_id"] == f"zone-{feature['properties']['LocationID']}"


def test_nyc_trips_keep_the_quirks_of_the_source(nyc):
    files = [nyc.folder / name for name in nyc.stream.trips]
    zones = {int(place.removeprefix("zone-")) for place in nyc.gazetteer.place_id}
    _, report = read_trips(files, PERIOD, zones)
    assert report.kept == report.read == 39_189
    assert (report.misdated, report.long, report.duplicates, report.unknown_zone) == (
        6,
        122,
        190,
        431,
    )


def test_nyc_trips_are_counted_the_same_one_by_one(nyc):
    rows = [row for name in nyc.stream.trips for row in pl.read_parquet(nyc.folder / name).rows()]
    seen, duplicates, unknown = set(), 0, 0
    for pickup, dropoff, start, end, _ in rows:
        key = (pickup, dropoff, start, end)
        duplicates += key in seen
        seen.add(key)
        unknown += not all(f"zone-{zone}" in nyc.gazetteer.place_index for zone in (start, end))
    assert (len(rows), duplicates, unknown) == (39_189, 190, 431)


def test_nyc_cases_are_cumulative_counts_with_their_glitch(nyc):
    with gzip.open(nyc.folder / nyc.stream.cases, "rt", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    by_day = {}
    for row in rows:
        by_day[row["published"]] = by_day.get(row["published"], 0) + int(row["cum_cases"])
    assert len(rows) == 4_987
    assert by_day["2020-04-26"] - by_day["2020-04-25"] == 27_902  # published, and taken back:
    assert by_day["2020-04-27"] - by_day["2020-04-26"] == -22_802
    _, report = read_cases(nyc.folder / nyc.stream.cases, PERIOD, set(nyc.gazetteer.area_index))
    assert report.unknown_areas == ("NA",)
    assert report.snapshots == len(by_day) == 28
