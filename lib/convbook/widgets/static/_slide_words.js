// What SlideLab says about the place its window is at.

import { outputShape, placeIn, termsOf, total } from "./_slide.js";
import { count, index, number, spread } from "./_wording.js";

/** @typedef {import("./_slide.js").Slide & {
 *   at: number[], predict: boolean, guesses: (number | null)[][] }} State */
/** @typedef {import("./_slide.js").Term} Term */

const CLOSE_ENOUGH = 0.005;

/**
 * What was guessed for a place: undefined if nothing yet, null if the learner asked to be shown.
 * @param {State} state
 * @param {number[]} at
 */
export function guessAt(state, at) {
  const found = state.guesses.find((guess) => at.every((place, axis) => guess[axis] === place));
  return found && found[3];
}

/**
 * @param {number} guess
 * @param {number} value
 */
export function isRight(guess, value) {
  return Math.abs(guess - value) <= CLOSE_ENOUGH;
}

/**
 * @param {Pick<State, "kernels">} state
 * @param {number[]} at
 */
export function nameOf(state, at) {
  return `output ${state.kernels.length > 1 ? index(...at) : index(at[1], at[2])}`;
}

/**
 * One sentence that says what the picture shows.
 * @param {State} state
 */
export function words(state) {
  const shape = outputShape(state);
  if (!shape) return "The window does not fit into the image.";
  const at = placeIn(state.at, shape);
  const terms = termsOf(state, at);
  const name = nameOf(state, at);
  const bias = state.bias[at[0]];
  const covers = `the window covers ${coverage(terms)}`;
  const guess = state.predict ? guessAt(state, at) : null;
  if (guess === undefined) {
    const then = bias === 0 ? "" : `, then the bias ${number(bias)}`;
    return `Predict ${name}: ${covers}; multiply each pixel by its weight and add the ${count(terms.length, "product")}${then}.`;
  }
  const value = number(total(terms) + bias);
  const sum = `its ${count(terms.length, "product")} ${terms.length === 1 ? "adds" : "add"} up to ${number(total(terms))}`;
  const rest = bias === 0 ? `${covers}, and ${sum}.` : `${covers}, ${sum}, and the bias adds ${number(bias)}.`;
  return `${opening(guess, name, value, total(terms) + bias)}: ${rest}`;
}

/**
 * @param {number | null} guess
 * @param {string} name
 * @param {string} shown
 * @param {number} value
 */
function opening(guess, name, shown, value) {
  if (guess === null) return `${name[0].toUpperCase()}${name.slice(1)} is ${shown}`;
  return isRight(guess, value) ? `Right, ${name} is ${shown}` : `You said ${number(guess)}, but ${name} is ${shown}`;
}

/**
 * @param {Term[]} terms
 */
function coverage(terms) {
  const first = terms[0];
  const last = terms[terms.length - 1];
  const outside = terms.filter((term) => term.outside).length;
  const padded = outside ? ` (${outside} of its ${count(terms.length, "pixel")} are padding)` : "";
  return `${spread("row", first.y, last.y)} and ${spread("column", first.x, last.x)} of the image${padded}`;
}
