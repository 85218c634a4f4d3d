// The war room: ties state, wire, map and panels together.
import { Camera } from './camera.js';
import { askCharts } from './charts.js';
import { Chip } from './chip.js';
import { choices, nextMetric } from './choices.js';
import { byId } from './dom.js';
import { follow, followCity } from './edition.js';
import { AreaValues, Hover } from './hover.js';
import { lang, number, percent, t } from './i18n.js';
import { Inspector } from './inspector.js';
import { help, keyboard } from './keyboard.js';
import { Hottest, Kpis } from './kpi.js';
import { Layers } from './layers.js';
import { Legend } from './legend.js';
import { Live } from './live.js';
import { Methods } from './methods.js';
import { AreaTable, Notice } from './notice.js';
import { Picture } from './picture.js';
import { Refresh } from './refresh.js';
import { Search } from './search.js';
import { Shell } from './shell.js';
import { State } from './state.js';
import { System } from './system.js';
import { Tables } from './table.js';
import { TOUR_RES, Wall } from './wall.js';
import { Wire } from './wire.js';

const root = document.documentElement;
const EDGES = { 7: '1.4 km', 8: '530 m', 9: '200 m' };

export class Room {
  constructor(city) {
    this.city = city;
    this.state = new State(city);
    this.tables = new Tables();
    this.layers = new Layers(this.state);
    this.live = new Live(this);
    this.layers.watch(this.live);
    this.camera = new Camera(this);
    this.picture = new Picture(this);
    this.methods = new Methods(this.state);
    this.areas = new AreaValues(this.state);
    this.notice = new Notice(city);
    this.refresh = new Refresh();
    this.wire = new Wire(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws`, {
      onFrame: (layer, frame) => { this.chip.frame(frame); this.live.take(layer, frame); },
      onState: (state) => this.chip.line(state),
      onNews: (news) => this.hear(news),
    });
    this.chip = new Chip(city, { onState: (state, before) => this.dataState(state, before) });
    this.legend = new Legend(this.live);
    this.system = new System(this.live, this.wire);
    this.kpis = new Kpis(this.state, { onActive: () => this.camera.home(), onCases: () => this.showCases() });
    this.hottest = new Hottest(this.state, (row) => this.camera.visit(row));
    this.inspector = new Inspector(this.state, this.live, { onFound: (body) => this.camera.found(body) });
    this.system.clock = this.inspector.clock = () => (this.chip.replay ? this.chip.arrivalMs : Date.now() - this.chip.aheadMs);
    this.search = new Search((found) => this.camera.goTo(found));
    this.shell = new Shell(this, { onPage: (page) => this.paged(page), onSaid: () => this.said(), onTheme: (theme) => this.themed(theme) });
    this.wanted = 9;
    this.bind();
  }

  bind() {
    const { state } = this;
    choices(state);
    state.on(['metric', 'minutes', 'show', 'layer'], () => this.ask());
    // A layer's resolutions are known once something was said on its topic.
    this.layers.onFacts(() => state.now.layer && this.ask());
    this.live.onShown(() => this.shown());
    document.addEventListener('hexline:now', ({ detail }) => detail && this.take(detail));
    for (const [id, act] of Object.entries(this.buttons())) byId(id).onclick = act;
    this.toggleHelp = help();
    keyboard({
      isOnMap: () => state.now.page === 'live', page: (page) => state.go({ page }), search: () => this.search.focus(), clear: () => this.clear(), wall: () => this.wall.toggle(),
      language: () => this.shell.toggleLanguage(), theme: () => this.shell.toggleTheme(), metric: () => nextMetric(state), layers: () => this.layers.toggle(), help: this.toggleHelp,
      home: () => this.camera.home(), zoom: (by) => this.map?.zoomBy(by), pan: (x, y) => this.map?.pan(x, y),
    });
  }

  buttons() {
    return {
      lang: () => this.shell.toggleLanguage(), theme: () => this.shell.toggleTheme(), wall: () => this.wall.toggle(), help: () => this.toggleHelp(),
      home: () => this.camera.home(), 'zoom-in': () => this.map?.zoomBy(1), 'zoom-out': () => this.map?.zoomBy(-1),
    };
  }

  async start() {
    this.shell.say();
    this.shell.showPage();
    document.dispatchEvent(new CustomEvent('hexline:open'));
    this.wall = new Wall(this.state, { rows: () => this.picture.spots() ?? this.hottest.rows, goTo: (row, zoom) => this.camera.tour(row, zoom), onChange: (on) => this.walled(on) });
    this.ask();
    await this.startMap();
  }

  async startMap() {
    // The map's code is loaded apart, so that figures and lists appear first.
    const { LiveMap, isNoWebGl } = await import('./map.js');
    try {
      this.map = new LiveMap(byId('map'), this.city, root.dataset.theme, await this.camera.start());
    } catch (error) {
      if (!isNoWebGl(error)) throw error;
      return this.withoutMap();
    }
    const { map } = this;
    map.on = {
      move: (view) => this.state.set(view), res: (res) => { this.wanted = res; this.ask(); },
      pick: (what) => this.state.go({ cell: null, area: null, ...what }), hover: (what) => this.hover.show(what),
      restored: () => this.live.draw(),
    };
    this.hover = new Hover(this.state, this.live, this.areas);
    this.hover.picture = this.picture;
    await map.ready;
    this.picture.useMap(map, root.dataset.theme);
    this.live.map = this.camera.map = map;
    this.live.draw();
    this.walled(this.state.now.wall);
    if (this.inspector.body) this.camera.found(this.inspector.body);
    this.camera.outline();
    root.dataset.map = 'ready';
    return undefined;
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
    // The tour is over the cells that its own zoom shows, whatever the camera shows on its way.
    askCharts({ res: wall ? TOUR_RES : this.wanted, metric, minutes, wall, lang: lang(), theme: root.dataset.theme, timezone: this.city.timezone });
    this.live.again();
    if (this.live.layer) this.legend.paint();
  }

  /** What the hub says in words: its tables, and whether there is anything to show. */
  hear(news) {
    if (news.hello) this.greeted(news.hello);
    const tables = news.hello?.tables ?? news.tables;
    if (tables) this.tables.expect(tables);
    const state = news.hello?.state ?? news.state;
    if (state) this.chip.hub(state);
    if (news.error) console.warn('hub:', news.error);
  }

  /** A hub started anew is asked whether its city is still the page's. */
  greeted({ edition, hub, city }) {
    follow(edition);
    const isAnew = this.hub !== undefined && hub !== this.hub;
    this.hub = hub;
    if (!isAnew) return;
    // Where another city was looked at, nothing is of this one.
    const leave = () => {
      if (city !== this.city.id) this.state.set({ centre: null, zoom: null, cell: null, area: null });
      location.reload();
    };
    followCity(this.city, leave).catch(() => { this.hub = null; }); // the next greeting asks again
  }

  take({ kpi, status, hottest }) {
    this.refresh.answered();
    this.chip.status(status);
    this.kpis.take(kpi);
    this.hottest.take(hottest);
    this.system.take(status);
    this.areaTable?.paint();
    this.shell.flags(status.simulated);
    this.stateNotice();
  }

  shown() {
    const { table } = this.live;
    byId('res').textContent = t('map.res', { res: table.res, edge: EDGES[table.res] ?? '' });
    this.stateNotice();
  }

  stateNotice() {
    if (root.dataset.map === 'none') return;
    const kind = this.noticeKind();
    // While nothing is on the map yet, how much is read is the news.
    const facts = kind === 'catching' || kind === 'stalled' ? { n: number(this.chip.lag ?? 0), read: percent(this.chip.completeness ?? 0) } : {};
    if (kind !== this.notice.kind || facts.n !== this.notice.facts?.n || facts.read !== this.notice.facts?.read) this.notice.set(kind, facts);
  }

  noticeKind() {
    const { state, hubState, arrivalMs } = this.chip;
    // Without a check-in there may be statistics: cases come on their own.
    if (state === 'empty') return this.layers.now()?.state === 'ready' ? null : state;
    if (state === 'lost') return state;
    return !arrivalMs && (hubState === 'catching' || hubState === 'stalled') ? hubState : null;
  }

  dataState(state, before) {
    this.live.dim(state === 'lost' || state === 'stale' ? 0.55 : 0);
    this.stateNotice();
    if (!before || before === 'loading') return;
    if (state === 'lost') byId('say').textContent = t('chip.lost.long');
    else if (before === 'lost') this.back();
    else if (state === 'stale' || state === 'catching') byId('say').textContent = t(`chip.${state}`);
  }

  back() {
    byId('say').textContent = t('chip.back');
    this.refresh.back();
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

  walled(on) {
    this.ask();
    if (!on) this.camera.outline();
    this.map?.base?.wall(on);
    this.resize();
  }

  paged(page) {
    if (page === 'live') this.resize();
    this.system.paint();
  }

  /** Map and charts fit their boxes once those have their new size. */
  resize() {
    requestAnimationFrame(() => { this.map?.resize(); dispatchEvent(new Event('resize')); });
  }

  /** Say what the panels say, in the language chosen now. */
  said() {
    for (const panel of [this.kpis, this.hottest, this.inspector, this.legend, this.system]) panel.paint();
    this.map?.base?.say();
    this.ask();
  }

  /** Draw again in the colours of another theme. */
  themed(theme) {
    this.map?.paint(theme);
    this.picture.outlines?.paint(theme);
    if (this.live.map) this.live.draw();
    this.legend.paint();
    this.ask();
  }
}
