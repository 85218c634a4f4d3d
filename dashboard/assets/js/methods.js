// The page "how this is computed": all methods in the language chosen, one shown at a time, each with an address.
import { ask, byId, el } from './dom.js';
import { lang, onLanguage, t } from './i18n.js';

const FIRST = 'README';

export class Methods {
  constructor(state) {
    this.state = state;
    this.pages = {};
    this.list = byId('methods-list');
    this.article = byId('methods-page');
    state.on(['page', 'doc'], () => this.show());
    onLanguage(() => this.show());
    // Links to a method stand in many panels that come and go.
    document.addEventListener('click', (event) => this.follow(event), true);
    this.show();
  }

  follow(event) {
    const link = event.target.closest?.('a[data-doc]');
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    event.stopPropagation();
    this.state.go({ page: 'methods', doc: link.dataset.doc });
  }

  async read(language) {
    if (!this.pages[language]) {
      const answer = await ask(`/api/methods?lang=${language}`);
      if (!answer.ok) throw new Error(answer.status);
      this.pages[language] = (await answer.json()).pages;
    }
    return this.pages[language];
  }

  async show() {
    const { page, doc } = this.state.now;
    if (page !== 'methods') return;
    try {
      const language = lang();
      const pages = await this.read(language);
      if (this.state.now.page !== 'methods' || this.state.now.doc !== doc || lang() !== language) return;
      this.paint(pages, pages.find(({ id }) => id === (doc ?? FIRST)) ?? pages[0]);
    } catch {
      this.article.replaceChildren(el('p.quiet-text', {}, t('methods.failed')));
    }
  }

  paint(pages, chosen) {
    const groups = [...new Set(pages.map(({ group }) => group))];
    this.list.replaceChildren(...groups.map((group) => el('section', {}, el('h3', {}, t(`methods.${group}`)), el('ul', {}, ...pages.filter((page) => page.group === group).map((page) => el('li', {},
      el('a', { href: `/methods/${page.id}`, 'data-doc': page.id, 'aria-current': page.id === chosen.id ? 'page' : null }, el('b', {}, page.title), el('span', {}, page.question))))))));
    const body = el('div.prose');
    // Made by the server from the project's own pages, with all HTML in them written as text.
    body.innerHTML = chosen.html;
    const parts = el('nav.on-page', { 'aria-label': t('methods.parts') }, ...chosen.headings.map(({ id, text }) => el('a', {
      href: `#${id}`, onclick: (event) => { event.preventDefault(); body.querySelector(`#${id}`).scrollIntoView({ block: 'start', behavior: 'smooth' }); },
    }, text)));
    this.article.replaceChildren(el('h1', {}, chosen.title), ...(chosen.question ? [el('p.question', {}, chosen.question)] : []), parts, body);
    this.article.scrollTop = 0;
    this.article.dataset.doc = chosen.id;
  }
}
