"""A customer's files become a pack that is checked and loads."""

import csv
from pathlib import Path

import geopandas
import numpy as np
import polars as pl
import pytest
import shapely
from typer.testing import CliRunner

from cities.cli import app
from cities.errors import SourceError
from cities.importing import AreaColumns, Order, PlaceColumns, import_pack
from cities.pack import load
from geo.datum import Datum, wgs84_to_bd09, wgs84_to_gcj02

SQUARES = {(x, y): shapely.box(114 + x, 30 + y, 114.01 + x, 30.01 + y) for x in (0, 0.01) for y in (0, 0.01)}  # fmt: skip  # noqa: E501
COLUMNS = AreaColumns({"district": "区", "street": "街道", "grid": "编号"}, "名称", None, "人口")


def layer(convert=None):
    """One row a grid; both districts call their first street the same."""
    rows = []
    for number, ((x, _), square) in enumerate(SQUARES.items()):
        district = "东区" if x else "西区"
        shape = square if convert is None else shapely.transform(square, _by(convert))
        rows.append((f"g{number}", f"网格{number}", district, "一街", 10.0 + number, shape))
    names = ["编号", "名称", "区", "街道", "人口", "geometry"]
    return geopandas.GeoDataFrame(rows, columns=names, crs="EPSG:4326")


def _by(convert):
    def move(points):
        lat, lng = convert(points[:, 1], points[:, 0])
        return np.column_stack([lng, lat])

    return move


def places_csv(path: Path, encoding="utf-8", convert=None):
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["号", "门名", "纬度", "经度"])
        for number, (x, y) in enumerate(SQUARES):
            lat, lng = np.array([30.005 + y]), np.array([114.005 + x])
            lat, lng = convert(lat, lng) if convert else (lat, lng)
            writer.writerow([f"p{number}", f"{number}号门", f"{lat[0]:.7f}", f"{lng[0]:.7f}"])
    return path


PLACES = PlaceColumns(place_id="号", kind="=gate", name="门名", lat="纬度", lng="经度")


def assert_is_the_town(folder):
    g = load(folder).gazetteer
    assert g.area_id[g.level == 0].tolist() == ["西区", "东区", "outside-district"]
    assert g.area_id[g.level == 1].tolist()[:2] == ["西区/一街", "东区/一街"]
    assert g.residents[g.level == 0].tolist() == [21, 25, 0]
    assert g.area_name[g.area_index["g2"]] == "网格2"
    for number, square in enumerate(SQUARES.values()):
        made = g.polygons[g.area_index[f"g{number}"]]
        assert made.symmetric_difference(square).area < 1e-7  # 6 decimals and 4 edges of 0.01
    if len(g.place_id):
        assert g.area_id[g.grid].tolist() == ["g0", "g1", "g2", "g3"]


def test_geopackage_and_places_in_gb18030(tmp_path):
    layer().to_file(tmp_path / "a.gpkg")
    places = places_csv(tmp_path / "p.csv", "gb18030")
    made = import_pack(
        tmp_path / "pack", Order(tmp_path / "a.gpkg", COLUMNS, places, PLACES, name='小"城')
    )
    assert (made.areas, made.repaired, made.places) == (4, 0, 4)
    assert_is_the_town(tmp_path / "pack")


def test_geojson(tmp_path):
    layer().to_file(tmp_path / "a.geojson")
    import_pack(
        tmp_path / "pack",
        Order(tmp_path / "a.geojson", COLUMNS, places_csv(tmp_path / "p.csv"), PLACES),
    )
    assert_is_the_town(tmp_path / "pack")


def test_csv_with_polygons_as_text(tmp_path):
    frame = layer()
    table = frame.drop(columns="geometry").assign(边界=frame.geometry.to_wkt())
    table.to_csv(tmp_path / "a.csv", index=False)
    columns = AreaColumns(COLUMNS.levels, "名称", None, "人口", wkt="边界")
    import_pack(
        tmp_path / "pack",
        Order(tmp_path / "a.csv", columns, places_csv(tmp_path / "p.csv"), PLACES),
    )
    assert_is_the_town(tmp_path / "pack")


def test_csv_of_capitals_with_a_mark_before_it_and_an_outline_of_any_length(tmp_path):
    fine = layer()
    fine["geometry"] = fine.geometry.segmentize(0.01 / 4000)
    table = fine.drop(columns="geometry").assign(wkt=fine.geometry.to_wkt())
    assert table.wkt.str.len().min() > 200_000
    table.to_csv(tmp_path / "A.CSV", index=False, encoding="utf-8-sig")
    places = places_csv(tmp_path / "P.CSV", "utf-8-sig")
    order = Order(tmp_path / "A.CSV", COLUMNS, places, PLACES, encoding="utf-8")
    import_pack(tmp_path / "pack", order)
    assert_is_the_town(tmp_path / "pack")


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_shapefile_that_does_not_say_its_encoding(tmp_path, encoding):
    layer().to_file(tmp_path / "a.shp", encoding=encoding)
    (tmp_path / "a.cpg").unlink()
    order = Order(tmp_path / "a.shp", COLUMNS, places_csv(tmp_path / "p.csv"), PLACES)
    import_pack(tmp_path / "pack", order)
    assert_is_the_town(tmp_path / "pack")


def test_numbers_as_ids_are_written_without_a_point(tmp_path):
    frame = layer().assign(编号=[420102001001.0, 420102001002.0, 3.0, 4.0])
    frame.to_file(tmp_path / "a.gpkg")
    points = frame.set_geometry(frame.representative_point())
    points = points.assign(号=range(4), 门名="门", 在=[420102001001, None, 3, 4])
    points.astype({"在": "Int64"}).to_file(tmp_path / "p.gpkg")
    places = PlaceColumns(place_id="号", kind="=gate", name="门名", area_id="在")
    import_pack(tmp_path / "pack", Order(tmp_path / "a.gpkg", COLUMNS, tmp_path / "p.gpkg", places))
    g = load(tmp_path / "pack").gazetteer
    assert g.area_id[g.grid].tolist() == ["420102001001", "420102001002", "3", "4"]


def test_projected_layer_becomes_degrees(tmp_path):
    layer().to_crs("EPSG:32650").to_file(tmp_path / "a.gpkg")  # UTM zone 50 north
    import_pack(
        tmp_path / "pack",
        Order(tmp_path / "a.gpkg", COLUMNS, places_csv(tmp_path / "p.csv"), PLACES),
    )
    assert_is_the_town(tmp_path / "pack")


def test_declared_datums_become_wgs84(tmp_path):
    layer(wgs84_to_gcj02).to_file(tmp_path / "a.gpkg")
    places = places_csv(tmp_path / "p.csv", convert=wgs84_to_bd09)
    order = Order(
        tmp_path / "a.gpkg", COLUMNS, places, PLACES, Datum.GCJ02, places_datum=Datum.BD09
    )
    import_pack(tmp_path / "pack", order)
    assert_is_the_town(tmp_path / "pack")


def test_places_as_points_of_a_layer(tmp_path):
    layer().to_file(tmp_path / "a.gpkg")
    frame = layer().rename(columns={"编号": "号", "名称": "门名"})
    frame.set_geometry(frame.representative_point()).to_file(tmp_path / "p.gpkg")
    import_pack(tmp_path / "pack", Order(tmp_path / "a.gpkg", COLUMNS, tmp_path / "p.gpkg", PLACES))
    assert_is_the_town(tmp_path / "pack")


def test_crossed_outline_is_repaired_and_counted(tmp_path):
    frame = layer()
    bowtie = shapely.Polygon([(115, 30), (115.01, 30.01), (115.01, 30), (115, 30.01)])
    frame.loc[3, "geometry"] = bowtie
    frame.to_file(tmp_path / "a.gpkg")
    assert import_pack(tmp_path / "pack", Order(tmp_path / "a.gpkg", COLUMNS)).repaired == 1


def test_outline_finer_than_what_is_written_is_a_sound_one_of_the_pack(tmp_path):
    frame = layer()
    notch = [(114.005, 30.01), (114.0050001, 30.002), (114.0049999, 30.0099999)]
    sides = [(114, 30), (114.01, 30), (114.01, 30.01), *notch, (114, 30.01)]
    frame.loc[0, "geometry"] = shapely.Polygon(sides)
    assert frame.geometry.is_valid.all()
    frame.to_file(tmp_path / "a.gpkg")
    order = Order(tmp_path / "a.gpkg", COLUMNS, places_csv(tmp_path / "p.csv"), PLACES)
    assert import_pack(tmp_path / "pack", order).repaired == 0
    assert_is_the_town(tmp_path / "pack")


@pytest.mark.parametrize(
    ("levels", "residents", "said"),
    [
        ({"grid": "no"}, None, "a.gpkg: no column 'no': has 编号, 名称, 区, 街道, 人口"),
        ({"grid": "编号"}, "名称", "a.gpkg row 0: 名称: '网格0': expected a count"),
    ],
)
def test_column_that_cannot_be_used_is_named(tmp_path, levels, residents, said):
    layer().to_file(tmp_path / "a.gpkg")
    order = Order(tmp_path / "a.gpkg", AreaColumns(levels, residents=residents))
    with pytest.raises(SourceError, match=said):
        import_pack(tmp_path / "pack", order)
    assert not (tmp_path / "pack").exists()


def test_folder_with_files_is_left_alone(tmp_path):
    layer().to_file(tmp_path / "a.gpkg")
    with pytest.raises(SourceError, match="has files: expected a new or an empty folder"):
        import_pack(tmp_path, Order(tmp_path / "a.gpkg", COLUMNS))


def test_file_that_is_no_layer_is_refused(tmp_path):
    (tmp_path / "a.geojson").write_text("hello")
    with pytest.raises(SourceError, match=r"a\.geojson: "):
        import_pack(tmp_path / "pack", Order(tmp_path / "a.geojson", COLUMNS))


# --- the commands


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_import_command_makes_and_checks_a_pack(tmp_path):
    layer().to_file(tmp_path / "a.gpkg")
    done = run(
        "import", tmp_path / "pack", "--from", tmp_path / "a.gpkg",
        "--levels", "district=区,street=街道,grid=编号", "--area-name", "名称",
        "--residents", "人口",
        "--places", places_csv(tmp_path / "p.csv"),
        "--place-columns", "place_id=号,kind==gate,name=门名,lat=纬度,lng=经度",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "4 smallest areas (0 repaired), 4 places" in done.output
    assert "46 residents" in done.output
    assert_is_the_town(tmp_path / "pack")


def test_import_command_checks_the_pack_it_made_though_one_that_is_shipped_has_its_name(
    tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    layer().to_file(tmp_path / "a.gpkg")
    done = run(
        "import", "nyc", "--from", "a.gpkg", "--levels", "grid=编号", "--residents", "人口",
        "--places", places_csv(tmp_path / "p.csv"),
        "--place-columns", "place_id=号,kind==gate,name=门名,lat=纬度,lng=经度",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "46 residents" in done.output


def test_check_command_ends_with_an_error_where_the_pack_cannot_be_used(tmp_path):
    layer().to_file(tmp_path / "a.gpkg")
    import_pack(
        tmp_path / "pack",
        Order(tmp_path / "a.gpkg", COLUMNS, places_csv(tmp_path / "p.csv"), PLACES),
    )
    assert run("check", tmp_path / "pack").exit_code == 0
    places = tmp_path / "pack" / "places.csv"
    places.write_text(places.read_text(encoding="utf-8").replace("30.005", "nan"), encoding="utf-8")
    done = run("check", tmp_path / "pack")
    assert done.exit_code == 1
    assert "error: places.csv line 2: lat: nan" in done.output
    assert "not usable" in done.output


def test_check_command_shows_so_many_of_a_kind_and_counts_the_rest(tmp_path):
    layer().to_file(tmp_path / "a.gpkg")
    import_pack(tmp_path / "pack", Order(tmp_path / "a.gpkg", COLUMNS))
    lines = ["place_id,kind,name,lat,lng,area_id"] + [f"{n},gate,x,99,1," for n in range(9)]
    (tmp_path / "pack" / "places.csv").write_text("\n".join(lines))
    done = run("check", tmp_path / "pack", "--most", "2")
    assert done.output.count("lat: 99: expected") == 2
    assert "error: places.csv: lat: 7 more of these" in done.output


def test_command_on_nothing_is_one_line(tmp_path):
    done = run("check", tmp_path / "nowhere")
    assert done.exit_code == 1
    assert "Traceback" not in done.output
    assert isinstance(done.exception, SystemExit)


# --- New York, another month


def trips_csv(path: Path):
    path.write_text(
        "lpep_pickup_datetime,lpep_dropoff_datetime,store_and_fwd_flag,PULocationID,DOLocationID\n"
        "2020-05-01 00:10:00,2020-05-01 00:20:00,N,74,41\n"
        "2020-05-01 00:10:00,2020-05-01 00:20:00,N,74,41\n"  # an exact duplicate
        "2020-05-02 10:00:00,2020-05-02 09:00:00,Y,74,264\n"  # ends before it begins, unknown zone
        "2008-12-31 23:00:00,2008-12-31 23:10:00,N,74,\n"  # misdated, blank zone
        "2020-05-03 01:00:00,2020-05-03 09:00:00,N,74,75\n"  # eight hours
        "sometime,2020-05-03 09:00:00,N,74,75\n"
    )
    return path


def cases_csv(path: Path):
    path.write_text(
        "published,modzcta,cum_cases,cum_deaths,cum_tests,pop_denominator,commit,src\n"
        "2020-04-30,10001,9,,,,x,y\n2020-05-01,10001,10,,,,x,y\n2020-05-02,10001,8,,,,x,y\n"
        "2020-05-02,NA,3,,,,x,y\n"
    )
    return path


def convert(tmp_path, *more):
    return run(
        "convert", "nyc", "--trips", trips_csv(tmp_path / "green_tripdata_2020-05.csv"),
        "--cases", cases_csv(tmp_path / "cases.csv"), "--out", tmp_path / "pack", *more,
    )  # fmt: skip


def test_another_month_is_converted_with_its_quirks_kept_and_counted(tmp_path):
    done = convert(tmp_path, "--first", "2020-05-01", "--last", "2020-05-31")
    assert done.exit_code == 0, done.output
    said = " ".join(done.output.split())
    assert "6 read, 5 kept; among them 1 misdated, 1 ending before they begin, 1 over 6" in said
    assert "1 exact duplicates, 2 with an unknown zone; 1 without a readable time left out" in said
    assert "3 counts in 2 snapshots; 1 fall below the one before; without an area" in said
    pack = load(tmp_path / "pack")
    trips = pl.read_parquet(pack.folder / pack.stream.trips[0])
    assert trips["PULocationID"].to_list() == [74] * 5
    assert trips["DOLocationID"].to_list() == [41, 41, 264, None, 75]
    assert str(pack.stream.last) == "2020-05-31"
    assert pack.statistics == load("nyc").statistics


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "cases.csv: empty CSV"),
        ("published,modzcta,cum_cases,cum_tests,commit\n01/05/2020,1,1,1,x\n", "cases.csv: conv"),
        ("published,modzcta,cum_cases,cum_tests,commit\n2020-05-01,1,NA,1,x\n", "cases.csv: sub"),
    ],
)
def test_counts_that_cannot_be_read_are_one_line(tmp_path, content, said):
    (tmp_path / "cases.csv").write_text(content)
    done = run(
        "convert", "nyc", "--trips", trips_csv(tmp_path / "green_tripdata_2020-05.csv"),
        "--cases", tmp_path / "cases.csv", "--out", tmp_path / "pack",
        "--first", "2020-05-01", "--last", "2020-05-31",
    )  # fmt: skip
    assert isinstance(done.exception, SystemExit)
    assert done.output.startswith(f"error {said}")
    assert done.output.count("\n") == 1


def test_a_pack_that_is_there_is_not_written_over(tmp_path):
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "places.csv").write_text("ours")
    done = convert(tmp_path, "--first", "2020-05-01", "--last", "2020-05-31")
    assert done.exit_code == 1
    assert "has files: expected a new or an empty folder" in done.output
    assert [path.name for path in (tmp_path / "pack").iterdir()] == ["places.csv"]


def test_month_in_part_keeps_the_pick_ups_of_the_days(tmp_path):
    convert(tmp_path, "--first", "2020-05-02", "--last", "2020-05-02")
    pack = load(tmp_path / "pack")
    assert len(pl.read_parquet(pack.folder / pack.stream.trips[0])) == 1


def test_period_without_data_is_refused_and_nothing_written(tmp_path):
    done = convert(tmp_path, "--first", "2021-01-01", "--last", "2021-01-31")
    assert done.exit_code == 1
    assert "no trips from 2021-01-01 to 2021-01-31" in done.output
    assert not (tmp_path / "pack").exists()
