"""What is on the map is what came on the wire."""

from __future__ import annotations

import bisect

import pytest

from tests.browser import painting

NO_DATA, WITHHELD = 65535, 65534


def paint(page, value):
    """Let the page draw one value in every cell."""
    return painting.middle(painting.paint(page, value))


def test_a_new_frame_changes_the_pixels_of_its_cells(visit):
    page = visit.open("/?show=level&z=12&c=114.3,30.6")
    low, high = paint(page, 1), paint(page, 60_000)
    assert low != high
    # The highest class of the dark theme is pale yellow, the lowest a dark violet.
    assert min(high[:2]) > 200
    assert max(low[:3]) < 130


def test_a_cell_without_data_is_ground_and_not_zero(visit):
    page = visit.open()
    nothing, zero, withheld = paint(page, NO_DATA), paint(page, 0), paint(page, WITHHELD)
    assert nothing != zero
    assert withheld != zero
    assert nothing != withheld


WHOLE_CELL = 61


def test_a_corrected_cell_has_a_ring_at_its_rim_and_keeps_its_colour(visit):
    page = visit.open("/?show=level&z=12&c=114.3,30.6")
    plain, ringed = (painting.paint(page, 40, mark, WHOLE_CELL) for mark in (0, 1))
    apart = [
        max(abs(a - b) for a, b in zip(*two, strict=True))
        for two in zip(plain, ringed, strict=True)
    ]
    changed = [at for at, difference in enumerate(apart) if difference > 30]
    assert len(changed) > WHOLE_CELL
    middle = WHOLE_CELL // 2
    nearest = min(
        max(abs(at % WHOLE_CELL - middle), abs(at // WHOLE_CELL - middle)) for at in changed
    )
    assert nearest > 5


# A frame with a correction in its first cell, and at once one without: it lasts longer to the eye.
CORRECTED = """
async () => {
  const { wire, map } = hexline;
  const frame = FRAME;
  wire.socket.onmessage = null;
  wire.heard(frame(40, (marks) => { marks[0] = 1; }, 1));
  wire.heard(frame(40, () => {}));
  const until = async (so) => { while (!so()) await new Promise((r) => setTimeout(r, 20)); };
  const drawn = () => map.cells.flags[0] & 1;
  await until(drawn);
  const began = performance.now();
  await until(() => !drawn());
  return performance.now() - began;
}
""".replace("FRAME", painting.FRAME.strip())


def test_the_ring_of_a_correction_can_be_seen_and_goes(visit):
    page = visit.open("/?show=level&z=12&c=114.3,30.6")
    page.wait_for_function("hexline.live.layer === hexline.wire.layer")
    assert 2_000 < page.evaluate(CORRECTED) < 10_000


def classes_by_hand(values, breaks):
    counts = [0] * 7
    for value in values:
        if value not in (NO_DATA, WITHHELD, 0):
            counts[bisect.bisect_right(breaks, value)] += 1
    return counts, values.count(0), values.count(WITHHELD), values.count(NO_DATA)


# The legend counts what is drawn, at most twice a second: silence the hub, wait for the count.
FROZEN = """
async () => {
  const { live, wire } = hexline;
  wire.socket.onmessage = null;
  while (!live.counted || live.layer !== live.newest) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const rows = [...document.querySelectorAll('.legend-row')];
  return {
    values: [...live.layer.values],
    res: live.table.res,
    rows: Object.fromEntries(rows.map(({ dataset }) => [dataset.k, Number(dataset.n)])),
  };
}
"""


@pytest.mark.parametrize("metric", ["passages", "in", "fever"])
def test_the_legend_counts_the_cells_of_the_frame(visit, server, metric):
    page = visit.open(f"/?metric={metric}")
    page.wait_for_function("hexline.live.layer.layer === hexline.wire.layer.layer")
    frozen = page.evaluate(FROZEN)
    breaks = server.get("/api/city")["breaks"]
    own = breaks.get(metric, breaks)["counts"][str(frozen["res"])]["15"]
    classes, zero, withheld, none = classes_by_hand(frozen["values"], own)
    rows = {int(k): n for k, n in frozen["rows"].items()}
    assert [rows[k] for k in range(7)] == classes
    assert (rows[8], rows[7], rows[9]) == (zero, withheld, none)
    assert sum(rows.values()) == len(frozen["values"])


def test_resolution_follows_the_zoom_and_counts_stay_whole(visit):
    page = visit.open()
    for zoom, res in ((8.2, 7), (10.1, 8), (12.0, 9)):
        page.evaluate("zoom => hexline.map.map.jumpTo({ zoom })", zoom)
        page.wait_for_function("res => hexline.live.table.res === res", arg=res)
        page.wait_for_function("hexline.map.table === hexline.live.table")
        assert page.evaluate("hexline.live.layer.values.length <= hexline.live.table.n")


# Which cells have a corner in view, and which are in the runs that are drawn.
IN_VIEW = """
async () => {
  const { runsIn } = await import('/assets/js/hex-layer.js');
  const { map, cells, table } = hexline.map;
  const { width, height } = map.getCanvas().getBoundingClientRect();
  const isIn = (corner) => {
    const { x, y } = map.project(corner);
    return x >= 0 && y >= 0 && x <= width && y <= height;
  };
  const seen = Array.from({ length: table.n }, (_, i) => i).filter((i) => table.ring(i).some(isIn));
  const runs = runsIn(cells.boxes, cells.n, cells.view());
  return [seen, runs.flatMap(([first, n]) => Array.from({ length: n }, (_, i) => first + i))];
}
"""


def test_all_cells_in_view_are_drawn_and_not_all_others(visit):
    page = visit.open()
    for zoom, res in ((8.2, 7), (12.0, 9), (15.5, 9)):
        page.evaluate("zoom => hexline.map.map.jumpTo({ zoom })", zoom)
        page.wait_for_function("res => hexline.map.table?.res === res", arg=res)
        seen, drawn = page.evaluate(IN_VIEW)
        assert set(seen) <= set(drawn)
        assert len(drawn) == len(set(drawn))
    assert seen
    assert len(drawn) < page.evaluate("hexline.map.table.n")


# Notes for each frame of the map which cell layers were drawn in it.
WATCH_LAYERS = """
() => {
  const { map } = hexline;
  const layer = Object.getPrototypeOf(map.cells);
  const render = layer.render;
  let drawn = new Set();
  window.framesDrawn = [];
  layer.render = function (...more) { drawn.add(this.id); return render.apply(this, more); };
  map.map.on('render', () => { window.framesDrawn.push([...drawn]); drawn = new Set(); });
}
"""


def test_two_resolutions_are_never_on_top_of_each_other(visit):
    page = visit.open()
    page.evaluate(WATCH_LAYERS)
    for zoom, res in ((8.2, 7), (12.0, 9), (10.1, 8)):
        page.evaluate("zoom => hexline.map.map.jumpTo({ zoom })", zoom)
        page.wait_for_function(
            "res => hexline.map.table.res === res"
            " && window.framesDrawn.at(-1)?.includes(hexline.map.cells.id)",
            arg=res,
        )
    frames = page.evaluate("window.framesDrawn")
    assert {len(drawn) for drawn in frames} == {1}, "each frame has one layer of cells"
    assert len({drawn[0].split("-")[1] for drawn in frames}) == 3


def test_one_class_alone_is_shown_and_all_again(visit):
    page = visit.open()
    row = page.locator('.legend-row[data-k="0"]')
    row.click()
    assert row.get_attribute("aria-pressed") == "true"
    assert page.evaluate("hexline.map.cells.look.alone") == 0
    page.keyboard.press("Escape")
    assert page.evaluate("hexline.map.cells.look.alone") == -1


def test_a_map_of_changes_of_which_none_is_known_says_so(visit):
    page = visit.open("/?show=change&lang=en")
    page.wait_for_function("hexline.live.isChange")
    assert not page.is_visible("#layer-note")
    painting.paint(page, 65535)
    page.wait_for_selector("#layer-note", state="visible")
    assert "No change to show yet" in page.inner_text("#layer-note")


@pytest.mark.parametrize(
    ("address", "centre", "zoom"),
    [
        ("/?z=12.5", None, 12.5),
        ("/?c=114.30,30.55&z=12", [114.30, 30.55], 12),
        ("/?c=114.30,30.55", [114.30, 30.55], 11),
    ],
)
def test_the_map_starts_where_the_address_says(visit, address, centre, zoom):
    page = visit.open(address)
    page.wait_for_selector('html[data-map="ready"]')
    assert page.evaluate("hexline.map.map.getZoom()") == pytest.approx(zoom, abs=0.01)
    if centre:
        assert page.evaluate("hexline.map.map.getCenter().toArray()") == pytest.approx(centre)
