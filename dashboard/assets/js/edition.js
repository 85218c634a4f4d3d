// A page left open over an upgrade would draw what the new server says by the rules of the old one.
const KEY = 'hexline-loaded-for';

/**
 * Load the page anew when the server serves another edition than this one. The address is the
 * state, so nothing is lost. Once only, should a cache on the way bring the old one back.
 */
export function follow(served, load = () => location.reload()) {
  const mine = document.documentElement.dataset.edition;
  if (!served || !mine || served === mine || sessionStorage.getItem(KEY) === served) return;
  sessionStorage.setItem(KEY, served);
  load();
}
