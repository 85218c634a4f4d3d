// The cell table of one resolution: ids, areas and corners, fetched once and kept by the browser.
import { LARGE_MS, ask } from './dom.js';

const HEADER_BYTES = 32;

/** Read `/api/cells/<res>.bin`. */
export function decodeTable(buffer) {
  const head = new DataView(buffer);
  const n = head.getUint32(4, true);
  const hash = [...new Uint8Array(buffer, 8, 8)].map((b) => b.toString(16).padStart(2, '0')).join('');
  return {
    res: head.getUint16(2, true),
    n,
    hash,
    ids: new BigUint64Array(buffer, HEADER_BYTES, n),
    km2: new Float32Array(buffer, HEADER_BYTES + 8 * n, n),
    corners: new Float32Array(buffer, HEADER_BYTES + 12 * n, 12 * n),
  };
}

/** A table that can be asked for a cell by its id. */
export class CellTable {
  constructor(buffer) {
    Object.assign(this, decodeTable(buffer));
    this.indexes = null;
  }

  id(index) {
    return this.ids[index].toString(16);
  }

  // Made on the first question: drawing needs no look-up.
  indexOf(cell) {
    if (!this.indexes) {
      this.indexes = new Map();
      for (let i = 0; i < this.n; i += 1) this.indexes.set(this.ids[i], i);
    }
    return /^[0-9a-f]{15}$/.test(cell) ? this.indexes.get(BigInt(`0x${cell}`)) : undefined;
  }

  ring(index) {
    const ring = [];
    for (let j = 0; j < 6; j += 1) {
      ring.push([this.corners[index * 12 + 2 * j], this.corners[index * 12 + 2 * j + 1]]);
    }
    return [...ring, ring[0]];
  }

  centre(index) {
    let lng = 0;
    let lat = 0;
    for (let j = 0; j < 6; j += 1) {
      lng += this.corners[index * 12 + 2 * j] / 6;
      lat += this.corners[index * 12 + 2 * j + 1] / 6;
    }
    return [lng, lat];
  }

  /** The box that holds the middle `keep` of all cells, weighted by what passes in each if that is known. */
  box(keep = 0.98, values = null) {
    if (!this.n) return null;
    const weight = (i) => (values ? (values[i] < 65534 ? values[i] : 0) : 1);
    const [west, east] = this.middle(0, keep, weight);
    const [south, north] = this.middle(1, keep, weight);
    return west === undefined ? null : [[west, south], [east, north]];
  }

  /** The two ends of the middle `keep` of the weight, along longitude (0) or latitude (1). */
  middle(axis, keep, weight) {
    const order = Uint32Array.from({ length: this.n }, (_, i) => i).sort((a, b) => this.corners[a * 12 + axis] - this.corners[b * 12 + axis]);
    const total = order.reduce((sum, i) => sum + weight(i), 0);
    if (!total) return [];
    const ends = [];
    let sum = 0;
    for (const i of order) {
      sum += weight(i);
      if (!ends.length && sum >= (total * (1 - keep)) / 2) ends.push(this.corners[i * 12 + axis]);
      if (ends.length && sum >= (total * (1 + keep)) / 2) {
        ends.push(this.corners[i * 12 + axis]);
        break;
      }
    }
    return ends;
  }
}

/** Fetches each table once, and again when the hub speaks of more cells than it has. */
export class Tables {
  constructor(fetcher = (path) => ask(path, LARGE_MS)) {
    this.fetcher = fetcher;
    this.known = new Map();
    this.hashes = new Map();
  }

  /** Hear which tables the hub has now; another one is fetched when it is next needed. */
  expect(tables) {
    for (const [res, { hash }] of Object.entries(tables)) this.hashes.set(Number(res), hash);
  }

  isCurrent({ res, hash }) {
    return !this.hashes.has(res) || this.hashes.get(res) === hash;
  }

  async get(res, atLeast = 0) {
    const known = await this.known.get(res);
    if (known && known.n >= atLeast && this.isCurrent(known)) return known;
    // Someone else may have asked while this waited.
    if (this.known.get(res) && (await this.known.get(res)) !== known) return this.known.get(res);
    const spoken = this.hashes.get(res);
    const coming = this.fetcher(`/api/cells/${res}.bin`)
      .then((answer) => (answer.ok ? answer.arrayBuffer() : Promise.reject(new Error(answer.status))))
      .then((buffer) => {
        const table = new CellTable(buffer);
        // It may be newer than the one spoken of; older, where another was spoken of meanwhile.
        if (this.hashes.get(res) === spoken) this.hashes.set(res, table.hash);
        return table;
      });
    this.known.set(res, coming);
    coming.catch(() => this.known.delete(res));
    return coming;
  }
}
