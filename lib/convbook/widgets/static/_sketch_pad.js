// SketchPad's pure part: what is said, and how the answer is painted, on the screen and where nothing can move.

import { bytesOf } from "./_bytes.js";
import { inks, signedPixels, WINDOW } from "./_colour.js";
import { line, write } from "./_sketch.js";
import { number } from "./_wording.js";

/** @typedef {{ images: string, size: [number, number], classes: string[], drawing: string, answered: string,
 *   logits: number[], evidence: number[][], failed: string }} State */
/** @typedef {{ pen: import("./_chart.js").Pen, dark: boolean, width: number, height: number }} Sheet */

export const NAMES = ["images", "size", "classes", "drawing", "answered", "logits", "evidence", "failed"];
const HEAD = 20;

/**
 * The places of the classes, from the largest logit to the smallest.
 * @param {State} state
 */
export function ranked({ logits }) {
  return logits.map((_, place) => place).sort((a, b) => logits[b] - logits[a]);
}

/** @param {State} state */
export function waits({ drawing, answered }) {
  return drawing !== answered;
}

/** @param {State} state */
export function words(state) {
  if (waits(state)) return "The kernel is asked for an answer; where no kernel runs, none comes.";
  if (state.failed) return `${state.failed}.`;
  const [first, second] = ranked(state);
  const of = (/** @type {number} */ place) => number(state.logits[place], 1);
  return `The network takes this image for ${state.classes[first]}, with a logit of ${of(first)}; next comes ${state.classes[second]}, with ${of(second)}.`;
}

/**
 * The image in grays, and over it the evidence: red speaks for the answer, blue against it, as if it were laid on half transparent.
 * @param {State} state
 * @param {Uint8ClampedArray} bytes
 * @returns {number[]} red, green, blue, row by row
 */
export function seen({ size: [rows, columns], evidence }, bytes) {
  if (!evidence.length) return Array.from(bytes, (byte) => [byte, byte, byte]).flat();
  const most = Math.max(1e-9, ...evidence.flat().map(Math.abs));
  const [high, wide] = [evidence.length, evidence[0].length];
  return Array.from(bytes, (byte, i) => {
    const [row, column] = [Math.floor(i / columns), i % columns];
    const value = between(evidence, ((row + 0.5) * high) / rows - 0.5, ((column + 0.5) * wide) / columns - 0.5);
    return signedPixels(value / most).map((part) => 0.6 * part + 0.4 * byte);
  }).flat();
}

/**
 * A map's value between its places, from the four that are nearest.
 * @param {number[][]} map
 * @param {number} y
 * @param {number} x
 */
function between(map, y, x) {
  const at = (/** @type {number} */ row, /** @type {number} */ column) =>
    map[Math.min(Math.max(row, 0), map.length - 1)][Math.min(Math.max(column, 0), map[0].length - 1)];
  const [top, left] = [Math.floor(y), Math.floor(x)];
  const [down, right] = [y - top, x - left];
  return (1 - down) * ((1 - right) * at(top, left) + right * at(top, left + 1)) + down * ((1 - right) * at(top + 1, left) + right * at(top + 1, left + 1));
}

/**
 * Class by class a bar of its logit; the largest is marked.
 * @param {Sheet} sheet
 * @param {State} state
 */
export function paintLogits({ pen, dark, width, height }, state) {
  const look = inks(dark);
  const { classes, logits } = state;
  const step = (height - HEAD) / classes.length;
  const names = 16 + Math.max(...classes.map((name) => 6.8 * name.length));
  const [low, top] = [Math.min(0, ...logits), Math.max(0.001, ...logits)];
  const scale = (width - names - 44) / (top - low);
  const zero = names - low * scale;
  write(pen, "logits", names, HEAD / 2, look.quiet);
  const [first] = ranked(state);
  classes.forEach((name, place) => {
    const y = HEAD + (place + 0.5) * step;
    const value = logits[place] ?? 0;
    write(pen, `${place === first ? "▸ " : ""}${name}`, 0, y, look.ink);
    pen.fillStyle = place === first ? WINDOW[dark ? "dark" : "light"] : look.quiet;
    pen.fillRect(zero + Math.min(0, value * scale), y - 0.31 * step, Math.max(1, Math.abs(value * scale)), 0.62 * step);
    if (logits.length) write(pen, number(value, 1), width, y, look.ink, "right");
  });
  line(pen, [[zero, HEAD], [zero, height]], look.line, 1);
}

/** @param {State} state */
export function drawn({ drawing }) {
  return bytesOf(drawing);
}
