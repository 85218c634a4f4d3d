// What the map says when it has nothing to show: why, and what to do.
import { byId, el } from './dom.js';
import { readAreas } from './areas.js';
import { change, count, nameOf, onLanguage, t } from './i18n.js';

export class Notice {
  constructor(city) {
    this.city = city;
    this.box = byId('notice');
    this.kind = null;
    onLanguage(() => this.set(this.kind, this.facts));
  }

  set(kind, facts = {}) {
    Object.assign(this, { kind, facts });
    this.box.hidden = !kind;
    this.box.dataset.kind = kind ?? '';
    if (!kind) return;
    const parts = [el('h2', {}, t(`${kind}.title`)), el('p', {}, t(`${kind}.text`, facts))];
    if (kind === 'empty') {
      const command = this.city.clock === 'replay' ? `./hexline replay --city ${this.city.id}` : `./hexline simulate --city ${this.city.id}`;
      parts.push(el('p', {}, t('empty.how')), el('code', {}, command), el('p', {}, t('empty.or')));
    }
    this.box.replaceChildren(...parts);
  }
}

/** Areas of the largest level as a table: what stays when no map can be drawn. */
export class AreaTable {
  constructor(city, areas) {
    Object.assign(this, { city, areas });
    this.box = byId('areas');
  }

  async start() {
    this.box.hidden = false;
    const level = this.city.levels[0].id;
    this.names = (await readAreas(level)).features.map(({ properties }) => properties);
    this.level = level;
    await this.paint();
  }

  async paint() {
    if (!this.level) return;
    const values = await this.areas.get(this.level);
    const rows = this.names.map((area) => ({ area, ...values[area.area_id] }))
      .sort((a, b) => (typeof b.value === 'number' ? b.value : 0) - (typeof a.value === 'number' ? a.value : 0));
    this.box.replaceChildren(el('table', {},
      el('thead', {}, el('tr', {}, el('th', {}, t('tables.area')), el('th.number', {}, t('tables.value')), el('th.number', {}, t('tables.change')))),
      el('tbody', {}, ...rows.map(({ area, value, change: percent }) => {
        const delta = change(percent);
        return el('tr', {}, el('td', {}, nameOf(area)), el('td.number', {}, count(value)), el(`td.number.${delta.way}`, {}, delta.text));
      }))));
  }
}
