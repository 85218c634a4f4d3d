// State of the data: one chip, driven by the arrival clock, and the city's own time beside it.
import { byId, setText } from './dom.js';
import { clockTime, dateName, dayName, hourMinute, percent, seconds, t } from './i18n.js';

const FRESH_S = 3;
const LATE_S = 15;

/** State of the data, from what is known of the line, the clock and its age. */
export function stateOf({ lost, hub, replay, ageS }) {
  if (lost) return 'lost';
  if (hub === 'loading' || hub === 'empty') return hub;
  if (hub === 'catching') return 'catching';
  if (hub === 'waiting' || hub === 'stalled') return 'stale';
  if (ageS >= LATE_S || ageS === null) return 'stale';
  if (replay) return 'replay';
  return ageS >= FRESH_S ? 'late' : 'live';
}

export class Chip {
  constructor(city, { onState }) {
    Object.assign(this, { city, onState });
    this.box = byId('chip');
    this.lost = false;
    this.hubState = 'loading';
    this.arrivalMs = null;
    this.movedAt = Date.now();
    // What the browser's clock is ahead of the server's; ages are told by the server's.
    this.aheadMs = 0;
    setInterval(() => this.paint(), 200);
  }

  frame({ arrivalMs }) {
    this.lost = false;
    if (arrivalMs !== this.arrivalMs) this.movedAt = Date.now();
    this.arrivalMs = arrivalMs;
    this.paint();
  }

  status({ arrival_ms: arrivalMs, freshness_s: ageS, completeness, complete_to_ms: completeTo, lag }) {
    Object.assign(this, { completeness, completeTo, lag });
    // What has arrived and has no age lies ahead of the server's clock, which was set back.
    this.isAgeless = arrivalMs > 0 && ageS === null;
    if (!this.replay && typeof arrivalMs === 'number' && typeof ageS === 'number') {
      this.aheadMs = Date.now() - (arrivalMs + ageS * 1000);
    }
  }

  /** What the hub says of itself: loading, live, empty, or waiting for the broker. */
  hub(state) {
    this.hubState = state;
    this.paint();
  }

  line(state) {
    this.lost = state === 'lost';
    this.paint();
  }

  get replay() {
    return this.city.clock === 'replay';
  }

  /** Age of the data in seconds, null where nobody knows it; in a replay, how long its clock has stood still. */
  get ageS() {
    if (this.isAgeless) return null;
    if (this.replay || !this.arrivalMs) return (Date.now() - this.movedAt) / 1000;
    return Math.max(0, (Date.now() - this.aheadMs - this.arrivalMs) / 1000);
  }

  /** How old the data are; while a log is read, up to when it is read. */
  ageText(state) {
    if (state === 'loading' || state === 'empty' || !this.arrivalMs) return '';
    if (state === 'catching') return this.completeTo ? t('chip.upto', { t: this.moment(this.completeTo) }) : '';
    return this.ageS === null ? '—' : seconds(this.ageS);
  }

  /** A moment of today by its time; of another day with its date, for a log of days is read through many mornings. */
  moment(ms) {
    const isToday = dateName(ms) === dateName(this.replay ? this.arrivalMs : Date.now() - this.aheadMs);
    return isToday ? hourMinute(ms) : `${dateName(ms)} ${hourMinute(ms)}`;
  }

  paint() {
    const state = stateOf({ lost: this.lost, hub: this.hubState, replay: this.replay, ageS: this.ageS });
    if (state !== this.state) {
      const before = this.state;
      this.state = state;
      this.box.dataset.state = state;
      document.documentElement.dataset.data = state;
      this.onState(state, before);
    }
    const words = { late: 'chip.live' }[state] ?? `chip.${state}`;
    setText(byId('chip-state'), t(words));
    setText(byId('chip-age'), this.ageText(state));
    const known = typeof this.completeness === 'number' && state !== 'empty' && state !== 'loading';
    const share = t(state === 'catching' ? 'chip.read' : 'chip.complete', { n: percent(this.completeness ?? 0) });
    setText(byId('chip-complete'), known ? share : '');
    const now = this.replay ? this.arrivalMs : Date.now() - this.aheadMs;
    setText(byId('clock'), now ? `${dayName(now)} ${clockTime(now)}` : '');
  }
}
