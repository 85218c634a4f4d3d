// A page left open over an upgrade would draw what the new server says by the rules of the old one.
import { ask } from './dom.js';

const KEY = 'hexline-loaded-for';

/**
 * Load the page anew when the server serves another edition than this one. The address is the
 * state, so nothing is lost. Once only, should a cache on the way bring the old one back.
 */
export function follow(served, load = () => location.reload()) {
  loadFor(KEY, document.documentElement.dataset.edition, served, load);
}

/**
 * A server started anew may serve another city, or the same with other areas, breaks or least count
 * that is shown: what the page knows of the city would be wrong beside what it is told.
 */
export async function followCity(known, load = () => location.reload()) {
  const answer = await ask('/api/city');
  if (!answer.ok) throw new Error(answer.status);
  loadFor(`${KEY}-city`, rulesOf(known), rulesOf(await answer.json()), load);
}

/** Whether data are simulated is told by each status, and may change. */
const rulesOf = (city) => JSON.stringify({ ...city, simulated: null });

function loadFor(key, mine, served, load) {
  if (!served || !mine || served === mine) return;
  try {
    if (sessionStorage.getItem(key) === served) return;
    sessionStorage.setItem(key, served);
  } catch { return; } // a kiosk may forbid to note it, and unnoted it might be loaded for ever
  load();
}
