// Which H3 resolution a zoom shows: cells a finger wide, for smaller ones are mostly withheld. Each has a band of its own, so a small wheel turn never flickers.

const FINER_FROM = [[8, 9.7], [9, 11.3]];
const SLACK = 0.15;

/** Resolution for a zoom, staying with `previous` within the slack. */
export function resolutionFor(zoom, previous = null, offered = [7, 8, 9]) {
  let res = 7;
  for (const [finer, from] of FINER_FROM) {
    const slack = previous === null ? 0 : SLACK * (previous >= finer ? -1 : 1);
    if (zoom >= from + slack) res = finer;
  }
  return offered.includes(res) ? res : offered[offered.length - 1];
}
