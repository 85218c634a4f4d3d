// Base map from the city pack alone: outlines, hover surfaces and names. No tiles, no glyph server.
import { readAreas } from './areas.js';
import { lang } from './i18n.js';

const FONT = ['Noto Sans SC Variable'];
// A level is named once a typical area of it is this wide on the screen.
const NAMED_FROM_PX = 116;
const OUTLINED_FROM_PX = 22;
const AREAS = 'areas';

const TONES = {
  dark: { ground: '#0a0f17', land: '#111a27', line: '#6d86a8', fine: '#3d5068', text: '#f2f6fb', soft: '#b9c7d8', halo: '#0a0f17', hover: '#7df0ff' },
  light: { ground: '#dfe6ee', land: '#f4f7fa', line: '#5a708c', fine: '#a9b8c9', text: '#0f1b2a', soft: '#3a4c61', halo: '#ffffff', hover: '#007c92' },
};
export const tonesOf = (theme) => TONES[theme] ?? TONES.dark;

export function emptyStyle(theme) {
  return {
    version: 8,
    sources: {},
    layers: [{ id: 'ground', type: 'background', paint: { 'background-color': tonesOf(theme).ground } }],
  };
}

/** Outer rings of a polygon or multi-polygon. */
const ringsOf = ({ type, coordinates }) => (type === 'Polygon' ? [coordinates[0]] : coordinates.map((p) => p[0]));

function areaOf(ring) {
  let sum = 0;
  for (let i = 1; i < ring.length; i += 1) sum += ring[i - 1][0] * ring[i][1] - ring[i][0] * ring[i - 1][1];
  return sum / 2;
}

function centroid(ring) {
  const a = areaOf(ring);
  if (!a) return ring[0];
  let x = 0;
  let y = 0;
  for (let i = 1; i < ring.length; i += 1) {
    const cross = ring[i - 1][0] * ring[i][1] - ring[i][0] * ring[i - 1][1];
    x += (ring[i - 1][0] + ring[i][0]) * cross;
    y += (ring[i - 1][1] + ring[i][1]) * cross;
  }
  return [x / (6 * a), y / (6 * a)];
}

/** One name a place: the middle of the largest part, so that no name is drawn twice. */
export function labelPoint(geometry) {
  const rings = ringsOf(geometry);
  return centroid(rings.reduce((best, ring) => (Math.abs(areaOf(ring)) > Math.abs(areaOf(best)) ? ring : best)));
}

/** Zoom at which the median area of a level is `px` wide. */
export function zoomFor(features, px) {
  const sizes = features.map(({ geometry }) => Math.sqrt(ringsOf(geometry).reduce((sum, ring) => sum + Math.abs(areaOf(ring)), 0)));
  sizes.sort((a, b) => a - b);
  const median = sizes[Math.floor(sizes.length / 2)] || 1;
  return Math.max(0, Math.log2((px * 360) / (512 * median)));
}

/** Load the parts of the font these names need: MapLibre draws a letter once, and keeps a wrong one. */
async function fontFor(features) {
  const letters = new Set(features.flatMap(({ properties }) => [...(properties.name ?? ''), ...(properties.name_en ?? '')]));
  try {
    await document.fonts.load(`400 48px "${FONT[0]}"`, [...letters].join(''));
  } catch { /* the names come in the browser's own font */ }
}

/** The land goes onto the map of the cells, all else onto the sheet over it. */
export class BaseMap {
  constructor(ground, sheet, city, theme) {
    Object.assign(this, { ground, sheet, city, theme, levels: [] });
  }

  /** Load every level, largest first; names and outlines appear as they come. */
  async load() {
    for (const { id } of this.city.levels) {
      const areas = await readAreas(id);
      await fontFor(areas.features);
      this.add(id, areas);
    }
  }

  add(id, areas) {
    const features = areas.features.filter(({ geometry }) => geometry?.coordinates?.length);
    if (!features.length || !this.sheet.style) return;
    const first = this.levels.length === 0;
    const named = first ? 0 : zoomFor(features, NAMED_FROM_PX);
    const outlined = first ? 0 : zoomFor(features, OUTLINED_FROM_PX);
    this.levels.push({ id, features, named, outlined });
    this.hold();
    const area = { source: AREAS, filter: ['==', ['get', 'level'], id] };
    this.sheet.addSource(`names-${id}`, { type: 'geojson', data: this.points(features) });
    if (first) this.land({ type: 'FeatureCollection', features });
    this.sheet.addLayer({ id: `surface-${id}`, type: 'fill', ...area, minzoom: outlined, paint: { 'fill-opacity': 0 } }, 'selected-casing');
    this.sheet.addLayer({ id: `line-${id}`, type: 'line', ...area, minzoom: outlined, layout: { 'line-join': 'round' } }, 'selected-casing');
    this.sheet.addLayer(this.names(id, first, named));
    this.paint(this.theme);
    if (this.onWall) this.wall(true);
  }

  /** The city's ground, below whatever cells are there already. */
  land(data) {
    const [, cells] = this.ground.getLayersOrder();
    this.ground.addSource('land', { type: 'geojson', data, tolerance: 0.2 });
    this.ground.addLayer({ id: 'land', type: 'fill', source: 'land', paint: { 'fill-antialias': false } }, cells);
  }

  /**
   * One source holds the areas of all levels: for each change of source from layer to layer every tile
   * is masked anew, which without a graphics card costs more than the outlines do.
   */
  hold() {
    const features = this.levels.flatMap(({ id, features: areas }) => areas.map((area) => ({ ...area, properties: { ...area.properties, level: id } })));
    const data = { type: 'FeatureCollection', features };
    const source = this.sheet.getSource(AREAS);
    if (source) source.setData(data);
    else this.sheet.addSource(AREAS, { type: 'geojson', data, promoteId: 'area_id', tolerance: 0.2 });
  }

  points(features) {
    return {
      type: 'FeatureCollection',
      features: features.map(({ geometry, properties }) => ({
        type: 'Feature', properties, geometry: { type: 'Point', coordinates: labelPoint(geometry) },
      })),
    };
  }

  names(id, first, named) {
    return {
      id: `name-${id}`, type: 'symbol', source: `names-${id}`, minzoom: Math.max(0, named - 0.01),
      layout: {
        'text-font': FONT, 'text-size': first ? 15 : 12, 'text-padding': 6, 'text-max-width': first ? 14 : 9,
        'text-field': this.text(), 'text-line-height': 1.15,
        'symbol-sort-key': ['-', 0, ['coalesce', ['get', 'residents'], 0]],
      },
    };
  }

  /** The name in the viewer's language; in the other where the data have no such name. */
  text() {
    const [own, other] = lang() === 'en' ? ['name_en', 'name'] : ['name', 'name_en'];
    return ['coalesce', ['get', own], ['get', other], ''];
  }

  say() {
    this.levels.forEach(({ id }) => this.sheet.setLayoutProperty(`name-${id}`, 'text-field', this.text()));
  }

  /** On a wall names are large and only those of the two largest levels: a room reads no more. */
  wall(on) {
    this.onWall = on;
    this.levels.forEach(({ id }, i) => {
      this.sheet.setLayoutProperty(`name-${id}`, 'text-size', (i === 0 ? 15 : 12) * (on ? 1.6 : 1));
      this.sheet.setLayoutProperty(`name-${id}`, 'visibility', on && i > 1 ? 'none' : 'visible');
    });
  }

  paint(theme) {
    this.theme = theme;
    const tones = tonesOf(theme);
    const { sheet } = this;
    this.ground.setPaintProperty('ground', 'background-color', tones.ground);
    if (this.ground.getLayer('land')) this.ground.setPaintProperty('land', 'fill-color', tones.land);
    this.levels.forEach(({ id }, i) => {
      const hovered = ['boolean', ['feature-state', 'hover'], false];
      const width = i === 0 ? 1.4 : 0.8;
      sheet.setPaintProperty(`line-${id}`, 'line-color', ['case', hovered, tones.hover, i === 0 ? tones.line : tones.fine]);
      sheet.setPaintProperty(`line-${id}`, 'line-width', ['case', hovered, 2.4, width]);
      sheet.setPaintProperty(`name-${id}`, 'text-color', i === 0 ? tones.text : tones.soft);
      sheet.setPaintProperty(`name-${id}`, 'text-halo-color', tones.halo);
      sheet.setPaintProperty(`name-${id}`, 'text-halo-width', 1.6);
    });
  }

  /** The finest level that is drawn at this zoom. */
  levelAt(zoom) {
    return this.levels.findLast(({ outlined }) => zoom >= outlined) ?? this.levels[0];
  }

  find(areaId) {
    for (const { id, features } of this.levels) {
      const feature = features.find(({ properties }) => properties.area_id === areaId);
      if (feature) return { level: id, feature };
    }
    return null;
  }

  /** The area under a point of the screen, at the level of this zoom. */
  areaAt(point) {
    const level = this.levelAt(this.sheet.getZoom());
    if (!level) return null;
    const [hit] = this.sheet.queryRenderedFeatures(point, { layers: [`surface-${level.id}`] });
    return hit ? { level: level.id, ...hit.properties } : null;
  }

  hover(area) {
    const id = area?.area_id;
    if (id === this.hovered) return;
    if (this.hovered) this.sheet.setFeatureState({ source: AREAS, id: this.hovered }, { hover: false });
    if (id) this.sheet.setFeatureState({ source: AREAS, id }, { hover: true });
    this.hovered = id;
  }
}
