// FieldTracer's pure part: the field of a unit through a stack, its cone, the influence on it, and the words.

import { bytesOf } from "./_bytes.js";
import { places } from "./_tensor.js";
import { count } from "./_wording.js";

/** @typedef {[number, number, number]} Layer k, stride, padding */
/** @typedef {{ layers: Layer[], measured: Layer[], size: [number, number], pixels: string, influence: string, layer: number, at: [number, number] }} State */
/** @typedef {{ side: number, jump: number, start: number, units: [number, number] }} Level the units above some layers: the side
 *   of a field, the way to the neighbour's field, the middle of unit 0's field, all in pixels; the rows and columns of units */

export const NAMES = /** @type {const} */ (["layers", "measured", "size", "pixels", "influence", "layer", "at"]);
export const MOST_LAYERS = 10;

/** The levels of a stack, the image first. @param {Layer[]} layers @param {[number, number]} size */
export function levelsOf(layers, size) {
  /** @type {Level[]} */
  const levels = [{ side: 1, jump: 1, start: 0, units: size }];
  for (const [k, stride, padding] of layers) {
    const { side, jump, start, units } = levels[levels.length - 1];
    const fit = (/** @type {number} */ length) => Math.max(0, places(length, k, stride, padding));
    levels.push({
      side: side + (k - 1) * jump, // the window's further units lie `jump` pixels apart
      jump: jump * stride,
      start: start + ((k - 1) / 2 - padding) * jump,
      units: [fit(units[0]), fit(units[1])],
    });
  }
  return levels;
}

/** The unit of a level nearest to a pixel. @param {Level} level @param {number} axis 0 for rows, 1 for columns @param {number} pixel */
export function nearest({ start, jump, units }, axis, pixel) {
  return Math.min(units[axis] - 1, Math.max(0, Math.round((pixel - start) / jump)));
}

/** The field of the chosen unit: first row, first column, side. @param {State} state @returns {[number, number, number]} */
export function fieldOf({ layers, size, layer, at }) {
  const { side, jump, start } = levelsOf(layers, size)[layer];
  return [start + jump * at[0] - (side - 1) / 2, start + jump * at[1] - (side - 1) / 2, side];
}

/** From the image up to the chosen unit: the columns that its light covers at each level, from edge to edge. @param {State} state */
export function coneOf({ layers, size, layer, at }) {
  const levels = levelsOf(layers, size);
  let [first, last] = [at[1], at[1]];
  /** @type {[number, number][]} */
  const cone = [];
  for (let level = layer; level >= 0; level--) {
    const { start, jump } = levels[level];
    const [k, stride, padding] = layers[level - 1] ?? [1, 1, 0];
    cone.unshift([start + jump * (first - 0.5), start + jump * (last + 0.5)]);
    [first, last] = [first * stride - padding, last * stride - padding + k - 1];
  }
  return cone;
}

/** How strongly each pixel moves the chosen unit, 1 for the strongest: measured for the middle unit of the last layer, and
 * moved along with the chosen one. Null where nothing was measured for this stack and layer. @param {State} state */
export function influenceOf({ layers, measured, size, influence, layer, at }) {
  if (!influence || layer !== layers.length || JSON.stringify(layers) !== JSON.stringify(measured)) return null;
  const bytes = bytesOf(influence);
  const { jump, units } = levelsOf(layers, size)[layer];
  const [down, right] = [0, 1].map((axis) => jump * (at[axis] - Math.floor(units[axis] / 2)));
  return Float64Array.from({ length: size[0] * size[1] }, (_, i) => {
    const [row, column] = [Math.floor(i / size[1]) - down, (i % size[1]) - right];
    const from = 2 * (row * size[1] + column);
    return row < 0 || column < 0 || row >= size[0] || column >= size[1] ? 0 : (256 * bytes[from] + bytes[from + 1]) / 65535;
  });
}

/** The strongest pixels that together carry half of the influence. @param {Float64Array} values */
export function strongest(values) {
  const order = [...values.keys()].sort((a, b) => values[b] - values[a]);
  let missing = 0.5 * values.reduce((sum, value) => sum + value, 0);
  let many = 0;
  while (missing > 1e-9) missing -= values[order[many++]];
  return new Set(order.slice(0, many));
}

/** A layer in words. @param {Layer} layer */
export function layerName([k, stride, padding]) {
  return `${k} × ${k}${stride > 1 ? `, stride ${stride}` : ""}${padding ? `, padding ${padding}` : ""}`;
}

/** @param {State} state */
export function words(state) {
  const [top, left, side] = fieldOf(state);
  const { jump } = levelsOf(state.layers, state.size)[state.layer];
  const inside = [top, left].map((first, axis) => Math.max(0, Math.min(state.size[axis], first + side) - Math.max(0, first)));
  const seen = inside[0] * inside[1];
  const part = seen < side * side ? ` Only ${count(seen, "pixel")} of the field ${seen === 1 ? "lies" : "lie"} on the image.` : "";
  const cut = seen === state.size[0] * state.size[1] ? " The whole image lies in the field." : part;
  const field = `A unit of layer ${state.layer} sees ${side} × ${side} pixels, and its neighbour's field lies ${count(jump, "pixel")} further.${cut}`;
  const values = influenceOf(state);
  if (!values) return state.influence ? `${field} Its influence was not measured: that was done for the last layer of the first stack.` : field;
  const many = strongest(values).size;
  const square = Math.round(Math.sqrt(many));
  return `${field} Half of all influence on it comes from ${count(many, "pixel")}, about as many as in a square of ${square} × ${square}.`;
}
