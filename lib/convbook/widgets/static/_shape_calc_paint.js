// ShapeCalc's picture, with any pen: pixels in a ribbon, a bracket for each place, the output below.

import { inks, WINDOW, WRONG } from "./_colour.js";
import { goalOf, outputOf, restOf, spanOf, unread } from "./_shape_calc.js";
import { line, write } from "./_sketch.js";
import { count } from "./_wording.js";

/** @typedef {import("./_shape_calc.js").State} State */
/** @typedef {import("./_sketch.js").Pen} Pen */
/** @typedef {{ pen: Pen, state: State, look: ReturnType<typeof looks>, cell: number, width: number }} Sheet */

const TIERS = [18, 26, 36, 50]; // columns across: the scale stays while a setting changes a little
const MOST_CELL = 44;
const HIGH = 30; // of a pixel
const RIBBON = 36; // where the ribbon begins
const BRACKETS = { top: RIBBON + HIGH + 8, high: 112, apart: 24 };
export const OUTPUT = BRACKETS.top + BRACKETS.high + 22;
const CAPTION = OUTPUT + HIGH + 12;
export const HEIGHT = CAPTION + 10;

/** How many columns there is room for. @param {State} state */
export function columnsOf(state) {
  const needed = Math.max(state.size + 2 * state.padding + shortOf(state), goalOf(state)) + 1;
  return TIERS.find((tier) => tier >= needed) ?? TIERS[TIERS.length - 1];
}

/** How wide a pixel is drawn. @param {State} state @param {number} width of the picture */
export function cellOf(state, width) {
  return Math.min(MOST_CELL, width / columnsOf(state));
}

/** How many pixels a further place lacks; 0 where the last place ends with the input. @param {State} state */
function shortOf(state) {
  if (!outputOf(state)) return spanOf(state) - state.size - 2 * state.padding;
  return restOf(state) ? state.stride - restOf(state) : 0;
}

/** @param {boolean} dark */
function looks(dark) {
  const theme = dark ? "dark" : "light";
  return { ...inks(dark), window: WINDOW[theme], wrong: WRONG[theme] };
}

/**
 * Draw ribbon, brackets and output.
 * @param {Pen} pen
 * @param {State} state
 * @param {boolean} dark
 * @param {number} width
 */
export function paint(pen, state, dark, width) {
  const sheet = { pen, state, look: looks(dark), cell: cellOf(state, width), width };
  ribbon(sheet);
  brackets(sheet);
  output(sheet);
}

/** @param {Sheet} sheet */
function ribbon({ pen, state, look, cell, width }) {
  const { size, padding } = state;
  const [never, rest] = [new Set(unread(state)), restOf(state)];
  write(pen, `input: ${count(size, "pixel")}${padding ? `, ${count(padding, "zero")} at each end` : ""}`, 0, 8, look.quiet);
  for (let column = 0; column < size + 2 * padding; column++) {
    const [pixel, left] = [column - padding, column * cell];
    const inside = pixel >= 0 && pixel < size;
    if (never.has(pixel)) {
      pen.fillStyle = look.grid;
      pen.fillRect(left, RIBBON, cell, HIGH);
      line(pen, [[left + 3, RIBBON + HIGH - 3], [left + cell - 3, RIBBON + 3]], look.quiet, 1.5);
    } else if (numbered(inside ? pixel : 1, cell)) write(pen, String(inside ? pixel : 0), left + cell / 2, RIBBON + HIGH / 2, inside ? look.ink : look.quiet, "center");
    box(pen, left, RIBBON, cell, inside ? look.quiet : look.line, inside);
  }
  if (!rest) return;
  const end = (size + 2 * padding) * cell;
  const start = end - rest * cell;
  line(pen, [[start + 2, RIBBON - 1], [start + 2, RIBBON - 5], [end - 2, RIBBON - 5], [end - 2, RIBBON - 1]], look.wrong, 2);
  write(pen, `remainder ${rest}`, Math.min(width - 40, Math.max(40, (start + end) / 2)), RIBBON - 14, look.wrong, "center");
}

/** @param {Sheet} sheet */
function brackets({ pen, state, look, cell, width }) {
  const [out, span, short] = [outputOf(state), spanOf(state), shortOf(state)];
  const levels = Math.min(out + (short ? 1 : 0), Math.floor(span / state.stride) + 1); // so that neighbours never touch
  const apart = Math.min(BRACKETS.apart, BRACKETS.high / Math.max(1, levels));
  const level = (/** @type {number} */ place) => BRACKETS.top + ((place % levels) + 0.5) * apart;
  const bracket = (/** @type {number} */ place, /** @type {string} */ colour, /** @type {number[]} */ dash) => {
    const [start, end, y] = [place * state.stride * cell, (place * state.stride + span) * cell, level(place)];
    line(pen, [[start + 2, y - 4], [start + 2, y], [end - 2, y], [end - 2, y - 4]], colour, 1.6, dash);
    pen.fillStyle = colour;
    for (let i = 0; i < state.kernel; i++) {
      pen.beginPath();
      pen.arc(start + (i * state.dilation + 0.5) * cell, y, Math.min(3, cell / 5), 0, 2 * Math.PI);
      pen.fill();
    }
  };
  const places = [...Array(out).keys()];
  places.forEach((place) => line(pen, [[(place * state.stride + span / 2) * cell, level(place) + 4], [(place + 0.5) * cell, OUTPUT]], look.line, 1));
  places.forEach((place) => bracket(place, look.window, []));
  if (!short) return;
  bracket(out, look.wrong, [4, 3]);
  const end = (out * state.stride + span) * cell + 6;
  const fits = end + 100 <= width; // else the words stand below the bracket
  write(pen, `✗ ${count(short, "pixel")} short`, fits ? end : width, level(out) + (fits ? 0 : 13), look.wrong, fits ? "left" : "right");
}

/** @param {Sheet} sheet */
function output({ pen, state, look, cell }) {
  const [out, goal] = [outputOf(state), goalOf(state)];
  const found = out ? count(out, "place") : "none, the window does not fit";
  write(pen, `output: ${found}${goal === out ? "" : `, wanted ${goal}`}`, 0, CAPTION, look.quiet);
  for (let place = 0; place < Math.max(out, goal); place++) {
    const left = place * cell;
    box(pen, left, OUTPUT, cell, place < out ? look.window : look.quiet, place < out);
    if (place >= goal) line(pen, [[left + 3, OUTPUT + 3], [left + cell - 3, OUTPUT + HIGH - 3]], look.quiet, 1.5);
    else if (numbered(place, cell)) write(pen, place < out ? String(place) : "?", left + cell / 2, OUTPUT + HIGH / 2, look.ink, "center");
  }
}

/** Whether there is room for a number: for all, for every fifth, or for none. @param {number} place @param {number} cell */
function numbered(place, cell) {
  return cell >= 20 || (cell >= 13 && place % 5 === 0);
}

/** @param {Pen} pen @param {number} left @param {number} top @param {number} cell @param {string} colour @param {boolean} solid */
function box(pen, left, top, cell, colour, solid) {
  const [start, end, bottom] = [left + 1, left + cell - 1, top + HIGH];
  line(pen, [[start, top], [end, top], [end, bottom], [start, bottom], [start, top]], colour, 1, solid ? [] : [3, 3]);
}
