// Starts the page: waits for its frame and its city, then opens the war room.
import { ask, byId } from './dom.js';
import { setCity } from './i18n.js';
import { Room } from './room.js';

const root = document.documentElement;
const AGAIN_MS = 1500;

function frameReady() {
  return new Promise((resolve) => {
    const look = () => byId('map') && byId('system') && (watcher.disconnect(), resolve());
    const watcher = new MutationObserver(look);
    watcher.observe(document.body, { childList: true, subtree: true });
    look();
  });
}

/** The city must be known before anything is drawn; a server that starts late is waited for. */
async function readCity() {
  for (;;) {
    try {
      const answer = await ask('/api/city');
      if (answer.ok) return await answer.json();
    } catch { /* not up yet */ }
    await new Promise((resolve) => { setTimeout(resolve, AGAIN_MS); });
  }
}

await frameReady();
const city = await readCity();
setCity(city);
const room = new Room(city);
// One name for the console and the tests; nothing in the page reads it.
globalThis.hexline = room;
root.dataset.ready = '1';
await room.start();
