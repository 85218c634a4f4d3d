// Small curves without axes: what is withheld or missing is a gap, never a zero.
import { svg } from './dom.js';

const isKnown = (value) => typeof value === 'number';

/** Runs of known points as SVG path commands. */
export function pathOf(values, x, y) {
  let d = '';
  let drawing = false;
  values.forEach((value, i) => {
    if (isKnown(value)) d += `${drawing ? 'L' : 'M'}${x(i).toFixed(1)} ${y(value).toFixed(1)}`;
    drawing = isKnown(value);
  });
  return d;
}

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
    if (fill && series.length === 1) {
      const first = values.findIndex(isKnown);
      const last = values.findLastIndex(isKnown);
      picture.append(svg('path', { class: 'spark-fill', d: `${pathOf(values.filter(isKnown), (i) => x(first) + (i / Math.max(1, values.filter(isKnown).length - 1)) * (x(last) - x(first)), y)}L${x(last)} ${height}L${x(first)} ${height}Z` }));
    }
    picture.append(svg('path', { class: `spark-line ${name}`, d: pathOf(values, x, y) }));
    values.forEach((value, i) => {
      const alone = isKnown(value) && !isKnown(values[i - 1]) && !isKnown(values[i + 1]);
      if (alone) picture.append(svg('circle', { class: `spark-dot ${name}`, cx: x(i), cy: y(value), r: 1.2 }));
    });
  }
  return picture;
}
