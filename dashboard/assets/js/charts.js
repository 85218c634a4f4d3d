// What the curves at the bottom are asked to show; Dash draws them once their letters are here.
import { t } from './i18n.js';

const FONT = '400 12px "Noto Sans SC Variable"';
const LONGEST_MS = 3000;
const WORDS = ['category.confirmed', 'category.suspected', 'category.fever', 'category.contact', 'epicurve.incomplete', 'epicurve.empty', 'hour.empty', 'direction.passages', 'direction.in', 'direction.out'];
let newest = 0;
let told = '';

/** Plotly measures a word once: measured in another font, it is cut or lies over its neighbour for ever. */
async function lettersOf(words) {
  const late = new Promise((resolve) => { setTimeout(resolve, LONGEST_MS); });
  await Promise.race([document.fonts.load(FONT, `${words.join('')}0123456789k,.-:<`), late]).catch(() => {});
}

/** Ask for what is chosen, where it is not asked for yet: asked again, an answer under way would be thrown away. */
export async function askCharts(choice) {
  newest += 1;
  const mine = newest;
  await lettersOf(WORDS.map((key) => t(key)));
  const said = JSON.stringify(choice);
  if (mine !== newest || said === told || !globalThis.dash_clientside) return;
  told = said;
  globalThis.dash_clientside.set_props('choice', { data: choice });
}
