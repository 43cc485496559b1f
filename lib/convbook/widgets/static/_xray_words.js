// What ConvXray says: the sentence, and the names of outputs, pixels and weights.

import { placeIn } from "./_slide.js";
import { count, index, listed, number } from "./_wording.js";
import { flat, sameTaken, status, uses, wholeShape, wrongPlaces } from "./_xray.js";

/** @typedef {import("./_xray.js").State} State */
/** @typedef {import("./_xray.js").Side} Side */
/** @typedef {import("./_xray.js").Taken} Taken */
/** @typedef {import("./_xray.js").Place} Place */

const MOST_NAMED = 3;

/**
 * One sentence about the whole map and the output that is looked at.
 * @param {State} state
 */
export function words(state) {
  if (state.blocked) return state.blocked;
  const shape = wholeShape(state);
  const many = shape[0] * shape[1] * shape[2];
  const wrong = wrongPlaces(state).length;
  const { kind, headline } = state.verdict;
  const rest = detail(state, placeIn(state.at, shape));
  const known = state.verdict.mistakes.length > 0;
  const shown = known ? listed(state.verdict.mistakes) : (state.named ?? []).slice(0, MOST_NAMED).join("; ");
  const named = shown ? ` (${shown})` : "";
  if (wrong) return `${wrong} of ${count(many, "output")} of ${state.name} ${wrong === 1 ? "is" : "are"} wrong${named}; ${rest}.`;
  const all = many === 1 ? `The one output of ${state.name} uses` : `All ${many} outputs of ${state.name} use`;
  const but = kind === "right" ? "" : `, but the check says: ${headline}`;
  return `${all} the pixels and weights ${many === 1 ? "it" : "they"} should${but}; ${rest}.`;
}

/**
 * What one output did with pixels, weights and bias, and what was wanted.
 * @param {State} state
 * @param {Place} at
 */
export function detail(state, at) {
  const name = `output ${placeName(state, at)}`;
  const kind = status(state, at);
  const sizes = `the map is ${side(state.yours)}, wanted ${side(state.wanted)}`;
  if (kind === "extra") return `${name} should not exist: ${sizes}`;
  if (kind === "missing") return `${name} is missing: ${sizes}`;
  const yours = uses(state, "yours", at);
  const wanted = uses(state, "wanted", at);
  if (kind === "right") {
    const products = [...wanted.values()].reduce((sum, taken) => sum + taken.length, 0);
    const bias = state.sizes.bias ? ` and ${biasPhrase(state, "wanted", at)}` : "";
    return `${name} adds ${count(products, "product")}${bias}, as it should`;
  }
  const pixels = [...new Set([...yours.keys(), ...wanted.keys()])].sort((a, b) => a - b);
  const different = pixels.filter((pixel) => !sameTaken(yours.get(pixel), wanted.get(pixel)));
  if (!different.length) {
    return `${name} adds ${biasPhrase(state, "yours", at)}, wanted ${biasPhrase(state, "wanted", at)}`;
  }
  const first = different[0];
  const others = different.length - 1;
  const more = others ? `, and ${count(others, "more pixel")} differ${others === 1 ? "s" : ""} too` : "";
  const pair = [yours, wanted].map((one) => weightsPhrase(state, one.get(first) ?? []));
  return `${name} multiplies pixel ${pixelName(state, first)} by ${pair.join(", wanted ")}${more}`;
}

/** @param {Side} one */
function side(one) {
  return one.shape.slice(1).join(" × ");
}

/**
 * "weight [2, 2]", "weight [0, 1] twice", "no weight" or "5 weights".
 * @param {State} state
 * @param {Taken} taken
 */
export function weightsPhrase(state, taken) {
  if (!taken.length) return "no weight";
  if (taken.length > 2) return `${taken.length} weights`;
  return taken.map(([weight, times]) => `weight ${weightName(state, weight)}${often(times)}`).join(" and ");
}

/**
 * "the bias", "no bias", "the bias of filter 1 twice", with a constant where there is one.
 * @param {State} state
 * @param {"yours" | "wanted"} which
 * @param {number[]} at
 */
export function biasPhrase(state, which, at) {
  const place = flat(state[which].shape, at);
  if (place === null) return "no bias";
  const parts = state[which].bias[place].map(
    ([f, times]) => `${f === at[0] ? "the bias" : `the bias of filter ${f}`}${often(times)}`,
  );
  const constant = state[which].constant[place];
  if (constant) parts.push(`the constant ${number(constant)}`);
  return parts.length ? parts.join(" and ") : "no bias";
}

/** @param {number} times */
function often(times) {
  if (times === 1) return "";
  return times === 2 ? " twice" : ` ${number(times)} times`;
}

/**
 * An output's index, with its filter where there are several.
 * @param {State} state
 * @param {number[]} at
 */
export function placeName(state, at) {
  return index(...(wholeShape(state)[0] > 1 ? at : at.slice(1)));
}

/**
 * A pixel's index, with its channel where there are several.
 * @param {State} state
 * @param {number} pixel
 */
export function pixelName({ sizes }, pixel) {
  const [channels, rows, columns] = sizes.image;
  const place = [Math.floor(pixel / (rows * columns)), Math.floor(pixel / columns) % rows, pixel % columns];
  return index(...(channels > 1 ? place : place.slice(1)));
}

/**
 * Filter, channel, row and column of a weight.
 * @param {State} state
 * @param {number} weight
 */
export function weightPlace({ sizes }, weight) {
  const [, channels, rows, columns] = sizes.weights;
  const slice = Math.floor(weight / (rows * columns));
  return [Math.floor(slice / channels), slice % channels, Math.floor(weight / columns) % rows, weight % columns];
}

/**
 * A weight's index: filter and channel only where there are several.
 * @param {State} state
 * @param {number} weight
 */
export function weightName(state, weight) {
  const [filters, channels] = state.sizes.weights;
  return index(...weightPlace(state, weight).slice(filters > 1 ? 0 : channels > 1 ? 1 : 2));
}

/**
 * The letter that stands for a weight's place in its kernel: a, b, c, … row by row.
 * @param {State} state
 * @param {number} weight
 */
export function letter({ sizes }, weight) {
  return String.fromCharCode(97 + (weight % (sizes.weights[2] * sizes.weights[3])));
}
