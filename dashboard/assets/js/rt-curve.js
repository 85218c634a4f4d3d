// Reproduction number of an area's last days: a curve with its interval, and the same as a table.
import { el, svg } from './dom.js';
import { dayOf, number, t } from './i18n.js';

const WIDTH = 300;
const HEIGHT = 104;
const PLOT = { left: 30, right: 296, top: 6, bottom: 86 };
const TICKS = [0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 4, 6, 8];
const TICK_GAP = 15;
export const two = (n) => number(n, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
let tableIsOpen = false; // stays as the reader left it when the panel is painted anew

/** Which way cases go: only an interval that leaves out 1 says so. */
export const wayOf = (rt) => (!rt ? 'none' : rt[1] > 1 ? 'up' : rt[2] < 1 ? 'down' : 'unclear');

/** Runs of days that have an estimate, as lists of their positions: between them the curve is broken. */
export function runsOf(days) {
  return days.reduce((runs, { rt }, i) => {
    if (!rt) return runs;
    if (i && days[i - 1].rt) runs.at(-1).push(i);
    else runs.push([i]);
    return runs;
  }, []);
}

/** The curve, its words and its table; nothing where no day has an estimate. */
export function rtCurve(days = [], area = '') {
  if (!days.some(({ rt }) => rt)) return null;
  return el('figure.rt-curve', { 'data-days': days.length }, el('figcaption', {}, t('rt.title', { n: days.length, area })),
    picture(days), el('p.quiet-text', { 'aria-hidden': 'true' }, keyWords(days)), table(days));
}

function scaleOf(days) {
  const ends = days.flatMap(({ rt }) => (rt ? [rt[1], rt[2]] : []));
  const low = Math.max(0.05, Math.min(0.8, ...ends));
  const high = Math.min(20, Math.max(1.25, ...ends));
  const step = (PLOT.right - PLOT.left - 12) / (days.length - 1);
  return {
    low, high, step,
    x: (i) => PLOT.left + 6 + step * i,
    // A ratio: twice and half are as far from 1.
    y: (value) => PLOT.bottom - ((PLOT.bottom - PLOT.top) * Math.log(Math.min(high, Math.max(low, value)) / low)) / Math.log(high / low),
  };
}

function picture(days) {
  const scale = scaleOf(days);
  const made = svg('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img', 'aria-label': summary(days), class: 'rt-picture' });
  made.append(...axis(days, scale), ...gaps(days, scale));
  for (const run of runsOf(days)) made.append(...runPaths(days, run, scale));
  days.forEach(({ rt }, i) => rt && made.append(mark(wayOf(rt), scale.x(i), scale.y(rt[0]))));
  days.forEach((day, i) => made.append(svg('rect', { class: 'rt-over', x: scale.x(i) - scale.step / 2, y: PLOT.top, width: scale.step, height: PLOT.bottom - PLOT.top }, svg('title', {}, words(day)))));
  return made;
}

function axis(days, { low, high, x, y }) {
  const kept = [1];
  for (const tick of TICKS.filter((value) => value >= low && value <= high)) {
    if (kept.every((other) => Math.abs(y(other) - y(tick)) >= TICK_GAP)) kept.push(tick);
  }
  const line = (tick) => [
    svg('line', { class: tick === 1 ? 'rt-one' : 'rt-grid', x1: PLOT.left, x2: PLOT.right, y1: y(tick), y2: y(tick) }),
    svg('text', { class: tick === 1 ? 'rt-label one' : 'rt-label', x: PLOT.left - 4, y: y(tick) + 3.5, 'text-anchor': 'end' }, tick === 1 ? 'R=1' : number(tick, { maximumFractionDigits: 2 })),
  ];
  const middle = Math.floor((days.length - 1) / 2);
  const ends = [[0, 'start', PLOT.left], [middle, 'middle', x(middle)], [days.length - 1, 'end', PLOT.right]];
  const dates = ends.map(([i, anchor, at]) => svg('text', { class: 'rt-label', x: at, y: HEIGHT - 4, 'text-anchor': anchor }, dayOf(days[i].day)));
  return [...kept.flatMap(line), ...dates];
}

/** Days without an estimate are shaded: too few cases is not R = 0. */
function gaps(days, { x, step }) {
  return days.flatMap(({ rt }, i) => (rt ? [] : [svg('rect', { class: 'rt-gap', x: x(i) - step / 2, y: PLOT.top, width: step, height: PLOT.bottom - PLOT.top })]));
}

function runPaths(days, run, { x, y }) {
  const at = (i, which) => `${x(i).toFixed(1)} ${y(days[i].rt[which]).toFixed(1)}`;
  if (run.length === 1) return [svg('line', { class: 'rt-alone', x1: x(run[0]), x2: x(run[0]), y1: y(days[run[0]].rt[1]), y2: y(days[run[0]].rt[2]) })];
  const upper = run.map((i) => at(i, 2));
  const lower = [...run].reverse().map((i) => at(i, 1));
  return [svg('path', { class: 'rt-band', d: `M${[...upper, ...lower].join('L')}Z` }), svg('path', { class: 'rt-line', d: `M${run.map((i) => at(i, 0)).join('L')}` })];
}

/** A day's estimate by its shape: upwards, downwards, or hollow where no trend is clear. */
function mark(way, x, y) {
  if (way === 'unclear') return svg('circle', { class: 'rt-mark unclear', cx: x, cy: y, r: 2.8 });
  const tip = way === 'up' ? -3.6 : 3.6;
  return svg('path', { class: `rt-mark ${way}`, d: `M${x} ${y + tip}L${x + 3.6} ${y - tip * 0.75}L${x - 3.6} ${y - tip * 0.75}Z` });
}

const words = ({ day, rt }) => (rt ? `${dayOf(day)} · R ${two(rt[0])} (${two(rt[1])} – ${two(rt[2])}) · ${t(`rt.${wayOf(rt)}`)}` : `${dayOf(day)} · ${t('rt.none')}`);

/** What the shapes mean, of those that are drawn. */
function keyWords(days) {
  const ways = new Set(days.map(({ rt }) => wayOf(rt)));
  return ['up', 'down', 'unclear', 'none'].filter((way) => ways.has(way)).map((way) => t(`rt.key.${way}`)).join('  ');
}

/** The curve in one sentence, for who does not see it. */
function summary(days) {
  const known = days.filter(({ rt }) => rt);
  const [first, last] = [known[0], known.at(-1)];
  return t('rt.summary', {
    n: days.length, first: two(first.rt[0]), from: dayOf(first.day), last: two(last.rt[0]), to: dayOf(last.day), low: two(last.rt[1]), high: two(last.rt[2]),
    way: t(`rt.${wayOf(last.rt)}`), none: days.length - known.length,
  });
}

function table(days) {
  const row = ({ day, rt }) => el('tr', {}, el('th', { scope: 'row' }, dayOf(day)), el('td.number', {}, rt ? two(rt[0]) : '—'),
    el('td.number', {}, rt ? `${two(rt[1])} – ${two(rt[2])}` : '—'), el('td', {}, t(`rt.${wayOf(rt)}`)));
  const heads = ['rt.day', 'spread.r', 'rt.interval', 'rt.trend'].map((key) => el('th', { scope: 'col' }, t(key)));
  // A click, by key too, comes before the panel can be painted again; the event of toggling may not.
  const details = el('details.rt-table', { open: tableIsOpen },
    el('summary', { onclick: () => { tableIsOpen = !details.open; } }, t('rt.table')), el('table', {}, el('thead', {}, el('tr', {}, ...heads)), el('tbody', {}, ...[...days].reverse().map(row))));
  return details;
}
