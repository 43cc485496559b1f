// FieldTracer's two pictures, with any pen: the stack in profile, and the image from above.

import { bytesOf } from "./_bytes.js";
import { inks, mix, OKABE_ITO, rgb, WINDOW } from "./_colour.js";
import { coneOf, fieldOf, influenceOf, layerName, levelsOf, strongest } from "./_field_tracer.js";
import { border, line, through, write } from "./_sketch.js";

/** @typedef {import("./_field_tracer.js").State} State */
/** @typedef {import("./_canvas.js").CanvasPen | import("./_pen.js").NotingPen} Pen */
/** @typedef {{ pen: Pen, state: State, dark: boolean, width: number, height: number }} Sheet */

const [SIDE, TOP] = [8, 24];
const BELOW = { strip: 12, bars: 26, all: 44 }; // under the first layer: a row of the image, and how strong its columns are
const LIGHT = OKABE_ITO.orange;

/** Where things are in the profile. @param {State} state @param {number} width @param {number} height */
export function profileScale({ layers, size }, width, height) {
  const pixel = (width - 2 * SIDE) / size[1];
  const step = (height - TOP - BELOW.all) / layers.length;
  return {
    pixel,
    x: (/** @type {number} */ column) => SIDE + (column + 0.5) * pixel,
    y: (/** @type {number} */ level) => height - BELOW.all - level * step,
    column: (/** @type {number} */ x) => (x - SIDE) / pixel - 0.5,
    level: (/** @type {number} */ y) => Math.min(layers.length, Math.max(1, Math.round((height - BELOW.all - y) / step))),
  };
}

/** The stack from the side: a row of the image below, units above, and the light of the chosen unit. @param {Sheet} sheet */
export function paintProfile(sheet) {
  const { pen, state, dark, width, height } = sheet;
  const { x, y, pixel } = profileScale(state, width, height);
  const [cone, look] = [coneOf(state), inks(dark)];
  light(sheet, cone);
  levelsOf(state.layers, state.size).forEach(({ side, jump, start, units }, level) => {
    if (!level) return;
    for (let unit = 0; unit < units[1]; unit++) {
      const middle = start + jump * unit;
      const chosen = level === state.layer && unit === state.at[1];
      const lit = level <= state.layer && middle > cone[level][0] && middle < cone[level][1];
      const [wide, high] = [Math.max(chosen ? 5 : 1.5, 0.7 * jump * pixel), chosen ? 16 : lit ? 8 : 5];
      pen.fillStyle = chosen ? WINDOW[dark ? "dark" : "light"] : lit ? look.ink : look.line;
      pen.fillRect(x(middle) - wide / 2, y(level) - high / 2, wide, high);
    }
    write(pen, `${level}: ${layerName(state.layers[level - 1])}`, SIDE, y(level) - 12, look.ink, "left", look.paper);
    write(pen, `sees ${side}`, width - SIDE, y(level) - 12, look.ink, "right", look.paper);
  });
}

/** The cone: a ray for each column of the field, as bright as the column is strong, on the row of the image that it falls on.
 * @param {Sheet} sheet @param {[number, number][]} cone */
function light({ pen, state, dark, width, height }, cone) {
  const { x, y, pixel } = profileScale(state, width, height);
  const [rows, columns] = state.size;
  const [top, left, side] = fieldOf(state);
  const strengths = strengthsOf(state);
  const edge = (/** @type {number} */ part) => cone.map(([from, to], level) => [x(from + part * (to - from)), y(level)]);
  pen.fillStyle = rgb(LIGHT);
  for (let i = 0; i < side; i++) {
    pen.globalAlpha = strengths ? 0.06 + 0.84 * strengths[i] : 0.3;
    through(pen, [...edge(i / side), ...edge((i + 1) / side).reverse()]);
    pen.closePath();
    pen.fill();
  }
  pen.globalAlpha = 1;
  for (const part of [0, 1]) line(pen, edge(part), WINDOW[dark ? "dark" : "light"], 1.4, [5, 4]);
  const row = Math.min(rows - 1, Math.max(0, Math.round(top + (side - 1) / 2)));
  const grays = Array.from(bytesOf(state.pixels)).slice(row * columns, (row + 1) * columns);
  pen.pixels(grays.flatMap((gray) => [gray, gray, gray]), 1, columns, SIDE, y(0), columns * pixel, BELOW.strip);
  pen.strokeStyle = inks(dark).quiet;
  pen.strokeRect(SIDE, y(0), columns * pixel, BELOW.strip);
  pen.fillStyle = rgb(LIGHT);
  strengths?.forEach((strength, i) => pen.fillRect(x(left + i - 0.5), y(0) + BELOW.strip + 3, pixel, BELOW.bars * strength));
}

/** How strong each column of the field is, 1 for the strongest; null where nothing was measured. @param {State} state */
function strengthsOf(state) {
  const [, left, side] = fieldOf(state);
  const [rows, columns] = state.size;
  const values = influenceOf(state);
  const sums = Array.from({ length: side }, (_, i) => left + i).map((column) =>
    (column < 0 || column >= columns ? 0 : [...Array(rows).keys()].reduce((sum, row) => sum + (values?.[row * columns + column] ?? 0), 0)));
  return values && sums.map((sum) => sum / (Math.max(...sums) || 1));
}

/** The image from above: the field in its light, dashed, the rest dim; an outline for half of the influence. @param {Sheet} sheet */
export function paintImage({ pen, state, dark, width, height }) {
  const [rows, columns] = state.size;
  const [top, left, side] = fieldOf(state);
  const values = influenceOf(state);
  const [across, down] = [width / columns, height / rows];
  const dim = dark ? 20 : 245;
  const colours = Array.from(bytesOf(state.pixels)).flatMap((gray, i) => {
    const [row, column] = [Math.floor(i / columns), i % columns];
    const seen = row >= top && row < top + side && column >= left && column < left + side;
    const to = values?.[i] ? LIGHT : /** @type {import("./_colour.js").Rgb} */ ([dim, dim, dim]);
    return mix([gray, gray, gray], to, values?.[i] ? 0.85 * Math.sqrt(values[i]) : seen ? 0 : 0.6);
  });
  pen.pixels(colours, rows, columns, 0, 0, width, height);
  if (values) border(pen, strongest(values), state.size, across, down);
  const [x1, y1, x2, y2] = [left * across, top * down, (left + side) * across, (top + side) * down];
  const on = (/** @type {number} */ x, /** @type {number} */ y) => [Math.min(width, Math.max(0, x)), Math.min(height, Math.max(0, y))];
  const corners = [[x1, y1], [x2, y1], [x2, y2], [x1, y2], [x1, y1]];
  const cut = x1 < 0 || y1 < 0 || x2 > width || y2 > height; // a still picture has more beside the image: draw no edge there
  const sides = cut ? corners.slice(1).map((end, i) => [corners[i], end]).filter((side) => !beyond(side, width, height)) : [corners];
  for (const [colour, wide, dash] of /** @type {[string, number, number[]][]} */ ([["#ffffff", 4, []], [WINDOW.light, 2, [6, 4]]])) {
    for (const side of sides) line(pen, side.map(([x, y]) => on(x, y)), colour, wide, dash);
  }
}

/** Whether a side of the field lies outside the image altogether. @param {number[][]} side @param {number} width @param {number} height */
function beyond([[x1, y1], [x2, y2]], width, height) {
  return Math.max(x1, x2) < 0 || Math.min(x1, x2) > width || Math.max(y1, y2) < 0 || Math.min(y1, y2) > height;
}
