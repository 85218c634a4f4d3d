// Outlines over the cells: clusters (alarms solid, others dashed) and areas whose days are unusual.

const SOURCE = 'standouts';
const nothing = { type: 'FeatureCollection', features: [] };
const TONES = { dark: { alarm: '#ffffff', other: '#c9d6e6', halo: '#0a0f17' }, light: { alarm: '#0b1c30', other: '#33475e', halo: '#ffffff' } };

export class Outlines {
  constructor(map, theme) {
    this.map = map;
    map.addSource(SOURCE, { type: 'geojson', data: nothing });
    const above = 'selected-casing';
    map.addLayer({ id: `${SOURCE}-surface`, type: 'fill', source: SOURCE, paint: { 'fill-opacity': 0 } }, above);
    map.addLayer({ id: `${SOURCE}-halo`, type: 'line', source: SOURCE, layout: { 'line-join': 'round' }, paint: { 'line-width': 5, 'line-opacity': 0.7 } }, above);
    map.addLayer({ id: `${SOURCE}-alarm`, type: 'line', source: SOURCE, filter: ['get', 'alarm'], layout: { 'line-join': 'round' }, paint: { 'line-width': 2.4 } }, above);
    map.addLayer({ id: `${SOURCE}-other`, type: 'line', source: SOURCE, filter: ['!', ['get', 'alarm']], layout: { 'line-join': 'round' }, paint: { 'line-width': 1.8, 'line-dasharray': [2, 1.6] } }, above);
    this.paint(theme);
  }

  /** Show these: [{geometry, alarm, rank}]; none clears. */
  show(outlines) {
    const features = outlines.filter(({ geometry }) => geometry).map(({ geometry, alarm, rank }) => ({ type: 'Feature', properties: { alarm: Boolean(alarm), rank }, geometry }));
    this.map.getSource(SOURCE)?.setData({ type: 'FeatureCollection', features });
  }

  /** The strongest outline under a point of the screen, by its rank; null beside all. */
  rankAt(point) {
    const hits = this.map.queryRenderedFeatures(point, { layers: [`${SOURCE}-surface`] });
    return hits.length ? Math.min(...hits.map(({ properties }) => properties.rank)) : null;
  }

  paint(theme) {
    const tones = TONES[theme] ?? TONES.dark;
    this.map.setPaintProperty(`${SOURCE}-halo`, 'line-color', tones.halo);
    this.map.setPaintProperty(`${SOURCE}-alarm`, 'line-color', tones.alarm);
    this.map.setPaintProperty(`${SOURCE}-other`, 'line-color', tones.other);
  }
}
