// What is under the pointer: the cell as it is drawn, and the roll-up of its area.
import { COLOURS } from './classes.js';
import { ask, byId, el } from './dom.js';
import { change, count, nameOf, t } from './i18n.js';
import { written } from './legend.js';

const KEPT_MS = 4000;

/** Values of the areas of one level, asked for again when they are old. */
export class AreaValues {
  constructor(state) {
    this.state = state;
    this.known = new Map();
  }

  path(level) {
    const { metric, minutes } = this.state.now;
    return `/api/areas/${level}/values?metric=${metric}&minutes=${minutes}`;
  }

  async get(level) {
    const path = this.path(level);
    const known = this.known.get(path);
    if (known && performance.now() - known.at < KEPT_MS) return known.values;
    const values = ask(path).then((answer) => (answer.ok ? answer.json() : { values: {} })).then((body) => body.values).catch(() => known?.values ?? {});
    this.known.set(path, { at: performance.now(), values });
    return values;
  }
}

export class Hover {
  constructor(state, live, areas) {
    Object.assign(this, { state, live, areas });
    this.box = byId('hover');
    live.onShown(() => this.last && this.show(this.last));
  }

  async show(what) {
    this.last = what;
    if (!what || (!what.hit && !what.area)) {
      this.box.hidden = true;
      return;
    }
    const values = what.area ? await this.areas.get(what.area.level) : {};
    if (this.last !== what) return;
    const more = this.picture?.hover(what.point) ?? [];
    this.box.replaceChildren(...[this.cell(what.hit), this.area(what.area, values), ...more].filter(Boolean));
    this.box.hidden = false;
    this.place(what.point);
  }

  cell(hit) {
    // The map may show another resolution by now, where the same index is another cell.
    const index = hit && this.live.table?.indexOf(hit.cell);
    const here = index === null || index === undefined ? null : this.live.at(index);
    if (!here) return null;
    if (this.live.reading) return this.statistic(this.live.reading, here);
    const { show } = this.live.as;
    const colours = COLOURS[document.documentElement.dataset.theme] ?? COLOURS.dark;
    const colour = { zero: colours.zero, withheld: colours.withheld, none: 'transparent' }[here.k] ?? (show === 'change' ? colours.change : colours.level)[here.k];
    return el('div.hover-row', {}, el(`i.swatch.${here.k}`, { style: `background:${colour}` }), el('span', {}, t('hover.cell')),
      el('b.number', {}, written(here.means, show)), el('i', {}, t(`show.${show}.unit`)));
  }

  /** A statistic of a cell, with how sure it is. */
  statistic(reading, { code, k, mark }) {
    const colour = typeof k === 'number' ? reading.palette(document.documentElement.dataset.theme)[k] : null;
    const sure = typeof k === 'number' && reading.id !== 'above_1' ? t('hover.sure', { percent: Math.round(100 * reading.sureness(mark)) }) : '';
    const kind = typeof k === 'number' ? reading.kindOf(k) : k;
    return el('div.hover-row', {}, el(kind ? `i.swatch.${kind}` : 'i.swatch', { style: colour && (kind === 'cold' ? `--tone:${colour}` : `background:${colour}`) }), el('span', {}, t(`layer.${reading.id}`)), el('b.number', {}, reading.written(code)), el('i.number', {}, sure));
  }

  area(area, values) {
    if (!area) return null;
    if (this.live.reading) return el('div.hover-row', {}, el('i.swatch.area'), el('span', {}, nameOf(area)));
    const { value, change: percent } = values[area.area_id] ?? {};
    const delta = change(percent);
    return el('div.hover-row', {}, el('i.swatch.area'), el('span', {}, nameOf(area)), el('b.number', {}, count(value)), el(`i.number.${delta.way}`, {}, delta.text));
  }

  place({ x, y }) {
    const stage = byId('stage').getBoundingClientRect();
    const { offsetWidth: w, offsetHeight: h } = this.box;
    const left = x + 16 + w > stage.width ? x - w - 12 : x + 16;
    const top = Math.min(Math.max(6, y + 14), stage.height - h - 6);
    this.box.style.transform = `translate(${Math.max(4, left)}px, ${top}px)`;
  }
}
