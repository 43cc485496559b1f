// All stored images through a network, a few in each frame: how many of each class are right, and where channels are strongest.

import { largest, layersOf, run, scaled } from "./_network.js";

/** @typedef {{ steps: import("./_network.js").Step[], weights: Float32Array, images: Uint8ClampedArray, size: number[],
 *   ends: number[], labels: number[], classes: string[] }} About */
/** @typedef {ReturnType<typeof newSurvey>} Survey */

const BUDGET = 9; // milliseconds of a frame's 16: strokes and keys get the rest
const NINE = 9;
const KEPT = 100; // surveys

/**
 * A survey that goes one image further each time `next` is called, until that returns false.
 * @param {About} about
 * @param {number[][]} silenced pairs of a layer and a channel
 */
export function newSurvey({ steps, weights, images, size, ends, labels, classes }, silenced) {
  const layers = layersOf(steps);
  const pixels = size[0] * size[1];
  const hits = classes.map(() => 0);
  const peaks = layers.map(({ channels }) => Array.from({ length: channels }, () => new Float64Array(labels.length)));
  const places = layers.map(({ channels }) => Array.from({ length: channels }, () => new Int32Array(labels.length)));
  let n = 0;
  return {
    hits,
    silenced,
    part: () => n / labels.length,
    next() {
      if (n >= labels.length) return false;
      const values = run(steps, weights, scaled(images, n * pixels, pixels, ends), silenced);
      if (largest(values[values.length - 1]) === labels[n]) hits[labels[n]] += 1;
      layers.forEach(({ shown, channels, rows, columns }, layer) => {
        for (let channel = 0; channel < channels; channel++) {
          const place = largest(values[shown], channel * rows * columns, (channel + 1) * rows * columns);
          peaks[layer][channel][n] = values[shown][place];
          places[layer][channel][n] = place - channel * rows * columns;
        }
      });
      n += 1;
      return n < labels.length;
    },
    /** Where a channel is strongest, one place an image: [image, row, column, value]. @param {number[]} at */
    nine([layer, channel]) {
      const [tops, at, { columns }] = [peaks[layer][channel], places[layer][channel], layers[layer]];
      const order = [...tops.keys()].sort((a, b) => tops[b] - tops[a] || a - b).slice(0, NINE);
      return order.map((image) => [image, Math.floor(at[image] / columns), at[image] % columns, tops[image]]);
    },
  };
}

/**
 * Run surveys without freezing the page, one at a time, and keep what they found.
 * @param {() => About} about
 * @param {(ended: Survey | null) => void} told after each frame, with the survey that has ended in it
 */
export function surveyor(about, told) {
  /** @type {Map<string, Survey>} */
  const kept = new Map();
  /** @type {Survey | null} */
  let now = null;
  let frame = 0;
  const work = () => {
    if (!now) return;
    const until = performance.now() + BUDGET;
    let more = true;
    while (more && performance.now() < until) more = now.next();
    frame = more ? requestAnimationFrame(work) : 0;
    const ended = more ? null : now;
    if (ended) now = null;
    if (ended) kept.set(JSON.stringify(ended.silenced), ended);
    if (kept.size > KEPT) kept.delete(kept.keys().next().value ?? "");
    told(ended);
  };
  const stop = () => {
    cancelAnimationFrame(frame);
    now = null;
  };
  return {
    /** What was found without some channels; null, and it is begun, where that is not known yet. @param {number[][]} silenced */
    of(silenced) {
      const name = JSON.stringify(silenced);
      if (JSON.stringify(now?.silenced) === name) return null;
      stop();
      if (kept.has(name)) return kept.get(name) ?? null;
      now = newSurvey(about(), silenced);
      frame = requestAnimationFrame(work);
      return null;
    },
    /** How much of the running survey is done, 0 to 1. */
    part: () => now?.part() ?? 0,
    stop,
  };
}
