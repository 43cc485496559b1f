// BackStep's pure part: how gradients of the outputs split into dX, who paid for a cell, where yours differs, and the looks.

import { gray, signed, toneOf } from "./_colour.js";
import { conv2d, eachProduct } from "./_tensor.js";
import { count, factor, index, listed, number } from "./_wording.js";

/** @typedef {[pixel: number, output: number, weight: number, times: number]} Product a share of dX: gradient times weight */
/** @typedef {{ said: string, products?: Product[], constant?: number[] }} Reading */
/** @typedef {{ image: number[][], kernel: number[][], stride: number, padding: number, poured: number[], at: (string | number)[],
 *   name: string, readings: Record<string, Reading> }} State */
/** @typedef {ReturnType<typeof factsOf>} Facts */
/** @typedef {[number, number, number, number]} Box */
/** @typedef {"image" | "kernel" | "outputs" | "dX" | "turned" | "gradients" | "yours"} Name of a grid */

const UPSTREAM = [1, 2, -1, 3, -2, 1, -1]; // gradients of the outputs, over and over

/**
 * All that is known; of the products only the poured ones count in dX, in yours and in `wrong`.
 * @param {State} state
 */
export function factsOf({ image, kernel, stride, padding, poured, at: [kind, n], name, readings }) {
  const [height, width, side, wide] = [image.length, image[0].length, kernel.length, kernel[0].length];
  const how = { channels: 1, height, width, filters: 1, side, wide, stride, padding };
  const [pixels, weights] = [image.flat(), kernel.flat()];
  const outputs = Array.from(conv2d(pixels, weights, how));
  const across = Math.floor((width + 2 * padding - wide) / stride) + 1;
  const gradients = outputs.map((_, i) => UPSTREAM[i % UPSTREAM.length]);
  const open = new Set(poured.includes(-1) ? outputs.keys() : poured.filter((one) => one >= 0 && one < outputs.length));
  /** @type {Product[]} */
  const wanted = [];
  eachProduct(how, (output, pixel, weight) => wanted.push([pixel, output, weight, 1]));
  const reading = readings?.[`${stride},${padding}`];
  const constant = reading?.constant ?? pixels.map(() => 0);
  const summed = (/** @type {Product[]} */ products) => pixels.map((_, p) =>
    products.reduce((sum, [pixel, output, weight, times]) => (pixel === p && open.has(output) ? sum + times * gradients[output] * weights[weight] : sum), 0));
  const dX = summed(wanted);
  const yours = reading?.products && summed(reading.products).map((sum, p) => sum + constant[p]);
  const taken = (/** @type {Product[]} */ products, /** @type {number} */ p) =>
    products.filter(([pixel, output]) => pixel === p && open.has(output)).map(([, ...rest]) => rest.join()).sort().join(";");
  const wrong = yours ? [...pixels.keys()].filter((p) => constant[p] || taken(wanted, p) !== taken(reading?.products ?? [], p)) : [];
  const many = kind === "output" ? outputs.length : pixels.length;
  const held = kind === "wrong" ? (wrong[0] ?? Math.floor(many / 2)) : Math.max(0, Math.min(many - 1, Math.trunc(Number(n)) || 0));
  const chosen = wanted.filter(([pixel, output]) => (kind === "output" ? output : pixel) === held);
  return { height, width, side, wide, stride, padding, across, pixels, weights, outputs, gradients, open, wanted, reading, constant, dX, yours, wrong, name,
    ofOutput: kind === "output", at: held, chosen, shares: kind === "output" && open.has(held) };
}

const shown = (/** @type {number} */ value) => number(value, 1);
const times = (/** @type {number} */ value) => factor(value, 1);
const place = (/** @type {number} */ n, /** @type {number} */ columns) => index(Math.floor(n / columns), n % columns);

/** A sentence about the chosen place, and one about yours. @param {State} state */
export function words(state) {
  const facts = factsOf(state);
  return [facts.ofOutput ? aboutOutput(facts) : aboutPixel(facts), aboutYours(facts)].filter(Boolean).join(" ");
}

/** @param {Facts} facts */
function aboutOutput({ at, across, gradients, shares, side, wide, chosen }) {
  const lost = side * wide - chosen.length;
  const start = `Output ${place(at, across)} has the gradient ${shown(gradients[at])}.`;
  if (!shares) return `${start} It is not poured yet: click it, or press Enter.`;
  const padded = lost ? ` ${count(lost, "share")} of ${side * wide} ${lost === 1 ? "falls" : "fall"} on the padding and ${lost === 1 ? "is" : "are"} lost.` : "";
  return `${start} Each weight of its window takes a share, ${times(gradients[at])} · weight, back to the pixel it was multiplied by.${padded}`;
}

/** @param {Facts} facts */
function aboutPixel({ at, across, width, gradients, weights, chosen, open, dX }) {
  const name = `dX ${place(at, width)}`;
  const paid = chosen.filter(([, output]) => open.has(output));
  if (!chosen.length) return `${name} is 0: no window reads this pixel.`;
  if (!paid.length) return `${name} is 0 so far: none of the outputs that read it is poured yet.`;
  const terms = paid.map(([, output, weight]) => `${times(gradients[output])} · ${times(weights[weight])}`).join(" + ");
  const who = paid.length > 4 ? `${paid.length} outputs` : `output${paid.length > 1 ? "s" : ""} ${listed(paid.map(([, output]) => place(output, across)))}`;
  if (paid.length < chosen.length) return `${name} is ${terms} = ${shown(dX[at])} so far: ${who} paid.`;
  return `${name} is ${terms} = ${shown(dX[at])}: ${who} paid. The turned kernel, laid over the gradients, gives the same sum.`;
}

/** @param {Facts} facts */
function aboutYours(facts) {
  const { reading, yours, wrong, pixels, open, outputs, ofOutput, at, name } = facts;
  if (!reading || !yours) return reading?.said ?? "";
  const so = open.size < outputs.length ? " so far" : "";
  const start = wrong.length ? `${wrong.length} of ${pixels.length} cells of ${name} ${wrong.length === 1 ? "is" : "are"} wrong${so}` : `All ${pixels.length} cells of ${name} are right${so}`;
  return `${start}${!ofOutput && wrong.includes(at) ? `; here it ${difference(facts)}` : ""}. ${reading.said}`.trim();
}

/** The first gradient that the chosen cell of yours takes otherwise. @param {Facts} facts */
function difference({ reading, chosen, at, open, outputs, across, wide, constant }) {
  const found = (reading?.products ?? []).filter(([pixel]) => pixel === at);
  const told = (/** @type {Product[]} */ products, /** @type {number} */ n) => listed(products.filter(([, output]) => output === n)
    .map(([, , weight, often]) => `weight ${place(weight, wide)}${often === 1 ? "" : `, ${number(often)} times`}`).concat("").filter((text, i) => text || !i)) || "no weight";
  const first = [...outputs.keys()].find((n) => open.has(n) && told(found, n) !== told(chosen, n));
  if (first === undefined) return `adds ${shown(constant[at])}, which no gradient explains`;
  return `takes the gradient of output ${place(first, across)} times ${told(found, first)}, wanted ${told(chosen, first)}`;
}

/**
 * Which output's gradient stands at a place of the spread map, where zeros stand between them for the stride and around them
 * for the turned kernel; −1 for such a zero.
 * @param {Facts} facts
 * @param {number} row
 * @param {number} column
 */
export function outputAt({ side, wide, stride, padding, across, outputs }, row, column) {
  const [r, c] = [row - (side - 1 - padding), column - (wide - 1 - padding)];
  if (r < 0 || c < 0 || r % stride || c % stride || c / stride >= across) return -1;
  const n = (r / stride) * across + c / stride;
  return n < outputs.length ? n : -1;
}

/** The pixel at a place of the padded image; −1 in the padding. @param {Facts} facts @param {number} row @param {number} column */
export function pixelAt({ height, width, padding }, row, column) {
  const [r, c] = [row - padding, column - padding];
  return r < 0 || c < 0 || r >= height || c >= width ? -1 : r * width + c;
}

/**
 * All grids: caption, size, how a cell looks, and what is outlined.
 * @param {Facts} facts
 * @param {boolean} dark
 * @returns {Record<Name, { caption: string, rows: number, columns: number, look: (row: number, column: number) => import("./_grid.js").Cell, frame: Box | null }>}
 */
export function gridsOf(facts, dark) {
  const { height, width, side, wide, stride, padding, across, pixels, weights, outputs, gradients, open, dX, yours, wrong, ofOutput, at, chosen, shares } = facts;
  const ring = (/** @type {0 | 1 | 2} */ kind, /** @type {number} */ n) =>
    (kind === (ofOutput ? 1 : 0) ? n === at : !ofOutput && chosen.some((one) => one[kind] === n)) ? "cb-linked" : "";
  const most = (/** @type {number[]} */ all) => Math.max(1, ...all.map(Math.abs));
  const greatest = most([...dX, ...(yours ?? [])]);
  const cell = (/** @type {number} */ value, /** @type {string} */ label, /** @type {import("./_colour.js").Fill | undefined} */ fill, /** @type {string} */ classes) =>
    ({ text: shown(value), label: `${shown(value)}, ${label}`, fill, classes });
  const zero = { text: "0", label: "0, no output", classes: "cb-padding" };
  const padded = { text: "", label: "padding", classes: "cb-padding" };
  const window = /** @type {Box | null} */ (ofOutput ? [Math.floor(at / across) * stride, (at % across) * stride, side, wide] : null);
  const size = (/** @type {number} */ rows, /** @type {number} */ columns) => ({ rows, columns, frame: null });
  return {
    image: { caption: "image", ...size(height + 2 * padding, width + 2 * padding), frame: window, look(row, column) {
      const n = pixelAt(facts, row, column);
      return n < 0 ? { ...padded, text: "0", label: "0, padding" } : cell(pixels[n], `pixel ${place(n, width)}`, gray(pixels[n], Math.min(...pixels), Math.max(...pixels)), ring(0, n));
    } },
    kernel: { caption: "→ kernel →", ...size(side, wide), look: (i, j) => cell(weights[i * wide + j], `weight ${index(i, j)}`, toneOf(i * wide + j, dark), ring(2, i * wide + j)) },
    outputs: { caption: "outputs", ...size(outputs.length / across, across), look(row, column) {
      const n = row * across + column;
      return cell(outputs[n], `output ${place(n, across)}`, signed(outputs[n], most(outputs), dark), ring(1, n));
    } },
    dX: { caption: "dX, its gradient", ...size(height + 2 * padding, width + 2 * padding), frame: window, look(row, column) {
      const n = pixelAt(facts, row, column);
      return n < 0 ? padded : cell(dX[n], `dX ${place(n, width)}`, signed(dX[n], greatest, dark), ring(0, n));
    } },
    turned: { caption: shares ? `← ${shown(gradients[at])} · kernel ←` : "← kernel, turned ←", ...size(side, wide), look(i, j) {
      const n = shares ? i * wide + j : side * wide - 1 - i * wide - j;
      const value = shares ? gradients[at] * weights[n] : weights[n];
      return cell(value, `${shares ? "share through weight" : "turned: weight"} ${place(n, wide)}`, toneOf(n, dark), ring(2, n));
    } },
    gradients: { caption: "gradients of the outputs", ...size(height + side - 1, width + wide - 1), frame: ofOutput ? null : [Math.floor(at / width), at % width, side, wide], look(row, column) {
      const n = outputAt(facts, row, column);
      if (n < 0) return zero;
      const fill = open.has(n) ? signed(gradients[n], most(gradients), dark) : undefined;
      return cell(gradients[n], `gradient of output ${place(n, across)}${fill ? "" : ", not poured yet"}`, fill, `cb-drop ${fill ? "" : "cb-waiting"} ${ring(1, n)}`);
    } },
    yours: { caption: "your dX", ...size(height, width), look(row, column) {
      const n = row * width + column;
      const [value, bad] = [yours?.[n] ?? 0, wrong.includes(n)];
      return cell(value, `${bad ? `wrong, wanted ${shown(dX[n])}` : "right"}, your dX ${place(n, width)}`, signed(value, greatest, dark), `${bad ? "cb-wrong" : ""} ${ring(0, n)}`);
    } },
  };
}
