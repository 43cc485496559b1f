// ShapeCalc's picture, with any pen: pixels in a ribbon, a bracket for each place, the output below.

import { inks, WINDOW, WRONG } from "./_colour.js";
import { goalOf, outputOf, restOf, spanOf, unread } from "./_shape_calc.js";
import { count } from "./_wording.js";

/** @typedef {import("./_shape_calc.js").State} State */
/** @typedef {import("./_chart.js").Pen} Pen */

const TIERS = [12, 18, 26, 36, 50]; // columns across: the scale stays while a setting changes a little
const CELL = { high: 30, most: 44 };
const RIBBON = 36; // where the ribbon begins
const BRACKETS = { top: RIBBON + CELL.high + 8, high: 112, apart: 24 };
export const OUTPUT = { top: BRACKETS.top + BRACKETS.high + 22, high: CELL.high };
const CAPTION = OUTPUT.top + OUTPUT.high + 4;
export const HEIGHT = CAPTION + 18;
const FAMILY = "system-ui, 'DejaVu Sans', sans-serif";

/**
 * How wide a pixel is drawn.
 * @param {State} state
 * @param {number} width of the picture
 */
export function cellOf(state, width) {
  const needed = Math.max(state.size + 2 * state.padding + shortOf(state), goalOf(state)) + 1;
  return Math.min(CELL.most, width / (TIERS.find((tier) => tier >= needed) ?? TIERS[TIERS.length - 1]));
}

/** How many pixels the next place, which is not there, lacks; 0 where the last place ends with the input.
 * @param {State} state */
function shortOf(state) {
  if (!outputOf(state)) return spanOf(state) - state.size - 2 * state.padding;
  return restOf(state) ? state.stride - restOf(state) : 0;
}

/**
 * Draw ribbon, brackets and output.
 * @param {Pen} pen
 * @param {State} state
 * @param {boolean} dark
 * @param {number} width
 */
export function paint(pen, state, dark, width) {
  const look = { ...inks(dark), window: WINDOW[dark ? "dark" : "light"], wrong: WRONG[dark ? "dark" : "light"] };
  const cell = cellOf(state, width);
  pen.textBaseline = "middle";
  ribbon(pen, state, look, cell, width);
  brackets(pen, state, look, cell, width);
  output(pen, state, look, cell);
}

/** @typedef {ReturnType<typeof inks> & { window: string, wrong: string }} Look */

/** @param {Pen} pen @param {State} state @param {Look} look @param {number} cell @param {number} width */
function ribbon(pen, state, look, cell, width) {
  const { size, padding } = state;
  const never = new Set(unread(state));
  text(pen, `input: ${count(size, "pixel")}${padding ? `, ${count(padding, "zero")} at each end` : ""}`, 0, 8, look.quiet, "left");
  for (let column = 0; column < size + 2 * padding; column++) {
    const pixel = column - padding;
    const inside = pixel >= 0 && pixel < size;
    const left = column * cell;
    if (never.has(pixel)) {
      box(pen, left, RIBBON, cell, look.grid, look.line);
      line(pen, look.quiet, 1.5, [left + 3, RIBBON + CELL.high - 3], [left + cell - 3, RIBBON + 3]);
    } else box(pen, left, RIBBON, cell, "", inside ? look.quiet : look.line, inside ? [] : [3, 3]);
    if (cell >= 15 && !never.has(pixel)) text(pen, inside ? String(pixel) : "0", left + cell / 2, RIBBON + CELL.high / 2, inside ? look.ink : look.quiet, "center");
  }
  const rest = restOf(state);
  if (!rest) return;
  const end = (size + 2 * padding) * cell;
  line(pen, look.wrong, 2, [end - rest * cell + 2, RIBBON - 1], [end - rest * cell + 2, RIBBON - 5], [end - 2, RIBBON - 5], [end - 2, RIBBON - 1]);
  const sign = `remainder ${rest}`;
  pen.font = `12px ${FAMILY}`;
  const half = pen.measureText(sign).width / 2;
  text(pen, sign, Math.min(width - half, Math.max(half, end - (rest * cell) / 2)), RIBBON - 14, look.wrong, "center");
}

/** @param {Pen} pen @param {State} state @param {Look} look @param {number} cell @param {number} width */
function brackets(pen, state, look, cell, width) {
  const [out, span, short] = [outputOf(state), spanOf(state), shortOf(state)];
  const drawn = out + (short ? 1 : 0);
  const lines = Math.min(drawn, Math.floor(span / state.stride) + 1); // so that neighbours never touch
  const apart = Math.min(BRACKETS.apart, BRACKETS.high / Math.max(1, lines));
  const level = (/** @type {number} */ place) => BRACKETS.top + ((place % lines) + 0.5) * apart;
  for (let place = 0; place < out; place++) { // a thin line leads from each bracket to its output
    line(pen, look.line, 1, [(place * state.stride + span / 2) * cell, level(place) + 4], [(place + 0.5) * cell, OUTPUT.top]);
  }
  for (let place = 0; place < out; place++) bracket(pen, state, place, level(place), cell, look.window, []);
  if (!short) return;
  bracket(pen, state, out, level(out), cell, look.wrong, [4, 3]);
  const end = (out * state.stride + span) * cell + 6;
  const sign = `✗ ${count(short, "pixel")} short`;
  pen.font = `12px ${FAMILY}`;
  const long = pen.measureText(sign).width;
  const fits = end + long <= width;
  text(pen, sign, fits ? end : width, fits ? level(out) : level(out) + 13, look.wrong, fits ? "left" : "right");
}

/**
 * @param {Pen} pen
 * @param {State} state
 * @param {number} place
 * @param {number} level
 * @param {number} cell
 * @param {string} colour
 * @param {number[]} dash
 */
function bracket(pen, state, place, level, cell, colour, dash) {
  const start = place * state.stride * cell;
  const end = start + spanOf(state) * cell;
  pen.setLineDash(dash);
  line(pen, colour, 1.6, [start + 2, level - 4], [start + 2, level], [end - 2, level], [end - 2, level - 4]);
  pen.setLineDash([]);
  pen.fillStyle = colour;
  for (let i = 0; i < state.kernel; i++) {
    pen.beginPath();
    pen.arc(start + (i * state.dilation + 0.5) * cell, level, Math.min(3, cell / 5), 0, 2 * Math.PI);
    pen.fill();
  }
}

/** @param {Pen} pen @param {State} state @param {Look} look @param {number} cell */
function output(pen, state, look, cell) {
  const out = outputOf(state);
  const goal = goalOf(state);
  const wish = goal !== out ? `, wanted ${goal}` : "";
  text(pen, `output: ${out ? count(out, "place") : "none, the window does not fit"}${wish}`, 0, CAPTION + 8, look.quiet, "left");
  for (let place = 0; place < Math.max(out, goal); place++) {
    const there = place < out;
    const left = place * cell;
    box(pen, left, OUTPUT.top, cell, "", there ? look.window : look.quiet, there ? [] : [3, 3]);
    if (place >= goal) line(pen, look.quiet, 1.5, [left + 3, OUTPUT.top + 3], [left + cell - 3, OUTPUT.top + CELL.high - 3]);
    else if (cell >= 15) text(pen, there ? String(place) : "?", left + cell / 2, OUTPUT.top + CELL.high / 2, look.ink, "center");
  }
}

/** @param {Pen} pen @param {number} left @param {number} top @param {number} cell @param {string} fill @param {string} edge @param {number[]} [dash] */
function box(pen, left, top, cell, fill, edge, dash = []) {
  if (fill) {
    pen.fillStyle = fill;
    pen.beginPath();
    pen.rect(left, top, cell, CELL.high);
    pen.fill();
  }
  pen.setLineDash(dash);
  line(pen, edge, 1, [left + 1, top], [left + cell - 1, top], [left + cell - 1, top + CELL.high], [left + 1, top + CELL.high], [left + 1, top]);
  pen.setLineDash([]);
}

/** @param {Pen} pen @param {string} colour @param {number} width @param {...[number, number]} points */
function line(pen, colour, width, ...points) {
  pen.strokeStyle = colour;
  pen.lineWidth = width;
  pen.beginPath();
  points.forEach(([x, y], i) => (i ? pen.lineTo(x, y) : pen.moveTo(x, y)));
  pen.stroke();
}

/** @param {Pen} pen @param {string} sign @param {number} x @param {number} y @param {string} colour @param {CanvasTextAlign} align */
function text(pen, sign, x, y, colour, align) {
  pen.font = `12px ${FAMILY}`;
  pen.fillStyle = colour;
  pen.textAlign = align;
  pen.fillText(sign, x, y);
}
