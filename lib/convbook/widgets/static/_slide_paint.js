// SlideLab's picture for one place of the window: every grid, and the sum written out.

import { gray, signed } from "./_colour.js";
import { outputs, termsOf, total } from "./_slide.js";
import { guessAt, isRight, nameOf } from "./_slide_words.js";
import { make } from "./_stage.js";
import { index, number } from "./_wording.js";

/** @typedef {import("./_slide_parts.js").Parts} Parts */
/** @typedef {import("./_slide_parts.js").Place} Place */
/** @typedef {import("./_slide_words.js").State} State */
/** @typedef {import("./_slide.js").Term} Term */
/** @typedef {import("./_grid.js").Cell} Cell */

/**
 * Paint every grid and the equation for one place.
 * @param {Parts} parts
 * @param {State} state
 * @param {number[]} at
 * @param {Place | null} linked
 * @param {boolean} dark
 * @param {(to: Place | null) => void} link
 */
export function paint(parts, state, at, linked, dark, link) {
  const [f, row, column] = at;
  const terms = termsOf(state, at);
  parts.images.forEach((grid, c) => {
    grid.paint(imageLook(state, c, linked, dark, at));
    grid.outline(...frameOf(state, at));
  });
  parts.kernels.forEach((grid, c) => grid.paint(kernelLook(state, f, c, linked, dark)));
  parts.maps.forEach((grid, g) => {
    grid.paint(outputLook(state, g, dark));
    if (g === f) grid.outline(row, column, 1, 1);
    else grid.clear();
  });
  parts.maps[f].select(row, column);
  parts.bias.textContent = number(state.bias[f], 2);
  const hidden = state.predict && guessAt(state, at) === undefined;
  parts.equation.replaceChildren(...(hidden
    ? [make("span", "cb-quiet", {}, "The products appear after your prediction.")] : equation(state, at, terms, linked, link)));
}

/**
 * The window over the padded image: first row, first column, height, width.
 * @param {State} state
 * @param {number[]} at
 * @returns {[number, number, number, number]}
 */
export function frameOf({ stride, kernels }, at) {
  return [at[1] * stride, at[2] * stride, kernels[0][0].length, kernels[0][0][0].length];
}

/**
 * How one channel of the padded image looks.
 * @param {State} state
 * @param {number} channel
 * @param {number[] | null} linked
 * @param {boolean} dark
 * @param {number[]} at
 * @returns {(row: number, column: number) => Cell}
 */
export function imageLook(state, channel, linked, dark, at) {
  const { image, padding, stride, kernels } = state;
  const pixels = image.flat(2);
  const low = Math.min(0, ...pixels);
  const high = Math.max(...pixels);
  return (row, column) => {
    const place = [row - padding, column - padding];
    const value = image[channel][place[0]]?.[place[1]];
    const [i, j] = [row - at[1] * stride, column - at[2] * stride];
    const grip = i >= 0 && j >= 0 && i < kernels[0][0].length && j < kernels[0][0][0].length ? "cb-grip" : "";
    const on = `${grip} ${isLinked(linked, channel, i, j) ? "cb-linked" : ""}`;
    if (value === undefined) return { text: "0", label: `padding ${index(...place)} is 0`, classes: `cb-padding ${on}` };
    const look = low < 0 ? signed(value, Math.max(high, -low), dark) : gray(value, low, high);
    const text = number(value, 2);
    return { text, label: `pixel ${index(...place)} is ${text}`, fill: look, classes: on };
  };
}

/**
 * How the weights of filter `f` for one channel look.
 * @param {State} state
 * @param {number} f
 * @param {number} channel
 * @param {number[] | null} linked
 * @param {boolean} dark
 * @returns {(row: number, column: number) => Cell}
 */
export function kernelLook(state, f, channel, linked, dark) {
  const most = Math.max(...state.kernels.flat(3).map(Math.abs));
  return (i, j) => {
    const weight = state.kernels[f][channel][i][j];
    const text = number(weight, 2);
    return {
      text,
      label: `weight ${index(i, j)} is ${text}`,
      fill: signed(weight, most, dark),
      classes: isLinked(linked, channel, i, j) ? "cb-linked" : "",
    };
  };
}

/**
 * How the map of filter `f` looks: hidden, where a prediction is waited for, and marked where one was made.
 * @param {State} state
 * @param {number} f
 * @param {boolean} dark
 * @returns {(row: number, column: number) => Cell}
 */
export function outputLook(state, f, dark) {
  const values = outputs(state);
  const most = Math.max(...values.flat(2).map(Math.abs));
  return (row, column) => {
    const at = [f, row, column];
    const value = values[f][row][column];
    const guess = state.predict ? guessAt(state, at) : null;
    if (guess === undefined) return { text: "?", label: `${nameOf(state, at)}, not predicted yet`, classes: "cb-hidden" };
    const right = guess !== null && isRight(guess, value);
    const told = guess === null ? "" : right ? ", predicted right" : `, you said ${number(guess)}`;
    return {
      text: number(value, 2), label: `${nameOf(state, at)} is ${number(value, 2)}${told}`, fill: signed(value, most, dark),
      classes: guess === null ? "" : right ? "cb-right-guess" : "cb-wrong-guess",
    };
  };
}

/**
 * @param {number[] | null} linked
 * @param {...number} place
 */
function isLinked(linked, ...place) {
  return linked !== null && place.every((part, axis) => part === linked[axis]);
}

/**
 * The sum, written out: a line for every channel, then the bias, then the result.
 * @param {State} state
 * @param {number[]} at
 * @param {Term[]} terms
 * @param {number[] | null} linked
 * @param {(to: Place | null) => void} link
 */
function equation(state, at, terms, linked, link) {
  const lines = state.image.map((_, c) => {
    const own = terms.filter((term) => term.channel === c);
    const products = own.flatMap((term, n) => (n ? [" + ", product(term, linked, link)] : [product(term, linked, link)]));
    const label = state.image.length > 1 ? [make("span", "cb-quiet", {}, `channel ${c}: `)] : [];
    return make("div", "cb-line", {}, ...label, ...products, " = ", make("b", "", {}, number(total(own))));
  });
  const sums = state.image.map((_, c) => bracketed(total(terms.filter((term) => term.channel === c))));
  const bias = state.bias[at[0]];
  const result = make("b", "cb-result", {}, number(total(terms) + bias));
  const last = make("div", "cb-line", {}, `${sums.join(" + ")} + bias ${bracketed(bias)} = `, result);
  return [...lines, last];
}

/**
 * @param {Term} term
 * @param {number[] | null} linked
 * @param {(to: Place | null) => void} link
 */
function product(term, linked, link) {
  const on = isLinked(linked, term.channel, term.i, term.j) ? " cb-linked" : "";
  const quiet = term.pixel * term.weight === 0 ? " cb-zero" : "";
  const element = make("span", `cb-term${on}${quiet}`, {}, `${bracketed(term.pixel)}·${bracketed(term.weight)}`);
  // "pointerover" would fire again on the redrawn element under a resting pointer, and redraw for ever.
  element.addEventListener("pointermove", () => on || link([term.channel, term.i, term.j]));
  return element;
}

/** @param {number} value */
function bracketed(value) {
  return value < 0 ? `(${number(value, 2)})` : number(value, 2);
}
