// A cell's score in words and bars: how much, how sure, why, and what would change it.
import { el, svg } from './dom.js';
import { count, dayOf, nameOf, number, t } from './i18n.js';
import { chance, pValue, times, wholePercents } from './statistic.js';

const SHARES = ['background', 'neighbours', 'inflow', 'crowding', 'fever'];
const range = ([, low, high], form = times) => `${form(low)} – ${form(high)}`;

/** Link to how a number is computed. */
export function how(doc, word = t('methods.how')) {
  return el('a.how', { href: `/methods/${doc}`, 'data-doc': doc, title: t('methods.how.long') }, word);
}

const title = (word, doc) => el('div.part-head', {}, el('h3', {}, word), how(doc));

/** An interval on a logarithmic axis around "as expected": a bar, its mean, and the line at 1. */
export function whisker([mean, low, high], { from = 0.25, to = 8, word = '' } = {}) {
  const x = (value) => (100 * Math.log(Math.min(to, Math.max(from, value)) / from)) / Math.log(to / from);
  const picture = svg('svg', { viewBox: '0 0 100 14', preserveAspectRatio: 'none', class: 'whisker', role: 'img', 'aria-label': word });
  picture.append(
    svg('line', { class: 'whisker-one', x1: x(1), x2: x(1), y1: 0, y2: 14 }),
    svg('line', { class: 'whisker-range', x1: x(low), x2: Math.max(x(low) + 0.5, x(high)), y1: 7, y2: 7 }),
    svg('line', { class: 'whisker-mean', x1: x(mean), x2: x(mean), y1: 2, y2: 12 }));
  return picture;
}

export function riskPart(risk, k) {
  if (!risk) return null;
  if (risk.class < 0) {
    return el('section.part.risk-part', { 'data-class': -1 }, title(t('score.risk'), 'risk'),
      el('p.verdict-line.insufficient', {}, el('i.swatch.insufficient'), el('b', {}, t('statistic.insufficient'))),
      el('p.quiet-text', {}, risk.incidence_per_100k === null ? t('score.unmeasured') : t('score.insufficient', { cases: count(risk.cases_14d), residents: number(risk.residents) })));
  }
  return el('section.part.risk-part', { 'data-class': risk.class }, title(t('score.risk'), 'risk'),
    el('p.verdict-line', {}, el('b.score-number.number', {}, times(risk.rr[0])), el(`span.class-word.class-${risk.class}`, {}, t(`score.class.${risk.class}`))),
    el('p.score-words', {}, words(risk)),
    whisker(risk.rr, { word: range(risk.rr) }),
    el('div.whisker-axis.number', { 'aria-hidden': 'true' }, ...['¼', '½', '1', '2', '4', '8'].map((mark) => el('span', {}, mark))),
    el('dl.facts', {}, ...facts(risk)),
    shares(risk), changes(risk));
}

function words({ rr, above }) {
  const side = rr[0] >= 1 ? 'score.words.above' : 'score.words.below';
  const sure = chance(rr[0] >= 1 ? above['1'] : 1 - above['1']);
  return t(side, { times: times(rr[0]), range: range(rr), sure });
}

function facts(risk) {
  const fact = (name, ...value) => [el('dt', {}, name), el('dd.number', {}, ...value)];
  const digits = { maximumSignificantDigits: 2 };
  const [ahead, least, most] = risk.expected_7d;
  return [
    ...fact(t('score.incidence'), risk.incidence_per_100k === null ? '—' : t('score.incidence.value', { here: number(risk.incidence_per_100k, digits), city: number(risk.city_per_100k, digits) })),
    ...fact(t('score.expected'), ahead === null ? '—' : `${number(ahead)} (${number(least)} – ${number(most)})`),
    ...fact(t('score.above2'), chance(risk.above['2'])),
    ...fact(t('score.cases14'), count(risk.cases_14d)),
    ...fact(t('score.residents'), number(risk.residents)),
  ];
}

/** What the mean is made of; the parts add to 100 %, and what none explains stands apart. */
function shares(risk) {
  const whole = wholePercents(SHARES.map((name) => risk.shares[name]));
  const rows = SHARES.map((name, i) => el('div.share', { 'data-share': name, 'data-percent': whole[i], title: t(`share.${name}.long`) },
    el('span', {}, t(`share.${name}`)), el('span.share-bar', {}, el('b', { style: `width:${whole[i]}%` })), el('b.number', {}, `${whole[i]}%`)));
  const factor = risk.local_factor;
  return el('div.shares', {}, el('h4', {}, t('score.why')), ...rows,
    el('div.share.total', {}, el('span', {}, t('score.sum')), el('span.formula-line.number', {}, t('score.product', { mean: times(risk.component_mean), factor: times(factor), rr: times(risk.rr[0]) })), el('b.number', {}, '100%')),
    el('p.score-words.local', { 'data-factor': factor }, t(factor >= 1.05 ? 'score.local.more' : factor <= 0.95 ? 'score.local.less' : 'score.local.none', { factor: times(factor) })));
}

function changes({ changes: would, rr }) {
  if (!would?.one_more) return null;
  const row = (name) => el('li', {}, el('span', {}, t(`score.change.${name}`)), el('b.number', {}, `${times(rr[0])} → ${times(would[name])}`));
  return el('div.changes', {}, el('h4', {}, t('score.changes')), el('ul', {}, ...['one_more', 'quiet_week', 'no_neighbours'].map(row)));
}

export function hotspotPart(spot) {
  if (!spot) return null;
  const known = spot.z !== null;
  return el('section.part.hotspot-part', { 'data-side': known ? sideOf(spot) : 'unknown' }, title(t('layer.hotspots'), 'hotspots'),
    el('p.verdict-line', {}, el('b', {}, known ? hotspotLevel(spot) : t('statistic.insufficient'))),
    known ? el('p.score-words', {}, hotspotWords(spot)) : null,
    // Where none would not be too few, nobody can say that a neighbourhood is cold.
    known && spot.p_cold === null && !spot.level ? el('p.quiet-text', {}, t('score.hotspot.unjudged')) : null);
}

/** Above, below, or neither, after the control of false discoveries. */
const sideOf = ({ level, level_cold: cold }) => (level > 0 ? 'hot' : cold > 0 ? 'cold' : 'even');

/** The class of a neighbourhood in the legend's words; cold ones come after hot ones. */
export const hotspotLevel = ({ level, level_cold: cold }) => t(`level.hotspots.${cold ? cold + 2 : level}`);

function hotspotWords(spot) {
  const side = sideOf(spot);
  const p = side === 'cold' ? spot.p_cold_adjusted : spot.p_adjusted;
  return t(`score.hotspot.${side}`, { cases: count(spot.cases), expected: number(spot.expected), days: spot.days, p: pValue(p) });
}

export function clusterPart(clusters) {
  if (!clusters.length) return null;
  return el('section.part', {}, title(t('layer.clusters'), 'scan'), ...clusters.map((one) => el('p.score-words', {}, clusterWords(one))));
}

/** One cluster in a sentence: since when, how many for how many, and how rare that is. */
export function clusterWords(one) {
  return t('cluster.words', {
    start: dayOf(one.start_day), days: one.days, observed: count(one.observed), expected: number(one.expected),
    ratio: one.ratio ? times(one.ratio[0]) : '—', p: pValue(one.p), every: recurrence(one.recurrence_days),
  });
}

/** Once in so many days or years by chance alone. */
export function recurrence(days) {
  if (days === null || days === undefined) return '—';
  if (days < 365) return t('unit.d', { n: number(days, { maximumFractionDigits: days < 10 ? 1 : 0 }) });
  return t('unit.y', { n: number(days / 365.25, { maximumSignificantDigits: 2 }) });
}

export function densityPart(density) {
  if (!density) return null;
  if (density.withheld) return el('section.part', {}, title(t('layer.density'), 'density'), el('p.quiet-text', {}, t('score.density.withheld')));
  const fact = (name, value) => [el('dt', {}, name), el('dd.number', {}, value)];
  const whole = (n) => (typeof n === 'number' ? number(n, { maximumFractionDigits: 0 }) : n ?? '—');
  return el('section.part', {}, title(t('layer.density'), 'density'), el('dl.facts', {},
    ...fact(t('score.perkm2', { n: density.window_min }), `${whole(density.per_km2[0])} (${whole(density.per_km2[1])} – ${whole(density.per_km2[2])})`),
    ...(density.smoothed_per_km2 === null ? [] : fact(t('score.smoothed'), whole(density.smoothed_per_km2))),
    ...(density.ratio === null ? [] : fact(t('score.ratio'), times(density.ratio))),
    ...(density.occupancy === null ? [] : fact(t('layer.occupancy'), whole(density.occupancy)))));
}

export function aberrationPart(rows) {
  if (!rows.length) return null;
  return el('section.part', {}, title(t('layer.aberrations'), 'aberrations'), el('ul.plain-list', {}, ...rows.slice(0, 6).map((row) => el(`li${row.level_found ? '.found' : ''}`, {},
    el('span', {}, row.areas?.length ? nameOf(row.areas.at(-1)) : '', ' · ', t(`series.${row.series}`)), el('b', {}, aberrationWords(row))))));
}

export function aberrationWords(row) {
  if (row.p === null) return t('statistic.insufficient');
  return t('aberration.words', { count: count(row.count), expected: row.expected === null ? '—' : number(row.expected), days: row.days, p: pValue(row.p_adjusted ?? row.p) });
}
