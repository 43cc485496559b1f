// What an X-ray read, compared with the truth.

import { placeAt, placesIn, stepOf } from "./_slide.js";

/**
 * @typedef {object} Side what one function did
 * @property {[number, number, number]} shape filters, rows, columns of its output
 * @property {[number, number, number][][]} products for every output: pixel, weight, times
 * @property {[number, number][][]} bias for every output: filter, times
 * @property {number[]} constant
 */

/**
 * @typedef {object} State
 * @property {string} name
 * @property {{ image: number[], weights: number[], stride: number, padding: number, bias: boolean }} sizes
 * @property {Side} yours
 * @property {Side} wanted
 * @property {{ kind: string, title: string, headline: string, message: string, mistakes: string[] }} verdict
 * @property {string[]} [named] what the products show, where the check knows no name
 * @property {string} blocked
 * @property {number[]} at
 */

/** @typedef {[number, number][]} Taken weight and times */
/** @typedef {[number, number, number]} Place */

/**
 * The shape of a map that holds all of yours and all of the wanted outputs.
 * @param {State} state
 * @returns {Place}
 */
export function wholeShape({ yours, wanted }) {
  /** @param {number} axis */
  const longest = (axis) => Math.max(yours.shape[axis], wanted.shape[axis]);
  return [longest(0), longest(1), longest(2)];
}

/**
 * "right", "wrong", "extra" (only in yours) or "missing" (only in the wanted).
 * @param {State} state
 * @param {number[]} at
 */
export function status(state, at) {
  const yours = flat(state.yours.shape, at);
  const wanted = flat(state.wanted.shape, at);
  if (wanted === null) return "extra";
  if (yours === null) return "missing";
  /** @param {Side} side @param {number} place */
  const all = (side, place) => JSON.stringify([side.products[place], side.bias[place], side.constant[place]]);
  return all(state.yours, yours) === all(state.wanted, wanted) ? "right" : "wrong";
}

/**
 * The outputs that are not right, in order.
 * @param {State} state
 * @returns {Place[]}
 */
export function wrongPlaces(state) {
  const shape = wholeShape(state);
  const all = Array.from({ length: placesIn(shape) }, (_, step) => placeAt(step, shape));
  return all.filter((at) => status(state, at) !== "right");
}

/**
 * Pixel by pixel, the weights one output took it with.
 * @param {State} state
 * @param {"yours" | "wanted"} side
 * @param {number[]} at
 * @returns {Map<number, Taken>}
 */
export function uses(state, side, at) {
  /** @type {Map<number, Taken>} */
  const found = new Map();
  const place = flat(state[side].shape, at);
  for (const [pixel, weight, times] of place === null ? [] : state[side].products[place]) {
    found.set(pixel, [...(found.get(pixel) ?? []), [weight, times]]);
  }
  return found;
}

/**
 * Whether two lists of weights are the same.
 * @param {Taken | undefined} one
 * @param {Taken | undefined} other
 */
export function sameTaken(one, other) {
  return JSON.stringify(one ?? []) === JSON.stringify(other ?? []);
}

/**
 * The position of a place in flat lists; null where the map has no such place.
 * @param {number[]} shape
 * @param {number[]} at
 */
export function flat(shape, at) {
  if (at.some((place, axis) => place >= shape[axis])) return null;
  return stepOf(at, shape);
}
