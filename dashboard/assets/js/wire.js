// The binary frames of docs/wire.md: decoding, order, and a socket that always comes back.

export const METRICS = ['in', 'out', 'passages', 'fever', 'change', 'change_in', 'change_out', 'change_fever'];
export const MINUTES = [1, 15, 60];
export const STATISTICS = ['density', 'ratio', 'occupancy', 'risk', 'above_1', 'incidence', 'hotspots', 'clusters', 'aberrations'];
const STATISTIC = 15; // in place of a metric; the window's code then says which one
const HEADER_BYTES = 32;
const SNAPSHOT = 0;
const DELTA = 1;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 8000;
// The hub sends at least a heartbeat a second; three of its longest pauses mean the line is dead.
const SILENCE_MS = 12000;

/** Number a layer as the hub does: res << 8 | metric << 4 | window, or res << 8 | 15 << 4 | statistic. */
export function layerOf({ res, metric, minutes, statistic }) {
  if (statistic) return (res << 8) | (STATISTIC << 4) | STATISTICS.indexOf(statistic);
  return (res << 8) | (METRICS.indexOf(metric) << 4) | MINUTES.indexOf(minutes);
}

/** Whether a layer's number names a change of counts against an hour ago. */
export const isChangeLayer = (layer) => Boolean(METRICS[(layer >> 4) & 15]?.startsWith('change'));

/** Of what a layer of counts is: metric and window, and as what it is shown where that is its number's to say. */
export function countsOf(layer) {
  const [, change, metric] = /^(change)?_?(.*)$/.exec(METRICS[(layer >> 4) & 15] ?? '');
  return { metric: metric || 'passages', minutes: MINUTES[layer & 15], ...(change ? { show: 'change' } : {}) };
}

/** Which statistic a layer's number names; null for a layer of counts. */
export const statisticOf = (layer) => (((layer >> 4) & 15) === STATISTIC ? STATISTICS[layer & 15] ?? null : null);

/** Read one frame; the arrays are views into the buffer, nothing is copied. */
export function decode(buffer) {
  const head = new DataView(buffer);
  const frame = {
    kind: head.getUint8(0),
    version: head.getUint8(1),
    layer: head.getUint16(2, true),
    seq: head.getUint32(4, true),
    arrivalMs: head.getFloat64(8, true),
    minuteMs: head.getFloat64(16, true),
    n: head.getUint32(24, true),
    corrected: (head.getUint32(28, true) & 1) === 1,
    bytes: buffer.byteLength,
  };
  let at = HEADER_BYTES;
  if (frame.kind === DELTA) {
    frame.indexes = new Uint32Array(buffer, at, frame.n);
    at += 4 * frame.n;
  }
  if (frame.kind === SNAPSHOT || frame.kind === DELTA) {
    frame.values = new Uint16Array(buffer, at, frame.n);
    frame.marks = new Uint8Array(buffer, at + 2 * frame.n, frame.n);
  }
  return frame;
}

/** What one layer shows now, kept up to date by frames in order. */
export class Layer {
  constructor(layer) {
    this.layer = layer;
    this.seq = null;
    this.values = null;
    this.marks = null;
  }

  /** Take one frame; false means one is missing and a snapshot must be asked for. */
  take(frame) {
    if (frame.kind === SNAPSHOT) {
      this.values = frame.values;
      this.marks = frame.marks;
    } else if (!this.values || !this.follows(frame)) {
      return false;
    } else if (frame.kind === DELTA) {
      this.change(frame);
    }
    this.seq = frame.seq;
    return true;
  }

  // A heartbeat may repeat the number of the last change: nothing was missed.
  follows(frame) {
    const next = (this.seq + 1) >>> 0;
    return frame.seq === next || (frame.kind !== DELTA && frame.seq === this.seq);
  }

  change({ indexes, values, marks, n }) {
    for (let i = 0; i < n; i += 1) {
      this.values[indexes[i]] = values[i];
      this.marks[indexes[i]] = marks[i];
    }
  }
}

/** Wait before the next try: doubled each time up to 8 s, with jitter so that viewers spread out. */
export function waitMs(tries, random = Math.random) {
  return Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** tries) * (0.75 + random() / 2);
}

/** The socket of one page. `onFrame(layer, frame)` gets each frame in order, `onNews` what is said in words. */
export class Wire {
  constructor(url, { onFrame, onState, onNews = () => {} }) {
    Object.assign(this, { url, onFrame, onState, onNews });
    this.tries = 0;
    this.resyncs = 0;
    this.lastHeard = performance.now();
    this.wanted = null;
    this.layer = null;
    setInterval(() => this.watch(), 1000);
    for (const name of ['online', 'focus', 'pageshow']) addEventListener(name, () => this.watch());
    document.addEventListener('visibilitychange', () => this.watch());
    this.open();
  }

  subscribe(wanted) {
    if (this.wanted && layerOf(this.wanted) === layerOf(wanted)) return;
    this.wanted = wanted;
    this.layer = new Layer(layerOf(wanted));
    this.send({ subscribe: wanted });
  }

  send(message) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  open() {
    clearTimeout(this.timer);
    this.timer = null;
    this.lastHeard = performance.now();
    const socket = new WebSocket(this.url);
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => this.opened();
    socket.onmessage = ({ data }) => socket === this.socket && this.heard(data);
    socket.onclose = () => socket === this.socket && this.lost();
    this.socket = socket;
  }

  opened() {
    this.lastHeard = performance.now();
    this.onState('open');
    if (this.wanted) {
      this.layer = new Layer(layerOf(this.wanted));
      this.send({ subscribe: this.wanted });
    }
  }

  heard(data) {
    this.lastHeard = performance.now();
    this.tries = 0;
    if (typeof data === 'string') {
      this.onNews(JSON.parse(data));
      return;
    }
    const frame = decode(data);
    // Frames of the layer left a moment ago may still be under way.
    if (!this.layer || frame.layer !== this.layer.layer) return;
    if (this.layer.take(frame)) this.onFrame(this.layer, frame);
    else this.resync();
  }

  resync() {
    this.resyncs += 1;
    this.send({ resync: true });
  }

  lost() {
    this.onState('lost');
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.open(), waitMs(this.tries));
    this.tries += 1;
  }

  // After sleep a socket may look open and be dead; timers may also have stood still.
  watch() {
    if (performance.now() - this.lastHeard < SILENCE_MS) return;
    if (!this.socket || this.socket.readyState === WebSocket.CLOSED) {
      if (!this.timer) this.open();
      return;
    }
    const dead = this.socket;
    this.socket = null;
    dead.close();
    this.lost();
  }
}
