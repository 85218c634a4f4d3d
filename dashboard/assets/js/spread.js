// How cases spread in an area: reproduction number and doubling time with their intervals, beside its parts.
import { el } from './dom.js';
import { count, dayOf, nameOf, number, t } from './i18n.js';
import { rtCurve, two } from './rt-curve.js';
import { aberrationPart, how, whisker } from './score.js';
import { chance, times } from './statistic.js';

const R_AXIS = { from: 0.25, to: 4 };
const days = (n) => number(Math.abs(n), { maximumFractionDigits: Math.abs(n) < 10 ? 1 : 0 });

const nameOfSpread = (spread) => (spread.areas.length ? nameOf(spread.areas[0]) : t('spread.city'));

export function spreadParts({ spread, instead, city, parts, aberrations }) {
  if (!spread) return [el('p.quiet-text', {}, t('spread.none'))];
  const shown = spread.is_sure ? spread : instead ?? spread;
  return [
    el('section.part.spread-part', {}, el('div.part-head', {}, el('h3', {}, t('spread.rt')), how('reproduction')),
      shown !== spread ? el('p.score-words.instead', {}, t('spread.instead', { area: nameOfSpread(shown) })) : null,
      reproduction(shown), rtCurve(shown.recent, nameOfSpread(shown)), trend(shown), apart(shown), el('dl.facts', {}, ...facts(spread))),
    forest(spread, parts, city),
    aberrationPart(aberrations),
  ];
}

/** Why there is no estimate: before a day of new cases is known these are not few, but unknown. */
export const noEstimate = (spread) => t(spread.cases_7d === null ? 'spread.unmeasured' : 'spread.toofew');

function reproduction(spread) {
  const { rt, p_above_1: above, is_sure: isSure } = spread;
  if (!isSure || !rt) return el('p.verdict-line.insufficient', {}, el('i.swatch.insufficient'), el('b', {}, noEstimate(spread)));
  return el('div', { 'data-rt': rt[0] },
    el('p.verdict-line', {}, el('b.score-number.number', {}, `R ${two(rt[0])}`), el('span.number.range', {}, `${two(rt[1])} – ${two(rt[2])}`)),
    el('p.score-words', {}, t(rt[1] > 1 ? 'spread.grows' : rt[2] < 1 ? 'spread.falls' : 'spread.unsure', { sure: chance(above) })),
    whisker(rt, { ...R_AXIS, word: `${two(rt[1])} – ${two(rt[2])}` }),
    el('div.whisker-axis.number', { 'aria-hidden': 'true' }, ...['¼', '½', '1', '2', '4'].map((mark) => el('span', {}, mark))));
}

/** Doubling or halving time, or that there is no clear trend: an interval over zero growth has no time. */
export function trendWords({ growth, is_trend: isTrend, doubling_days: doubling }) {
  if (growth === null) return t('spread.nogrowth');
  if (!isTrend || !doubling) return t('spread.notrend');
  const [mean, one, other] = doubling;
  const [low, high] = [Math.abs(one), Math.abs(other)].sort((a, b) => a - b);
  return t(mean > 0 ? 'spread.doubles' : 'spread.halves', { days: days(mean), low: days(low), high: days(high) });
}

const trend = (spread) => el('p.score-words.trend', { 'data-trend': String(Boolean(spread.is_trend && spread.doubling_days)) }, trendWords(spread));

/** A number below 1 beside growing cases looks like a mistake: imported cases are in one of them only. */
function apart({ rt, is_trend: isTrend, doubling_days: doubling }) {
  const differs = isTrend && rt && doubling && (rt[0] > 1) !== (doubling[0] > 0);
  return differs ? el('p.quiet-text', {}, t('spread.apart')) : null;
}

function facts(spread) {
  const fact = (name, value) => [el('dt', {}, name), el('dd.number', {}, value)];
  const rr = spread.rr;
  return [
    ...fact(t('spread.week'), count(spread.cases_7d)),
    ...fact(t('spread.incidence'), spread.incidence_per_100k === null ? '—' : number(spread.incidence_per_100k, { maximumSignificantDigits: 2 })),
    ...(rr ? fact(t('layer.risk'), `${times(rr[0])} (${times(rr[1])} – ${times(rr[2])})`) : []),
    ...fact(t('spread.day'), dayOf(spread.day)),
  ];
}

/** Those with an estimate, the fastest first, and how many have none. */
function bySpread(spreads) {
  const sure = spreads.filter(({ rt }) => rt).sort((a, b) => b.rt[0] - a.rt[0]);
  return { sure, few: spreads.length - sure.length };
}

/** The area beside the city and its parts: one line each, on one axis. */
function forest(own, parts, city) {
  const { sure, few } = bySpread(parts);
  if (!sure.length) return null;
  const row = (spread, kind = '') => el(`button.forest-row${kind}`, { type: 'button', 'data-area': spread.area_id, disabled: spread.area_id === 'city', title: trendWords(spread) },
    el('span', {}, nameOfSpread(spread)), whisker(spread.rt, { ...R_AXIS, word: spread.rt.map(two).join(' ') }), el('b.number', {}, two(spread.rt[0])));
  const top = [city, own.area_id !== city?.area_id ? own : null].filter((spread) => spread?.rt);
  return el('section.part', {}, el('div.part-head', {}, el('h3', {}, t('spread.beside'))),
    el('div.forest', {}, ...top.map((spread) => row(spread, '.top')), ...sure.slice(0, 12).map((spread) => row(spread))),
    few ? el('p.quiet-text', {}, t('spread.few', { n: few })) : null);
}

/** Areas of a level as a list: the nine figures that a morning meeting asks for. */
export function spreadList({ city, rows }) {
  const line = (spread, kind = '') => el(`button.forest-row${kind}`, { type: 'button', 'data-area': spread.area_id, disabled: spread.area_id === 'city' },
    el('span', {}, nameOfSpread(spread)),
    spread.rt ? whisker(spread.rt, { ...R_AXIS, word: spread.rt.map(two).join(' ') }) : el('i.quiet-text', {}, noEstimate(spread)),
    el('b.number', {}, spread.rt ? two(spread.rt[0]) : '—'),
    el('i.forest-trend', {}, trendWords(spread)));
  const { sure, few } = bySpread(rows);
  return el('section.part', {}, el('div.part-head', {}, el('h3', {}, t('spread.rt')), how('reproduction')),
    city && rtCurve(city.recent, t('spread.city')),
    el('div.forest.with-trend', {}, ...(city ? [line(city, '.top')] : []), ...sure.map((spread) => line(spread))),
    city && apart(city), few && city?.cases_7d !== null ? el('p.quiet-text', {}, t('spread.few', { n: few })) : null);
}
