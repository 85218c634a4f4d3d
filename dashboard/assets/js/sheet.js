// The sheet over the cells: outlines and names, as a map of its own that follows the one below. Counts
// change each second and lines do not: without a graphics card, drawing both costs three times the cells.
import * as maplibregl from '../vendor/maplibre-gl.mjs';

/** Lay a transparent map over this one; `options` are those that both must share. */
export function sheetOver(below, options) {
  const container = document.createElement('div');
  container.className = 'sheet';
  container.ariaHidden = 'true';
  below.getCanvasContainer().after(container);
  const sheet = new maplibregl.Map({
    ...options, container, style: { version: 8, sources: {}, layers: [] }, interactive: false, attributionControl: false,
  });
  follow(sheet, below);
  return sheet;
}

/** Draw the sheet in the very frame in which the map below has moved. */
function follow(sheet, below) {
  let moved = true;
  below.on('move', () => { moved = true; });
  below.on('resize', () => sheet.resize());
  below.on('render', () => {
    if (!moved) return;
    moved = false;
    sheet.jumpTo({ center: below.getCenter(), zoom: below.getZoom() });
    sheet.redraw();
  });
}
