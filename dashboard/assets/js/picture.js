// The panel of the statistics: what stands out on the layer, or everything about the cell or area selected.
import { ask, byId, el, isNoSuch, refill } from './dom.js';
import { onLanguage, t } from './i18n.js';
import { areaBrief, cellBrief } from './brief.js';
import { Outlines } from './outlines.js';
import { asOf } from './layers.js';
import { aberrationPart, clusterPart, densityPart, how, hotspotPart, riskPart } from './score.js';
import { spreadList, spreadParts } from './spread.js';
import { LISTS, clusterHover, standoutLists, valueOf } from './standouts.js';

const AGAIN_MS = 6000;

/** What an answer says; null where there is no such thing, undefined where the server could not say: it is asked again. */
const bodyOf = (answer) => (answer.ok ? answer.json() : isNoSuch(answer) ? null : undefined);

export class Picture {
  constructor({ state, layers, city, camera }) {
    Object.assign(this, { state, layers, city, camera });
    this.box = byId('picture');
    this.body = null;
    this.lists = {};
    this.outlines = null;
    state.on(['cell', 'area', 'layer'], () => this.load(true));
    layers.onFacts((facts) => {
      this.paintHead();
      if (facts?.state !== this.stateShown) this.paint();
      this.stateShown = facts?.state;
    });
    onLanguage(() => this.paint());
    this.box.onclick = (event) => this.clicked(event);
    this.box.onpointerover = (event) => this.pointed(event);
    setInterval(() => this.paths().length && this.load(false), AGAIN_MS);
    this.load(true);
  }

  /** What to ask for: the selection if there is one, else the layer's list; outlines go with their layer. */
  paths() {
    const { cell, area, layer } = this.state.now;
    const paths = [];
    if (cell) paths.push(['cell', `/api/picture/cell/${cell}`]);
    else if (area) paths.push(['area', `/api/picture/area/${encodeURIComponent(area)}`]);
    if (LISTS[layer]) paths.push([LISTS[layer], `/api/picture/list/${LISTS[layer]}`]);
    if (layer && LISTS[layer] === 'risk' && !cell && !area) paths.push(['areas', `/api/picture/areas/${this.city.levels[0].id}`]);
    return paths;
  }

  async load(fresh) {
    const asked = this.paths();
    const key = asked.map(([, path]) => path).join();
    this.asking = key;
    if (fresh) this.body = this.found = null;
    if (!asked.length) {
      this.lists = {};
      return this.paint();
    }
    if (fresh) this.paint();
    try {
      const answers = await Promise.all(asked.map(([, path]) => ask(path)));
      const bodies = await Promise.all(answers.map(bodyOf));
      if (this.asking !== key) return undefined; // something else was chosen meanwhile
      const found = { ...this.found, ...Object.fromEntries(asked.map(([name], i) => [name, bodies[i]]).filter(([, body]) => body !== undefined)) };
      const same = JSON.stringify(found) === JSON.stringify(this.found);
      this.found = found;
      this.lists = found;
      this.body = found.cell ?? found.area ?? null;
      if (fresh || !same) this.paint();
      else this.showOutlines(); // areas may have come meanwhile
    } catch { /* the next look asks again */ }
    return undefined;
  }

  paint() {
    const { layer, cell, area } = this.state.now;
    const parts = this.parts();
    const shown = parts.length > 0 || Boolean(layer);
    this.box.hidden = !shown;
    this.showOutlines();
    if (!shown) return;
    const selected = Boolean(cell || area);
    this.box.dataset.view = selected ? 'subject' : 'list';
    refill(this.box, this.head(), ...(parts.length ? parts : [el('p.quiet-text', {}, t(this.isAnswered() ? 'picture.none' : 'inspector.loading'))]));
  }

  isAnswered() {
    return this.paths().every(([name]) => this.found && name in this.found);
  }

  head() {
    const { layer } = this.state.now;
    if (!layer) return el('div.panel-head', {}, el('h2', {}, t('picture')));
    const facts = this.layers.now();
    return el('div.picture-head', {}, el('div.panel-head', {}, el('h2', {}, t(`layer.${layer}`)), facts ? how(facts.method) : ''), el('p.asof.number', {}, asOf(facts)));
  }

  /** As of when and how complete is news each time the facts come. */
  paintHead() {
    const line = this.box.querySelector('.asof');
    if (line) line.textContent = asOf(this.layers.now());
  }

  parts() {
    const { cell, area, layer } = this.state.now;
    const found = this.found ?? {};
    if (cell && this.body?.cell !== cell) return [];
    if (!cell && area && this.body?.area_id !== area) return [];
    if (!layer) return cell ? cellBrief(this.body) : area ? areaBrief(this.body) : [];
    if (cell) return this.cellParts(this.body);
    if (area) return spreadParts(this.body).filter(Boolean);
    const name = LISTS[layer];
    if (!name) return [el('p.score-words', {}, t(`layer.${layer}.long`))];
    // Before anything was said an empty list would read as "nothing found".
    const facts = this.layers.now();
    if (facts?.state !== 'ready') return [el('p.quiet-text', {}, t(facts ? 'picture.none' : 'inspector.loading'))];
    const list = found[name] ? standoutLists(name, found[name]) : [];
    return [...list, ...(found.areas?.rows?.length ? [spreadList(found.areas)] : [])];
  }

  /** The part the layer is about comes first; a cell of which nothing is said shows nothing. */
  cellParts({ risk, hotspot, clusters, density, aberrations }) {
    const { layer } = this.state.now;
    const parts = {
      risk: riskPart(risk), hotspots: hotspotPart(hotspot), clusters: clusterPart(clusters),
      density: densityPart(density), aberrations: aberrationPart(aberrations),
    };
    const first = { above_1: 'risk', incidence: 'risk', ratio: 'density', occupancy: 'density' }[layer] ?? layer;
    return [first, ...Object.keys(parts).filter((name) => name !== first)].map((name) => parts[name]).filter(Boolean);
  }

  clicked({ target }) {
    const to = target.closest('[data-layer-to]')?.dataset.layerTo;
    if (to) return this.state.go({ layer: to });
    const row = target.closest('[data-cell], [data-area]');
    if (!row) return undefined;
    const { cell, area } = row.dataset;
    return cell ? this.camera.visit({ cell, ...this.placeOf(cell) }) : this.state.go({ area });
  }

  placeOf(cell) {
    const rows = Object.values(this.lists).flatMap((list) => [...(list?.rows ?? []), ...(list?.cold ?? [])]);
    return rows.find((row) => row.cell === cell) ?? {};
  }

  /** Where the wall's tour stops: what stands out on this layer; null where the busiest cells are what it shows. */
  spots() {
    const name = LISTS[this.state.now.layer];
    if (!name) return null;
    return (this.lists[name]?.rows ?? []).filter(({ lng }) => lng !== undefined).map((row) => ({ ...row, said: valueOf(name, row) }));
  }

  /** A cluster's words follow the pointer in its list. */
  pointed({ target }) {
    const rank = target.closest('.standout')?.dataset.rank;
    if (!rank) return;
    for (const words of this.box.querySelectorAll('.cluster-words p')) words.hidden = words.dataset.rank !== rank;
  }

  /** The map is there: outlines can be drawn on it. */
  useMap(map, theme) {
    this.liveMap = map;
    this.outlines = new Outlines(map.sheet, theme);
    this.showOutlines();
  }

  showOutlines() {
    const { layer } = this.state.now;
    if (!this.outlines) return;
    if (layer === 'clusters') this.outlines.show((this.lists.clusters?.rows ?? []).map(({ outline, is_alarm: alarm, rank }) => ({ geometry: outline, alarm, rank })));
    else if (layer === 'aberrations') this.outlines.show((this.lists.aberrations?.rows ?? []).map((row, i) => ({ geometry: this.liveMap.base?.find(row.area_id)?.feature.geometry, alarm: row.level_found > 1, rank: i + 1 })));
    else this.outlines.show([]);
  }

  /** What to add to the pointer's words: the cluster it is in. */
  hover(point) {
    if (this.state.now.layer !== 'clusters' || !this.outlines) return [];
    const rank = this.outlines.rankAt(point);
    const row = this.lists.clusters?.rows?.find((one) => one.rank === rank);
    return row ? clusterHover(row) : [];
  }
}
