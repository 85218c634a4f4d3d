// The legend: fixed classes with how many cells are in each; a click shows one class alone.
import { byId, el, setText } from './dom.js';
import { COLOURS } from './classes.js';
import { asOf } from './layers.js';
import { number, t, withheld } from './i18n.js';
import { K } from './statistic.js';

// Of these nothing is known: mostly far beyond the city, or where hardly anybody lives.
const UNKNOWN = new Set([K.none, K.insufficient]);
const minus = (n) => number(n).replace('-', '−');

/** Words of the seven classes between six breaks. */
export function classNames(breaks, show) {
  const unit = show === 'change' ? '%' : '';
  const write = show === 'change' ? (n) => (n > 0 ? `+${n}` : minus(n)) : number;
  return [0, 1, 2, 3, 4, 5, 6].map((k) => {
    if (k === 0) return `< ${write(breaks[0])}${unit}`;
    if (k === 6) return `≥ ${write(breaks[5])}${unit}`;
    return show === 'change'
      ? t('legend.range', { from: write(breaks[k - 1]), to: write(breaks[k]) }) + unit
      : `${write(breaks[k - 1])}–${write(breaks[k] - 1)}`;
  });
}

export class Legend {
  constructor(live) {
    this.live = live;
    this.box = byId('legend');
    live.onShown(() => this.paint());
  }

  /** Build the rows again: for another language, theme, metric or resolution. */
  build() {
    if (this.live.reading) return void this.buildStatistic(this.live.reading);
    delete this.box.dataset.statistic;
    const { city, coded } = this.live;
    const { show, metric, minutes } = this.live.as;
    const theme = document.documentElement.dataset.theme;
    const colours = COLOURS[theme] ?? COLOURS.dark;
    const breaks = show === 'change' ? city.breaks.change : coded;
    const names = classNames(breaks, show);
    const scale = show === 'change' ? colours.change : colours.level;
    const rows = names.map((name, k) => this.row(k, name, scale[k])).reverse();
    if (show !== 'change') rows.push(this.row(8, t('legend.zero'), colours.zero, 'zero'));
    rows.push(this.row(7, t('legend.withheld', { k: city.k }), colours.withheld, 'withheld'));
    rows.push(this.row(9, t('legend.none'), 'transparent', 'none'));
    this.rows = rows;
    this.box.replaceChildren(
      el('div.legend-head', {}, el('b', {}, t('legend.title', { metric: t(`metric.${metric}`), minutes: t('minutes.long', { n: minutes }) })),
        el('span', {}, t(`show.${show}.unit`))),
      ...rows,
      el('div.legend-foot', { title: t('legend.fixed', city.breaks) }, el('i.ring'), el('span', {}, t('legend.corrected')), el('i.stale'), el('span', {}, t('legend.stale'))),
    );
    this.built = this.key();
  }

  /** A statistic has classes of its own, and says how sure it is, as of when and how complete. */
  buildStatistic(reading) {
    const { theme } = document.documentElement.dataset;
    this.rows = reading.legendRows(theme, this.live.city.k).map(({ k, name, colour, kind = '' }) => this.row(k, name, colour, kind));
    const { facts } = reading;
    const sure = el('div.legend-sure', { title: t('legend.sure.long') }, el('span', {}, t('legend.sure.less')), el('i', { style: `--tone:${reading.palette(theme)[reading.isLevels ? 1 : 5]}` }), el('span', {}, t('legend.sure.more')));
    this.box.dataset.statistic = reading.id;
    this.asof = el('span.legend-asof.number', {}, asOf(this.live.layers.now()));
    this.box.replaceChildren(
      el('div.legend-head', {}, el('b', {}, t(`layer.${reading.id}`)), el('span', { title: reading.isLevels ? t('level.how') : null }, t(`layer.${reading.id}.unit`))),
      ...this.rows, ...(reading.id === 'above_1' ? [] : [sure]),
      el('div.legend-foot', { title: t('legend.fixed', { name: reading.id, version: facts.version }) }, this.asof));
    this.built = this.key();
  }

  row(k, name, colour, kind = '') {
    const can = k !== K.none;
    const button = el('button.legend-row', { type: 'button', title: k === K.withheld ? t('withheld', { k: this.live.city.k }) : can ? t('legend.isolate') : null, disabled: !can, onclick: () => this.live.isolate(k) },
      el(`i.swatch${kind ? `.${kind}` : ''}`, { style: { '': `background:${colour}`, zero: `background:${colour}`, cold: `--tone:${colour}` }[kind] }),
      el('span.legend-name', {}, name), el('span.legend-bar', {}, el('b')), el('span.legend-count.number', {}, ''));
    button.k = k;
    return button;
  }

  key() {
    const { as, table } = this.live;
    const { lang, theme } = document.documentElement.dataset;
    return [this.live.reading?.id ?? '', as.show, as.metric, as.minutes, table?.res, lang, theme].join();
  }

  countOf(k) {
    const { counts } = this.live;
    return { 7: counts.withheld, 8: counts.zero, 9: counts.none, 10: counts.insufficient }[k] ?? counts.classes[k];
  }

  paint() {
    if (!this.live.counts) return;
    if (this.built !== this.key()) this.build();
    if (this.live.reading) setText(this.asof, asOf(this.live.layers.now()));
    // Beside those that nothing is known of every other bar would vanish.
    const most = Math.max(1, ...this.rows.filter((row) => !UNKNOWN.has(row.k)).map((row) => this.countOf(row.k)));
    for (const row of this.rows) {
      const n = this.countOf(row.k);
      row.dataset.k = row.k;
      row.dataset.n = n;
      row.setAttribute('aria-pressed', String(this.live.alone === row.k));
      row.classList.toggle('off', this.live.alone >= 0 && this.live.alone !== row.k);
      setText(row.lastChild, number(n));
      row.querySelector('.legend-bar b').style.width = `${n && !UNKNOWN.has(row.k) ? Math.max(3, (100 * n) / most) : 0}%`;
    }
  }
}

/** A value as it is written beside the map. */
export function written({ number: value, withheld: hidden, unknown, clipped }, show) {
  if (unknown || value === undefined) return hidden ? withheld() : t('unknown');
  if (show === 'change') return `${value > 0 ? '+' : value < 0 ? '−' : ''}${number(Math.abs(value))}%${clipped ? '+' : ''}`;
  return `${clipped ? '≥ ' : ''}${number(value)}`;
}
