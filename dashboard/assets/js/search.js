// Search by cell, place or area. The last answer wins, whatever the order they come in.
import { ask, byId, el } from './dom.js';
import { nameOf, onLanguage, t } from './i18n.js';

const PAUSE_MS = 180;

export class Search {
  constructor(onPick) {
    this.onPick = onPick;
    this.list = byId('results');
    this.field = el('input', { type: 'search', autocomplete: 'off', spellcheck: 'false', role: 'combobox', 'aria-controls': 'results', 'aria-expanded': 'false', 'aria-autocomplete': 'list', maxlength: 80 });
    byId('search').replaceChildren(this.field);
    this.results = [];
    this.at = -1;
    this.asked = 0;
    this.field.oninput = () => this.typed();
    this.field.onkeydown = (event) => this.key(event);
    this.field.onblur = () => setTimeout(() => this.close(), 150);
    this.field.onfocus = () => this.results.length && this.entered();
    onLanguage(() => this.say());
    this.say();
  }

  /** Back in the field: what was found is there again, and chosen by Enter where the words are still the same. */
  entered() {
    if (this.q === this.field.value.trim()) this.at = Math.max(0, this.at);
    this.open();
  }

  say() {
    this.field.placeholder = t('search.hint');
    this.field.setAttribute('aria-label', t('search'));
  }

  focus() {
    this.field.focus();
    this.field.select();
  }

  typed() {
    this.forget();
    const q = this.field.value.trim();
    if (!q) {
      this.results = [];
      this.close();
      return;
    }
    this.timer = setTimeout(() => this.ask(q), PAUSE_MS);
  }

  /** What was asked before no longer counts: Enter must never choose a find of other words. */
  forget() {
    clearTimeout(this.timer);
    this.asked += 1;
    this.at = -1;
    this.isEntered = false;
    this.mark();
  }

  async ask(q) {
    this.asked += 1;
    const mine = this.asked;
    try {
      const answer = await ask(`/api/search?q=${encodeURIComponent(q)}&n=8`);
      if (!answer.ok) throw new Error(answer.status);
      const { results } = await answer.json();
      if (mine !== this.asked) return;
      this.q = q;
      this.show(results, t('search.none', { q }));
    } catch {
      if (mine === this.asked) this.show([], t('search.failed'));
    }
  }

  show(results, otherwise) {
    this.results = results;
    this.at = results.length ? 0 : -1;
    const rows = results.map((found, i) => el('li', { role: 'option', id: `result-${i}`, 'aria-selected': String(i === this.at), onmousedown: (event) => { event.preventDefault(); this.pick(i); } },
      el('b', {}, nameOf(found)), el('i', {}, [t(`search.${found.kind}`), found.detail].filter(Boolean).join(' · '))));
    this.list.replaceChildren(...(rows.length ? rows : [el('li.quiet-text', {}, otherwise)]));
    if (this.isEntered && rows.length) this.pick(0);
    else if (document.activeElement === this.field) this.open(); // whoever left is not called back
  }

  open() {
    this.list.hidden = false;
    this.field.setAttribute('aria-expanded', 'true');
    this.mark();
  }

  close() {
    this.list.hidden = true;
    this.field.setAttribute('aria-expanded', 'false');
  }

  mark() {
    [...this.list.children].forEach((row, i) => row.setAttribute('aria-selected', String(i === this.at)));
    this.field.setAttribute('aria-activedescendant', this.at >= 0 ? `result-${this.at}` : '');
  }

  key(event) {
    event.stopPropagation();
    // Keys of an input method choose among its own words (229: as some browsers tell them).
    if (event.isComposing || event.keyCode === 229) return;
    const n = this.results.length;
    if (event.key === 'Escape') {
      this.field.value = '';
      this.typed();
      this.field.blur();
    } else if (event.key === 'Enter') {
      if (this.at >= 0) this.pick(this.at);
      else this.isEntered = true; // the answer is still under way
    } else if (n && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
      event.preventDefault();
      this.at = (this.at + (event.key === 'ArrowDown' ? 1 : -1) + n) % n;
      this.mark();
    }
  }

  pick(i) {
    this.forget();
    this.close();
    this.field.blur();
    this.onPick(this.results[i]);
  }
}
