"""Curve of the reproduction number: what is drawn, what is left open, and what is said instead."""

from __future__ import annotations

import pytest

DRAW = """
async (days) => {
  const { rtCurve } = await import('/assets/js/rt-curve.js');
  const made = rtCurve(days);
  if (!made) return null;
  document.body.append(made);
  const all = (name) => [...made.querySelectorAll(name)];
  const answer = {
    lines: all('.rt-line').map((line) => line.getAttribute('d').split('L').length),
    alone: all('.rt-alone').length, bands: all('.rt-band').length, gaps: all('.rt-gap').length,
    marks: all('.rt-mark').map((mark) => mark.getAttribute('class').split(' ')[1]),
    middles: all('circle').map((mark) => Number(mark.getAttribute('cy'))),
    one: Number(all('.rt-one')[0].getAttribute('y1')),
    label: made.querySelector('svg').getAttribute('aria-label'),
    table: all('tbody tr').map((row) => [...row.cells].map((cell) => cell.textContent)),
  };
  made.remove();
  return answer;
}
"""


def days_of(*estimates):
    """Give days of April with these estimates; None is a day that has none."""
    return [{"day": f"2020-04-{10 + i}", "rt": rt} for i, rt in enumerate(estimates)]


UP, DOWN, UNCLEAR = [1.5, 1.2, 1.8], [0.7, 0.5, 0.9], [1.0, 0.8, 1.25]


@pytest.fixture
def draw(visit):
    page = visit.open("/?lang=en", cells=False)
    return lambda *estimates: page.evaluate(DRAW, days_of(*estimates))


def test_a_day_without_an_estimate_is_a_gap_and_never_zero(draw):
    drawn = draw(UP, UP, None, DOWN, DOWN, DOWN, None, UNCLEAR)
    assert drawn["lines"] == [2, 3]  # two curves, broken where nothing is known
    assert drawn["bands"] == 2
    assert drawn["alone"] == 1  # a day between two gaps is a bar
    assert drawn["gaps"] == 2
    assert len(drawn["marks"]) == 6


def test_shapes_say_which_way_and_an_interval_over_one_is_no_trend(draw):
    drawn = draw(UP, DOWN, UNCLEAR)
    assert drawn["marks"] == ["up", "down", "unclear"]
    assert [row[3] for row in drawn["table"]] == ["no clear trend", "falls", "rises"]


def test_the_line_of_one_runs_through_an_estimate_of_one(draw):
    drawn = draw(UP, UNCLEAR, DOWN)
    assert drawn["middles"] == [pytest.approx(drawn["one"], abs=0.1)]


def test_a_reader_without_the_picture_is_told_the_same(draw):
    drawn = draw(UP, None, DOWN)
    for part in ("1.50", "10 Apr", "0.70", "12 Apr", "falls", "without an estimate: 1"):
        assert part in drawn["label"]
    assert drawn["table"] == [
        ["12 Apr", "0.70", "0.50 – 0.90", "falls"],
        ["11 Apr", "—", "—", "too little known"],
        ["10 Apr", "1.50", "1.20 – 1.80", "rises"],
    ]


def test_no_estimate_at_all_is_no_curve(draw):
    assert draw(None, None) is None


@pytest.mark.parametrize(("lang", "word"), [("en", "As a table"), ("zh", "用表格显示")])
def test_an_areas_panel_has_the_curve_and_its_table_opens_by_key(open_layer, pictured, lang, word):
    level = pictured.get("/api/city")["levels"][0]["id"]
    rows = pictured.get(f"/api/picture/areas/{level}")["rows"]
    sure = next(row for row in rows if row["rt"])
    page = open_layer("risk", f"&lang={lang}&area={sure['area_id']}")
    page.wait_for_selector(".spread-part .rt-picture")
    curve = pictured.get(f"/api/picture/area/{sure['area_id']}")["spread"]["recent"]
    known = sum(day["rt"] is not None for day in curve)
    assert page.locator(".spread-part .rt-mark").count() == known
    assert page.inner_text(".rt-table summary") == word
    page.focus(".rt-table summary")
    page.keyboard.press("Enter")
    page.wait_for_selector(".rt-table tbody tr >> nth=13", state="visible")
    # The table stays open when the panel is painted anew, and whoever goes by key stays there.
    page.evaluate("hexline.picture.paint()")
    assert page.is_visible(".rt-table tbody tr >> nth=0")
    assert page.evaluate("document.activeElement.matches('.rt-table summary')")


def test_the_whole_city_has_its_curve_beside_the_list_of_areas(open_layer):
    page = open_layer("risk")
    page.wait_for_selector(".picture .rt-picture")
    assert page.locator(".picture .rt-picture").count() == 1
