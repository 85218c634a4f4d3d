// The parts of h3-js the pages use; esbuild leaves the rest out. Built into h3.mjs, see README.md.
export { cellToBoundary, getResolution, latLngToCell } from 'h3-js';
