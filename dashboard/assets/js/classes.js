// Fixed, named classes: what a value on the wire means, its class, and how many cells are in each.

export const NO_DATA = 65535;
export const WITHHELD = 65534;
export const CHANGE_ZERO = 32768;
export const LARGEST = 65533;
const TOP_CHANGE = 9999;

/** Colours for both themes; lightness falls or rises in step, so they read without hue too. */
export const COLOURS = {
  dark: {
    level: ['#2a1257', '#5c126c', '#982864', '#d04545', '#f27b1a', '#f8c02b', '#fcffa4'],
    change: ['#2f7fd6', '#4f93cf', '#7897b4', '#6b7280', '#b08a63', '#dd8b3a', '#ffa51f'],
    zero: '#1a2636', withheld: '#4d5a6e', stale: '#46505e', ring: '#7df0ff',
  },
  light: {
    level: ['#ffeda0', '#fed976', '#feb24c', '#fd8d3c', '#f4482c', '#c90f28', '#7a0026'],
    change: ['#1c5fae', '#5b93cb', '#a8bfd6', '#c4c9d1', '#e6c08f', '#e59335', '#b65c00'],
    zero: '#dde4ec', withheld: '#a3aebb', stale: '#b3bbc6', ring: '#007c92',
  },
};

/** The six breaks of what is shown, in the unit a person reads (count, count a km², percent). */
export function breaksFor(city, { show, minutes, metric }, res) {
  const { breaks } = city;
  if (show === 'change') return breaks.change;
  const own = breaks[metric] ?? breaks;
  return show === 'density' ? own.per_km2[minutes] : own.counts[res][minutes];
}

/** Breaks as codes on the wire. */
export function codedBreaks(breaks, show) {
  return show === 'change' ? breaks.map((percent) => percent + CHANGE_ZERO) : breaks;
}

/** Class of one code: 0..6, 'zero', 'withheld' or 'none'. */
export function classOf(code, coded, show) {
  if (code === NO_DATA) return 'none';
  if (code === WITHHELD) return 'withheld';
  if (code === 0 && show !== 'change') return 'zero';
  let k = 0;
  while (k < 6 && code >= coded[k]) k += 1;
  return k;
}

/** Count cells by class in one pass. */
export function countClasses(values, coded, show) {
  const classes = new Array(7).fill(0);
  const counts = { classes, zero: 0, withheld: 0, none: 0 };
  const zeroIsClass = show === 'change';
  for (let i = 0; i < values.length; i += 1) {
    const code = values[i];
    if (code === NO_DATA) counts.none += 1;
    else if (code === WITHHELD) counts.withheld += 1;
    else if (code === 0 && !zeroIsClass) counts.zero += 1;
    else {
      let k = 0;
      while (k < 6 && code >= coded[k]) k += 1;
      classes[k] += 1;
    }
  }
  return counts;
}

/** Counts per square kilometre as codes; withheld and missing stay what they are, and some is never none. */
export function toDensity(values, km2) {
  const codes = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i += 1) {
    const count = values[i];
    codes[i] = count >= WITHHELD ? count : Math.min(LARGEST, Math.max(Math.sign(count), Math.round(count / km2[i])));
  }
  return codes;
}

/** What a code says: a number, `withheld` or `unknown`. */
export function meaning(code, show) {
  if (code === undefined || code === NO_DATA) return { unknown: true };
  if (code === WITHHELD) return { withheld: true };
  if (show !== 'change') return { number: code, clipped: code === LARGEST };
  const percent = code - CHANGE_ZERO;
  return { number: percent, clipped: percent === TOP_CHANGE };
}
