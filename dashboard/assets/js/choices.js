// The three choices on the map, as radio groups: arrow keys move, the address keeps them.
import { byId, el } from './dom.js';
import { onLanguage, t } from './i18n.js';

const CHOICES = {
  metric: { values: ['passages', 'in', 'out', 'fever'], word: (v) => `metric.${v}` },
  minutes: { values: [1, 15, 60], word: (v) => `minutes.${v}` },
  show: { values: ['level', 'change', 'density'], word: (v) => `show.${v}` },
};

function build(state, name) {
  const { values, word } = CHOICES[name];
  const box = byId(name);
  box.replaceChildren(...values.map((value) => {
    const on = state.now[name] === value;
    return el('button', {
      type: 'button', role: 'radio', 'aria-checked': String(on), tabindex: on ? '0' : '-1', 'data-value': value,
      onclick: () => state.set({ [name]: value }),
    }, t(word(value)));
  }));
  box.onkeydown = (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    const at = values.indexOf(state.now[name]);
    state.set({ [name]: values[(at + step + values.length) % values.length] });
    box.querySelector('[aria-checked="true"]').focus();
  };
}

export function choices(state) {
  const all = () => Object.keys(CHOICES).forEach((name) => build(state, name));
  state.on(Object.keys(CHOICES), all);
  onLanguage(all);
  all();
}

/** The next metric, for the key that steps through them. */
export function nextMetric(state) {
  const { values } = CHOICES.metric;
  state.set({ metric: values[(values.indexOf(state.now.metric) + 1) % values.length] });
}
