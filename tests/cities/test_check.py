"""One test a fault: planted in a sound pack, found, and named in one line."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cities.check import check
from cities.errors import CityError, PackError
from cities.findings import Severity
from cities.pack import load
from geo.datum import wgs84_to_bd09, wgs84_to_gcj02
from tests.cities import town as t


@pytest.fixture
def pack(tmp_path):
    return t.town(tmp_path)


def the_only(findings, severity=Severity.ERROR):
    assert [finding.severity for finding in findings] == [severity], [*map(str, findings)]
    assert "\n" not in str(findings[0])
    return str(findings[0])


def errors_of(pack):
    return [str(one) for one in check(pack).findings if one.severity is Severity.ERROR]


def with_rows(pack, change):
    rows = t.rows()
    change(rows)
    t.write_rows(pack, rows)


def shifted(pack, convert):
    """Write the places' coordinates in another datum."""
    rows = t.rows()
    lat, lng = convert(
        np.array([float(row[3]) for row in rows]), np.array([float(row[4]) for row in rows])
    )
    for row, y, x in zip(rows, lat, lng, strict=True):
        row[3:5] = [f"{y:.6f}", f"{x:.6f}"]
    t.write_rows(pack, rows)


def test_sound_pack_has_no_finding_and_its_contents_are_counted(pack):
    report = check(pack)
    assert report.findings == []
    assert report.usable
    assert report.areas == {"district": 2, "grid": 4}
    assert report.places == {"gate": 120}
    assert report.residents == 400


# --- city.toml


def test_missing_city_file(tmp_path):
    assert "city.toml: file: No such file" in the_only(check(tmp_path).findings)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("id =", "idd =", "Object contains unknown field `idd`"),
        ('clock = "live"', 'clock = "later"', "clock: Invalid enum value 'later'"),
        ('datum = "wgs84"', 'datum = "mars"', "datum: Invalid enum value 'mars'"),
        ('timezone = "Asia/Shanghai"', "", "Object missing required field `timezone`"),
        ('"Asia/Shanghai"', '"Asia/Wuhan"', "timezone: Asia/Wuhan: expected a time zone"),
        ('["district", "grid"]', '["grid", "grid"]', "levels: grid, grid: expected each level"),
        ('"grid"]', '"grid"', "city.toml: file: "),
        ("[notes]", "small_count = -1\n[notes]", "small_count: Expected `int` >= 0"),
        ("[notes]", 'finest_counts = "flat"\n[notes]', "finest_counts: flat: expected one of"),
        ("[notes]", "usual_minutes = 7\n[notes]", "usual_minutes: Invalid enum value 7"),
        ("[notes]", '[level_names]\nx = {zh="x", en="x"}\n[notes]', "level_names: x: expected one"),
    ],
)
def test_bad_setting_is_named(pack, old, new, said):
    text = (pack / "city.toml").read_text(encoding="utf-8")
    assert old in text
    (pack / "city.toml").write_text(text.replace(old, new, 1), encoding="utf-8")
    assert any(said in line for line in errors_of(pack)), errors_of(pack)


def test_city_file_in_another_encoding(pack):
    (pack / "city.toml").write_bytes(t.TOML.encode("gbk"))
    assert "is not UTF-8" in the_only(check(pack).findings)


def test_city_file_with_the_mark_of_an_editor_before_it(pack):
    (pack / "city.toml").write_text(t.TOML, encoding="utf-8-sig")
    assert check(pack).findings == []


def test_stream_that_is_not_in_the_pack(pack):
    stream = '\n[stream]\nkind = "replay"\ntrips = ["../x.csv"]\ncases = "c"\nzones = "z"\n'
    days = "first = 2020-04-02\nlast = 2020-04-01\n"
    (pack / "city.toml").write_text(t.TOML + stream + days, encoding="utf-8")
    said = errors_of(pack)
    assert "error: city.toml: stream.trips: ../x.csv: expected a file inside the pack" in said
    assert any("stream.last: 2020-04-01: expected 2020-04-02 or later" in line for line in said)


# --- areas.geojson


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "file: empty: expected a GeoJSON"),
        (b"{", "expected JSON"),
        ("省市".encode("gbk"), "is not UTF-8"),
        (b'{"type": "FeatureCollection", "features": []}', "features: none"),
        (b"[1]", "features: none"),
    ],
)
def test_areas_that_cannot_be_read(pack, content, said):
    (pack / "areas.geojson").write_bytes(content)
    assert any(said in line for line in errors_of(pack))


def property_of(name, **values):
    return lambda by_id: by_id[name]["properties"].update(values)


def geometry_of(name, geometry):
    return lambda by_id: by_id[name].update(geometry=geometry)


NAN = {
    "type": "Polygon",
    "coordinates": [[[114, 30], [114.1, float("nan")], [114, 30.1], [114, 30]]],
}
CROSSED = [[114, 30], [114.01, 30.01], [114.01, 30], [114, 30.01], [114, 30]]
BOWTIE = {"type": "Polygon", "coordinates": [CROSSED]}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (property_of("a1", id=""), "feature 2: properties: Expected `str` of length >= 1"),
        (property_of("a1", id="a\t1"), "feature 2: id: 'a\\t1': expected no line break, tab"),
        (property_of("a1", level="block"), "feature 2: level: block: expected one of district"),
        (property_of("a1", parent="z"), "feature 2: parent: z: expected the id of a district"),
        (property_of("a1", parent=None), "feature 2: parent: missing: expected the id of"),
        (property_of("a1", parent="b1"), "feature 2: parent: b1 is a grid: expected a district"),
        (property_of("a", parent="b"), "feature 0: parent: b: expected null"),
        (property_of("a1", residents=None), "feature 2: residents: missing: expected a whole"),
        (property_of("a1", residents=-5), "feature 2: properties: Expected `int` >= 0"),
        (property_of("a1", residents="many"), "feature 2: properties: Expected `int"),
        (property_of("a2", id="a1"), "feature 3: id: a1: expected each id once"),
        (property_of("a1", id="outside"), "feature 2: id: outside: expected another id"),
        (geometry_of("a1", None), "feature 2: geometry: a1: expected a polygon at the smallest"),
        (geometry_of("a1", {"type": "Point", "coordinates": [1, 2]}), "geometry: a Point"),
        (geometry_of("a1", {"type": "Polygon", "coordinates": []}), "geometry: an empty polygon"),
        (geometry_of("a1", {"type": "Polygon", "coordinates": "x"}), "feature 2: geometry: "),
        (geometry_of("a1", NAN), "geometry: lat[1] is nan: expected degrees"),
        (geometry_of("a1", BOWTIE), "geometry: Self-intersection["),
        (geometry_of("a1", t.box(100, 0)), "geometry: lng[0] is 214.0: expected degrees"),
    ],
)
def test_fault_of_an_area_is_named_with_its_feature(pack, change, said):
    t.change_features(pack, change)
    found = errors_of(pack)
    assert any(said in line for line in found), found
    with pytest.raises(PackError) as refused:
        load(pack)
    assert "\n" not in str(refused.value)


def test_overlap_of_siblings(pack):
    t.change_features(pack, geometry_of("a1", t.box(0, 0, width=0.012)))
    (line,) = errors_of(pack)
    assert "feature 2: geometry: " in line
    assert "shared with b1: expected no overlap" in line


def test_overlap_of_a_sliver_is_a_warning_only(pack):
    t.change_features(pack, geometry_of("a1", t.box(0, 0, width=0.010002)))
    report = check(pack)
    assert report.usable
    assert "0.000214 km² shared with b1" in str(report.findings[0])


def test_gap_in_the_middle(pack):
    ring = t.box(0, 0)["coordinates"] + t.box(0.004, 0.004, 0.0002, 0.0002)["coordinates"]
    t.change_features(pack, geometry_of("a1", {"type": "Polygon", "coordinates": ring}))
    found = [str(one) for one in check(pack).findings]
    assert any("gap of 0.000428 km² at lat 30.00410, lng 114.00410" in line for line in found)


def test_hair_thin_gap_between_neighbours(pack):
    t.change_features(pack, geometry_of("a1", t.box(0, 0, width=0.00998)))
    found = [str(one) for one in check(pack).findings]
    assert any("feature 2: geometry: a1 does not meet its neighbour" in line for line in found)


def test_child_outside_its_parent(pack):
    t.change_features(pack, geometry_of("a", t.box(0, 0, width=0.008, height=0.02)))
    found = errors_of(pack)
    assert len(found) == 2  # a1 and a2 both stick out
    assert "km² of a1 outside a: expected an area inside its parent" in found[0]


def test_parent_larger_than_its_parts(pack):
    t.change_features(pack, geometry_of("a", t.box(0, 0, width=0.01, height=0.03)))
    line = the_only(check(pack).findings, Severity.WARNING)
    assert "km² of a in none of its parts: expected parts that cover their parent" in line


def test_area_with_nothing_below(pack):
    def add(by_id):
        by_id["c"] = {"type": "Feature", "geometry": None}
        by_id["c"]["properties"] = {"id": "c", "name": "c", "level": "district"}

    t.change_features(pack, add)
    assert "feature 6: id: c: expected at least one area below" in the_only(
        check(pack).findings, Severity.WARNING
    )


def test_nobody_resident_anywhere(pack):
    def clear(by_id):
        for name in t.CORNERS:
            by_id[name]["properties"]["residents"] = 0

    t.change_features(pack, clear)
    assert "residents: 0: expected residents" in the_only(check(pack).findings, Severity.WARNING)


# --- places.csv


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "file: empty"),
        (b"id,lat\n1,2\n", "line 1: header: no place_id, kind, name, lng, area_id"),
        (b"place_id,kind,name,lat,lng,area_id\n", "file: no places"),
        ("place_id,kind,name,lat,lng,area_id\n1,gate,门,30,114,\n".encode("gbk"), "is not UTF-8"),
        (b"place_id,kind,name,lat,lng,area_id\n1,gate,x,30.001,114.001,,more\n", "line 2: columns"),
    ],
)
def test_places_that_cannot_be_read(pack, content, said):
    (pack / "places.csv").write_bytes(content)
    assert any(said in line for line in errors_of(pack)), errors_of(pack)


@pytest.mark.parametrize("ends", ["\r", "\r\n"])
def test_lines_of_any_system_are_read(pack, ends):
    text = (pack / "places.csv").read_text(encoding="utf-8")
    (pack / "places.csv").write_bytes("\ufeff".encode() + ends.join(text.splitlines()).encode())
    assert check(pack).findings == []
    assert len(load(pack).gazetteer.place_id) == 120


def test_a_header_too_long_to_be_read_is_a_finding(pack):
    (pack / "places.csv").write_bytes(b"place_id," + b"x" * 200_000)
    assert any("field larger than" in line for line in errors_of(pack))


def cell(row, column, value):
    return lambda rows: rows[row].__setitem__(column, value)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (cell(1, 0, "a1-0"), "line 3: place_id: a1-0: expected each id once"),
        (cell(1, 0, "a1-0 "), "line 3: place_id: 'a1-0 ': expected no blanks around it"),
        (cell(0, 0, "a\n1"), "line 3: place_id: 'a\\n1': expected no line break, tab or other"),
        (cell(1, 0, ""), "line 3: place_id: blank: expected text of 1 to 128"),
        (cell(1, 1, "Big Gate"), "line 3: kind: Big Gate: expected a lower-case word"),
        (cell(1, 3, "nan"), "line 3: lat: nan: expected degrees in ±90"),
        (cell(1, 3, "30°"), "line 3: lat: 30°: expected degrees"),
        (cell(1, 3, "114.0"), "line 3: lat: 114.0: expected degrees in ±90"),
        (cell(1, 4, "inf"), "line 3: lng: inf: expected degrees in ±180"),
        (cell(1, 5, "a9"), "line 3: area_id: a9: expected blank, outside, or the id of a smallest"),
        (cell(1, 5, "a"), "line 3: area_id: a: expected blank, outside, or the id of a smallest"),
    ],
)
def test_fault_of_a_place_is_named_with_its_line(pack, change, said):
    with_rows(pack, change)
    (line,) = errors_of(pack)
    assert f"places.csv {said}" in line
    with pytest.raises(PackError):
        load(pack)


def test_place_far_from_its_area(pack):
    with_rows(pack, cell(0, 5, "b2"))
    # 0.9 of 0.01 degree north, and as much east at latitude 30: 1,001 m and 867 m
    assert "line 2: area_id: a1-0 is 1324 m from b2" in the_only(check(pack).findings)


def test_place_across_the_street_is_a_warning(pack):
    with_rows(pack, cell(0, 4, "113.999500"))
    assert "a1-0 is 48 m from a1" in the_only(check(pack).findings, Severity.WARNING)


def test_place_that_no_area_holds(pack):
    with_rows(pack, lambda rows: rows.append(["x", "gate", "x", "30.5", "114.5", ""]))
    line = the_only(check(pack).findings, Severity.WARNING)
    assert "line 122: lat, lng: x lies in no area" in line


def test_pack_whose_places_lie_elsewhere_is_not_used(pack):
    def moved(rows):
        for row in rows[: len(rows) // 2]:
            row[3], row[5] = "40.700000", ""

    with_rows(pack, moved)
    (error,) = errors_of(pack)
    assert "lat, lng: 60 of 120 places lie in no area: expected most places in an area" in error


def test_place_registered_outside_that_is_not(pack):
    with_rows(pack, cell(0, 5, "outside"))
    line = the_only(check(pack).findings, Severity.WARNING)
    assert "line 2: area_id: a1-0 lies in a1: expected a position outside" in line


# --- datum


@pytest.mark.parametrize(
    ("convert", "said"),
    [
        (wgs84_to_gcj02, 'the places\' are GCJ-02: expected places_datum = "gcj02"'),
        (wgs84_to_bd09, 'the places\' are BD-09: expected places_datum = "bd09"'),
    ],
)
def test_places_in_another_datum_than_declared(pack, convert, said):
    shifted(pack, convert)
    found = [str(one) for one in check(pack).findings if one.field == "datum"]
    assert len(found) == 1
    assert said in found[0]


def test_areas_in_another_datum_than_declared(pack):
    text = (pack / "city.toml").read_text(encoding="utf-8")
    declared = text.replace('datum = "wgs84"', 'datum = "wgs84"\nplaces_datum = "gcj02"')
    (pack / "city.toml").write_text(declared, encoding="utf-8")
    found = [str(one) for one in check(pack).findings if one.field == "datum"]
    assert len(found) == 1
    assert "the areas' are GCJ-02: expected datum" in found[0]


@pytest.mark.parametrize(("name", "convert"), [("gcj02", wgs84_to_gcj02), ("bd09", wgs84_to_bd09)])
def test_declared_datum_is_converted(pack, name, convert):
    sound = load(pack).gazetteer
    shifted(pack, convert)
    text = (pack / "city.toml").read_text(encoding="utf-8")
    declared = text.replace('datum = "wgs84"', f'datum = "wgs84"\nplaces_datum = "{name}"')
    (pack / "city.toml").write_text(declared, encoding="utf-8")
    assert check(pack).findings == []
    np.testing.assert_allclose(load(pack).gazetteer.lat, sound.lat, atol=2e-6)
    np.testing.assert_allclose(load(pack).gazetteer.lng, sound.lng, atol=2e-6)


def test_a_few_misplaced_places_are_no_sign_of_another_datum(pack):
    def spoil(rows):
        for row in rows[:10]:
            row[5] = "b2"

    with_rows(pack, spoil)
    assert all(one.field != "datum" for one in check(pack).findings)


# --- whatever else may be in the files


junk = st.sampled_from([b"null", b"NaN", b"[]", b"{}", b"1e999", b'"', b",", b"\n", b"\0", b"\xff"])
cuts = st.tuples(st.floats(0, 1), st.integers(0, 20), junk)


@given(st.sampled_from(["city.toml", "areas.geojson", "places.csv"]), st.lists(cuts, max_size=3))
@settings(
    deadline=None, max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_check_never_fails_and_finds_what_load_refuses(pack, name, changes):
    t.town(pack)
    content = (pack / name).read_bytes()
    for where, length, instead in changes:
        at = int(where * len(content))
        content = content[:at] + instead + content[at + length :]
    (pack / name).write_bytes(content)
    report = check(pack)
    assert all("\n" not in str(finding) for finding in report.findings)
    try:
        load(pack)
    except CityError:
        assert not report.usable
