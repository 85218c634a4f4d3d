"""What is on the map is what came on the wire."""

from __future__ import annotations

import bisect

import pytest

NO_DATA, WITHHELD = 65535, 65534

# Gives the page a frame of our own making and answers with the colour in the middle of one cell.
PAINT = """
async (value) => {
  const { wire, live, map } = hexline;
  wire.socket.onmessage = null;
  const table = live.table;
  const index = table.n >> 1;
  map.map.jumpTo({ center: table.centre(index), zoom: { 7: 8.7, 8: 10, 9: 13 }[table.res] });
  const n = table.n;
  const buffer = new ArrayBuffer(32 + 3 * n);
  const head = new DataView(buffer);
  head.setUint8(1, 1);
  head.setUint16(2, wire.layer.layer, true);
  head.setUint32(4, wire.layer.seq + 1, true);
  head.setFloat64(8, Date.now(), true);
  head.setUint32(24, n, true);
  new Uint16Array(buffer, 32, n).fill(value);
  live.restUntil = 0;
  wire.heard(buffer);
  return new Promise((resolve) => map.cells.afterDraw((gl) => {
    const pixel = new Uint8Array(4);
    const [x, y] = [gl.drawingBufferWidth >> 1, gl.drawingBufferHeight >> 1];
    gl.readPixels(x, y, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, pixel);
    resolve([...pixel]);
  }));
}
"""


def paint(page, value):
    """Paint twice: on a busy machine the first reading may be of the draw before the frame."""
    page.evaluate(PAINT, value)
    return page.evaluate(PAINT, value)


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


def classes_by_hand(values, breaks):
    counts = [0] * 7
    for value in values:
        if value not in (NO_DATA, WITHHELD, 0):
            counts[bisect.bisect_right(breaks, value)] += 1
    return counts, values.count(0), values.count(WITHHELD), values.count(NO_DATA)


# The legend counts what is drawn, at most twice a second: freeze one frame and read both.
FROZEN = """
async () => {
  hexline.wire.socket.onmessage = null;
  await new Promise((resolve) => setTimeout(resolve, 1200));
  const rows = [...document.querySelectorAll('.legend-row')];
  const { layer, table } = hexline.live;
  return {
    values: [...layer.values],
    res: table.res,
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
    # No layer of another resolution stays behind.
    page.wait_for_function(
        "hexline.map.map.getStyle().layers.length >= 0 && hexline.map.older.length === 0"
    )


def test_one_class_alone_is_shown_and_all_again(visit):
    page = visit.open()
    row = page.locator('.legend-row[data-k="0"]')
    row.click()
    assert row.get_attribute("aria-pressed") == "true"
    assert page.evaluate("hexline.map.cells.look.alone") == 0
    page.keyboard.press("Escape")
    assert page.evaluate("hexline.map.cells.look.alone") == -1
