// Which layer the map shows: a grouped menu of counts and statistics, the facts of each, and as of when it holds.
import { ask, byId, el } from './dom.js';
import { clockTime, dateName, hourMinute, onLanguage, percent, seconds, t } from './i18n.js';
import { Reading } from './statistic.js';
import { STATISTICS } from './wire.js';

const AGAIN_MS = 4000;
// Counts have no id of their own in the address: they are metric, window and form.
const GROUPS = [
  ['crowds', ['level', 'change', 'perkm2', 'density', 'ratio', 'occupancy']],
  ['risk', ['risk', 'above_1', 'incidence']],
  ['unusual', ['hotspots', 'clusters', 'aberrations']],
];
const SHOWS = { level: 'level', change: 'change', perkm2: 'density' };

export class Layers {
  constructor(state) {
    this.state = state;
    this.facts = new Map();
    this.readings = new Map();
    this.listeners = [];
    this.button = byId('layer');
    this.menu = byId('layer-menu');
    this.button.onclick = () => this.toggle();
    this.menu.onkeydown = (event) => this.key(event);
    document.addEventListener('pointerdown', ({ target }) => { if (!this.menu.hidden && !this.menu.contains(target) && !this.button.contains(target)) this.close(); });
    state.on(['layer', 'show'], () => this.paint());
    onLanguage(() => this.paint());
    this.ready = this.load();
    setInterval(() => this.state.now.layer && this.load(), AGAIN_MS);
    this.paint();
  }

  /** Call with the facts of the layer shown, each time they are read anew. */
  onFacts(listener) {
    this.listeners.push(listener);
  }

  async load() {
    try {
      const answer = await ask('/api/picture');
      if (!answer.ok) return;
      for (const facts of (await answer.json()).layers) {
        const before = this.facts.get(facts.id);
        this.facts.set(facts.id, facts);
        if (!before || before.version !== facts.version) this.readings.set(facts.id, new Reading(facts));
      }
      this.paintNote();
      this.listeners.forEach((listener) => listener(this.now()));
      if (!this.menu.hidden) this.fill();
    } catch { /* asked again */ }
  }

  /** The facts of the layer shown; null for counts, and before they are known. */
  now() {
    return this.facts.get(this.state.now.layer) ?? null;
  }

  reading(id) {
    return this.readings.get(id) ?? null;
  }

  /** The resolution to ask for: the finest that this layer has and the zoom wants, else its coarsest. */
  resolution(wanted) {
    const there = this.now()?.resolutions ?? [];
    return there.findLast((res) => res <= wanted) ?? there[0] ?? 8;
  }

  chosen() {
    const { layer, show } = this.state.now;
    return layer ?? Object.keys(SHOWS).find((id) => SHOWS[id] === show) ?? 'level';
  }

  choose(id) {
    this.close();
    this.button.focus();
    if (STATISTICS.includes(id)) this.state.go({ layer: id });
    else this.state.go({ layer: null, show: SHOWS[id] });
    if (this.state.now.layer) this.load();
  }

  toggle() {
    if (this.menu.hidden) this.open();
    else this.close();
  }

  open() {
    this.fill();
    this.menu.hidden = false;
    this.button.setAttribute('aria-expanded', 'true');
    this.menu.querySelector('[aria-checked="true"]')?.focus();
  }

  close() {
    this.menu.hidden = true;
    this.button.setAttribute('aria-expanded', 'false');
  }

  key(event) {
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (event.key === 'Escape') {
      this.close();
      this.button.focus();
    } else if (step) {
      const all = [...this.menu.querySelectorAll('[role="menuitemradio"]')];
      all[(all.indexOf(document.activeElement) + step + all.length) % all.length].focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  paint() {
    const { layer } = this.state.now;
    document.documentElement.dataset.layer = layer ?? 'counts';
    document.documentElement.dataset.group = GROUPS.find(([, ids]) => ids.includes(this.chosen()))[0];
    this.button.replaceChildren(el('span.layer-word', {}, t('layers')), el('b', {}, t(`layer.${this.chosen()}`)), el('span', { 'aria-hidden': 'true' }, '▾'));
    if (!this.menu.hidden) this.fill();
    this.paintNote();
  }

  fill() {
    const at = document.activeElement?.dataset?.layerId;
    this.menu.replaceChildren(...GROUPS.map(([group, ids]) => el('div.layer-group', { role: 'group', 'aria-label': t(`layers.${group}`) },
      el('h3', {}, t(`layers.${group}`)), ...ids.map((id) => this.item(id)))));
    if (at) this.menu.querySelector(`[data-layer-id="${at}"]`)?.focus();
  }

  item(id) {
    const facts = this.facts.get(id);
    const empty = STATISTICS.includes(id) && facts?.state !== 'ready';
    return el(`button.layer-item${empty ? '.empty' : ''}`, {
      type: 'button', role: 'menuitemradio', 'aria-checked': String(id === this.chosen()), 'data-layer-id': id, onclick: () => this.choose(id),
    }, el('b', {}, t(`layer.${id}`)), el('span', {}, empty ? t('layer.empty.short') : t(`layer.${id}.short`)));
  }

  /** Why the map is empty, where it is. */
  paintNote() {
    const box = byId('layer-note');
    const words = this.whyEmpty();
    box.hidden = !words;
    if (words) box.replaceChildren(el('b', {}, words[0]), el('span', {}, words[1]));
  }

  /** Nothing was said yet on this layer's topic, or nothing is known of an hour ago; null where there is something to see. */
  whyEmpty() {
    const facts = this.now();
    if (this.state.now.layer) return facts && facts.state !== 'ready' ? [t('layer.empty', { layer: t(`layer.${facts.id}`) }), t('layer.empty.wait', { every: seconds(facts.every_s) })] : null;
    const isUnknown = this.state.now.show === 'change' && this.live?.isChange && !this.live.anyKnown;
    return isUnknown ? [t('layer.change.none'), t('layer.change.none.wait')] : null;
  }

  /** Look at what the map shows after each count of its classes. */
  watch(live) {
    this.live = live;
    live.onShown(() => this.paintNote());
  }
}

/** As of when a layer holds and how complete it is, as one line. */
export function asOf(facts) {
  if (!facts?.as_of_ms) return '';
  const recent = facts.every_s <= 60 ? clockTime(facts.as_of_ms) : hourMinute(facts.as_of_ms);
  return t('layer.asof', { time: `${dateName(facts.as_of_ms)} ${recent}`, complete: percent(facts.completeness) });
}
