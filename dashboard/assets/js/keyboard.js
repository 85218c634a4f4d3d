// Keys of the whole page. A key typed into a field stays there.
import { byId, el } from './dom.js';
import { onLanguage, t } from './i18n.js';

const PAN_PX = 120;

const HELP = [
  ['1 2 3', 'help.pages'], ['/', 'help.search'], ['Esc', 'help.clear'], ['← ↑ → ↓', 'help.pan'], ['+ −', 'help.zoom'], ['0', 'help.home'],
  ['m', 'help.metric'], ['v', 'help.layers'], ['w', 'help.wall'], ['l', 'help.lang'], ['d', 'help.theme'], ['?', 'help.help'],
];

export function help() {
  const box = byId('help-panel');
  const build = () => box.replaceChildren(
    el('h2', {}, t('help')),
    el('dl', {}, ...HELP.flatMap(([key, word]) => [el('dt', {}, ...key.split(' ').map((k) => el('kbd', {}, k))), el('dd', {}, t(word))])),
    el('button.quiet', { type: 'button', onclick: () => { box.hidden = true; } }, t('help.close')));
  onLanguage(build);
  build();
  return () => { box.hidden = !box.hidden; if (!box.hidden) box.querySelector('button').focus(); };
}

/** Bind the keys; `does` maps each name to what happens. */
export function keyboard(does) {
  const keys = {
    1: () => does.page('live'), 2: () => does.page('system'), 3: () => does.page('methods'),
    Escape: does.clear, w: does.wall, l: does.language, d: does.theme, '?': does.help,
  };
  // On the other pages these are the browser's: arrows scroll what is read there.
  const mapKeys = {
    '/': does.search, m: does.metric, v: does.layers, 0: does.home,
    '+': () => does.zoom(1), '=': () => does.zoom(1), '-': () => does.zoom(-1),
    ArrowLeft: () => does.pan(-PAN_PX, 0), ArrowRight: () => does.pan(PAN_PX, 0),
    ArrowUp: () => does.pan(0, -PAN_PX), ArrowDown: () => does.pan(0, PAN_PX),
  };
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest?.('input, textarea, select, [contenteditable]')) return;
    const act = keys[event.key] ?? (does.isOnMap() ? mapKeys[event.key] : null);
    if (!act) return;
    event.preventDefault();
    act();
  });
}
