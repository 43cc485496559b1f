// A chain of layers, as chain.py reads it from a PyTorch model, run in the browser: forward, with channels silenced.

import { bytesOf } from "./_bytes.js";
import { conv2d, pool } from "./_tensor.js";

/** @typedef {{ kind: string, name: string, weight: number, bias: number, inputs: number, outputs: number, channels: number,
 *   height: number, width: number, filters: number, side: number, wide: number, stride: number, padding: number,
 *   dilation: number, rows: number, columns: number }} Step what a kind does not need is not there */
/** @typedef {{ conv: number, shown: number, silent: number, name: string, channels: number, rows: number, columns: number, side: number,
 *   wide: number, jump: number, start: number }} Layer a convolution, the step whose maps are shown and the one
 *   where a channel is silenced, both the activation right behind it (a pooling may come before it where one is silenced); the field of its units:
 *   its height and width, the way to the neighbour's, where unit 0's begins, all in pixels of the image */
/** @typedef {Float64Array[]} Values what each step gave */

/** @type {Record<string, (value: number) => number>} */
const ACTIVATIONS = {
  relu: (value) => (value > 0 ? value : 0),
  tanh: Math.tanh,
  sigmoid: (value) => 1 / (1 + Math.exp(-value)),
};

/** Numbers from the base64 of little-endian float32. @param {string} text */
export function floatsOf(text) {
  return new Float32Array(bytesOf(text).buffer);
}

/** What a network sees of bytes. @param {Uint8ClampedArray} bytes @param {number} from @param {number} many @param {number[]} ends */
export function scaled(bytes, from, many, [low, high]) {
  const image = new Float64Array(many);
  for (let i = 0; i < many; i++) image[i] = low + ((high - low) * bytes[from + i]) / 255;
  return image;
}

/** The convolutions of a chain, in order. @param {Step[]} steps @returns {Layer[]} */
export function layersOf(steps) {
  /** @type {Layer[]} */
  const layers = [];
  let [side, wide, jump, start] = [1, 1, 1, 0];
  steps.forEach((step, i) => {
    if (!("side" in step)) return;
    const { dilation = 1, stride, padding, filters: channels, rows, columns } = step;
    side += (step.side - 1) * dilation * jump;
    wide += ((step.wide ?? step.side) - 1) * dilation * jump;
    start -= padding * jump;
    jump *= stride;
    if (step.kind !== "conv") return;
    const activates = (/** @type {number} */ at) => Boolean(ACTIVATIONS[steps[at]?.kind]);
    const shown = activates(i + 1) ? i + 1 : i;
    const silent = shown === i && "side" in (steps[i + 1] ?? {}) && activates(i + 2) ? i + 2 : shown;
    const name = /^[A-Za-z_]\w*$/.test(step.name) ? step.name : `convolution ${layers.length}`;
    layers.push({ conv: i, shown, silent, name, channels, rows, columns, side, wide, jump, start });
  });
  return layers;
}

/**
 * Run a chain on one image. What follows a silenced channel takes 0 for its activation; its own maps are returned as they were.
 * @param {Step[]} steps
 * @param {Float32Array} weights
 * @param {Float64Array} image
 * @param {number[][]} silenced pairs of a layer and a channel
 * @returns {Values}
 */
export function run(steps, weights, image, silenced = []) {
  const layers = silenced.length ? layersOf(steps) : [];
  /** @type {Values} */
  const values = [];
  let now = image;
  steps.forEach((step, i) => {
    now = stepped(step, weights, now);
    values.push(now);
    for (const [layer, channel] of silenced) {
      const { silent, channels } = layers[layer];
      if (silent !== i) continue;
      if (now === values[i]) now = now.slice();
      now.fill(0, (channel * now.length) / channels, ((channel + 1) * now.length) / channels);
    }
  });
  return values;
}

/** @param {Step} step @param {Float32Array} weights @param {Float64Array} now */
function stepped(step, weights, now) {
  const { kind, weight, bias } = step;
  if (kind === "conv") {
    return conv2d(now, weights.subarray(weight), step, bias < 0 ? undefined : weights.subarray(bias));
  }
  if (kind === "max" || kind === "mean") return pool(now, step, kind).values;
  if (kind !== "linear") return now.map(ACTIVATIONS[kind]);
  const sums = new Float64Array(step.outputs);
  for (let o = 0, w = weight; o < step.outputs; o++) {
    let sum = bias < 0 ? 0 : weights[bias + o];
    for (let i = 0; i < step.inputs; i++) sum += weights[w++] * now[i];
    sums[o] = sum;
  }
  return sums;
}

/** Where the largest number is, the first of equals. @param {ArrayLike<number>} numbers @param {number} [from] @param {number} [to] */
export function largest(numbers, from = 0, to = numbers.length) {
  let best = from;
  for (let i = from + 1; i < to; i++) if (numbers[i] > numbers[best]) best = i;
  return best;
}

/**
 * The kernels of a channel, one for each of its inputs.
 * @param {Step} step a convolution
 * @param {Float32Array} weights
 * @param {number} channel
 */
export function kernelsOf({ weight, channels, side, wide }, weights, channel) {
  return Array.from({ length: channels }, (_, c) => {
    const from = weight + (channel * channels + c) * side * wide;
    return weights.subarray(from, from + side * wide);
  });
}

/**
 * The pixels of an image (one of many, as bytes) that a unit of a layer sees; −1 where they are padding.
 * @param {Layer} layer
 * @param {Uint8ClampedArray} images
 * @param {number[]} size rows and columns
 * @param {number[]} place image, row, column
 */
export function patchOf({ side, wide, jump, start }, images, [rows, columns], [image, row, column]) {
  return Array.from({ length: side * wide }, (_, i) => {
    const [y, x] = [start + row * jump + Math.floor(i / wide), start + column * jump + (i % wide)];
    return y < 0 || x < 0 || y >= rows || x >= columns ? -1 : images[(image * rows + y) * columns + x];
  });
}
