"""Loading: what a pack becomes, and that what cannot be used is refused in one clear line."""

import dataclasses

import numpy as np
import pytest

from cities.errors import PackError, UnknownCityError
from cities.pack import load
from tests.cities import town as t


@pytest.fixture
def pack(tmp_path):
    return t.town(tmp_path)


def test_pack_becomes_columns(pack):
    city = load(pack)
    g = city.gazetteer
    assert (city.id, city.name, city.name_en) == ("town", "小城", "Town")
    assert city.folder == pack.resolve()
    assert g.area_id.tolist() == ["a", "b", "a1", "a2", "b1", "b2", "outside-district", "outside"]
    assert g.residents.tolist() == [200, 200, 100, 100, 100, 100, 0, 0]
    assert g.bbox == (114.0, 30.0, 114.02, 30.02)
    assert g.area_id[g.grid[g.place_index["b1-7"]]] == "b1"
    assert city.small_count == 5
    assert city.usual_minutes == 15
    assert city.stream.kind == "none"


def test_pack_cannot_be_changed(pack):
    with pytest.raises(dataclasses.FrozenInstanceError):
        load(pack).name = "x"
    with pytest.raises(TypeError):
        load(pack).gazetteer.place_index["x"] = 1


def test_blank_area_is_decided_by_position_and_outside_is_allowed(pack):
    more = [["x", "gate", "x", "30.015", "114.015", ""], ["y", "gate", "y", "31", "115", "outside"]]
    t.write_rows(pack, t.rows() + more)
    g = load(pack).gazetteer
    assert g.area_id[g.grid[[g.place_index["x"], g.place_index["y"]]]].tolist() == ["b2", "outside"]


def test_registered_area_goes_before_position(pack):
    rows = t.rows()
    rows[0][5] = "b2"
    t.write_rows(pack, rows)
    g = load(pack).gazetteer
    assert g.area_id[g.grid[0]] == "b2"


def test_coordinates_of_a_cell_are_its_place_s(pack):
    g = load(pack).gazetteer
    found = g.locate(g.lat, g.lng)
    assert found.in_city.all()
    assert np.mean(found.grid == g.grid) > 0.9  # a place near an edge may have its centre beyond


def test_byte_order_mark_is_read_over(pack):
    for name in ("areas.geojson", "places.csv"):
        content = (pack / name).read_bytes()
        (pack / name).write_bytes(b"\xef\xbb\xbf" + content)
    assert len(load(pack).gazetteer.place_id) == 120


def test_unknown_key_is_refused(pack):
    (pack / "city.toml").write_text("colour = 1\n" + t.TOML, encoding="utf-8")
    with pytest.raises(PackError, match=r"city\.toml: .*unknown field `colour`") as refused:
        load(pack)
    assert "\n" not in str(refused.value)


def test_unknown_key_in_a_table_is_refused(pack):
    stream = '\n[stream]\nkind = "simulate"\nspeed = 5\n'
    (pack / "city.toml").write_text(t.TOML + stream, encoding="utf-8")
    with pytest.raises(PackError, match=r"stream: .*unknown field `speed`"):
        load(pack)


def test_first_fault_is_named_and_the_others_counted(pack):
    rows = t.rows()
    rows[3][3] = rows[4][3] = rows[5][1] = "?"
    t.write_rows(pack, rows)
    with pytest.raises(
        PackError, match=r"line 5: lat: \?.* \(and 2 more: see hexline city check\)"
    ):
        load(pack)


def test_unknown_city_names_those_there_are(tmp_path):
    with pytest.raises(UnknownCityError, match=r"'atlantis': expected .* one of nyc, wuhan"):
        load("atlantis")
    with pytest.raises(UnknownCityError):
        load(tmp_path)
