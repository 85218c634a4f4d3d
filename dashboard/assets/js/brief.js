// While counts are on the map: what the statistics say of the selection, in a few lines that lead to the rest.
import { el } from './dom.js';
import { t } from './i18n.js';
import { hotspotLevel } from './score.js';
import { noEstimate, trendWords } from './spread.js';
import { times } from './statistic.js';

const line = (layer, word, value, more = '', tone = '') => el('button.brief', { type: 'button', 'data-layer-to': layer, title: t('brief.open') },
  el('span', {}, word), el(`b.number${tone}`, {}, value), el('i.number', {}, more));

export function cellBrief({ risk, hotspot, clusters, aberrations }) {
  const unusual = aberrations.filter((row) => row.level_found > 0);
  return [
    risk && (risk.class < 0 ? line('risk', t('layer.risk'), t('statistic.insufficient'))
      : line('risk', t('layer.risk'), times(risk.rr[0]), `${times(risk.rr[1])} – ${times(risk.rr[2])} · ${t(`score.class.${risk.class}`)}`, risk.class > 1 ? '.high' : '')),
    (hotspot?.level > 0 || hotspot?.level_cold > 0) && line('hotspots', t('layer.hotspots'), hotspotLevel(hotspot), '', hotspot.level ? '.high' : ''),
    clusters.length > 0 && line('clusters', t('layer.clusters'), clusters[0].ratio ? times(clusters[0].ratio[0]) : '—', t('cluster.hover', { rank: clusters[0].rank }), clusters[0].is_alarm ? '.high' : ''),
    unusual.length > 0 && line('aberrations', t('layer.aberrations'), t(`level.aberrations.${unusual[0].level_found}`), '', '.high'),
  ].filter(Boolean);
}

export function areaBrief({ spread, instead }) {
  const shown = spread?.is_sure ? spread : instead;
  if (!spread) return [];
  if (!shown?.rt) return [line('risk', t('spread.r'), noEstimate(spread))];
  return [line('risk', t('spread.r'), shown.rt[0].toFixed(2), `${shown.rt[1].toFixed(2)} – ${shown.rt[2].toFixed(2)} · ${trendWords(shown)}`)];
}
