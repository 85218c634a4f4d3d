"""Cold spots: drawn, counted and said as cold, and told from hot ones without their hue."""

from __future__ import annotations

import pytest

from tests.browser.painting import distance, mean, paint, paint_statistic

HOT, VERY_HOT, COLD, VERY_COLD = 1, 2, 3, 4
SURE = 31 << 3


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_cold_is_blue_hot_is_not_and_neither_is_nothing(open_layer, theme):
    page = open_layer("hotspots", f"&theme={theme}")
    drawn = {k: paint_statistic(page, k) for k in (0, HOT, VERY_HOT, COLD, VERY_COLD)}
    for k in (HOT, VERY_HOT):
        assert drawn[k]["mean"][0] > drawn[k]["mean"][2]
    for k in (COLD, VERY_COLD):
        assert drawn[k]["mean"][2] > drawn[k]["mean"][0]
    for k in (HOT, VERY_HOT, COLD, VERY_COLD):
        assert all(distance(drawn[k], drawn[j]) > 12 for j in drawn if j != k)


# From the middle of a cell outwards to its rim, in steps of a tenth of its width.
ACROSS = """
(steps) => new Promise((resolve) => {
  const { map, live } = hexline;
  const index = live.table.n >> 1;
  const width = 2 ** map.map.getZoom() * 512 * map.cells.width * devicePixelRatio;
  map.cells.afterDraw((gl) => {
    const [x, y] = [gl.drawingBufferWidth, gl.drawingBufferHeight].map((size) => size >> 1);
    resolve(steps.map((step) => {
      const pixel = new Uint8Array(4);
      gl.readPixels(x, y + Math.round(step * width), 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, pixel);
      return [...pixel];
    }));
  });
  map.map.triggerRepaint();
})
"""


def test_a_cold_cell_is_a_ring_so_it_is_told_without_its_colour(open_layer):
    page = open_layer("hotspots")
    paint(page, VERY_COLD, SURE)
    core, rim = (mean([pixel]) for pixel in page.evaluate(ACROSS, [0.05, 0.35]))
    assert sum(rim) > sum(core) + 60
    paint(page, VERY_HOT, SURE)
    core, rim = (mean([pixel]) for pixel in page.evaluate(ACROSS, [0.05, 0.35]))
    assert abs(sum(rim) - sum(core)) < 12


def linear(colour):
    """Take an 8-bit sRGB colour to linear light."""
    shares = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    return [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in shares]


# Full deuteranopia, protanopia and tritanopia: Machado, Oliveira & Fernandes 2009, table of
# severity 1.0, for linear RGB.
BLIND = {
    "none": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    "protan": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deutan": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritan": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}


def oklab(rgb):
    """Give the OKLab coordinates of linear RGB (Ottosson 2020)."""
    r, g, b = (max(0.0, c) for c in rgb)
    lms = [
        (0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b) ** (1 / 3),
        (0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b) ** (1 / 3),
        (0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b) ** (1 / 3),
    ]
    rows = [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
    return [sum(a * c for a, c in zip(row, lms, strict=True)) for row in rows]


def seen(colour, matrix):
    """Give a colour as an eye sees it."""
    rgb = linear(colour)
    return oklab([sum(a * c for a, c in zip(row, rgb, strict=True)) for row in matrix])


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("eye", sorted(BLIND))
def test_no_two_classes_look_alike_to_any_eye(open_layer, theme, eye):
    page = open_layer("hotspots", f"&theme={theme}")
    rows = page.evaluate(
        """theme => hexline.live.reading.legendRows(theme, 5)
             .filter(({ k }) => k < 7 || k === 8).map(({ colour }) => colour)""",
        theme,
    )
    assert len(rows) == 5
    colours = [seen(colour, BLIND[eye]) for colour in rows]
    apart = [
        sum((a - b) ** 2 for a, b in zip(one, other, strict=True)) ** 0.5
        for i, one in enumerate(colours)
        for other in colours[:i]
    ]
    # 0.1 is what the default scale of the map keeps between neighbouring classes.
    assert min(apart) > 0.1


FROZEN = """
() => {
  hexline.wire.socket.onmessage = null;
  hexline.live.countedAt = 0;
  hexline.live.count();
  const rows = [...document.querySelectorAll('.legend-row')];
  return { values: [...hexline.live.layer.values],
    order: rows.map(({ dataset }) => Number(dataset.k)),
    rows: Object.fromEntries(rows.map(({ dataset }) => [dataset.k, Number(dataset.n)])) };
}
"""


def test_the_legend_counts_hot_and_cold_from_one_end_to_the_other(open_layer):
    frozen = open_layer("hotspots").evaluate(FROZEN)
    assert frozen["order"] == [VERY_HOT, HOT, 8, COLD, VERY_COLD, 10, 9]
    for k in (HOT, VERY_HOT, COLD, VERY_COLD):
        assert frozen["rows"][str(k)] == frozen["values"].count(k)
    assert frozen["rows"]["3"] + frozen["rows"]["4"] > 0
    assert frozen["rows"]["8"] == frozen["values"].count(0)
    assert sum(frozen["rows"].values()) == len(frozen["values"])


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", "Significantly fewer cases than residents would lead to expect"),
        ("zh", "病例显著少于按居民数的预期"),
    ],
)
def test_the_inspector_says_fewer_than_expected_and_the_adjusted_p(
    open_layer, pictured, lang, words
):
    row = pictured.get("/api/picture/list/hotspots")["cold"][0]
    page = open_layer("hotspots", f"&lang={lang}&cell={row['cell']}")
    page.wait_for_selector('.hotspot-part[data-side="cold"]')
    said = page.inner_text(".hotspot-part")
    assert words in said
    written = page.evaluate(
        "async p => (await import('/assets/js/statistic.js')).pValue(p)", row["p_cold_adjusted"]
    )
    assert f"p {written}" in said


def test_cold_spots_are_listed_beside_hot_ones_and_lead_to_their_cell(open_layer, pictured):
    page = open_layer("hotspots", "&lang=en")
    cold = pictured.get("/api/picture/list/hotspots")["cold"]
    page.wait_for_selector('[data-list="cold"] .standout')
    assert page.locator('[data-list="cold"] .standout').count() == len(cold)
    page.locator('[data-list="cold"] .standout').first.click()
    page.wait_for_function("cell => hexline.state.now.cell === cell", arg=cold[0]["cell"])
