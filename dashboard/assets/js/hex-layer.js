// MapLibre custom layer: the mesh is built once a table, an update is one texSubImage2D.
import { FRAGMENT, NO_CLASS, TEXTURE_WIDTH, VERTEX } from './shaders.js';

// Mercator spans 0..1; relative to the first cell and enlarged, float32 keeps centimetres.
const ENLARGED = 1e4;
const VERTEX_BYTES = 16;
// Neighbours in the table are neighbours on the ground: so many together are drawn or left out.
const CHUNK = 64;
const UNIFORMS = ['matrix', 'values', 'marks', 'breaks', 'colours', 'zeroColour', 'withheldColour',
  'staleColour', 'ringColour', 'coverage', 'pointSize', 'opacity', 'dimmed', 'alone', 'change', 'rings', 'hatch', 'graded', 'coldFrom'];

function toMercator(lng, lat) {
  return [(lng + 180) / 360, (1 - Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360)) / Math.PI) / 2];
}

function toRgb(colour) {
  return [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16) / 255);
}

/** The boxes of each chunk of cells: least x and y, greatest x and y. */
function boxesOf(places, n) {
  const boxes = new Float32Array(Math.ceil(n / CHUNK) * 4);
  for (let c = 0; c * CHUNK < n; c += 1) {
    const box = [Infinity, Infinity, -Infinity, -Infinity];
    for (let i = c * CHUNK * 24; i < Math.min(n, (c + 1) * CHUNK) * 24; i += 4) {
      box[0] = Math.min(box[0], places[i]);
      box[1] = Math.min(box[1], places[i + 1]);
      box[2] = Math.max(box[2], places[i]);
      box[3] = Math.max(box[3], places[i + 1]);
    }
    boxes.set(box, c * 4);
  }
  return boxes;
}

/** Runs of cells, as [first, how many], whose chunks touch a view of the same four sides as a box. */
export function runsIn(boxes, n, [west, north, east, south]) {
  const runs = [];
  for (let c = 0; c * CHUNK < n; c += 1) {
    const b = c * 4;
    if (boxes[b] > east || boxes[b + 1] > south || boxes[b + 2] < west || boxes[b + 3] < north) continue;
    const first = c * CHUNK;
    const last = Math.min(n, first + CHUNK);
    const run = runs.at(-1);
    if (run && run[0] + run[1] === first) run[1] = last - run[0];
    else runs.push([first, last - first]);
  }
  return runs;
}

/** Corner and centre of each of the six vertices of each cell, and four triangles a cell. */
export function buildMesh({ n, corners }) {
  const origin = n ? toMercator(corners[0], corners[1]) : [0, 0];
  const places = new Float32Array(n * 24);
  const order = new Uint32Array(n * 12);
  const ring = new Float64Array(12);
  for (let i = 0; i < n; i += 1) {
    let x = 0;
    let y = 0;
    for (let j = 0; j < 6; j += 1) {
      const [mx, my] = toMercator(corners[i * 12 + 2 * j], corners[i * 12 + 2 * j + 1]);
      ring[2 * j] = (mx - origin[0]) * ENLARGED;
      ring[2 * j + 1] = (my - origin[1]) * ENLARGED;
      x += ring[2 * j] / 6;
      y += ring[2 * j + 1] / 6;
    }
    for (let j = 0; j < 6; j += 1) places.set([ring[2 * j], ring[2 * j + 1], x, y], (i * 6 + j) * 4);
    const b = i * 6;
    order.set([b, b + 1, b + 2, b, b + 2, b + 3, b, b + 3, b + 4, b, b + 4, b + 5], i * 12);
  }
  return { origin, places, order, boxes: boxesOf(places, n) };
}

function compile(gl, kind, source) {
  const shader = gl.createShader(kind);
  gl.shaderSource(shader, source);
  gl.compileShader(shader);
  if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS)) throw new Error(gl.getShaderInfoLog(shader));
  return shader;
}

function link(gl) {
  const program = gl.createProgram();
  gl.attachShader(program, compile(gl, gl.VERTEX_SHADER, VERTEX));
  gl.attachShader(program, compile(gl, gl.FRAGMENT_SHADER, FRAGMENT));
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(program));
  return program;
}

export class HexLayer {
  constructor(id, table) {
    Object.assign(this, { id, type: 'custom', renderingMode: '2d', n: table.n });
    Object.assign(this, buildMesh(table));
    this.rows = Math.max(1, Math.ceil(table.n / TEXTURE_WIDTH));
    this.codes = new Uint16Array(TEXTURE_WIDTH * this.rows).fill(65535);
    this.flags = new Uint8Array(TEXTURE_WIDTH * this.rows);
    this.look = { coverage: 0.93, opacity: 0.9, dimmed: 0, alone: -1, change: false, rings: true, hatch: 6, pointSize: 0, graded: false, coldFrom: NO_CLASS };
    this.drawn = [];
  }

  /** Show these values and marks, one entry a cell in the order of the table. */
  setCells(codes, flags) {
    this.codes.set(codes.length > this.n ? codes.subarray(0, this.n) : codes);
    this.flags.set(flags.length > this.n ? flags.subarray(0, this.n) : flags);
    this.dirty = true;
    this.map?.triggerRepaint();
  }

  /** Set breaks (as codes) and colours; a statistic brings its own scale, and how sure it is. Costs no data. */
  setClasses(breaks, colours, change, statistic = null) {
    this.breaks = new Float32Array(breaks);
    const scale = statistic?.scale ?? (change ? colours.change : colours.level);
    this.colours = new Float32Array(scale.flatMap(toRgb));
    this.tones = Object.fromEntries(['zero', 'withheld', 'stale', 'ring'].map((k) => [k, toRgb(colours[k])]));
    this.setLook({ change: statistic ? statistic.zeroIsClass : change, graded: Boolean(statistic), coldFrom: statistic?.coldFrom ?? NO_CLASS });
  }

  setLook(look) {
    Object.assign(this.look, look);
    this.map?.triggerRepaint();
  }

  /** Call once after the next frame is drawn, with the GL context. */
  afterDraw(callback) {
    this.drawn.push(callback);
  }

  onAdd(map, gl) {
    this.map = map;
    this.program = link(gl);
    this.at = Object.fromEntries(UNIFORMS.map((name) => [name, gl.getUniformLocation(this.program, name)]));
    this.buffers = [gl.createBuffer(), gl.createBuffer()];
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffers[0]);
    gl.bufferData(gl.ARRAY_BUFFER, this.places, gl.STATIC_DRAW);
    // The same buffer read twice: every vertex for the mesh, every sixth for the points.
    this.points = this.reading(gl, 6 * VERTEX_BYTES);
    this.mesh = this.reading(gl, VERTEX_BYTES);
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, this.buffers[1]);
    gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, this.order, gl.STATIC_DRAW);
    gl.bindVertexArray(null);
    this.textures = [
      this.texture(gl, gl.R16UI, gl.UNSIGNED_SHORT, this.codes),
      this.texture(gl, gl.R8UI, gl.UNSIGNED_BYTE, this.flags),
    ];
  }

  reading(gl, stride) {
    const reading = gl.createVertexArray();
    gl.bindVertexArray(reading);
    gl.enableVertexAttribArray(0);
    gl.vertexAttribPointer(0, 4, gl.FLOAT, false, stride, 0);
    return reading;
  }

  onRemove(_map, gl) {
    this.map = null;
    gl.deleteProgram(this.program);
    gl.deleteVertexArray(this.mesh);
    gl.deleteVertexArray(this.points);
    this.buffers.forEach((buffer) => gl.deleteBuffer(buffer));
    this.textures.forEach((texture) => gl.deleteTexture(texture));
  }

  texture(gl, format, kind, data) {
    const texture = gl.createTexture();
    gl.bindTexture(gl.TEXTURE_2D, texture);
    this.plainUnpack(gl);
    gl.texImage2D(gl.TEXTURE_2D, 0, format, TEXTURE_WIDTH, this.rows, 0, gl.RED_INTEGER, kind, data);
    for (const filter of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) {
      gl.texParameteri(gl.TEXTURE_2D, filter, gl.NEAREST);
    }
    return texture;
  }

  // MapLibre leaves its own upload settings behind; integer textures need the plain ones.
  plainUnpack(gl) {
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
    gl.pixelStorei(gl.UNPACK_FLIP_Y_WEBGL, false);
    gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, false);
  }

  upload(gl) {
    this.plainUnpack(gl);
    [[gl.UNSIGNED_SHORT, this.codes], [gl.UNSIGNED_BYTE, this.flags]].forEach(([kind, data], unit) => {
      gl.activeTexture(gl.TEXTURE0 + unit);
      gl.bindTexture(gl.TEXTURE_2D, this.textures[unit]);
      if (this.dirty) {
        gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, TEXTURE_WIDTH, this.rows, gl.RED_INTEGER, kind, data);
      }
    });
    this.dirty = false;
  }

  render(gl, { defaultProjectionData }) {
    if (!this.breaks || !this.n) return;
    gl.useProgram(this.program);
    const asPoints = this.look.pointSize > 0;
    gl.bindVertexArray(asPoints ? this.points : this.mesh);
    this.upload(gl);
    this.setUniforms(gl, defaultProjectionData.mainMatrix);
    gl.disable(gl.DEPTH_TEST);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    for (const [first, cells] of runsIn(this.boxes, this.n, this.view())) {
      if (asPoints) gl.drawArrays(gl.POINTS, first, cells);
      else gl.drawElements(gl.TRIANGLES, cells * 12, gl.UNSIGNED_INT, first * 12 * Uint32Array.BYTES_PER_ELEMENT);
    }
    gl.bindVertexArray(null);
    this.drawn.splice(0).forEach((callback) => callback(gl));
  }

  /** What the map shows, in the mesh's own measure. */
  view() {
    const box = this.map.getBounds();
    const [west, north] = toMercator(box.getWest(), box.getNorth());
    const [east, south] = toMercator(box.getEast(), box.getSouth());
    const [x, y] = this.origin;
    return [(west - x) * ENLARGED, (north - y) * ENLARGED, (east - x) * ENLARGED, (south - y) * ENLARGED];
  }

  setUniforms(gl, main) {
    const { at, look, tones } = this;
    gl.uniformMatrix4fv(at.matrix, false, this.matrix(main));
    gl.uniform1i(at.values, 0);
    gl.uniform1i(at.marks, 1);
    gl.uniform1fv(at.breaks, this.breaks);
    gl.uniform3fv(at.colours, this.colours);
    gl.uniform3fv(at.zeroColour, tones.zero);
    gl.uniform3fv(at.withheldColour, tones.withheld);
    gl.uniform3fv(at.staleColour, tones.stale);
    gl.uniform3fv(at.ringColour, tones.ring);
    for (const name of ['coverage', 'opacity', 'dimmed', 'hatch', 'pointSize']) gl.uniform1f(at[name], look[name]);
    for (const name of ['alone', 'change', 'rings', 'graded', 'coldFrom']) gl.uniform1i(at[name], Number(look[name]));
  }

  /** The map's matrix, taken to the mesh's own origin and scale. */
  matrix(main) {
    const [x, y] = this.origin;
    const matrix = new Float32Array(16);
    for (let row = 0; row < 4; row += 1) {
      matrix[row] = main[row] / ENLARGED;
      matrix[4 + row] = main[4 + row] / ENLARGED;
      matrix[8 + row] = main[8 + row];
      matrix[12 + row] = main[row] * x + main[4 + row] * y + main[12 + row];
    }
    return matrix;
  }
}
