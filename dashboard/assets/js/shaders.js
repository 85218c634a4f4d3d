// GLSL of the cell layer. One texel a cell; the class is worked out here, so breaks cost no data.

export const TEXTURE_WIDTH = 512;
/** Beyond all classes: where cells of none lie below what is expected. */
export const NO_CLASS = 99;

export const VERTEX = `#version 300 es
layout(location = 0) in vec4 place;      // corner, centre: Mercator relative to the first cell
uniform mat4 matrix;
uniform highp usampler2D values;
uniform highp usampler2D marks;
uniform float breaks[6];
uniform vec3 colours[7];
uniform vec3 zeroColour, withheldColour, staleColour;
uniform float coverage, opacity, dimmed;
uniform float pointSize;                 // above 0: one point a cell, too small for corners to show
uniform int alone;                       // the one class to show; -1 shows all
uniform bool change;
uniform bool rings;
uniform bool graded;                     // a statistic: sureness in the mark, insufficient data by a code
uniform int coldFrom;                    // the class from which cells lie below what is expected
flat out vec4 fill;
flat out int look;                       // 0 plain, 1 hatched, 2 ringed, 3 dotted, 4 hollow
out vec2 at;                             // place inside a unit hexagon

const vec2 CORNERS[6] = vec2[6](vec2(1., 0.), vec2(.5, .8660254), vec2(-.5, .8660254),
                                vec2(-1., 0.), vec2(-.5, -.8660254), vec2(.5, -.8660254));

void main() {
  bool isPoint = pointSize > 0.;
  int cell = isPoint ? gl_VertexID : gl_VertexID / 6;
  ivec2 texel = ivec2(cell % ${TEXTURE_WIDTH}, cell / ${TEXTURE_WIDTH});
  uint code = texelFetch(values, texel, 0).r;
  uint mark = texelFetch(marks, texel, 0).r;
  at = CORNERS[isPoint ? 0 : gl_VertexID % 6];
  gl_PointSize = pointSize;
  look = 0;
  int k = -1;
  vec3 colour = zeroColour;
  float alpha = opacity;
  if (code == 65535u) {                  // nothing known: nothing drawn
    gl_Position = vec4(2., 2., 2., 1.);
    return;
  }
  if (code == 65534u) {
    colour = withheldColour;
    look = 1;
    k = 7;
  } else if (graded && code == 65533u) { // looked at, and too little known: never a low value
    colour = staleColour;
    look = 3;
    k = 10;
  } else if (code == 0u && !change) {
    alpha *= .55;
    k = 8;
  } else {
    k = 0;
    for (int j = 0; j < 6; j++) k += float(code) >= breaks[j] ? 1 : 0;
    colour = colours[k];
    if (graded) alpha *= mix(.45, 1., float(mark >> 3u) / 31.);
    if (k >= coldFrom) look = 4;
  }
  if ((mark & 4u) != 0u) {
    colour = mix(staleColour, colour, .35);
    look = 1;
  }
  if (rings && (mark & 1u) != 0u) look = 2;
  colour = mix(colour, staleColour, dimmed);
  if (alone >= 0 && alone != k) alpha *= .1;
  fill = vec4(colour * alpha, alpha);
  gl_Position = matrix * vec4(mix(place.zw, place.xy, isPoint ? 0. : coverage), 0., 1.);
}`;

export const FRAGMENT = `#version 300 es
precision mediump float;
flat in vec4 fill;
flat in int look;
in vec2 at;
uniform vec3 ringColour;
uniform float hatch;
out vec4 pixel;

/** 0 in the middle of the hexagon, .866 on its rim. */
float towardsRim() {
  return max(abs(at.y), max(abs(at.x * .8660254 + at.y * .5), abs(at.x * .8660254 - at.y * .5)));
}

void main() {
  pixel = fill;
  if (look == 1) {
    float stripe = mod(gl_FragCoord.x + gl_FragCoord.y, hatch) / hatch;
    pixel *= stripe < .45 ? .85 : .22;
  } else if (look == 3) {
    vec2 dot = mod(gl_FragCoord.xy, hatch) / hatch - .5;
    pixel *= length(dot) < .27 ? .62 : .08;
  } else if (look == 4) {
    if (towardsRim() < .52) pixel *= .4;
  } else if (look == 2) {
    if (towardsRim() > .7) pixel = vec4(ringColour * fill.a, fill.a);
  }
}`;
