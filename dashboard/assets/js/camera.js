// Where the map looks: at the city where it is busy, at what was searched or selected, at the wall's next stop.
import { WITHHELD } from './classes.js';
import { byId } from './dom.js';
import { INSUFFICIENT } from './statistic.js';

const FIRST_FRAME_MS = 2500;
const FIRST_TABLE_MS = 12000;
const ZOOM_AT_A_PLACE = 11;
const NEARLY_ALL = 0.98;

/** A box with some of its surroundings. */
function wider([[west, south], [east, north]]) {
  const [x, y] = [Math.max(0.03, 0.25 * (east - west)), Math.max(0.03, 0.25 * (north - south))];
  return [[west - x, south - y], [east + x, north + y]];
}

/** What a promise gives, or nothing where that takes longer. */
const within = (ms, promise) => Promise.race([promise, new Promise((resolve) => { setTimeout(resolve, ms); })]);

export class Camera {
  constructor({ city, state, live, tables }) {
    Object.assign(this, { city, state, live, tables });
    this.map = null; // none before it is loaded, none for ever where it cannot be drawn
    state.on(['cell', 'area'], () => this.outline());
    state.on(['centre', 'zoom'], (now, _before, fromHistory) => {
      if (fromHistory && (now.centre || now.zoom !== null)) this.map?.map.jumpTo({ center: now.centre ?? undefined, zoom: now.zoom ?? undefined });
    });
  }

  /** Where to look at first: what the address says of place and zoom, and the usual for what it does not say. */
  async start() {
    const { centre, zoom } = this.state.now;
    if (centre) return { centre, zoom: zoom ?? ZOOM_AT_A_PLACE };
    const usual = await this.firstView();
    if (zoom === null) return usual;
    const [west, south, east, north] = this.city.bbox;
    return { centre: usual?.centre ?? [(west + east) / 2, (south + north) / 2], zoom };
  }

  /** Start where the city is busy, not on its whole administrative area. */
  async firstView() {
    try {
      const box = (await this.busyBox()) ?? (await within(FIRST_TABLE_MS, this.tables.get(9)))?.box();
      // On another page the map has no size yet: about that of the window, then.
      const [w, h] = [byId('map').clientWidth || innerWidth, byId('map').clientHeight || innerHeight];
      if (!box) return null;
      const [[west, south], [east, north]] = box;
      const y = (lat) => Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360)) / (2 * Math.PI);
      const zoom = Math.min(Math.log2((w * 360) / (512 * Math.max(east - west, 0.005))), Math.log2(h / (512 * Math.max(y(north) - y(south), 1e-5))));
      return { centre: [(west + east) / 2, (south + north) / 2], zoom: Math.min(13, zoom - 0.15) };
    } catch {
      return null;
    }
  }

  /** The box of three quarters of what passes now, from the first frame if it comes in time. */
  async busyBox() {
    const shown = new Promise((resolve) => { this.live.onShown(resolve); if (this.live.codes) resolve(); });
    await within(FIRST_FRAME_MS, shown);
    const { table, layer } = this.live;
    if (table && layer && this.live.reading) return this.tellingBox(table, layer.values, this.live.reading);
    // Of changes no cell weighs more than another.
    const weights = this.state.now.show === 'change' ? layer?.values.map((value) => Number(value < WITHHELD)) : layer?.values;
    return table && layer ? table.box(0.75, weights) : null;
  }

  /** Where a statistic has something to say: all that stands out, else what is known less its fringe. */
  tellingBox(table, values, { facts }) {
    const standsOut = (value) => value > 0 && value < INSUFFICIENT;
    const isOfFew = facts.group === 'unusual' && values.some(standsOut);
    return isOfFew ? wider(table.box(NEARLY_ALL, values.map((value) => Number(standsOut(value))))) : table.box(0.7, values.map((value) => Number(value < INSUFFICIENT)));
  }

  /** Bring what was selected into view, unless the wall's tour holds the camera. */
  found({ cell, lng, lat }) {
    if (!this.map || lng === undefined || this.state.now.wall) return;
    if (!this.map.map.getBounds().contains([lng, lat])) this.map.fly([lng, lat], cell && this.map.zoomFor(cell));
  }

  outline() {
    const { cell, area } = this.state.now;
    if (cell) this.map?.outlineCell(cell);
    else this.map?.outline((area && this.map.base?.find(area)?.feature.geometry) || null);
  }

  visit(row) {
    this.state.go({ cell: row.cell });
    this.map?.fly([row.lng, row.lat], this.map.zoomFor(row.cell));
  }

  goTo({ kind, id, lng, lat, bbox }) {
    if (kind === 'area') {
      this.state.go({ area: id });
      if (bbox) return this.map?.fit(bbox);
      if (typeof lng !== 'number') return undefined; // an area without an outline is nowhere
    } else if (kind === 'cell') this.state.go({ cell: id });
    return this.map?.fly([lng, lat], kind === 'cell' ? this.map.zoomFor(id) : 13.5);
  }

  /** One stop of the wall's tour. */
  tour(row, zoom) {
    this.map?.fly([row.lng, row.lat], zoom);
    this.map?.outlineCell(row.cell);
  }

  async home() {
    const view = await this.firstView();
    if (view) this.map?.fly(view.centre, view.zoom);
    else this.map?.fit(this.city.bbox);
  }
}
