// When a guess is right, and an answer in words: the twin of predict_rule.py.

import { number } from "./_wording.js";

/**
 * @typedef {object} Options what belongs to a question
 * @property {string[]} choices
 * @property {number[][]} table
 * @property {number[]} x
 * @property {string[]} curves
 * @property {[number, number]} between
 * @property {[string, string]} labels
 * @property {string} unit
 * @property {number} within
 * @property {number} factor
 */

const ALIKE = 1e-9;

/**
 * Whether a guess is as near to the truth as the question asks.
 * @param {string} kind
 * @param {Options} options
 * @param {any} guess
 * @param {any} truth
 */
export function right(kind, options, guess, truth) {
  if (guess === null || truth === null) return false;
  if (kind === "sketch") {
    return guess.every((/** @type {number[]} */ curve, /** @type {number} */ c) =>
      curve.every((y, i) => Math.abs(y - truth[c][i]) <= options.within + ALIKE),
    );
  }
  if (kind !== "number") return JSON.stringify(guess) === JSON.stringify(truth);
  if (Math.abs(guess - truth) <= options.within + ALIKE * Math.max(1, Math.abs(truth))) return true;
  return guess * truth > 0 && 1 / options.factor <= guess / truth && guess / truth <= options.factor;
}

/**
 * An answer in words.
 * @param {string} kind
 * @param {Options} options
 * @param {any} value
 */
export function said(kind, options, value) {
  if (kind === "choice") return `“${value}”`;
  if (kind === "place") return `${options.table.length > 1 ? `row ${value[0]}, ` : ""}column ${value[1]}`;
  if (kind === "number") return `${amount(value)} ${options.unit}`.trim();
  return value
    .map((/** @type {number[]} */ curve, /** @type {number} */ c) =>
      `${options.curves[c]} ${curve.map((y) => number(y, 2)).join(", ")}`.trim(),
    )
    .join("; ");
}

/**
 * A number as a person reads it.
 * @param {number} value
 */
export function amount(value) {
  const size = Math.abs(value);
  if (size > 0 && size < 0.001) return "nearly 0";
  const whole = size >= 100 || Number.isInteger(size);
  const text = whole ? Math.round(size).toLocaleString("en") : String(Number(size.toPrecision(3)));
  return value < 0 ? `−${text}` : text;
}

/**
 * The curves of a sketch that nobody has touched: level, one above the other.
 * @param {Options} options
 * @returns {number[][]}
 */
export function levelCurves({ x, curves, between: [low, high] }) {
  return curves.map((_, c) => x.map(() => low + ((high - low) * (c + 1)) / (curves.length + 1)));
}

/**
 * Where in `places` the one nearest to `at` is.
 * @param {number[]} places
 * @param {number} at
 */
export function nearest(places, at) {
  return places.reduce((best, place, i) => (Math.abs(place - at) < Math.abs(places[best] - at) ? i : best), 0);
}
