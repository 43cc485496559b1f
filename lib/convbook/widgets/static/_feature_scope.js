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

const same = (/** @type {any} */ one, /** @type {any} */ other) => JSON.stringify(one) === JSON.stringify(other);
export const sum = (/** @type {number[]} */ numbers) => numbers.reduce((all, one) => all + one, 0);

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
  // One scale for all maps of a layer, so that they can be compared.
  const layers = layersOf(steps).map((layer) => {
    const maps = values[layer.shown];
    const least = maps.reduce((a, b) => Math.min(a, b), 0);
    return { ...layer, maps, least, most: maps.reduce((a, b) => Math.max(a, b), Math.max(1e-9, -least)) };
  });
  return {
    steps, weights, images, size, classes, layers, logits, silenced, intact, tried, at,
    first: largest(logits),
    hits: counted ? found.hits : null,
    nine: counted && same(found.at, at) ? found.nine : null,
    totals: classes.map((_, one) => labels.filter((label) => label === one).length),
  };
}

/** @param {{ name: string }[]} layers @param {number[]} at */
export function channelName(layers, [layer, channel]) {
  return `channel ${channel} of ${layers[layer].name}`;
}

/** @param {State} state */
export function words(state) {
  return told(factsOf(state, unpacked(state)));
}

/** @param {Facts} facts */
export function told({ classes, logits, first, layers, silenced, hits, intact, totals, at, tried }) {
  const others = [...logits.keys()].filter((one) => one !== first);
  const second = others.reduce((best, one) => (logits[one] > logits[best] ? one : best), others[0]);
  const next = others.length ? `, before ${classes[second]} with ${number(logits[second], 1)}` : "";
  const answer = `The network takes this image for ${classes[first]}, with a logit of ${number(logits[first], 1)}${next}.`;
  const { side, wide } = layers[at[0]];
  const unit = `A unit of ${channelName(layers, at)} sees ${side} × ${wide} pixels.`;
  if (!hits) return `${answer} ${unit}`;
  const [right, before, all] = [sum(hits), sum(intact), sum(totals)];
  if (!silenced.length) return `${answer} Of ${count(all, "stored image")} it gets ${right} right. ${load(layers, tried, all) || unit}`;
  const who = silenced.length === 1 ? channelName(layers, silenced[0]) : `${silenced.length} channels`;
  const change = before > right ? `${before - right} fewer` : before < right ? `${right - before} more` : "as many as before";
  const worst = largest(hits.map((hit, one) => intact[one] - hit));
  const most = hits[worst] < intact[worst] ? `, and ${classes[worst]} loses most: ${hits[worst]} in place of ${intact[worst]} of ${totals[worst]}` : "";
  return `${answer} Without ${who} it gets ${right} of ${count(all, "stored image")} right, ${change}${most}.`;
}

/** What the channels carry, once each was silenced alone. @param {Facts["layers"]} layers @param {Record<string, number>} tried @param {number} images */
function load(layers, tried, images) {
  const names = Object.keys(tried);
  const many = sum(layers.map(({ channels }) => channels));
  if (names.length < many) return "";
  const little = Math.ceil(images / 50);
  const few = names.filter((name) => Math.abs(tried[name]) <= little).length;
  const worst = names.reduce((best, name) => (tried[name] < tried[best] ? name : best));
  const most = tried[worst] < 0 ? `; without ${channelName(layers, worst.split(",").map(Number))} ${-tried[worst]} fewer are right` : "";
  return `Silenced one by one, ${few} of the ${many} channels cost or bring ${count(little, "image")} at most${most}.`;
}
