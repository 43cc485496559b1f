// FieldTracer's two pictures, with any pen that can draw pixels too: the stack in profile, and the image from above.

import { bytesOf } from "./_bytes.js";
import { inks, mix, OKABE_ITO, rgb, WINDOW } from "./_colour.js";
import { coneOf, fieldOf, influenceOf, layerName, levelsOf, strongest } from "./_field_tracer.js";

/** @typedef {import("./_field_tracer.js").State} State */
/** @typedef {import("./_pen.js").NotingPen} Pen */
/** @typedef {{ state: State, dark: boolean, width: number, height: number }} Sheet */

const ROOM = { left: 8, right: 8, top: 24, bottom: 44, strip: 12, bars: 26 };
const LIGHT = OKABE_ITO.orange;
const FAMILY = "system-ui, 'DejaVu Sans', sans-serif";

/**
 * Where things are in the profile: pixels across, levels upward.
 * @param {State} state
 * @param {number} width
 * @param {number} height
 */
export function profileScale({ layers, size }, width, height) {
  const pixel = (width - ROOM.left - ROOM.right) / size[1];
  const step = (height - ROOM.top - ROOM.bottom) / layers.length;
  return {
    pixel,
    x: (/** @type {number} */ column) => ROOM.left + (column + 0.5) * pixel,
    y: (/** @type {number} */ level) => height - ROOM.bottom - level * step,
    column: (/** @type {number} */ x) => (x - ROOM.left) / pixel - 0.5,
    level: (/** @type {number} */ y) => Math.min(layers.length, Math.max(1, Math.round((height - ROOM.bottom - y) / step))),
  };
}

/**
 * The stack from the side: the image's pixels below, a row of units for each layer, and the cone of the chosen unit.
 * @param {Pen} pen
 * @param {Sheet} sheet
 */
export function paintProfile(pen, { state, dark, width, height }) {
  const look = inks(dark);
  const scale = profileScale(state, width, height);
  const { size, layer, at } = state;
  const rays = raysOf(state);
  light(pen, state, scale, rays, dark);
  strip(pen, state, scale, rays, look);
  const cone = coneOf(state);
  levelsOf(state.layers, size).forEach(({ side, jump, start, units }, level) => {
    if (!level) return;
    const [y, wide] = [scale.y(level), Math.max(1.5, 0.7 * jump * scale.pixel)];
    for (let unit = 0; unit < units[1]; unit++) {
      const middle = start + jump * unit;
      const chosen = level === layer && unit === at[1];
      const lit = level <= layer && middle > cone[level][0] && middle < cone[level][1];
      pen.fillStyle = chosen ? WINDOW[dark ? "dark" : "light"] : lit ? look.ink : look.line;
      const high = chosen ? 16 : lit ? 8 : 5;
      pen.fillRect(scale.x(middle) - Math.max(wide, chosen ? 5 : 0) / 2, y - high / 2, Math.max(wide, chosen ? 5 : 0), high);
    }
    name(pen, `${level}: ${layerName(state.layers[level - 1])}`, ROOM.left, y - 12, "left", look);
    name(pen, `sees ${side}`, width - ROOM.right, y - 12, "right", look);
  });
}

/** A text on a bit of paper, so that it can be read on light and units.
 * @param {Pen} pen @param {string} sign @param {number} x @param {number} y @param {"left" | "right"} align
 * @param {ReturnType<typeof inks>} look */
function name(pen, sign, x, y, align, look) {
  pen.font = `11px ${FAMILY}`;
  pen.textAlign = align;
  pen.textBaseline = "middle";
  pen.fillStyle = look.paper;
  pen.globalAlpha = 0.8;
  const wide = pen.measureText(sign).width;
  pen.fillRect(align === "left" ? x - 2 : x - wide - 2, y - 7, wide + 4, 14);
  pen.globalAlpha = 1;
  pen.fillStyle = look.ink;
  pen.fillText(sign, x, y);
}

/**
 * How bright each pixel's ray is, over the columns of the field: all alike where nothing was measured.
 * @param {State} state
 */
function raysOf(state) {
  const [, left, side] = fieldOf(state);
  const values = influenceOf(state);
  const sums = Array.from({ length: side }, (_, i) => {
    const column = left + i;
    if (!values) return 1;
    if (column < 0 || column >= state.size[1]) return 0;
    let sum = 0;
    for (let row = 0; row < state.size[0]; row++) sum += values[row * state.size[1] + column];
    return sum;
  });
  const most = Math.max(...sums);
  return { even: !values, strengths: sums.map((sum) => (most ? sum / most : 0)) };
}

/** @typedef {ReturnType<typeof profileScale>} Scale */
/** @typedef {ReturnType<typeof raysOf>} Rays */

/** The cone: one ray for each column of the field, and its edge.
 * @param {Pen} pen @param {State} state @param {Scale} scale @param {Rays} rays @param {boolean} dark */
function light(pen, state, scale, { even, strengths }, dark) {
  const cone = coneOf(state);
  const edge = (/** @type {number} */ part) => cone.map(([from, to], level) => [scale.x(from + part * (to - from)), scale.y(level)]);
  pen.fillStyle = rgb(LIGHT);
  strengths.forEach((strength, i) => {
    pen.globalAlpha = even ? 0.3 : 0.06 + 0.84 * strength;
    trace(pen, [...edge(i / strengths.length), ...edge((i + 1) / strengths.length).reverse()]);
    pen.closePath();
    pen.fill();
  });
  pen.globalAlpha = 1;
  pen.strokeStyle = WINDOW[dark ? "dark" : "light"];
  pen.lineWidth = 1.4;
  pen.setLineDash([5, 4]);
  for (const part of [0, 1]) {
    trace(pen, edge(part));
    pen.stroke();
  }
  pen.setLineDash([]);
}

/** The row of the image through the middle of the field, and below it how strong each of its columns is.
 * @param {Pen} pen @param {State} state @param {Scale} scale @param {Rays} rays @param {ReturnType<typeof inks>} look */
function strip(pen, state, scale, { even, strengths }, look) {
  const [top, left, side] = fieldOf(state);
  const [rows, columns] = state.size;
  const row = Math.min(rows - 1, Math.max(0, Math.round(top + (side - 1) / 2)));
  const grays = Array.from(bytesOf(state.pixels)).slice(row * columns, (row + 1) * columns);
  const y = scale.y(0);
  pen.pixels(grays.flatMap((gray) => [gray, gray, gray]), 1, columns, ROOM.left, y, columns * scale.pixel, ROOM.strip);
  pen.strokeStyle = look.quiet;
  pen.lineWidth = 1;
  pen.strokeRect(ROOM.left, y, columns * scale.pixel, ROOM.strip);
  pen.fillStyle = rgb(LIGHT);
  if (!even) strengths.forEach((strength, i) => pen.fillRect(scale.x(left + i - 0.5), y + ROOM.strip + 3, scale.pixel, ROOM.bars * strength));
}

/**
 * The image from above: the field in its light, the rest dim; a dashed square for the field, an outline for half of the influence.
 * @param {Pen} pen
 * @param {Sheet} sheet
 */
export function paintImage(pen, { state, dark, width, height }) {
  const [rows, columns] = state.size;
  const [top, left, side] = fieldOf(state);
  const values = influenceOf(state);
  const [across, down] = [width / columns, height / rows];
  const grays = bytesOf(state.pixels);
  const dim = dark ? 20 : 245;
  const colours = Array.from(grays).flatMap((gray, i) => {
    const [row, column] = [Math.floor(i / columns), i % columns];
    const seen = row >= top && row < top + side && column >= left && column < left + side;
    if (!seen && !values?.[i]) return mix([gray, gray, gray], [dim, dim, dim], 0.6);
    return values ? mix([gray, gray, gray], LIGHT, 0.85 * Math.sqrt(values[i])) : [gray, gray, gray];
  });
  pen.pixels(colours, rows, columns, 0, 0, width, height);
  if (values) outline(pen, strongest(values), state.size, across, down);
  for (const [thick, colour, dash] of /** @type {[number, string, number[]][]} */ ([[4, "#ffffff", []], [2, WINDOW.light, [6, 4]]])) {
    pen.strokeStyle = colour;
    pen.lineWidth = thick;
    pen.setLineDash(dash);
    pen.strokeRect(left * across, top * down, side * across, side * down);
  }
  pen.setLineDash([]);
}

/** The border of a set of pixels, black on white. @param {Pen} pen @param {Set<number>} inside @param {[number, number]} size
 * @param {number} across @param {number} down */
function outline(pen, inside, [rows, columns], across, down) {
  pen.beginPath();
  for (const pixel of inside) {
    const [row, column] = [Math.floor(pixel / columns), pixel % columns];
    const side = (/** @type {boolean} */ open, /** @type {number[]} */ [x1, y1, x2, y2]) => {
      if (!open) return;
      pen.moveTo((column + x1) * across, (row + y1) * down);
      pen.lineTo((column + x2) * across, (row + y2) * down);
    };
    side(!inside.has(pixel - columns), [0, 0, 1, 0]);
    side(row === rows - 1 || !inside.has(pixel + columns), [0, 1, 1, 1]);
    side(column === 0 || !inside.has(pixel - 1), [0, 0, 0, 1]);
    side(column === columns - 1 || !inside.has(pixel + 1), [1, 0, 1, 1]);
  }
  for (const [width, colour] of /** @type {[number, string][]} */ ([[3.5, "#ffffff"], [1.8, "#000000"]])) {
    pen.lineWidth = width;
    pen.strokeStyle = colour;
    pen.stroke();
  }
}

/** @param {Pen} pen @param {number[][]} points */
function trace(pen, points) {
  pen.beginPath();
  points.forEach(([x, y], i) => (i ? pen.lineTo(x, y) : pen.moveTo(x, y)));
}
