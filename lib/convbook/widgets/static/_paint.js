// FilterPainter's pure part: kernels and what they make of a picture, and the sentence.

import { bytesOf } from "./_bytes.js";
import { signedPixels } from "./_colour.js";
import { conv2d } from "./_tensor.js";
import { count, index, number } from "./_wording.js";

/** @typedef {{ pixels: string, size: [number, number], kernel: number[][], at: [number, number] }} State */

const NEARLY = 1e-9;

/** Kernels to begin with. Sharpening is none of them: it is identity − outline. Nor are vertical edges: exercise 1.9 asks for them.
 * @type {Record<string, number[][]>} */
export const ZOO = {
  identity: [[0, 0, 0], [0, 1, 0], [0, 0, 0]],
  blur: [[1 / 9, 1 / 9, 1 / 9], [1 / 9, 1 / 9, 1 / 9], [1 / 9, 1 / 9, 1 / 9]],
  outline: [[0, 1, 0], [1, -4, 1], [0, 1, 0]],
  "diagonal edges": [[2, 1, 0], [1, 0, -1], [0, -1, -2]],
  "horizontal edges": [[-1, -2, -1], [0, 0, 0], [1, 2, 1]],
  nothing: [[0, 0, 0], [0, 0, 0], [0, 0, 0]],
};

/**
 * The picture under the kernel, as large as before: outside it, everything is 0.
 * @param {ArrayLike<number>} bytes
 * @param {[number, number]} size
 * @param {number[][]} kernel
 */
export function filtered(bytes, [height, width], kernel) {
  const side = kernel.length;
  const image = Float64Array.from(bytes, (byte) => byte / 255);
  return conv2d(image, kernel.flat(), { channels: 1, height, width, filters: 1, side, padding: (side - 1) / 2 });
}

/** @param {number[][]} kernel */
export function weightSum(kernel) {
  return kernel.flat().reduce((sum, weight) => sum + weight, 0);
}

/**
 * Whether an answer swings round 0 and is shown in colours, not in grays.
 * @param {number[][]} kernel
 */
export function swings(kernel) {
  return kernel.flat().some((weight) => weight < 0) && weightSum(kernel) < 0.5;
}

/**
 * The colours of grays, or of an answer that swings round 0: red, green, blue and alpha.
 * @param {ArrayLike<number>} values from 0 to 1, or signed
 * @param {boolean} signed
 */
export function coloursOf(values, signed) {
  const colours = new Uint8ClampedArray(4 * values.length).fill(255);
  for (let i = 0; i < values.length; i++) {
    if (signed) [colours[4 * i], colours[4 * i + 1], colours[4 * i + 2]] = signedPixels(values[i]);
    else colours[4 * i] = colours[4 * i + 1] = colours[4 * i + 2] = 255 * values[i];
  }
  return colours;
}

/**
 * Two kernels added, or the second taken away, in the larger one's size with their middles on each other.
 * @param {number[][]} one
 * @param {number[][]} other
 * @param {number} sign
 */
export function combined(one, other, sign) {
  const side = Math.max(one.length, other.length);
  const all = [...Array(side).keys()];
  const at = (/** @type {number[][]} */ kernel, /** @type {number} */ i, /** @type {number} */ j) => {
    const edge = (side - kernel.length) / 2;
    return kernel[i - edge]?.[j - edge] ?? 0;
  };
  return all.map((i) => all.map((j) => at(one, i, j) + sign * at(other, i, j)));
}

/**
 * The products under the window, pixel by pixel.
 * @param {State} state
 * @param {ArrayLike<number>} bytes
 */
export function products({ size, kernel, at }, bytes) {
  const half = (kernel.length - 1) / 2;
  return kernel.map((line, i) => line.map((weight, j) => {
    const [y, x] = [at[0] - half + i, at[1] - half + j];
    const inside = y >= 0 && x >= 0 && y < size[0] && x < size[1];
    return { pixel: inside ? bytes[y * size[1] + x] / 255 : 0, weight, inside };
  }));
}

/**
 * One sentence about the window and the kernel's sum.
 * @param {State} state
 * @param {ArrayLike<number>} [bytes] the picture, where it is at hand
 */
export function words(state, bytes = bytesOf(state.pixels)) {
  const terms = products(state, bytes).flat();
  const sum = terms.reduce((total, { pixel, weight }) => total + pixel * weight, 0);
  const all = weightSum(state.kernel);
  const even = Math.abs(all) < NEARLY ? "0: even areas become 0, and only changes answer"
    : Math.abs(all - 1) < NEARLY ? "1: even areas keep their brightness"
    : `${number(all, 2)}: even areas become ${number(all, 2)} times as bright`;
  return `At pixel ${index(...state.at)} the ${count(terms.length, "product")} under the kernel add up to ${number(sum, 2)}. Its weights add up to ${even}.`;
}
