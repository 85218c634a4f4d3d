// Five key figures: value, change against an hour ago, half an hour as a curve. A click shows it on the map.
import { byId, el, refill } from './dom.js';
import { change, count, nameOf, number, shortNumber, t } from './i18n.js';
import { sparkline } from './sparkline.js';

const TILES = ['passages', 'in', 'fever', 'active', 'cases'];
// More of these is worse; more passages is neither good nor bad.
const WORSE_WHEN_MORE = new Set(['fever', 'cases']);

export class Kpis {
  constructor(state, { onActive, onCases }) {
    Object.assign(this, { state, onActive, onCases });
    this.box = byId('kpis');
    this.tiles = null;
    state.on(['metric', 'layer'], () => this.paint());
  }

  take({ tiles, minute_ms: minute, arrival_ms: arrival }) {
    this.tiles = tiles;
    // The running minute is not over: drawn as it is, it would look like a fall.
    this.running = typeof minute === 'number' && arrival < minute + 60000;
    this.paint();
  }

  paint() {
    if (!this.tiles) return;
    refill(this.box, ...TILES.filter((id) => this.tiles[id]).map((id) => this.tile(id, this.tiles[id])));
  }

  tile(id, { value, change: percent, series }) {
    const delta = change(percent);
    const tone = delta.way === 'up' && WORSE_WHEN_MORE.has(id) ? 'bad' : delta.way;
    const shown = typeof value === 'number' ? shortNumber(value) : count(value);
    return el('button.tile', { type: 'button', 'data-kpi': id, title: t('kpi.click'), 'aria-pressed': String(this.isOn(id)), onclick: () => this.click(id) },
      el('span.tile-name', {}, t(`kpi.${id}`), el('i', {}, t(`kpi.${id}.unit`))),
      el('span.tile-value.number', { 'data-value': value ?? '' }, shown),
      // Cases of today are not all in, so a change of theirs is never told.
      id === 'cases' ? null : el(`span.tile-delta.number.${tone}`, {}, delta.text, el('i', {}, t('kpi.delta'))),
      sparkline([{ values: this.whole(id, series ?? []), name: id }]));
  }

  whole(id, series) {
    return this.running && id !== 'cases' ? series.slice(0, -1) : series;
  }

  isOn(id) {
    return id === this.state.now.metric && !this.state.now.layer;
  }

  click(id) {
    if (id === 'active') this.onActive();
    else if (id === 'cases') this.onCases();
    else this.state.set({ metric: id });
  }
}

/** The list of the cells with the highest counts now. */
export class Hottest {
  constructor(state, onPick) {
    Object.assign(this, { state, onPick, rows: [], withheld: 0 });
    this.box = byId('hottest');
    state.on(['cell'], () => this.paint());
  }

  take(body) {
    this.rows = body?.rows ?? [];
    this.withheld = body?.n_withheld ?? 0;
    this.paint();
  }

  paint() {
    const kept = this.box.contains(document.activeElement) ? document.activeElement.dataset.cell : null;
    const most = Math.max(1, ...this.rows.map((row) => row.value));
    const rows = this.rows.map((row, i) => this.row(row, i, most));
    this.box.replaceChildren(...(rows.length ? rows : [el('li.quiet-text', {}, this.nothing())]));
    if (kept) this.box.querySelector(`[data-cell="${kept}"]`)?.focus();
  }

  /** Why the list is empty: nothing came, or all that came is too little to be shown. */
  nothing() {
    return this.withheld ? t('hottest.withheld', { n: number(this.withheld) }) : t('hottest.empty');
  }

  row(row, i, most) {
    const delta = change(row.change);
    const areas = row.areas ?? [];
    const [near, ...above] = [...areas].reverse();
    const button = el('button.hot', { type: 'button', 'data-cell': row.cell, 'aria-current': String(row.cell === this.state.now.cell), onclick: () => this.onPick(row) },
      el('span.rank.number', {}, i + 1),
      el('span.hot-name', {}, near ? nameOf(near) : row.cell, el('i', {}, above.length ? above.reverse().slice(0, 2).map(nameOf).join(' · ') : row.cell)),
      el('span.hot-value.number', {}, count(row.value), el(`i.${delta.way}`, {}, delta.text)),
      el('span.hot-bar', { style: `width:${(100 * row.value) / most}%` }));
    return el('li', {}, button);
  }
}
