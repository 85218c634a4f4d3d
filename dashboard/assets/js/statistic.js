// Statistic layers: what a code on the wire says, its class, colours and words. Facts come from /api/picture.
import { NO_DATA, WITHHELD, CHANGE_ZERO, COLOURS } from './classes.js';
import { number, percent, t, withheld } from './i18n.js';
import { NO_CLASS } from './shaders.js';

export const INSUFFICIENT = 65533;
const LARGEST = 65532;
const UNREACHED = 1e6;
const SUREST = 31;
// A class's number where it is none of the seven: as the shader counts them.
export const K = { withheld: 7, zero: 8, none: 9, insufficient: 10 };

// Not significant, two that are above, two that are below; the second of a side is the surer one.
const LEVELS = {
  dark: ['#2a3a50', '#f27b1a', '#ffe27a', '#3f8ae0', '#8fe3ff', '#8fe3ff', '#8fe3ff'],
  light: ['#dde4ec', '#f58a2e', '#a3130f', '#4f9bdc', '#0b3f94', '#0b3f94', '#0b3f94'],
};
// The class from which a layer means "below": drawn as a ring, so that it is told without its hue.
const COLD_FROM = { hotspots: 3 };
const CAN_BE_INSUFFICIENT = new Set(['risk', 'above_1', 'incidence', 'hotspots', 'aberrations']);
const CAN_BE_WITHHELD = new Set(['density', 'ratio', 'occupancy', 'clusters']);

/** How to read and draw one layer: made of its facts, for the theme shown now. */
export class Reading {
  constructor(facts) {
    this.facts = facts;
    this.id = facts.id;
    this.isChange = facts.id === 'ratio';
    this.isLevels = facts.kind === 'levels';
    this.coldFrom = COLD_FROM[facts.id] ?? NO_CLASS;
    // Below 1 and above 1 are both something to see; 0 of a count is nothing.
    this.zeroIsClass = facts.kind === 'diverging';
    const codes = facts.breaks.map((value) => this.code(value));
    this.coded = [...codes, ...Array(6 - codes.length).fill(UNREACHED)];
  }

  code(value) {
    return this.isChange ? value + CHANGE_ZERO : Math.round(value / this.facts.step);
  }

  palette(theme) {
    const colours = COLOURS[theme] ?? COLOURS.dark;
    if (this.isLevels) return LEVELS[theme] ?? LEVELS.dark;
    return this.facts.kind === 'diverging' ? colours.change : colours.level;
  }

  /** Class of one code: 0..6, 'zero', 'withheld', 'insufficient' or 'none'. */
  classOf(code) {
    if (code === NO_DATA) return 'none';
    if (code === WITHHELD) return 'withheld';
    if (code === INSUFFICIENT) return 'insufficient';
    if (code === 0 && !this.zeroIsClass) return 'zero';
    let k = 0;
    while (k < 6 && code >= this.coded[k]) k += 1;
    return k;
  }

  count(values) {
    const counts = { classes: new Array(7).fill(0), zero: 0, withheld: 0, none: 0, insufficient: 0 };
    for (let i = 0; i < values.length; i += 1) {
      const k = this.classOf(values[i]);
      if (typeof k === 'number') counts.classes[k] += 1;
      else counts[k] += 1;
    }
    return counts;
  }

  /** What a code says, in the unit of the layer: a number or null. */
  value(code) {
    if (code > LARGEST || code === undefined) return null;
    return this.isChange ? code - CHANGE_ZERO : code * this.facts.step;
  }

  /** A code in words: a number with its unit's form, or why there is none. */
  written(code) {
    if (code === WITHHELD) return withheld();
    if (code === INSUFFICIENT) return t('statistic.insufficient');
    const value = this.value(code);
    if (value === null) return t('unknown');
    if (this.isLevels) return t(`level.${this.id}.${value}`);
    if (this.id === 'clusters' && value === 0) return t('statistic.clusters.none');
    return `${code === LARGEST ? '≥ ' : ''}${this.form(value)}`;
  }

  /** A number of this layer as it is written: a ratio with ×, a chance in percent. */
  form(value) {
    if (this.isChange) return `${value > 0 ? '+' : value < 0 ? '−' : ''}${number(Math.abs(value))}%`;
    if (this.id === 'above_1') return chance(value);
    if (this.id === 'risk' || this.id === 'clusters') return times(value);
    if (this.id === 'incidence') return number(value, { maximumSignificantDigits: 2 });
    return number(value, { maximumFractionDigits: 0 });
  }

  /** A break as it is, not rounded: it is where a class begins. */
  breakForm(value) {
    if (this.id === 'risk' || this.id === 'clusters') return `×${number(value, { maximumFractionDigits: 2 })}`;
    return this.form(value);
  }

  /** Words of the classes between the breaks. */
  classNames() {
    const { breaks } = this.facts;
    if (this.isLevels) return [0, ...breaks].map((k) => t(`level.${this.id}.${k}`));
    const words = breaks.map((value) => this.breakForm(value));
    return [`< ${words[0]}`, ...words.slice(1).map((word, i) => `${words[i]} – ${word}`), `≥ ${words.at(-1)}`];
  }

  /** How sure the mark says the value is, 0..1. */
  sureness(mark) {
    return (mark >> 3) / SUREST;
  }

  /** Rows of the legend, highest first: class number, words, colour, and the kind of the special ones. */
  legendRows(theme, k) {
    const colours = COLOURS[theme] ?? COLOURS.dark;
    const scale = this.palette(theme);
    const names = this.classNames();
    const all = names.map((name, i) => ({ k: i, name: this.classWord(i, name), colour: scale[i], kind: this.kindOf(i) }));
    const rows = all.slice(this.isLevels ? 1 : 0, this.coldFrom).reverse(); // level 0 is the row of zero
    if (!this.zeroIsClass) rows.push({ k: K.zero, name: this.zeroWord(), colour: colours.zero, kind: 'zero' });
    rows.push(...all.slice(this.coldFrom));
    if (CAN_BE_INSUFFICIENT.has(this.id)) rows.push({ k: K.insufficient, name: t('statistic.insufficient'), colour: null, kind: 'insufficient' });
    if (CAN_BE_WITHHELD.has(this.id)) rows.push({ k: K.withheld, name: t('legend.withheld', { k }), colour: null, kind: 'withheld' });
    rows.push({ k: K.none, name: t('legend.none'), colour: 'transparent', kind: 'none' });
    return rows;
  }

  /** How a class is drawn besides its colour: cold ones are rings. */
  kindOf(k) {
    return k >= this.coldFrom ? 'cold' : '';
  }

  classWord(i, name) {
    if (this.id === 'risk' && i === 3) return t('statistic.asexpected', { name });
    return name;
  }

  zeroWord() {
    if (this.isLevels) return t(`level.${this.id}.0`);
    return this.id === 'clusters' ? t('statistic.clusters.none') : '0';
  }
}

/** A ratio: two digits that count, with the sign of times. */
export function times(value) {
  const digits = value >= 10 ? 0 : value >= 1 ? 1 : 2;
  return `×${number(value, { minimumFractionDigits: digits, maximumFractionDigits: digits })}`;
}

/** A chance in percent; never 0 or 100, for nothing is that sure. */
export function chance(p) {
  if (p > 0.99 && p <= 1) return p > 0.999 ? '> 99.9%' : percent(p);
  if (p < 0.01) return p < 0.001 ? '< 0.1%' : `${number(100 * p, { maximumFractionDigits: 1 })}%`;
  return `${Math.round(100 * p)}%`;
}

/** A p-value with two digits that count, after its sign of comparison. */
export const pValue = (p) => (p < 0.0001 ? '< 0.0001' : `= ${number(p, { maximumSignificantDigits: 2, maximumFractionDigits: 6 })}`);

/** Whole percents that add to exactly 100: the largest remainders are rounded up. */
export function wholePercents(shares) {
  const total = shares.reduce((sum, share) => sum + share, 0) || 1;
  const exact = shares.map((share) => (100 * share) / total);
  const whole = exact.map(Math.floor);
  const order = exact.map((value, i) => [value - whole[i], i]).sort((a, b) => b[0] - a[0]);
  const missing = 100 - whole.reduce((sum, n) => sum + n, 0);
  for (const [, i] of order.slice(0, missing)) whole[i] += 1;
  return whole;
}
