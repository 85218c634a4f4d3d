// The address is the state: what is in it can be sent to a colleague and comes back with "back".

const METRICS = ['passages', 'in', 'out', 'fever'];
const MINUTES = [1, 15, 60];
const SHOWS = ['level', 'change', 'density'];
const LAYERS = ['density', 'ratio', 'occupancy', 'risk', 'above_1', 'incidence', 'hotspots', 'clusters', 'aberrations'];
const CELL = /^[0-9a-f]{15}$/;
const among = (allowed, value, otherwise) => (allowed.includes(value) ? value : otherwise);

/** Read the state from an address; what makes no sense is left out, what is not in it is as usual in the city. */
export function parse(search, path, usual) {
  const q = new URLSearchParams(search);
  const [lng, lat] = (q.get('c') ?? '').split(',').map(Number);
  const there = q.get('c') && Math.abs(lng) <= 180 && Math.abs(lat) <= 85;
  const zoom = Number(q.get('z'));
  return {
    page: path.startsWith('/system') ? 'system' : path.startsWith('/methods') ? 'methods' : 'live',
    doc: /^\/methods\/([\w-]+)$/.exec(path)?.[1] ?? null,
    layer: among(LAYERS, q.get('layer'), null),
    centre: there ? [lng, lat] : null,
    zoom: q.get('z') && zoom >= 0 && zoom <= 22 ? zoom : null,
    cell: CELL.test(q.get('cell') ?? '') ? q.get('cell') : null,
    area: q.get('area') || null,
    metric: among(METRICS, q.get('metric'), 'passages'),
    minutes: among(MINUTES, Number(q.get('minutes')), usual.minutes),
    show: among(SHOWS, q.get('show'), 'level'),
    lang: among(['zh', 'en'], q.get('lang'), null),
    theme: among(['dark', 'light'], q.get('theme'), null),
    wall: q.get('wall') === '1',
  };
}

/** Write the state as an address; what is usual is not written. */
export function toAddress(state, usual) {
  const q = new URLSearchParams();
  if (state.centre) q.set('c', state.centre.map((v) => v.toFixed(4)).join(','));
  if (state.zoom !== null) q.set('z', state.zoom.toFixed(2));
  if (state.cell) q.set('cell', state.cell);
  if (state.area) q.set('area', state.area);
  if (state.layer) q.set('layer', state.layer);
  if (state.metric !== 'passages') q.set('metric', state.metric);
  if (state.minutes !== usual.minutes) q.set('minutes', state.minutes);
  if (state.show !== 'level') q.set('show', state.show);
  for (const name of ['lang', 'theme']) if (state[name]) q.set(name, state[name]);
  if (state.wall) q.set('wall', '1');
  const text = q.toString().replaceAll('%2C', ',');
  return pathOf(state) + (text ? `?${text}` : '');
}

function pathOf({ page, doc }) {
  if (page === 'methods') return doc ? `/methods/${doc}` : '/methods';
  return page === 'system' ? '/system' : '/';
}

/** What a change brings with it. */
export function agreed(before, change) {
  const next = { ...before, ...change };
  // Metric, window and form are of counts: choosing one leaves the statistics.
  if ('layer' in change === false && ['metric', 'minutes', 'show'].some((name) => name in change)) next.layer = null;
  if (change.cell) next.area = null;
  if (change.area) next.cell = null;
  return next;
}

/** The state of the page; listeners hear the names of what changed. */
export class State {
  constructor(city) {
    this.usual = { minutes: city.usual_minutes };
    this.now = this.read();
    this.listeners = [];
    addEventListener('popstate', () => this.become(this.read(), null, true));
  }

  read() {
    return parse(location.search, location.pathname, this.usual);
  }

  on(names, listener) {
    this.listeners.push([names, listener]);
  }

  /** Change without a step to go back to: panning, switches. */
  set(change) {
    this.become(agreed(this.now, change), 'replaceState');
  }

  /** Change that "back" takes back: a selection, a page. */
  go(change) {
    this.become(agreed(this.now, change), 'pushState');
  }

  become(next, how, fromHistory = false) {
    const before = this.now;
    const changed = Object.keys(next).filter((name) => String(next[name]) !== String(before[name]));
    if (!changed.length) return;
    this.now = next;
    // The state object of others (Dash keeps one) stays as it is.
    if (how) history[how](history.state, '', toAddress(next, this.usual));
    for (const [names, listener] of this.listeners) {
      if (names.some((name) => changed.includes(name))) listener(next, before, fromHistory);
    }
  }
}
