// The cell table of one resolution: ids, areas and corners, fetched once and kept by the browser.

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

  /** The box that holds nearly all cells: a far-off one must not shrink the city to a dot. */
  box(keep = 0.98) {
    if (!this.n) return null;
    const lngs = Float32Array.from({ length: this.n }, (_, i) => this.corners[i * 12]).sort();
    const lats = Float32Array.from({ length: this.n }, (_, i) => this.corners[i * 12 + 1]).sort();
    const lo = Math.floor((this.n - 1) * (1 - keep));
    const hi = Math.ceil((this.n - 1) * keep);
    return [[lngs[lo], lats[lo]], [lngs[hi], lats[hi]]];
  }
}

/** Fetches each table once, and again when the hub speaks of more cells than it has. */
export class Tables {
  constructor(fetcher = (path) => fetch(path)) {
    this.fetcher = fetcher;
    this.known = new Map();
  }

  async get(res, atLeast = 0) {
    const known = await this.known.get(res);
    if (known && known.n >= atLeast) return known;
    const coming = this.fetcher(`/api/cells/${res}.bin`)
      .then((answer) => (answer.ok ? answer.arrayBuffer() : Promise.reject(new Error(answer.status))))
      .then((buffer) => new CellTable(buffer));
    this.known.set(res, coming);
    coming.catch(() => this.known.delete(res));
    return coming;
  }
}
