// From frames to pixels: the newest frame, what the cells show of it, and how many are in each class.
import { COLOURS, LARGEST, breaksFor, classOf, codedBreaks, countClasses, meaning, toDensity } from './classes.js';
import { countsOf, isChangeLayer, layerOf, statisticOf } from './wire.js';

// A correction lasts one tick on the wire, too short to see: the ring stays this long.
const RING_MS = 3000;
const COUNTED_EVERY_MS = 500;
// Three frames of a quick screen; whatever is beyond that is the machine's limit.
const QUICK_MS = 50;
const LONGEST_REST_MS = 300;

/** The metric on the wire that is the change of another. */
export const changeOf = (metric) => (metric === 'passages' ? 'change' : `change_${metric}`);

export class Live {
  constructor({ city, tables, state, layers }) {
    Object.assign(this, { city, tables, state, layers });
    this.reading = null; // how to read a statistic; null while counts are shown
    this.map = null;
    this.rings = new Map();
    this.alone = -1;
    this.dimmed = 0;
    this.as = state.now; // of what the codes are, and shown as what: what was asked for may still be under way
    this.listeners = [];
    this.frames = 0;
    this.counted = false; // whether the legend's counts are those of the newest frame
    this.restUntil = 0;
    // A class shown alone belongs to the scale it was chosen on.
    state.on(['layer', 'show', 'metric'], () => { this.alone = -1; this.map?.cells?.setLook({ alone: -1 }); });
  }

  onShown(listener) {
    this.listeners.push(listener);
  }

  /** What to ask the hub for. */
  wanted(res) {
    const { metric, minutes, show, layer } = this.state.now;
    if (layer) return { res: this.layers.resolution(res), statistic: layer };
    return { res, metric: show === 'change' ? changeOf(metric) : metric, minutes };
  }

  /** Take the state of a layer after a frame; draws it once its table is here. */
  async take(layer, frame) {
    this.frames += 1;
    this.newest = layer;
    const res = layer.layer >> 8;
    const needed = layer.values.length;
    let table = this.table?.res === res && this.table.n >= needed && this.tables.isCurrent(this.table) ? this.table : null;
    if (!table) {
      try {
        table = await this.tables.get(res, needed);
      } catch {
        return; // the next frame asks again
      }
      if (layer !== this.newest) return; // the page asked for another layer meanwhile
    }
    this.show(layer, frame, table);
  }

  show(layer, frame, table) {
    const statistic = statisticOf(layer.layer);
    const reading = statistic && this.layers.reading(statistic);
    // What it says cannot be read yet: what is drawn stays whole until it can.
    if (statistic && !reading) return void this.layers.ready.then(() => layer === this.newest && this.layers.reading(statistic) && this.show(layer, frame, table));
    if (layer !== this.layer) this.rings.clear();
    Object.assign(this, { table, layer, reading });
    this.as = this.shownAs(layer.layer);
    const { show } = this.as;
    this.codes = show === 'density' && !statistic ? toDensity(layer.values, table.km2) : layer.values;
    this.coded = reading?.coded ?? codedBreaks(breaksFor(this.city, this.as, table.res), show);
    this.hold(layer, frame);
    this.counted = false;
    this.drawSoon();
    this.count();
  }

  /** Of what the counts of a layer are, and in which form: a change is a layer of its own, density another form of the same. */
  shownAs(layer) {
    const form = this.state.now.show === 'density' ? 'density' : 'level';
    return { show: form, ...countsOf(layer) };
  }

  /** Show what is here in the form chosen now; nothing new need come for that. */
  again() {
    if (!this.layer || layerOf(this.wanted(this.layer.layer >> 8)) !== this.layer.layer || this.shownAs(this.layer.layer).show === this.as.show) return;
    this.countedAt = -Infinity;
    this.show(this.layer, { corrected: false }, this.table);
  }

  /** Fade what may be old, whichever cells are or come to be on the map. */
  dim(dimmed) {
    this.dimmed = dimmed;
    this.map?.cells?.setLook({ dimmed });
  }

  /** Draw now, or when a slow machine has had its rest: painting must never take all of it. */
  drawSoon() {
    if (!this.map || this.resting) return;
    const wait = this.restUntil - performance.now();
    if (wait <= 0) {
      this.draw();
      return;
    }
    this.resting = setTimeout(() => { this.resting = null; this.draw(); }, wait);
  }

  /** Measure how long the screen took to follow, and rest as long as it was late. */
  time(cells) {
    // A page in the background draws nothing, for hours: one that waits is enough.
    if (cells.drawn.length) return;
    const from = performance.now();
    cells.afterDraw(() => requestAnimationFrame(() => requestAnimationFrame(() => {
      const late = performance.now() - from - QUICK_MS;
      this.restUntil = performance.now() + Math.min(LONGEST_REST_MS, Math.max(0, late));
    })));
  }

  draw() {
    if (!this.layer || !this.map || this.map.isAway) return;
    const { theme } = document.documentElement.dataset;
    const cells = this.map.use(this.table);
    cells.setClasses(this.coded, COLOURS[theme] ?? COLOURS.dark, this.as.show === 'change', this.reading && { zeroIsClass: this.reading.zeroIsClass, scale: this.reading.palette(theme), coldFrom: this.reading.coldFrom });
    cells.setLook({ alone: this.alone, dimmed: this.dimmed });
    cells.setCells(this.codes, this.flags());
    this.time(cells);
  }

  /** Remember corrected cells for a moment. */
  hold(layer, frame) {
    const now = performance.now();
    for (const [index, until] of this.rings) if (until < now) this.rings.delete(index);
    if (!frame.corrected) return;
    const { indexes, marks, n } = frame;
    for (let i = 0; i < n; i += 1) if (marks[i] & 1) this.rings.set(indexes ? indexes[i] : i, now + RING_MS);
    clearTimeout(this.ringTimer);
    this.ringTimer = setTimeout(() => { this.hold(layer, { corrected: false }); this.drawSoon(); }, RING_MS + 50);
  }

  flags() {
    if (!this.rings.size) return this.layer.marks;
    const flags = this.layer.marks.slice();
    for (const index of this.rings.keys()) if (index < flags.length) flags[index] |= 1;
    return flags;
  }

  /** Count classes at most twice a second: a legend that flickers is not read. */
  count(now = performance.now()) {
    clearTimeout(this.countTimer);
    const wait = (this.countedAt ?? -Infinity) + COUNTED_EVERY_MS - now;
    if (wait > 0) {
      this.countTimer = setTimeout(() => this.count(), wait);
      return;
    }
    this.countedAt = now;
    this.counted = true;
    this.counts = this.reading?.count(this.codes) ?? countClasses(this.codes, this.coded, this.as.show);
    this.listeners.forEach((listener) => listener(this));
  }

  /** Show one class alone, or all (-1). */
  isolate(k) {
    this.alone = k === this.alone ? -1 : k;
    this.map?.cells?.setLook({ alone: this.alone });
    this.listeners.forEach((listener) => listener(this));
  }

  /** Code, meaning and class of one cell as it is drawn. */
  at(index) {
    const code = this.codes?.[index];
    if (code === undefined) return null;
    const said = meaning(code, this.as.show);
    // Of a count that is at least so much, the density is too.
    const means = this.as.show === 'density' && this.layer.values[index] === LARGEST ? { ...said, clipped: true } : said;
    return { code, means, k: this.reading?.classOf(code) ?? classOf(code, this.coded, this.as.show), mark: this.layer.marks[index] };
  }

  /** Whether the frame counted is one of changes: another may still be under way. */
  get isChange() {
    return this.counted && isChangeLayer(this.layer.layer);
  }

  get anyKnown() {
    return Boolean(this.counts) && this.counts.classes.some(Boolean) + this.counts.zero + this.counts.withheld > 0;
  }
}
