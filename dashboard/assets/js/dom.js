// Small means to make elements; text is always set as text, never as HTML.

export const byId = (id) => document.getElementById(id);

/** el('div.name', {title: …, onclick: …}, child, 'text'): an element with classes, properties and content. */
export function el(what, properties = {}, ...content) {
  const [tag, ...classes] = what.split('.');
  const made = document.createElement(tag || 'div');
  if (classes.length) made.className = classes.join(' ');
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) made[name] = value;
    else if (name === 'style') made.style.cssText = value;
    else made.setAttribute(name, value === true ? '' : value);
  }
  made.append(...content.flat().filter((part) => part !== null && part !== undefined && part !== false));
  return made;
}

export function svg(tag, properties = {}, ...content) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(properties)) made.setAttribute(name, value);
  made.append(...content);
  return made;
}

const FOCUSABLE = 'a[href], button, summary';

/** Put other content into a box; whoever goes by key stays where they were. */
export function refill(box, ...content) {
  const held = [...box.querySelectorAll(FOCUSABLE)].indexOf(document.activeElement);
  box.replaceChildren(...content);
  if (held >= 0) box.querySelectorAll(FOCUSABLE)[held]?.focus({ preventScroll: true });
}

/** Whether text in a box is selected: painted anew, it could not be copied. */
export function isSelected(box) {
  const held = getSelection();
  return !held.isCollapsed && box.contains(held.anchorNode);
}

/** Put text in only where it differs: the browser then has nothing to lay out again. */
export function setText(node, text) {
  if (node && node.textContent !== text) node.textContent = text;
}

/** A row of a definition list: a name and its value. */
export const fact = (name, ...value) => [el('dt', {}, name), el('dd', {}, ...value)];

const LONGEST_MS = 12000;
/** What is megabytes large may take so long on a slow line: cut off half way, it would never come. */
export const LARGE_MS = 180_000;

/** Ask the server; an answer that never comes is an error like any other. */
export async function ask(path, longestMs = LONGEST_MS) {
  return fetch(path, { signal: AbortSignal.timeout(longestMs) });
}

/** Whether an answer says that there is no such cell or area, or that this is the name of none. */
export const isNoSuch = ({ status }) => status === 404 || status === 400;

/** Copy text; the page may be served without TLS, where the clipboard API is missing. */
export async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const field = el('textarea', { style: 'position:fixed;opacity:0' }, text);
  document.body.append(field);
  field.select();
  document.execCommand('copy');
  field.remove();
  return undefined;
}
