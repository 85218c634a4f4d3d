// Starts the page: waits for its frame, then ties state, wire, map and panels together.
import { Chip } from './chip.js';
import { choices, nextMetric } from './choices.js';
import { ask, byId, el } from './dom.js';
import { AreaValues, Hover } from './hover.js';
import { lang, nameOf, onLanguage, sayAll, setCity, setLanguage, t } from './i18n.js';
import { Inspector } from './inspector.js';
import { help, keyboard } from './keyboard.js';
import { Hottest, Kpis } from './kpi.js';
import { Legend } from './legend.js';
import { Live } from './live.js';
import { AreaTable, Notice } from './notice.js';
import { Search } from './search.js';
import { State } from './state.js';
import { System } from './system.js';
import { Tables } from './table.js';
import { Wall } from './wall.js';
import { Wire } from './wire.js';

const root = document.documentElement;
const AGAIN_MS = 1500;
const FIRST_FRAME_MS = 2500;
const EDGES = { 7: '1.4 km', 8: '530 m', 9: '200 m' };

function frameReady() {
  return new Promise((resolve) => {
    const look = () => byId('map') && byId('system') && (watcher.disconnect(), resolve());
    const watcher = new MutationObserver(look);
    watcher.observe(document.body, { childList: true, subtree: true });
    look();
  });
}

/** The city must be known before anything is drawn; a server that starts late is waited for. */
async function readCity() {
  for (;;) {
    try {
      const answer = await ask('/api/city');
      if (answer.ok) return await answer.json();
    } catch { /* not up yet */ }
    await new Promise((resolve) => { setTimeout(resolve, AGAIN_MS); });
  }
}

class Room {
  constructor(city) {
    this.city = city;
    this.state = new State();
    this.tables = new Tables();
    this.live = new Live(this);
    this.areas = new AreaValues(this.state);
    this.notice = new Notice(city);
    this.wire = new Wire(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws`, {
      onFrame: (layer, frame) => { this.chip.frame(frame); this.live.take(layer, frame); },
      onState: (state) => this.chip.line(state),
      onNews: (news) => this.hear(news),
    });
    this.chip = new Chip(city, { onState: (state, before) => this.dataState(state, before) });
    this.legend = new Legend(this.live);
    this.system = new System(this.live, this.wire);
    this.kpis = new Kpis(this.state, { onActive: () => this.home(), onCases: () => this.showCases() });
    this.hottest = new Hottest(this.state, (row) => this.visit(row));
    this.inspector = new Inspector(this.state, this.live, { onFound: (body) => this.found(body) });
    this.system.clock = this.inspector.clock = () => (this.chip.replay ? this.chip.arrivalMs : Date.now() - this.chip.aheadMs);
    this.search = new Search((found) => this.goTo(found));
    this.wanted = 9;
    this.bind();
  }

  bind() {
    const { state } = this;
    choices(state);
    state.on(['metric', 'minutes', 'show'], () => this.ask());
    state.on(['page'], () => this.showPage());
    state.on(['cell', 'area'], () => this.outline());
    state.on(['centre', 'zoom'], (now, _before, fromHistory) => {
      if (fromHistory && now.centre) this.map?.map.jumpTo({ center: now.centre, zoom: now.zoom ?? undefined });
    });
    state.on(['lang'], (now) => now.lang && now.lang !== lang() && setLanguage(now.lang));
    onLanguage(() => this.say());
    this.live.onShown(() => this.shown());
    document.addEventListener('hexline:now', ({ detail }) => detail && this.take(detail));
    for (const [id, act] of Object.entries(this.buttons())) byId(id).onclick = act;
    for (const link of document.querySelectorAll('[data-page]')) {
      link.addEventListener('click', (event) => { event.preventDefault(); event.stopPropagation(); state.go({ page: link.dataset.page }); }, true);
    }
    this.toggleHelp = help();
    keyboard({
      page: (page) => state.go({ page }), search: () => this.search.focus(), clear: () => this.clear(), wall: () => this.wall.toggle(),
      language: () => this.toggleLanguage(), theme: () => this.toggleTheme(), metric: () => nextMetric(state), help: this.toggleHelp,
      home: () => this.home(), zoom: (by) => this.map?.zoomBy(by), pan: (x, y) => this.map?.pan(x, y),
    });
  }

  buttons() {
    return {
      lang: () => this.toggleLanguage(), theme: () => this.toggleTheme(), wall: () => this.wall.toggle(), help: () => this.toggleHelp(),
      home: () => this.home(), 'zoom-in': () => this.map?.zoomBy(1), 'zoom-out': () => this.map?.zoomBy(-1),
    };
  }

  async start() {
    this.say();
    this.showPage();
    this.wall = new Wall(this.state, { rows: () => this.hottest.rows, goTo: (row, zoom) => this.tour(row, zoom), onChange: (on) => this.walled(on) });
    this.ask();
    await this.startMap();
  }

  async startMap() {
    const { centre, zoom } = this.state.now;
    // The map's code is loaded apart, so that figures and lists appear first.
    const { LiveMap, isNoWebGl } = await import('./map.js');
    try {
      const view = centre ? { centre, zoom: zoom ?? 11 } : await this.firstView();
      this.map = new LiveMap(byId('map'), this.city, root.dataset.theme, view);
    } catch (error) {
      if (!isNoWebGl(error)) throw error;
      return this.withoutMap();
    }
    const { map } = this;
    map.on = {
      move: (view) => this.state.set(view), res: (res) => { this.wanted = res; this.ask(); },
      pick: (what) => this.state.go({ cell: null, area: null, ...what }), hover: (what) => this.hover.show(what),
    };
    this.hover = new Hover(this.state, this.live, this.areas);
    await map.ready;
    this.live.map = map;
    this.live.draw();
    this.walled(this.state.now.wall);
    if (this.inspector.body) this.found(this.inspector.body);
    this.outline();
    root.dataset.map = 'ready';
    return undefined;
  }

  /** Start where the city is busy, not on its whole administrative area. */
  async firstView() {
    try {
      const box = (await this.busyBox()) ?? (await this.tables.get(9)).box();
      const { clientWidth: w, clientHeight: h } = byId('map');
      if (!box) return null;
      const [[west, south], [east, north]] = box;
      const y = (lat) => Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360)) / (2 * Math.PI);
      const zoom = Math.min(Math.log2((w * 360) / (512 * Math.max(east - west, 0.005))), Math.log2(h / (512 * Math.max(y(north) - y(south), 1e-5))));
      return { centre: [(west + east) / 2, (south + north) / 2], zoom: Math.min(13, zoom - 0.15) };
    } catch {
      return null;
    }
  }

  /** The box of nine tenths of what passes now, from the first frame if it comes in time. */
  async busyBox() {
    const shown = new Promise((resolve) => { this.live.onShown(resolve); if (this.live.codes) resolve(); });
    await Promise.race([shown, new Promise((resolve) => { setTimeout(resolve, FIRST_FRAME_MS); })]);
    const { table, layer } = this.live;
    return table && layer && this.state.now.show !== 'change' ? table.box(0.9, layer.values) : null;
  }

  withoutMap() {
    root.dataset.map = 'none';
    this.notice.set('nogl');
    this.areaTable = new AreaTable(this.city, this.areas);
    return this.areaTable.start();
  }

  ask() {
    this.wire.subscribe(this.live.wanted(this.wanted));
    const { metric, minutes } = this.state.now;
    const { wall } = this.state.now;
    // The tour is over the finest cells, whatever the camera shows on its way.
    const choice = { res: wall ? 9 : this.wanted, metric, minutes, wall, lang: lang(), theme: root.dataset.theme, timezone: this.city.timezone };
    globalThis.dash_clientside?.set_props('choice', { data: choice });
    // A change of metric is already in the frame that is here, only shown otherwise.
    if (this.live.layer) this.legend.paint();
  }

  /** What the hub says in words: its tables, and whether there is anything to show. */
  hear(news) {
    const tables = news.hello?.tables ?? news.tables;
    if (tables) this.tables.expect(tables);
    const state = news.hello?.state ?? news.state;
    if (state) this.chip.hub(state);
    if (news.error) console.warn('hub:', news.error);
  }

  take({ kpi, status, hottest }) {
    this.chip.status(status);
    this.kpis.take(kpi);
    this.hottest.take(hottest);
    this.system.take(status);
    this.areaTable?.paint();
    this.flags(status.simulated);
    this.stateNotice();
  }

  shown() {
    const { table } = this.live;
    byId('res').textContent = t('map.res', { res: table.res, edge: EDGES[table.res] ?? '' });
    this.stateNotice();
  }

  stateNotice() {
    if (root.dataset.map === 'none') return;
    const kind = this.chip.state === 'empty' ? 'empty' : this.chip.state === 'lost' ? 'lost' : null;
    if (kind !== this.notice.kind) this.notice.set(kind);
  }

  dataState(state, before) {
    this.map?.cells?.setLook({ dimmed: state === 'lost' || state === 'stale' ? 0.55 : 0 });
    this.stateNotice();
    if (!before || before === 'loading') return;
    if (state === 'lost') byId('say').textContent = t('chip.lost.long');
    else if (before === 'lost') byId('say').textContent = t('chip.back');
    else if (state === 'stale') byId('say').textContent = t('chip.stale');
  }

  flags(simulated) {
    const { city } = this;
    this.simulated = simulated ?? this.simulated ?? city.simulated;
    const flag = (key, title = '') => el('span.flag', { title, 'data-flag': key }, t(`flag.${key}`));
    const note = city.notes?.[lang()] ?? '';
    const flags = [this.simulated && flag('simulated', note), city.synthetic && flag('synthetic', note), city.clock === 'replay' && flag('replay', note)];
    byId('flags').replaceChildren(...flags.filter(Boolean));
  }

  /** Bring what was selected into view, unless the wall's tour holds the camera. */
  found({ cell, lng, lat }) {
    if (!this.map || lng === undefined || this.state.now.wall) return;
    if (!this.map.map.getBounds().contains([lng, lat])) this.map.fly([lng, lat], cell && this.map.zoomFor(cell));
  }

  outline() {
    const { cell, area } = this.state.now;
    if (cell) this.map?.outlineCell(cell);
    else this.map?.outline((area && this.map.base?.find(area)?.feature.geometry) || null);
  }

  visit(row) {
    this.state.go({ cell: row.cell });
    this.map?.fly([row.lng, row.lat], this.map.zoomFor(row.cell));
  }

  goTo({ kind, id, lng, lat, bbox }) {
    if (kind === 'area') {
      this.state.go({ area: id });
      if (bbox) return this.map?.fit(bbox);
    } else if (kind === 'cell') this.state.go({ cell: id });
    return this.map?.fly([lng, lat], kind === 'cell' ? this.map.zoomFor(id) : 13.5);
  }

  /** One stop of the wall's tour. */
  tour(row, zoom) {
    this.map?.fly([row.lng, row.lat], zoom);
    this.map?.outlineCell(row.cell);
  }

  async home() {
    const view = await this.firstView();
    if (view) this.map?.fly(view.centre, view.zoom);
    else this.map?.fit(this.city.bbox);
  }

  showCases() {
    const panel = byId('epicurve-panel');
    panel.scrollIntoView({ block: 'nearest' });
    panel.classList.add('flash');
    setTimeout(() => panel.classList.remove('flash'), 1600);
  }

  clear() {
    byId('help-panel').hidden = true;
    if (this.state.now.wall) this.state.set({ wall: false });
    if (this.live.alone >= 0) this.live.isolate(this.live.alone);
    if (this.state.now.cell || this.state.now.area) this.state.go({ cell: null, area: null });
  }

  showPage() {
    const { page } = this.state.now;
    for (const id of ['live', 'system']) byId(id).hidden = id !== page;
    for (const link of document.querySelectorAll('nav [data-page]')) {
      if (link.dataset.page === page) link.setAttribute('aria-current', 'page');
      else link.removeAttribute('aria-current');
    }
    if (page === 'live') requestAnimationFrame(() => { this.map?.resize(); dispatchEvent(new Event('resize')); });
    this.system.paint();
  }

  walled(on) {
    this.ask();
    if (!on) this.outline();
    this.map?.base?.wall(on);
    requestAnimationFrame(() => { this.map?.resize(); dispatchEvent(new Event('resize')); });
  }

  toggleLanguage() {
    const next = lang() === 'en' ? 'zh' : 'en';
    setLanguage(next);
    this.state.set({ lang: next });
  }

  toggleTheme() {
    const next = root.dataset.theme === 'light' ? 'dark' : 'light';
    root.dataset.theme = next;
    try { localStorage.setItem('theme', next); } catch { /* a kiosk may forbid it */ }
    this.state.set({ theme: next });
    this.map?.paint(next);
    if (this.live.map) this.live.draw();
    this.legend.paint();
    this.ask();
  }

  /** Say everything that scripts say, in the language chosen now. */
  say() {
    sayAll(document);
    byId('brand').textContent = nameOf(this.city);
    document.title = `${nameOf(this.city)} · ${t('title')}`;
    this.flags();
    this.kpis.paint();
    this.hottest.paint();
    this.inspector.paint();
    this.legend.paint();
    this.system.paint();
    this.map?.base?.say();
    this.ask();
  }
}

await frameReady();
const city = await readCity();
setCity(city);
const room = new Room(city);
// One name for the console and the tests; nothing in the page reads it.
globalThis.hexline = room;
root.dataset.ready = '1';
await room.start();
