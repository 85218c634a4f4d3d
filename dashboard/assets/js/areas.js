// The areas of a level with their outlines and names.
import { LARGE_MS, ask } from './dom.js';

const AGAIN_MS = 3000;

/** Without areas the page is still a page: a busy server is asked until it answers. */
export async function readAreas(level) {
  for (;;) {
    try {
      const answer = await ask(`/api/areas/${level}.geojson`, LARGE_MS);
      if (answer.ok) return await answer.json();
    } catch { /* again */ }
    await new Promise((resolve) => { setTimeout(resolve, AGAIN_MS); });
  }
}
