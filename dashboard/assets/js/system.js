// The system page: the way of a record, the account of all of them, what was rejected, and each topic.
import { byId, el, fact, isSelected } from './dom.js';
import { ago, number, percent, seconds, t } from './i18n.js';

const whole = (n) => (typeof n === 'number' ? number(n, { maximumFractionDigits: 0 }) : '—');
const rate = (n) => (typeof n === 'number' ? number(n, { maximumFractionDigits: n < 10 ? 1 : 0 }) : '—');
// Clocks of a page and of its server may differ so much.
const SKEW_S = 5;

export class System {
  constructor(live, wire) {
    Object.assign(this, { live, wire, status: null });
  }

  take(status) {
    this.status = status;
    this.paint();
  }

  paint() {
    const { status } = this;
    if (!status || byId('system').hidden) return;
    byId('pipeline').replaceChildren(...this.stages(status));
    byId('sum').replaceChildren(this.sum(status, 'checkins'), ...(status.cases?.read ? [this.sum(status.cases, 'cases')] : []));
    if (!isSelected(byId('rejects'))) byId('rejects').replaceChildren(this.rejects(status.rejects ?? []));
    byId('topics').replaceChildren(this.topics(status.topics ?? []));
    byId('about').replaceChildren(el('dl.facts', {}, ...this.about(status)));
  }

  stages(s) {
    const rates = s.rates ?? {};
    const stage = (name, value, unit, more, ok) => el(`li.stage-box${ok === false ? '.bad' : ''}`, {},
      el('span.stage-name', {}, t(`system.${name}`)), el('b.number', {}, rate(value)), el('span.stage-unit', {}, unit), el('span.stage-more.number', {}, more));
    const records = t('system.rate.records', { n: '' }).trim();
    return [
      stage('source', rates.source, records, s.simulated ? t('flag.simulated') : ''),
      stage('kafka', rates.kafka, records, t('system.partitions.n', { n: (s.topics ?? []).length })),
      stage('flink', rates.flink, records, t('system.lag', { n: whole(s.lag) }), !(s.lag > 50000)),
      stage('hub', rates.hub, records, typeof s.hub?.tick_ms === 'number' ? t('system.tick', { n: number(s.hub.tick_ms) }) : ''),
      stage('browsers', rates.browsers, t('system.rate.frames', { n: '' }).trim(), t('system.viewers', { n: whole(s.hub?.viewers) })),
    ];
  }

  /** The page adds up itself: a check that trusts the answer's own word would be none. What is withheld nobody can add up. */
  sum({ read, accepted, rejected, late, skipped }, topic) {
    if (!read) return el('p.quiet-text', {}, t('system.waiting'));
    const known = typeof read === 'number';
    const equal = !known || read === accepted + rejected + late;
    const part = (name, n) => el(`div.sum-part.${name}`, {}, el('span', {}, t(`system.${name}`)), el('b.number', { 'data-n': n }, typeof n === 'string' ? n : whole(n)));
    const sign = (text) => el('span.sum-sign', { 'aria-hidden': 'true' }, text);
    return el('div.sum', { 'data-topic': topic }, el('code', {}, topic), part('read', read), el(`span.sum-sign.${equal ? 'good' : 'bad'}`, {}, equal ? '=' : '≠'), part('accepted', accepted), sign('+'), part('rejected', rejected), sign('+'), part('late', late),
      known ? el(`span.verdict.${equal ? 'good' : 'bad'}`, { 'data-equal': String(equal) }, equal ? `✓ ${t('system.adds')}` : `✕ ${t('system.differs')}`) : null,
      skipped ? el('span.verdict.bad', { 'data-skipped': skipped, title: t('system.skipped.long') }, t('system.skipped', { n: whole(skipped) })) : null);
  }

  rejects(rows) {
    if (!rows.length) return el('p.quiet-text', {}, t('system.rejects.none'));
    const now = this.clock();
    // The key of the newest one: with it `./hexline rejects show` shows what it held, here nobody sees it.
    const newest = ({ topic, partition, offset, last_ms: last }) => [
      el('code', {}, `${topic}-${partition}-${offset}`), el('i.reject-age', {}, typeof last === 'number' && last <= now ? ago((now - last) / 1000) : '')];
    return this.table(['reason', 'count', 'newest', 'expected'], rows.map((row) => [
      el('code', {}, row.reason), whole(row.n), newest(row), (row.expected ?? '').replace(/^expected /, '')]));
  }

  topics(rows) {
    const heads = ['topic', 'partition', 'end', 'read', 'accepted', 'rejected', 'late', 'behind', 'age'];
    return this.table(heads, rows.map((part) => [
      el('code', {}, part.topic), whole(part.partition), whole(part.end), whole(part.read), whole(part.accepted), whole(part.rejected), whole(part.late),
      whole(typeof part.end === 'number' ? Math.max(0, part.end - part.offset - 1) : null),
      this.age(part.arrival_ms)]));
  }

  /** Age of an arrival; of one that lies ahead of the clock, which was set back, nobody knows it. */
  age(arrivalMs) {
    const ageS = (this.clock() - arrivalMs) / 1000;
    // A replay's clock stands still between two frames, while its minutes fly.
    const isAhead = ageS < -SKEW_S && this.live.city.clock !== 'replay';
    return typeof arrivalMs === 'number' && !isAhead ? seconds(ageS) : '—';
  }

  table(heads, rows) {
    return el('table', {}, el('thead', {}, el('tr', {}, ...heads.map((head, i) => el(i ? 'th.number' : 'th', { scope: 'col' }, t(`system.${head}`))))),
      el('tbody', {}, ...rows.map((cells) => el('tr', {}, ...cells.map((cell, i) => el(i ? 'td.number' : 'td', {}, cell))))));
  }

  about(s) {
    const hub = s.hub ?? {};
    return [
      ...(s.trouble ? fact(t('system.trouble'), el('span.bad', {}, s.trouble)) : []),
      ...fact(t('system.completeness'), el('span.number', {}, typeof s.completeness === 'number' ? percent(s.completeness) : '—')),
      ...fact(t('system.freshness'), el('span.number', {}, typeof s.freshness_s === 'number' ? seconds(s.freshness_s) : '—')),
      ...fact(t('system.cells'), el('span.number', {}, whole(hub.cells))),
      ...fact(t('system.uptime'), el('span.number', {}, typeof hub.uptime_s === 'number' ? seconds(hub.uptime_s) : '—')),
      ...fact(t('system.frames'), el('span.number', {}, whole(this.live.frames))),
      ...fact(t('system.resyncs'), el('span.number', {}, whole(this.wire.resyncs))),
      ...fact(t('system.places'), el('span.number', {}, whole(hub.places))),
      ...fact(t('system.dropped'), el('span.number', {}, whole(hub.dropped))),
      ...fact(t('system.version'), el('span.number', {}, hub.version ?? '—')),
    ];
  }
}
