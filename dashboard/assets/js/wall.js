// Wall mode: chrome away, large type, and a tour of the five hottest cells that never ends.
import { LARGEST } from './classes.js';
import { byId, el } from './dom.js';
import { change, count, nameOf, t } from './i18n.js';

const STAY_S = 20;
const SPOTS = 5;
const ZOOM = 11.1;
// A count on the wire ends with the largest; more is said as "at least".
const wired = (value) => `${value === LARGEST ? '≥ ' : ''}${count(value)}`;
/** Cells of this resolution are drawn at the tour's zoom. */
export const TOUR_RES = 8;

export class Wall {
  constructor(state, { rows, goTo, onChange }) {
    Object.assign(this, { state, rows, goTo, onChange });
    this.at = -1;
    this.left = 0;
    this.box = byId('cycle');
    state.on(['wall'], () => this.set());
    // Another layer has stops of its own.
    state.on(['layer'], () => { this.left = 0; this.at = -1; });
    this.set();
  }

  set() {
    const { wall } = this.state.now;
    document.documentElement.dataset.wall = wall ? '1' : '0';
    this.box.hidden = true;
    clearInterval(this.timer);
    this.left = 0;
    this.at = -1;
    // A plain second's timer: after sleep it goes on from where it is.
    if (wall) this.timer = setInterval(() => this.second(), 1000);
    this.onChange(wall);
  }

  toggle() {
    this.state.set({ wall: !this.state.now.wall });
  }

  second() {
    const rows = this.rows();
    const spots = rows.slice(0, SPOTS);
    if (!spots.length) {
      this.box.hidden = true;
      this.left = 0;
      return;
    }
    this.left -= 1;
    if (this.left <= 0 || this.at >= spots.length) {
      this.at = (this.at + 1) % spots.length;
      this.left = STAY_S;
      this.spot = spots[this.at];
      this.goTo(this.spot, ZOOM);
    }
    this.paint(spots, rows);
  }

  paint(spots, rows) {
    // The list moves on while the camera stays: show the number of the cell it looks at.
    const now = rows.find(({ cell }) => cell === this.spot.cell) ?? this.spot;
    const [near, ...above] = [...(now.areas ?? [])].reverse();
    const delta = change(now.change);
    this.box.hidden = false;
    this.box.replaceChildren(
      el('span.cycle-at', {}, t(now.said ? 'wall.standouts' : 'wall.cycle', { i: this.at + 1, n: spots.length })),
      el('b', {}, near ? nameOf(near) : now.cell), el('span', {}, above.length ? nameOf(above.at(-1)) : ''),
      el('b.number', {}, now.said ?? wired(now.value)), el(`span.number.${delta.way}`, {}, now.said ? '' : delta.text),
      el('i.cycle-bar', { style: `width:${(100 * this.left) / STAY_S}%` }));
  }
}
