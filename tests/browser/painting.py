"""A frame of a test's own making, and what the page draws of it."""

from __future__ import annotations

# A snapshot that follows what the page has: one value in every cell, and marks as they are given.
FRAME = """
(value, marks, corrected = 0) => {
  const { wire, live } = hexline;
  const { n } = live.table;
  const buffer = new ArrayBuffer(32 + 3 * n);
  const head = new DataView(buffer);
  head.setUint8(1, 1);
  head.setUint16(2, wire.layer.layer, true);
  head.setUint32(4, wire.layer.seq + 1, true);
  head.setFloat64(8, Date.now(), true);
  head.setUint32(24, n, true);
  head.setUint32(28, corrected, true);
  new Uint16Array(buffer, 32, n).fill(value);
  marks(new Uint8Array(buffer, 32 + 2 * n, n));
  return buffer;
}
"""

# Gives the page one value and mark everywhere and answers with pixels of the middle of one cell.
#
# The camera goes there first, which may ask the hub for another resolution; only when the layer
# asked for, the layer shown and the table drawn are the same one is the hub silenced. A busy page
# rests between draws, so a draw counts only if it was made from our values.
PAINT = """
async ([value, mark, wide]) => {
  const { wire, live, map } = hexline;
  const next = () => new Promise((resolve) => setTimeout(resolve, 20));
  const settled = () => live.layer === wire.layer && map.table === live.table
    && live.table.res === live.wanted(map.wanted).res && !map.map.isMoving();
  // A zoom that stays with this resolution where the layer has others.
  const isOnly = live.layers.now()?.resolutions.length === 1;
  let zoom;
  const place = () => {
    const index = live.table.n >> 1;
    zoom = isOnly ? 12.5 : { 7: 8.7, 8: 10, 9: 13 }[live.table.res];
    map.map.jumpTo({ center: live.table.centre(index), zoom });
    return index;
  };
  while (!settled()) await next();
  let index = place();
  while (!settled()) { await next(); if (settled()) index = place(); }
  wire.socket.onmessage = null;
  const frame = FRAME;
  wire.heard(frame(value, (marks) => marks.fill(mark)));
  const isOurs = ({ dirty, codes, flags }) => !dirty
    && codes[index] === value && flags[index] === mark;
  const draw = () => new Promise((resolve) => {
    map.cells.afterDraw((gl) => {
      const side = wide || (zoom > 12 ? 15 : 5);
      const pixels = new Uint8Array(4 * side * side);
      const [x, y] = [gl.drawingBufferWidth, gl.drawingBufferHeight]
        .map((size) => (size - side) >> 1);
      gl.readPixels(x, y, side, side, gl.RGBA, gl.UNSIGNED_BYTE, pixels);
      const pixel = (_, at) => [...pixels.slice(4 * at, 4 * at + 4)];
      resolve({ pixels: Array.from({ length: side * side }, pixel), ours: isOurs(map.cells) });
    });
    map.map.triggerRepaint();
  });
  for (;;) {
    const { pixels, ours } = await draw();
    if (ours) return pixels;
    await next();
  }
}
""".replace("FRAME", FRAME.strip())


def paint(page, value, mark=0, wide=0):
    """Let the page draw one value and mark in every cell; give a square of pixels, RGBA, of one.

    The square is within the cell; `wide` pixels a side reach over its rim.
    """
    return page.evaluate(PAINT, [value, mark, wide])


def middle(pixels):
    """Give the pixel in the middle of a square."""
    return pixels[len(pixels) // 2]


def mean(pixels):
    """Give the mean colour of a square, without its opacity."""
    return [sum(pixel[c] for pixel in pixels) / len(pixels) for c in range(3)]


def shades(pixels):
    """Count the different colours of a square."""
    return len({tuple(pixel[:3]) for pixel in pixels})


def paint_statistic(page, value, mark=31 << 3):
    """Draw one value of a statistic in every cell; the mark says how sure it is."""
    pixels = paint(page, value, mark)
    return {"mean": mean(pixels), "kinds": shades(pixels)}


def distance(one, other):
    """Give how far two mean colours are apart."""
    return sum(abs(a - b) for a, b in zip(one["mean"], other["mean"], strict=True))
