// Small curves without axes: what is withheld or missing is a gap, never a zero.
import { svg } from './dom.js';

const isKnown = (value) => typeof value === 'number';

/** Runs of known points: first and last index of each. */
function runsOf(values) {
  const runs = [];
  values.forEach((value, i) => {
    if (!isKnown(value)) return;
    if (isKnown(values[i - 1])) runs.at(-1)[1] = i;
    else runs.push([i, i]);
  });
  return runs;
}

const lineOf = (values, [first, last], x, y) => values.slice(first, last + 1).map((value, n) => `${n ? 'L' : 'M'}${x(first + n).toFixed(1)} ${y(value).toFixed(1)}`).join('');

/** Runs of known points as SVG path commands. */
export const pathOf = (values, x, y) => runsOf(values).map((run) => lineOf(values, run, x, y)).join('');

/** The surface under each run; nothing under a gap. */
export const surfaceOf = (values, x, y, ground) => runsOf(values).map((run) => `${lineOf(values, run, x, y)}L${x(run[1]).toFixed(1)} ${ground}L${x(run[0]).toFixed(1)} ${ground}Z`).join('');

/** One or more series over the same minutes. `series`: [{values, name}]; the class of a line is its name. */
export function sparkline(series, { width = 120, height = 32, fill = true, fromZero = false } = {}) {
  const known = series.flatMap(({ values }) => values.filter(isKnown));
  const picture = svg('svg', { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: 'none', 'aria-hidden': 'true', class: 'spark' });
  if (!known.length) return picture;
  const top = Math.max(...known, 1);
  const low = fromZero ? 0 : Math.min(...known) * 0.9;
  const y = (value) => height - 2 - ((value - low) / (top - low || 1)) * (height - 4);
  for (const { values, name } of series) {
    const x = (i) => (i / Math.max(1, values.length - 1)) * width;
    if (fill && series.length === 1) picture.append(svg('path', { class: 'spark-fill', d: surfaceOf(values, x, y, height) }));
    picture.append(svg('path', { class: `spark-line ${name}`, d: pathOf(values, x, y) }));
    for (const [first, last] of runsOf(values)) {
      if (first === last) picture.append(svg('circle', { class: `spark-dot ${name}`, cx: x(first), cy: y(values[first]), r: 1.2 }));
    }
  }
  return picture;
}
