// Everything about one cell or area: where it is, what passes, since when, real or simulated.
import { COLOURS } from './classes.js';
import { ask, byId, copy, el, fact, isNoSuch, refill } from './dom.js';
import { ago, change, count, hourMinute, nameOf, number, percent, t, withheld } from './i18n.js';
import { classNames, written } from './legend.js';
import { sparkline } from './sparkline.js';

const AGAIN_MS = 5000;
const SERIES = ['passages', 'in', 'out', 'fever'];

export class Inspector {
  constructor(state, live, { onFound }) {
    Object.assign(this, { state, live, onFound });
    this.box = byId('inspector');
    this.body = null;
    state.on(['cell', 'area'], () => this.load(true));
    live.onShown(() => this.paintNow());
    setInterval(() => this.subject() && this.load(false), AGAIN_MS);
    if (this.subject()) this.load(true);
  }

  subject() {
    const { cell, area } = this.state.now;
    if (cell) return `/api/cell/${cell}`;
    return area ? `/api/area/${encodeURIComponent(area)}` : null;
  }

  async load(fresh) {
    const path = this.subject();
    document.documentElement.dataset.inspecting = path ? '1' : '0';
    this.box.hidden = !path;
    if (!path) return;
    if (fresh) this.say('inspector.loading');
    try {
      const answer = await ask(path);
      if (path !== this.subject()) return; // another was chosen meanwhile
      if (isNoSuch(answer)) return void this.say('inspector.missing');
      if (!answer.ok) throw new Error(answer.status);
      this.body = await answer.json();
      if (fresh) this.onFound(this.body);
      this.paint();
    } catch {
      if (fresh && path === this.subject()) this.say('inspector.failed');
    }
  }

  say(key) {
    this.body = null;
    const id = this.state.now.cell ?? this.state.now.area;
    this.box.replaceChildren(this.head(t(this.state.now.cell ? 'inspector.cell' : 'inspector.area'), id), el('p.quiet-text', {}, t(key)));
  }

  head(title, id) {
    const copied = async ({ currentTarget: button }) => {
      await copy(id);
      button.textContent = t('inspector.copied');
      setTimeout(() => { button.textContent = t('inspector.copy.short'); }, 1200);
    };
    return el('div.panel-head', {}, el('h2', {}, title), el('code', {}, id),
      el('button.icon.copy', { type: 'button', title: t('inspector.copy'), 'aria-label': t('inspector.copy'), onclick: copied }, t('inspector.copy.short')),
      el('button.icon.close', { type: 'button', title: t('inspector.close'), 'aria-label': t('inspector.close'), onclick: () => this.state.go({ cell: null, area: null }) }, '×'));
  }

  paint() {
    const { body } = this;
    if (!body) return;
    const title = body.cell ? t('inspector.cell') : nameOf(body);
    refill(this.box,
      this.head(title, body.cell ?? body.area_id),
      this.chain(body.areas ?? []),
      el('div.now'),
      this.hour(body),
      el('dl.facts', {}, ...this.facts(body)),
      ...(body.neighbours?.length ? [this.neighbours(body)] : []),
      ...(JSON.stringify(body).includes(`"${withheld()}"`) ? [el('p.quiet-text.withheld-words', {}, t('withheld', { k: this.live.city.k }))] : []),
    );
    this.paintNow();
  }

  chain(areas) {
    const links = areas.flatMap((area, i) => [i ? el('span.sep', { 'aria-hidden': 'true' }, '›') : null,
      el('button.link', { type: 'button', onclick: () => this.state.go({ area: area.area_id }) }, nameOf(area))]);
    return el('div.chain', {}, ...links);
  }

  /** The big number is the map's own, so both always say the same. */
  paintNow() {
    const box = this.box.querySelector('.now');
    if (!box || !this.body) return;
    const { cell } = this.body;
    const index = cell && this.live.table ? this.live.table.indexOf(cell) : undefined;
    const here = index === undefined || this.live.reading ? null : this.live.at(index);
    const { show, metric, minutes } = here ? this.live.as : this.state.now;
    const name = el('span.now-name', {}, `${t(`metric.${metric}`)} · ${t('minutes.long', { n: minutes })}`);
    if (!here) {
      box.replaceChildren(name, el('b.now-value.number', {}, count((this.body.windows?.[minutes] ?? this.body.now ?? {})[metric])), this.delta(metric));
      return;
    }
    const colours = COLOURS[document.documentElement.dataset.theme] ?? COLOURS.dark;
    const scale = show === 'change' ? colours.change : colours.level;
    const breaks = show === 'change' ? this.live.city.breaks.change : this.live.coded;
    const word = typeof here.k === 'number' ? classNames(breaks, show)[here.k] : null;
    const klass = word ? el('span.now-class', {}, el('i.swatch', { style: `background:${scale[here.k]}` }), `${t('inspector.class')} ${here.k + 1}/7 · ${word}`) : null;
    box.replaceChildren(name,
      el('b.now-value.number', { 'data-code': here.code }, written(here.means, show), el('i', {}, t(`show.${show}.unit`))), this.delta(metric), klass ?? '');
  }

  delta(metric) {
    const { text, way } = change((this.body.changes ?? {})[metric]);
    return el(`span.now-delta.number.${way}`, {}, text, el('i', {}, t('kpi.delta')));
  }

  hour({ series: all = {}, minute_ms: times = [] }) {
    // The running minute is not over: drawn as it is, it would look like a fall.
    const over = times.at(-1) + 60000 > this.serverNow() ? -1 : undefined;
    const minutes = times.slice(0, over);
    const series = Object.fromEntries(Object.entries(all).map(([name, values]) => [name, values.slice(0, over)]));
    const rows = SERIES.filter((name) => series[name]).map((name) => {
      const known = series[name].filter((v) => typeof v === 'number');
      const last = series[name].at(-1);
      return el('div.hour-row', { title: known.length ? t('inspector.max', { n: number(Math.max(...known)) }) : null },
        el(`span.hour-name.${name}`, {}, t(`metric.${name}`)), sparkline([{ values: series[name], name }], { width: 160, height: 22, fromZero: true }),
        el('span.number', {}, count(last)));
    });
    const axis = minutes.length ? el('div.hour-axis.number', {}, el('span', {}, hourMinute(minutes[0])), el('span', {}, hourMinute(minutes.at(-1)))) : null;
    return el('div.hour', {}, el('h3', {}, t('inspector.hour')), ...rows, axis ?? '');
  }

  facts(body) {
    const now = this.serverNow();
    const age = body.last_seen_ms ? ago((now - body.last_seen_ms) / 1000) : t('none');
    const places = (body.places ?? []).map(nameOf).filter(Boolean).slice(0, 3).join(' · ');
    return [
      ...(body.residents ? fact(t('inspector.residents'), el('span.number', {}, number(body.residents))) : []),
      ...(body.area_km2 ? fact(t('inspector.parts'), el('span.number', {}, `${number(body.area_km2, { maximumSignificantDigits: 3 })} km²`)) : []),
      ...fact(t('inspector.seen'), el('span.number', {}, age)),
      ...(body.n_places ? fact(t('inspector.places', { n: number(body.n_places) }), places) : []),
      ...(typeof body.completeness === 'number' ? fact(t('inspector.complete'), el('span.number', {}, percent(body.completeness))) : []),
      ...(body.corrected_ms ? fact(t('inspector.late'), t('inspector.corrected', { ago: ago((now - body.corrected_ms) / 1000) })) : []),
      ...fact(t('inspector.kind'), ...this.kinds(body.kinds ?? {})),
    ];
  }

  /** Real or simulated, as far as the slices tell; by which channel they do not. */
  kinds({ simulated, share, channels }) {
    const word = simulated ? t(`inspector.kind.${simulated}`) : t('inspector.unknown');
    const part = share ? ` (≈ ${percent(share)})` : '';
    return [el('div', { 'data-kind': simulated ?? 'unknown' }, word + part), el('div.quiet-text', {}, t('inspector.channels', { what: channels ?? t('inspector.unknown') }))];
  }

  neighbours({ neighbours }) {
    const rows = neighbours.map(({ cell, value }) => el('button.near', { type: 'button', title: cell, onclick: () => this.state.go({ cell }) }, count(value)));
    return el('div', {}, el('h3', {}, t('inspector.neighbours')), el('div.nears.number', {}, ...rows));
  }

  /** Times are told by the server's clock; in a replay by the replay's. */
  serverNow() {
    return this.clock?.() ?? Date.now();
  }
}

