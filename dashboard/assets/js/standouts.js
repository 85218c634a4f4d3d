// What stands out on a layer, as a list: cells at risk, hot spots, clusters, unusual areas, spread by area.
import { el } from './dom.js';
import { count, nameOf, number, t } from './i18n.js';
import { clusterWords } from './score.js';
import { pValue, times } from './statistic.js';

/** The list beside each layer. */
export const LISTS = {
  risk: 'risk', above_1: 'risk', incidence: 'risk', hotspots: 'hotspots', clusters: 'clusters', aberrations: 'aberrations',
};

const near = (row) => (row.areas?.length ? nameOf(row.areas.at(-1)) : row.cell ?? row.area_id);
const above = (row) => (row.areas ?? []).slice(0, -1).slice(-2).map(nameOf).join(' · ');

function line(row, i, value, under, tone = '') {
  return el('li', {}, el('button.hot.standout', { type: 'button', 'data-cell': row.cell ?? null, 'data-area': row.cell ? null : row.area_id, 'data-rank': i + 1 },
    el('span.rank.number', {}, i + 1), el('span.hot-name', {}, near(row), el('i', {}, above(row) || row.cell || '')),
    el(`span.hot-value.number${tone}`, {}, value, el('i', {}, under))));
}

const ofExpected = (n, { expected }) => `${count(n)} / ${expected === null ? '—' : number(expected)}`;
const VALUES = {
  risk: (row) => times(row.rr[0]),
  hotspots: (row) => ofExpected(row.cases, row),
  cold: (row) => ofExpected(row.cases, row),
  aberrations: (row) => ofExpected(row.count, row),
  clusters: (row) => (row.ratio ? times(row.ratio[0]) : '—'),
};

/** What a row of a list is there for, as its large figure says it. */
export const valueOf = (name, row) => VALUES[name](row);

const UNDER = {
  risk: (row) => `${times(row.rr[1])} – ${times(row.rr[2])}`,
  hotspots: (row) => `p ${pValue(row.p_adjusted)}`,
  cold: (row) => `p ${pValue(row.p_cold_adjusted)}`,
  aberrations: (row) => `${t(`series.${row.series}`)} · p ${pValue(row.p_adjusted)}`,
  clusters: (row) => ofExpected(row.observed, row),
};
const TONES = { risk: (row) => `.class-${row.class}`, clusters: (row) => (row.is_alarm ? '.alarm' : '') };

function standoutList(name, body) {
  const rows = body.rows ?? [];
  const n = body.n ?? rows.length;
  const head = el('div.part-head', {}, el('h3', {}, t(`list.${name}`, { n: number(n), judged: number(body.n_judged ?? 0) })));
  const none = `list.${name}.${unjudged(name, body) || 'none'}`;
  return el('section.part.standouts', { 'data-list': name }, head,
    rows.length ? el('ol', {}, ...rows.map((row, i) => line(row, i, valueOf(name, row), UNDER[name](row), TONES[name]?.(row)))) : el('p.quiet-text', {}, t(none)),
    name === 'clusters' && rows.length ? el('div.cluster-words', {}, ...rows.map((row) => el('p.score-words', { 'data-rank': row.rank, hidden: row.rank !== 1 }, clusterWords(row)))) : null,
    el('p.quiet-text.list-foot', {}, t(`list.${name}.foot`)));
}

/** Why a list is empty where nothing could be found: not looked yet, or nothing to look at. */
function unjudged(name, { scanned, n_judged: judged }) {
  if (name === 'clusters') return scanned ? '' : 'unscanned';
  return judged ? '' : 'unjudged';
}

/** The lists beside a layer: hot spots have cold ones beside them. */
export function standoutLists(name, body) {
  const cold = name === 'hotspots' ? [standoutList('cold', { n: body.n_cold, n_judged: body.n_judged_cold, rows: body.cold })] : [];
  return [standoutList(name, body), ...cold];
}

/** What the pointer says of a cluster. */
export function clusterHover(row) {
  return [
    el('div.hover-row', {}, el(`i.swatch.cluster${row.is_alarm ? '.alarm' : ''}`), el('span', {}, t('cluster.hover', { rank: row.rank })), el('b.number', {}, row.ratio ? times(row.ratio[0]) : '—'), el('i.number', {}, row.ratio ? `${times(row.ratio[1])} – ${times(row.ratio[2])}` : '')),
    el('p.hover-words', {}, clusterWords(row)),
  ];
}
