// Blocks of a board: a caption over a grid or another part, and the signs between them.

import { make } from "./_stage.js";

/**
 * A part under its caption; a screen reader hears the part's own name.
 * @param {string} caption
 * @param {HTMLElement} content
 * @param {string} [classes]
 */
export function captioned(caption, content, classes = "") {
  return make("div", `cb-block ${classes}`, {}, make("div", "cb-caption", { "aria-hidden": "true" }, caption), content);
}

/**
 * A sign between two parts, such as × or =.
 * @param {string} text
 */
export function sign(text) {
  return make("div", "cb-sign", { "aria-hidden": "true" }, text);
}

/**
 * The place nearest to `at` that a map (filters, rows, columns) has.
 * @param {number[]} at
 * @param {number[]} shape
 * @returns {[number, number, number]}
 */
export function placeIn(at, shape) {
  /** @param {number} axis */
  const held = (axis) => Math.min(shape[axis] - 1, Math.max(0, Math.trunc(at[axis] ?? 0)));
  return [held(0), held(1), held(2)];
}

/**
 * A place's number in order: row by row, filter by filter.
 * @param {number[]} at
 * @param {number[]} shape
 */
export function stepOf(at, shape) {
  return (at[0] * shape[1] + at[1]) * shape[2] + at[2];
}

/**
 * The place with this number; the other way round from `stepOf`.
 * @param {number} step
 * @param {number[]} shape
 * @returns {[number, number, number]}
 */
export function placeAt(step, [, rows, columns]) {
  return [Math.floor(step / (rows * columns)), Math.floor(step / columns) % rows, step % columns];
}

/**
 * How many places a map has.
 * @param {number[]} shape
 */
export function placesIn(shape) {
  return shape.reduce((product, length) => product * length, 1);
}
