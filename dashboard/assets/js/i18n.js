// Words, numbers, times. Words come with the page; the browser's own Intl does the rest.

const root = document.documentElement;
const dictionaries = JSON.parse(document.getElementById('words').textContent);
const listeners = new Set();
let timezone = 'UTC';
let k = 5;

export const lang = () => (root.dataset.lang === 'en' ? 'en' : 'zh');
export const onLanguage = (listener) => listeners.add(listener);
const locale = () => (lang() === 'en' ? 'en-GB' : 'zh-CN');

export function setCity(city) {
  timezone = city.timezone;
  k = city.k;
}

/** The word of a key, with `{name}` filled in. A missing key shows itself: it is a bug. */
export function t(key, fill = {}) {
  const word = dictionaries[lang()][key] ?? key;
  return word.replace(/\{(\w+)\}/g, (_, name) => fill[name] ?? '');
}

export function setLanguage(next) {
  root.dataset.lang = next;
  root.lang = next === 'en' ? 'en' : 'zh-CN';
  try { localStorage.setItem('lang', next); } catch { /* a kiosk may forbid it */ }
  sayAll(document);
  listeners.forEach((listener) => listener());
}

/** Fill every element that names its word. */
export function sayAll(within) {
  for (const el of within.querySelectorAll('[data-t]')) el.textContent = t(el.dataset.t);
  for (const el of within.querySelectorAll('[data-t-title]')) el.title = t(el.dataset.tTitle);
  for (const el of within.querySelectorAll('[data-t-label]')) el.setAttribute('aria-label', t(el.dataset.tLabel));
}

/** The name of a city, area or place in the viewer's language. */
export function nameOf(named) {
  return (lang() === 'en' ? named.name_en || named.name : named.name || named.name_en) || '';
}

export function number(value, options = {}) {
  return new Intl.NumberFormat(locale(), { maximumFractionDigits: 1, ...options }).format(value);
}

/** Round counts to what fits a tile: 1,234 stays, 12.3 万 or 123K do not need more digits. */
export function shortNumber(value) {
  if (Math.abs(value) < 1e6) return number(value, { maximumFractionDigits: 0 });
  return number(value, { notation: 'compact', maximumSignificantDigits: 4 });
}

/** A count from the server: a number, "<k" when withheld, null when unknown. */
export function count(value) {
  if (value === null || value === undefined) return '—';
  return typeof value === 'number' ? number(value, { maximumFractionDigits: 0 }) : withheld();
}

export const withheld = () => `<${k}`;

/** A change in percent, with its sign as a shape too: ▲ ▼ are read without colour. */
export function change(percent) {
  if (typeof percent !== 'number') return { text: '—', way: 'none' };
  const way = percent >= 0.5 ? 'up' : percent <= -0.5 ? 'down' : 'flat';
  const sign = { up: '▲', down: '▼', flat: '＝' }[way].replace('＝', '=');
  const digits = Math.abs(percent) < 10 ? 1 : 0;
  return { text: `${sign} ${number(Math.abs(percent), { maximumFractionDigits: digits })}%`, way };
}

export function percent(share) {
  // 99.96 % must not read as 100 %: complete is said only when it is so.
  const value = share >= 1 ? 100 : Math.min(99.9, Math.floor(share * 1000) / 10);
  return `${number(value, { minimumFractionDigits: value === 100 ? 0 : 1 })}%`;
}

export function seconds(s) {
  if (s < 10) return t('unit.s', { n: number(Math.max(0, s), { minimumFractionDigits: 1 }) });
  if (s < 90) return t('unit.s', { n: Math.round(s) });
  if (s < 5400) return t('unit.min', { n: Math.round(s / 60) });
  return s < 172800 ? t('unit.h', { n: Math.round(s / 3600) }) : t('unit.d', { n: Math.round(s / 86400) });
}

export const ago = (s) => (s < 3 ? t('now') : t('ago', { t: seconds(s) }));

const formats = new Map();
function time(ms, options) {
  const key = locale() + timezone + JSON.stringify(options);
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(locale(), { timeZone: timezone, hourCycle: 'h23', ...options }));
  return formats.get(key).format(ms);
}
export const hourMinute = (ms) => time(ms, { hour: '2-digit', minute: '2-digit' });
export const clockTime = (ms) => time(ms, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
/** A calendar day (YYYY-MM-DD) as it is written: days have no time zone. */
export function dayOf(day) {
  return new Intl.DateTimeFormat(locale(), { timeZone: 'UTC', month: 'short', day: 'numeric' }).format(new Date(`${day}T00:00:00Z`));
}
export const dateName = (ms) => time(ms, { month: 'short', day: 'numeric' });
export const dayName = (ms) => `${dateName(ms)} ${time(ms, { weekday: 'short' })}`;
