"""Statistic layers: what is drawn is what came on the wire, and too little known is not zero."""

from __future__ import annotations

import json
import re

import pytest

from tests.browser.painting import distance
from tests.browser.painting import paint_statistic as paint

NO_DATA, WITHHELD, INSUFFICIENT = 65535, 65534, 65533


def test_high_and_low_risk_have_opposite_colours_and_insufficient_neither(open_layer):
    page = open_layer("risk")
    high, low, even = paint(page, 3000), paint(page, 300), paint(page, 1000)
    poor, none = paint(page, INSUFFICIENT, 0), paint(page, NO_DATA, 0)
    assert high["mean"][0] > high["mean"][2]  # orange
    assert low["mean"][2] > low["mean"][0]  # blue
    for other in (high, low, even, none):
        assert distance(poor, other) > 12
    assert poor["kinds"] > 1  # dotted, so told from every plain class without its hue
    assert even["kinds"] == 1


def test_what_is_unsure_is_paler(open_layer):
    page = open_layer("risk")
    ground = paint(page, NO_DATA, 0)
    sure, unsure = paint(page, 3000, 31 << 3), paint(page, 3000, 2 << 3)
    assert distance(sure, ground) > 1.5 * distance(unsure, ground)
    assert distance(unsure, ground) > 12


@pytest.mark.parametrize("layer", ["density", "incidence", "hotspots", "clusters"])
def test_insufficient_is_never_drawn_as_zero(open_layer, layer):
    page = open_layer(layer)
    assert distance(paint(page, INSUFFICIENT, 0), paint(page, 0)) > 8


FROZEN = """
async () => {
  hexline.wire.socket.onmessage = null;
  hexline.live.countedAt = 0;
  hexline.live.count();
  const rows = [...document.querySelectorAll('.legend-row')];
  const { layer, reading } = hexline.live;
  return { values: [...layer.values], step: reading.facts.step, breaks: reading.facts.breaks,
    rows: Object.fromEntries(rows.map(({ dataset }) => [dataset.k, Number(dataset.n)])) };
}
"""


@pytest.mark.parametrize("layer", ["risk", "above_1", "incidence"])
def test_the_legend_counts_the_classes_of_the_frame(open_layer, layer):
    frozen = open_layer(layer).evaluate(FROZEN)
    by_class = [0] * 7
    for value in frozen["values"]:
        if value < INSUFFICIENT and not (value == 0 and layer == "incidence"):
            by_class[sum(value >= round(b / frozen["step"]) for b in frozen["breaks"])] += 1
    rows = frozen["rows"]
    assert [rows[str(k)] for k in range(7)] == by_class
    assert rows["10"] == frozen["values"].count(INSUFFICIENT) > 0
    assert rows["9"] == frozen["values"].count(NO_DATA)
    assert sum(rows.values()) == len(frozen["values"])


def some_cell(pictured, least_class):
    """Find a listed cell, and one with too little data if asked for a class below 0."""
    rows = pictured.get("/api/picture/list/risk")["rows"]
    return next(row["cell"] for row in rows if row["class"] >= least_class)


def test_the_map_says_what_the_record_says(open_layer, pictured):
    page = open_layer("risk")
    cell = some_cell(pictured, 1)
    said = pictured.get(f"/api/picture/cell/{cell}")["risk"]["rr"][0]
    code = page.evaluate("cell => hexline.live.codes[hexline.live.table.indexOf(cell)]", cell)
    assert code == round(1000 * said)


def test_shares_add_to_a_hundred_and_the_unexplained_factor_is_named(open_layer, pictured):
    cell = some_cell(pictured, 1)
    page = open_layer("risk", f"&lang=en&cell={cell}")
    page.wait_for_selector(".share[data-share]")
    percents = page.eval_on_selector_all(
        ".share[data-share]", "all => all.map(({ dataset }) => Number(dataset.percent))"
    )
    assert sum(percents) == 100
    assert len(percents) == 5
    assert "unexplained" in page.inner_text(".local").lower()
    factor = float(page.get_attribute(".local", "data-factor"))
    assert factor == pytest.approx(
        pictured.get(f"/api/picture/cell/{cell}")["risk"]["local_factor"]
    )
    assert page.locator(".changes li").count() == 3


def test_whole_percents_add_to_a_hundred_whatever_the_shares(open_layer):
    page = open_layer("risk")
    sums = page.evaluate(
        """async () => {
          const { wholePercents } = await import('/assets/js/statistic.js');
          const odd = [0.145, 0.145, 0.145, 0.145, 0.42];
          const cases = [[1/3, 1/3, 1/3], [0.005, 0.995], [1, 0, 0, 0, 0], odd];
          return cases.map((shares) => wholePercents(shares).reduce((a, b) => a + b, 0));
        }"""
    )
    assert sums == [100] * 4


def test_a_cell_with_too_little_data_says_so_and_gives_no_number(open_layer):
    page = open_layer("risk", "&lang=en")
    cell = page.evaluate("""() => hexline.live.table.id([...hexline.live.codes].indexOf(65533))""")
    page.evaluate("cell => hexline.state.go({ cell })", cell)
    page.wait_for_selector('.risk-part[data-class="-1"]')
    assert "insufficient data" in page.inner_text(".risk-part")
    assert page.locator(".risk-part .score-number").count() == 0
    assert page.locator(".risk-part .share").count() == 0


def test_before_a_day_of_new_cases_is_known_nothing_is_called_few(open_layer):
    page = open_layer("risk", "&lang=en")
    words = page.evaluate(
        """async () => {
          const { riskPart } = await import('/assets/js/score.js');
          const { spreadParts } = await import('/assets/js/spread.js');
          const risk = { class: -1, cases_14d: 0, residents: 900, incidence_per_100k: null };
          const spread = { areas: [], area_id: 'city', rt: null, is_sure: false, cases_7d: null,
            incidence_per_100k: null, rr: null, recent: [], is_trend: false, day: '2020-04-01' };
          const [first] = spreadParts({ spread, parts: [], city: spread, aberrations: [] });
          return [riskPart(risk), first].map((part) => part.textContent);
        }"""
    )
    assert all("new cases" in said and "too few" not in said for said in words)


def test_the_menu_works_by_keys_and_the_address_keeps_the_layer(open_layer):
    page = open_layer("risk")
    page.keyboard.press("v")
    page.wait_for_selector("#layer-menu", state="visible")
    assert page.evaluate("document.activeElement.dataset.layerId") == "risk"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_function("hexline.live.reading?.id === 'incidence'")
    assert "layer=incidence" in page.url
    assert page.evaluate("hexline.wire.wanted") == {"res": 8, "statistic": "incidence"}
    page.go_back()
    page.wait_for_function("hexline.live.reading?.id === 'risk'")
    page.keyboard.press("v")
    page.keyboard.press("Escape")
    assert not page.is_visible("#layer-menu")
    assert not page.is_visible("#metric")
    page.click("#layer")
    page.click('[data-layer-id="level"]')
    page.wait_for_function("hexline.live.reading === null")
    assert "layer=" not in page.url
    assert page.is_visible("#metric")


def test_clusters_are_outlined_and_say_observed_expected_p_and_recurrence(open_layer, pictured):
    page = open_layer("clusters", "&lang=en")
    rows = pictured.get("/api/picture/list/clusters")["rows"]
    page.wait_for_selector(".standouts .standout")
    assert page.locator(".standout").count() == len(rows)
    words = page.inner_text(".cluster-words p:not([hidden])")
    for part in (str(rows[0]["observed"]), "expected", "p ", "once in"):
        assert part in words
    page.wait_for_function("Boolean(hexline.picture.outlines)")
    page.evaluate(
        "([x, y]) => { hexline.map.map.jumpTo({ center: [x, y], zoom: 11.5 }); }",
        [rows[0]["lng"], rows[0]["lat"]],
    )
    page.wait_for_function(
        """([x, y]) => hexline.picture.outlines.rankAt(hexline.map.map.project([x, y])) === 1""",
        arg=[rows[0]["lng"], rows[0]["lat"]],
    )


def test_an_area_shows_its_reproduction_number_with_interval_and_trend(open_layer, pictured):
    level = pictured.get("/api/city")["levels"][0]["id"]
    rows = pictured.get(f"/api/picture/areas/{level}")["rows"]
    sure = next(row for row in rows if row["rt"])
    page = open_layer("risk", f"&lang=en&area={sure['area_id']}")
    page.wait_for_selector(".spread-part [data-rt]")
    assert page.inner_text(".score-number") == f"R {sure['rt'][0]:.2f}"
    assert page.inner_text(".range") == f"{sure['rt'][1]:.2f} – {sure['rt'][2]:.2f}"
    trend = page.inner_text(".trend")
    assert ("no clear trend" in trend) == (not sure["is_trend"])
    assert page.locator(".forest-row").count() > 1


def test_words_for_a_trend_never_give_a_time_to_an_interval_over_zero(open_layer):
    page = open_layer("risk", "&lang=en")
    said = page.evaluate(
        """async () => {
          const { trendWords } = await import('/assets/js/spread.js');
          const none = { is_trend: false, doubling_days: null };
          const up = { is_trend: true, doubling_days: [10, 7, 20] };
          return [none, up, { is_trend: true, doubling_days: [-10, -20, -7] }].map(trendWords);
        }"""
    )
    assert said[0] == "no clear trend in cases"
    assert re.match(r"cases double in about 10 days \(7 – 20\)", said[1])
    assert re.match(r"cases halve in about 10 days \(7 – 20\)", said[2])


def test_the_method_of_a_layer_is_one_click_away_in_both_languages(open_layer):
    page = open_layer("hotspots", "&lang=zh")
    page.click(".picture-head .how")
    page.wait_for_selector('#methods-page[data-doc="hotspots"]')
    assert page.url.split("?")[0].endswith("/methods/hotspots")
    assert page.locator("#methods-page .formula sub").count() > 0
    chinese = page.inner_text("#methods-page h1")
    page.click("#lang")
    page.wait_for_function(
        "h => document.querySelector('#methods-page h1').innerText !== h", arg=chinese
    )
    assert page.inner_text("#methods-page h1") == "Hot spots"
    page.go_back()
    page.wait_for_selector("#live", state="visible")
    assert page.visit.complaints == []


def test_simulated_data_stay_labelled_and_the_layer_says_as_of_when(open_layer):
    page = open_layer("risk", "&lang=en")
    assert page.is_visible('[data-flag="simulated"]')
    assert re.search(r"as of .+ complete", page.inner_text(".legend-asof"))
    assert re.search(r"as of .+ complete", page.inner_text(".picture-head .asof"))


def test_a_layer_nothing_was_said_on_says_so_and_draws_nothing(visits, server):
    page = visits(server.url).open("/?layer=risk&lang=en", cells=False)
    page.wait_for_selector("#layer-note", state="visible")
    assert "Relative risk" in page.inner_text("#layer-note")
    assert "5 min" in page.inner_text("#layer-note")
    page.wait_for_function("Boolean(hexline.live.layer)")
    values = set(json.loads(page.evaluate("JSON.stringify([...hexline.live.layer.values])")))
    assert values <= {NO_DATA}


def test_the_wall_goes_round_what_stands_out_on_its_layer(open_layer, pictured):
    page = open_layer("risk", "&wall=1&lang=en")
    rows = pictured.get("/api/picture/list/risk")["rows"]
    page.wait_for_function("hexline.picture.lists.risk?.rows.length > 0")
    page.evaluate("() => { hexline.wall.left = 1; hexline.wall.at = -1; hexline.wall.second(); }")
    said = page.inner_text("#cycle")
    assert f"Stands out 1/{min(5, len(rows))}" in said
    assert f"×{rows[0]['rr'][0]:.1f}" in said
    assert page.evaluate("hexline.wall.spot.cell") == rows[0]["cell"]


def test_an_empty_list_of_which_nothing_was_judged_does_not_say_that_nothing_was_found(open_layer):
    page = open_layer("hotspots", "&lang=en")
    said = page.evaluate(
        """async () => {
          const { standoutLists } = await import('/assets/js/standouts.js');
          const none = { n: 0, n_judged: 0, rows: [], n_cold: 0, n_judged_cold: 0, cold: [] };
          const looked = { ...none, n_judged: 9, n_judged_cold: 9 };
          return [none, looked].flatMap((body) => standoutLists('hotspots', body))
            .map((part) => part.querySelector('p').textContent);
        }"""
    )
    assert said[0] == "Too few new cases are known to judge any neighbourhood."
    assert said[1] == "No neighbourhood expects enough cases to be called cold."
    assert said[2:] == [
        "No hot spot after control of false alarms.",
        "No cold spot after control of false alarms.",
    ]


def test_a_layer_of_what_stands_out_opens_where_all_of_it_is_in_view(open_layer, pictured):
    page = open_layer("clusters")
    rows = pictured.get("/api/picture/list/clusters")["rows"]
    seen = page.evaluate(
        "all => all.map((at) => hexline.map.map.getBounds().contains(at))",
        [[row["lng"], row["lat"]] for row in rows],
    )
    assert len(seen) > 1
    assert all(seen)
    # and no further away than that asks for
    box = page.evaluate("hexline.map.map.getBounds().toArray()")
    (west, south), (east, north) = box
    spans = [max(v) - min(v) for v in zip(*((r["lng"], r["lat"]) for r in rows), strict=True)]
    assert east - west < 4 * (spans[0] + 0.1) or north - south < 4 * (spans[1] + 0.1)
