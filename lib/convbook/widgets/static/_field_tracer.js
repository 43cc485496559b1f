// FieldTracer's pure part: what it says and how its grid looks. Browser and still picture share it.

import { signed } from "./_colour.js";

/** @typedef {{ side: number }} State */

/** @param {State} state */
export function words({ side }) {
  return `The square of ${side} is ${side * side}.`;
}

/**
 * @param {State} state
 * @param {boolean} dark
 * @returns {(row: number, column: number) => import("./_grid.js").Cell}
 */
export function look({ side }, dark) {
  return (row, column) => {
    const value = row * side + column + 1;
    return { text: String(value), label: `cell ${value}`, fill: signed(value, side * side, dark) };
  };
}
