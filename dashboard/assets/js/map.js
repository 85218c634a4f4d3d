// The map: camera, cells of one resolution at a time, selection, and what is under the pointer.
import { cellToBoundary, getResolution, latLngToCell } from '../vendor/h3.mjs';
import * as maplibregl from '../vendor/maplibre-gl.mjs';
import { BaseMap, emptyStyle, tonesOf } from './basemap.js';
import { HexLayer } from './hex-layer.js';
import { t } from './i18n.js';
import { resolutionFor } from './resolution.js';
import { sheetOver } from './sheet.js';

maplibregl.setWorkerUrl(new URL('../vendor/maplibre-gl-worker.mjs', import.meta.url).href);

const POINTS_BELOW_PX = 4.5;
// A hexagon as wide as 1 between its far corners has the surface of a square of this side.
const POINT_OF_WIDTH = 0.806;

const isCalm = () => matchMedia('(prefers-reduced-motion: reduce)').matches;
const nothing = { type: 'FeatureCollection', features: [] };

/** Says that the browser has no WebGL2; the page then shows lists instead. */
export const isNoWebGl = (error) => error instanceof maplibregl.GPUInitializationError || /webgl/i.test(String(error?.message));

export class LiveMap {
  constructor(container, city, theme, view) {
    this.city = city;
    this.theme = theme;
    this.on = { move: () => {}, res: () => {}, pick: () => {}, hover: () => {}, restored: () => {} };
    this.isAway = false; // the graphics card took its memory back: nothing can be drawn
    const options = {
      fadeDuration: 0,
      renderWorldCopies: false,
      maxZoom: 17,
      minZoom: 5,
      locale: { 'Map.Title': t('map') },
      localIdeographFontFamily: '"Noto Sans SC Variable", sans-serif',
    };
    this.map = new maplibregl.Map({
      ...options,
      container,
      style: emptyStyle(theme),
      ...(view ? { center: view.centre, zoom: view.zoom } : { bounds: city.bbox, fitBoundsOptions: { padding: 20 } }),
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      keyboard: false, // keyboard.js does it for the whole page
    });
    this.sheet = sheetOver(this.map, options);
    this.map.touchZoomRotate.disableRotation();
    this.map.addControl(new maplibregl.ScaleControl({ maxWidth: 110 }), 'bottom-right');
    const sheets = [this.map, this.sheet];
    sheets.forEach((sheet) => sheet.on('error', ({ error }) => console.warn('map:', error?.message ?? error)));
    this.ready = Promise.all(sheets.map((sheet) => sheet.once('load'))).then(() => this.loaded());
  }

  loaded() {
    const { map, sheet } = this;
    const tones = tonesOf(this.theme);
    sheet.addSource('selected', { type: 'geojson', data: nothing });
    sheet.addLayer({ id: 'selected-casing', type: 'line', source: 'selected', paint: { 'line-color': tones.halo, 'line-width': 6, 'line-opacity': 0.85 } });
    sheet.addLayer({ id: 'selected', type: 'line', source: 'selected', paint: { 'line-color': '#ffffff', 'line-width': 2.5 } });
    this.base = new BaseMap(map, sheet, this.city, this.theme);
    map.on('moveend', () => this.moved());
    map.on('zoom', () => this.zoomed());
    map.on('click', (event) => this.clicked(event));
    map.on('mousemove', (event) => this.pointed(event));
    map.on('mouseout', () => this.left());
    map.on('webglcontextlost', () => { this.isAway = true; });
    map.on('webglcontextrestored', () => map.once('style.load', () => this.restored()));
    this.paint(this.theme);
    this.zoomed();
    this.base.load();
  }

  /** After sleep, or a fault of the graphics driver: MapLibre brings its own layers back, cells are made anew. */
  restored() {
    this.isAway = false;
    this.cells = this.table = null;
    this.on.restored();
  }

  moved() {
    const { lng, lat } = this.map.getCenter();
    this.on.move({ centre: [lng, lat], zoom: this.map.getZoom() });
  }

  zoomed() {
    const res = resolutionFor(this.map.getZoom(), this.wanted ?? null, this.city.resolutions);
    if (res !== this.wanted) {
      this.wanted = res;
      this.on.res(res);
    }
    this.tuneLook();
  }

  /**
   * Small cells touch, large ones stand apart; hatching keeps its size on the screen. Cells too small
   * for corners to show are points of the same surface: a sixth of the vertices and no triangles.
   */
  tuneLook() {
    const width = 2 ** this.map.getZoom() * 512 * (this.cells?.width ?? 0);
    const pointSize = width < POINTS_BELOW_PX ? width * POINT_OF_WIDTH * devicePixelRatio : 0;
    this.cells?.setLook({ coverage: width < 5 ? 1 : width < 12 ? 0.95 : 0.93, hatch: width < 14 ? 4 : 7, pointSize });
  }

  /** Draw the cells of this table. The layer before it goes in the same frame: two resolutions are never on top of each other. */
  use(table) {
    if (this.table === table && this.cells) return this.cells;
    const cells = new HexLayer(`cells-${table.res}-${table.n}-${Date.now()}`, table);
    cells.width = table.n ? Math.hypot(cells.places[0] - cells.places[12], cells.places[1] - cells.places[13]) / 1e4 : 0;
    // Its buffers are made at once, so the next frame draws it, and nothing is drawn before that.
    this.map.addLayer(cells);
    if (this.cells) this.map.removeLayer(this.cells.id);
    this.cells = cells;
    this.table = table;
    this.tuneLook();
    return cells;
  }

  cellAt({ lng, lat }) {
    if (!this.table) return null;
    const cell = latLngToCell(lat, lng, this.table.res);
    const index = this.table.indexOf(cell);
    return index === undefined ? null : { cell, index };
  }

  clicked(event) {
    const hit = this.cellAt(event.lngLat);
    // A click beside the cells, or with Shift, means the area.
    const area = !hit || event.originalEvent.shiftKey ? this.base.areaAt(event.point) : null;
    this.on.pick(area ? { area: area.area_id } : { cell: hit?.cell ?? null });
  }

  pointed(event) {
    const hit = this.cellAt(event.lngLat);
    const area = this.base.areaAt(event.point);
    this.map.getCanvas().style.cursor = hit || area ? 'pointer' : '';
    this.base.hover(area);
    this.on.hover({ point: event.point, hit, area });
  }

  left() {
    this.base.hover(null);
    this.on.hover(null);
  }

  /** Outline a cell of any resolution, whatever the map shows now. */
  outlineCell(cell) {
    let ring = null;
    try {
      ring = cellToBoundary(cell, true);
    } catch { /* an address may name what only looks like a cell */ }
    this.outline(ring && { type: 'Polygon', coordinates: [ring] });
  }

  /** A zoom at which this cell is drawn as itself: the present one if it will do. */
  zoomFor(cell) {
    const res = getResolution(cell);
    const zoom = this.map.getZoom();
    if (res === 9) return Math.max(zoom, 11.6);
    return resolutionFor(zoom, res, this.city.resolutions) === res ? zoom : { 7: 8.6, 8: 10.2 }[res];
  }

  /** Outline a polygon, or nothing. */
  outline(geometry) {
    const data = geometry ? { type: 'Feature', properties: {}, geometry } : nothing;
    this.sheet.getSource('selected')?.setData(data);
  }

  paint(theme) {
    this.theme = theme;
    this.base?.paint(theme);
    const tones = tonesOf(theme);
    if (!this.sheet.getLayer('selected')) return;
    this.sheet.setPaintProperty('selected', 'line-color', theme === 'light' ? '#0b1c30' : '#ffffff');
    this.sheet.setPaintProperty('selected-casing', 'line-color', tones.halo);
  }

  fly(centre, zoom) {
    const to = { center: centre, zoom: zoom ?? Math.max(this.map.getZoom(), 12.5) };
    if (isCalm()) this.map.jumpTo(to);
    else this.map.flyTo({ ...to, speed: 1.4, maxDuration: 2200 });
  }

  fit(box) {
    this.map.fitBounds(box, { padding: 28, animate: !isCalm(), duration: 600, maxZoom: 13.5 });
  }

  pan(dx, dy) {
    this.map.panBy([dx, dy], { animate: !isCalm(), duration: 180 });
  }

  zoomBy(step) {
    this.map.easeTo({ zoom: this.map.getZoom() + step, animate: !isCalm(), duration: 220 });
  }

  resize() {
    this.map.resize();
  }
}
