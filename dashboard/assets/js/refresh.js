// When the page asks the server for its figures and curves again.
//
//     ask --> answer --> a rest --> ask --> ...
//
// Dash throws an answer away when the same was asked again before it came: with a plain timer, a
// server slower than the timer would never show anything. So the next question waits for the
// answer; where none comes it is put again, each time after a longer wait.
const REST_MS = 2000;
const PATIENCE_MS = 15_000;
const LONGEST_MS = 120_000;

export class Refresh {
  constructor(ask = (n) => globalThis.dash_clientside?.set_props('tick', { data: n })) {
    this.put = ask;
    this.asked = 0;
    this.patienceMs = PATIENCE_MS;
    this.wait(PATIENCE_MS);
  }

  wait(ms) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), ms);
  }

  ask() {
    this.asked += 1;
    this.put(this.asked);
    this.wait(this.patienceMs);
    this.patienceMs = Math.min(LONGEST_MS, 2 * this.patienceMs);
  }

  /** An answer is here, to whichever question. */
  answered() {
    this.patienceMs = PATIENCE_MS;
    this.wait(REST_MS);
  }

  /** The server was away and is back: what it did not answer is asked now. */
  back() {
    this.patienceMs = PATIENCE_MS;
    this.ask();
  }
}
