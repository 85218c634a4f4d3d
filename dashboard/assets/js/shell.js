// What frames every page: which page is shown, language, theme, title, and the flags of made-up data.
import { byId, el } from './dom.js';
import { lang, nameOf, onLanguage, sayAll, setLanguage, t } from './i18n.js';

const root = document.documentElement;

export class Shell {
  constructor({ city, state }, { onPage, onSaid, onTheme }) {
    Object.assign(this, { city, state, onPage, onSaid, onTheme });
    state.on(['page'], () => this.showPage());
    state.on(['lang'], (now) => now.lang && now.lang !== lang() && setLanguage(now.lang));
    state.on(['theme'], (now) => now.theme && now.theme !== root.dataset.theme && this.setTheme(now.theme));
    onLanguage(() => this.say());
    for (const link of document.querySelectorAll('[data-page]')) {
      link.addEventListener('click', (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return; // into a tab of its own
        event.preventDefault();
        event.stopPropagation();
        state.go({ page: link.dataset.page });
      }, true);
    }
  }

  showPage() {
    const { page } = this.state.now;
    for (const id of ['live', 'system', 'methods']) byId(id).hidden = id !== page;
    for (const link of document.querySelectorAll('nav [data-page]')) {
      if (link.dataset.page === page) link.setAttribute('aria-current', 'page');
      else link.removeAttribute('aria-current');
    }
    this.onPage(page);
  }

  flags(simulated) {
    const { city } = this;
    this.simulated = simulated ?? this.simulated ?? city.simulated;
    const flag = (key, title = '') => el('span.flag', { title, 'data-flag': key }, t(`flag.${key}`));
    const note = city.notes?.[lang()] ?? '';
    const flags = [this.simulated && flag('simulated', note), city.synthetic && flag('synthetic', note), city.clock === 'replay' && flag('replay', note)];
    byId('flags').replaceChildren(...flags.filter(Boolean));
  }

  toggleLanguage() {
    const next = lang() === 'en' ? 'zh' : 'en';
    setLanguage(next);
    this.state.set({ lang: next });
  }

  toggleTheme() {
    const next = root.dataset.theme === 'light' ? 'dark' : 'light';
    this.setTheme(next);
    this.state.set({ theme: next });
  }

  setTheme(next) {
    root.dataset.theme = next;
    try { localStorage.setItem('theme', next); } catch { /* a kiosk may forbid it */ }
    this.onTheme(next);
  }

  /** Say what stands around the pages in the language chosen now; the panels say the rest. */
  say() {
    sayAll(document);
    byId('brand').textContent = nameOf(this.city);
    document.title = `${nameOf(this.city)} · ${t('title')}`;
    this.flags();
    this.onSaid();
  }
}
