"""docs/wire.md names every field that an answer has, and no other."""

from __future__ import annotations

import re
from pathlib import Path

import h3
import pytest

from tests.dashboard.served import G

TEXT = (Path(__file__).parents[2] / "docs" / "wire.md").read_text(encoding="utf-8")
CELL = h3.int_to_str(int(G.cells[0, -1]))
OF_A_CELL = {"cell", "res", "lng", "lat", "area_km2", "neighbours"}
OF_AN_AREA = {"area_id", "level", "name", "name_en", "residents", "per_1000"}


def fields(path: str) -> set[str]:
    """Give the outermost fields of the body that the page describes for a path."""
    body = TEXT.split(f"* `GET {path}`: `")[1].split("\n* ")[0]
    depth, outer = 0, ""
    for sign in body:
        depth += sign in "{[("
        outer += sign if depth == 1 else ""
        depth -= sign in "}])"
        if depth == 0:
            break
    return {re.findall(r"\w+", part)[0] for part in outer.strip("{}").split(",")}


@pytest.mark.parametrize(
    ("described", "asked"),
    [
        ("/api/city", "/api/city"),
        ("/api/areas/<level>/values?metric=&minutes=", "/api/areas/grid/values"),
        ("/api/kpi", "/api/kpi"),
        ("/api/hottest?res=9&metric=passages&minutes=15&n=8", "/api/hottest"),
        ("/api/epicurve", "/api/epicurve"),
        ("/api/cell/<h3>", f"/api/cell/{CELL}"),
        ("/api/cases/rejected", "/api/cases/rejected"),
        ("/api/status", "/api/status"),
    ],
)
def test_an_answer_has_the_fields_that_the_page_names(described, asked, client):
    assert set(client.get(asked).json()) == fields(described)


def test_an_area_is_told_as_a_cell_is_but_for_what_the_page_names(client):
    told = TEXT.split("* `GET /api/area/<id>`: ")[1].split("\n")[0]
    assert (
        set(client.get("/api/area/d0").json()) == fields("/api/cell/<h3>") - OF_A_CELL | OF_AN_AREA
    )
    assert {*re.findall(r"\w+", told)} >= OF_A_CELL | OF_AN_AREA


def test_the_rows_of_the_status_have_the_fields_that_the_page_names(client):
    status = client.get("/api/status").json()
    for rows in ("topics", "rejects"):
        named = TEXT.split(f" {rows}: [{{")[1].split("}")[0]
        assert set(status[rows][0]) == {*re.findall(r"\w+", named)}, rows
