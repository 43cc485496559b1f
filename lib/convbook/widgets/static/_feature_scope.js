// FeatureScope's pure part: what the network makes of the drawing, what was counted, and the words.

import { bytesOf } from "./_bytes.js";
import { floatsOf, largest, layersOf, run, scaled } from "./_network.js";
import { count, number } from "./_wording.js";

/** @typedef {{ silenced: number[][], at: number[], hits: number[], nine: number[][] }} Found */
/** @typedef {{ steps: import("./_network.js").Step[], weights: string, images: string, size: number[], ends: number[], labels: number[],
 *   classes: string[], drawing: string, at: number[], silenced: number[][], intact: number[], tried: Record<string, number>, found: Found }} State */
/** @typedef {{ weights: Float32Array, images: Uint8ClampedArray, drawing: Uint8ClampedArray }} Unpacked what travels as base64 */
/** @typedef {ReturnType<typeof factsOf>} Facts */

export const NAMES = ["steps", "weights", "images", "size", "ends", "labels", "classes", "drawing", "at", "silenced", "intact", "tried", "found"];

/** @param {State} state @returns {Unpacked} */
export function unpacked({ weights, images, drawing }) {
  return { weights: floatsOf(weights), images: bytesOf(images), drawing: bytesOf(drawing) };
}

/** All that is drawn and said. @param {State} state @param {Unpacked} packed */
export function factsOf(state, { weights, images, drawing }) {
  const { steps, size, ends, silenced, classes, labels, intact, found, tried, at } = state;
  const values = run(steps, weights, scaled(drawing, 0, drawing.length, ends), silenced);
  const logits = values[values.length - 1];
  const counted = same(found.silenced, silenced);
  const layers = layersOf(steps).map((layer) => ({ ...layer, maps: values[layer.shown] }));
  return {
    steps, weights, images, size, classes, layers, logits, silenced, intact, tried, at,
    first: largest(logits),
    hits: counted ? found.hits : null,
    nine: counted && same(found.at, at) ? found.nine : null,
    totals: classes.map((_, one) => labels.filter((label) => label === one).length),
  };
}

/** Whether two lists hold the same, in the same order. @param {any} one @param {any} other */
export function same(one, other) {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** @param {number[][]} silenced @param {number[]} at */
export function isSilenced(silenced, at) {
  return silenced.some((one) => same(one, at));
}

/** The silenced channels with one more, or one less; always in order, so that they can be compared.
 * @param {number[][]} silenced @param {number[]} at */
export function toggled(silenced, at) {
  if (isSilenced(silenced, at)) return silenced.filter((one) => !same(one, at));
  return [...silenced, [...at]].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
}

/** @param {{ name: string }[]} layers @param {number[]} at */
export function channelName(layers, [layer, channel]) {
  return `channel ${channel} of ${layers[layer].name}`;
}

const sum = (/** @type {number[]} */ numbers) => numbers.reduce((all, one) => all + one, 0);

/** @param {State} state */
export function words(state) {
  return told(factsOf(state, unpacked(state)));
}

/** @param {Facts} facts */
export function told({ classes, logits, first, layers, silenced, hits, intact, totals, at }) {
  const others = [...logits.keys()].filter((one) => one !== first);
  const second = others.reduce((best, one) => (logits[one] > logits[best] ? one : best), others[0] ?? first);
  const next = others.length ? `, before ${classes[second]} with ${number(logits[second], 1)}` : "";
  const answer = `The network takes this image for ${classes[first]}, with a logit of ${number(logits[first], 1)}${next}.`;
  const { side, wide } = layers[at[0]];
  const unit = `A unit of ${channelName(layers, at)} sees ${side} × ${wide} pixels.`;
  if (!hits) return `${answer} ${unit}`;
  const [right, before, all] = [sum(hits), sum(intact), sum(totals)];
  if (!silenced.length) return `${answer} Of ${count(all, "stored image")} it gets ${right} right. ${unit}`;
  const who = silenced.length === 1 ? channelName(layers, silenced[0]) : `${silenced.length} channels`;
  const change = before > right ? `${before - right} fewer` : before < right ? `${right - before} more` : "as many as before";
  const losses = hits.map((hit, one) => intact[one] - hit);
  const worst = largest(losses);
  const most = losses[worst] > 0 ? `, and ${classes[worst]} loses most: ${hits[worst]} in place of ${intact[worst]} of ${totals[worst]}` : "";
  return `${answer} Without ${who} it gets ${right} of ${count(all, "stored image")} right, ${change}${most}.`;
}

/** The kernels of the chosen channel, one for each of its inputs. @param {Facts} facts */
export function kernelsOf({ steps, weights, layers, at: [layer, channel] }) {
  const { weight, channels, side, wide } = steps[layers[layer].conv];
  const size = side * wide;
  return Array.from({ length: channels }, (_, c) => {
    const from = weight + (channel * channels + c) * size;
    return { rows: side, columns: wide, values: weights.subarray(from, from + size) };
  });
}

/** The pixels of an image that one unit of the chosen channel sees; −1 where they are padding.
 * @param {Facts} facts @param {number[]} place image, row, column */
export function patchOf({ images, size: [rows, columns], layers, at }, [image, row, column]) {
  const { side, wide, jump, start } = layers[at[0]];
  const [top, left] = [start + row * jump, start + column * jump];
  const values = Array.from({ length: side * wide }, (_, i) => {
    const [y, x] = [top + Math.floor(i / wide), left + (i % wide)];
    return y < 0 || x < 0 || y >= rows || x >= columns ? -1 : images[image * rows * columns + y * columns + x];
  });
  return { rows: side, columns: wide, values };
}
