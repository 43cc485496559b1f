// All stored images through a network, a few in each frame: how many of each class are right, and where channels are strongest.

import { largest, layersOf, run, scaled } from "./_network.js";

/** @typedef {{ steps: import("./_network.js").Step[], weights: Float32Array, images: Uint8ClampedArray, size: number[],
 *   ends: number[], labels: number[], classes: string[] }} About */
/** @typedef {ReturnType<typeof newSurvey>} Survey */

const BUDGET = 9; // milliseconds of a frame's 16: strokes and keys get the rest
const NINE = 9;

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
 * Run surveys one after the other, without freezing the page; `stop` ends them.
 * @param {(survey: Survey, ended: boolean) => void} told after each frame
 */
export function surveyor(told) {
  /** @type {Survey | null} */
  let now = null;
  let frame = 0;
  const work = () => {
    if (!now) return;
    const until = performance.now() + BUDGET;
    let more = true;
    while (more && performance.now() < until) more = now.next();
    frame = more ? requestAnimationFrame(work) : 0;
    const done = now;
    if (!more) now = null;
    told(done, !more);
  };
  return {
    /** @param {Survey} survey */
    start(survey) {
      this.stop();
      now = survey;
      frame = requestAnimationFrame(work);
    },
    stop() {
      cancelAnimationFrame(frame);
      now = null;
    },
    /** The survey that runs, or null. */
    running: () => now,
  };
}
