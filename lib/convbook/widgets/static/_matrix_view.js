// MatrixView's pure part: what stands where in the matrix, what it says, and how its cells look.

import { gray, signed, toneOf } from "./_colour.js";
import { conv2d, conv2dBackward, eachProduct } from "./_tensor.js";
import { factor, index, listed, number } from "./_wording.js";

/** @typedef {"pixel" | "weight" | "output"} Kind */
/** @typedef {{ pixel: number, weight: number, output: number }} Product an output reads a pixel through a weight */
/** @typedef {(string | number)[]} Place [kind, number], or ["cell", output, pixel or weight] */
/** @typedef {{ image: number[][], kernel: number[][], gradient: number[][], matrix: string, transposed: boolean, at: Place }} State */
/** @typedef {ReturnType<typeof factsOf>} Facts */
/** @typedef {import("./_grid.js").Cell} Cell */

export const NO_FIT = "The kernel is larger than the image: there is no place for it, and no matrix.";

/**
 * All that is known of the picture: `values` of each kind as they are shown (in the transposed picture those of the outputs,
 * and of what they reach, are gradients), `down` and `across` what the rows and columns of the matrix stand for, `inside`
 * what stands in its cells, `back` what gets gradients.
 * @param {State} state
 */
export function factsOf({ image, kernel, gradient, matrix, transposed, at }) {
  const [height, width, side, wide] = [image.length, image[0].length, kernel.length, kernel[0].length];
  const how = { channels: 1, height, width, filters: 1, side, wide };
  const [pixels, weights] = [image.flat(), kernel.flat()];
  const outputs = Array.from(conv2d(pixels, weights, how));
  const upstream = outputs.map((_, n) => gradient.flat()[n] ?? 0);
  const gradients = conv2dBackward(pixels, weights, how, upstream);
  /** @type {Product[]} */
  const products = [];
  eachProduct(how, (output, pixel, weight) => products.push({ output, pixel, weight }));
  const [back, inside] = /** @type {[Kind, Kind]} */ (matrix === "im2col" ? ["weight", "pixel"] : ["pixel", "weight"]);
  const [down, across] = /** @type {[Kind, Kind]} */ (transposed ? [back, "output"] : ["output", back]);
  /** @type {Record<Kind, number[]>} */
  const values = { pixel: pixels, weight: weights, output: transposed ? upstream : outputs };
  if (transposed) values[back] = Array.from(back === "pixel" ? gradients.image : gradients.kernels);
  /** @type {Record<Kind, [number, number]>} */
  const shape = { pixel: [height, width], weight: [side, wide], output: [height - side + 1, width - wide + 1] };
  const cells = new Map(products.map((one) => [`${one[down]},${one[across]}`, one]));
  return { values, shape, products, cells, down, across, inside, back, transposed, rows: values[down].length, columns: values[across].length, at: held(at, values, back), flat: height === 1 };
}

/** Whether a kernel has a place on the image. @param {State} state */
export function fits({ image, kernel }) {
  return kernel.length <= image.length && kernel[0].length <= image[0].length;
}

/** A place that exists, nearest to what was asked for. @param {Place} at @param {Record<Kind, number[]>} values @param {Kind} back @returns {Place} */
function held([kind, ...numbers], values, back) {
  const within = (/** @type {string | number} */ n, /** @type {Kind} */ one) => Math.max(0, Math.min(values[one].length - 1, Math.trunc(Number(n)) || 0));
  if (kind === "cell") return ["cell", within(numbers[0], "output"), within(numbers[1], back)];
  const known = kind === "pixel" || kind === "output" ? kind : "weight";
  return [known, within(numbers[0], known)];
}

/** The products that a place takes part in. @param {Facts} facts */
export function chosen({ products, at: [kind, ...numbers], back }) {
  if (kind === "cell") return products.filter((one) => one.output === numbers[0] && one[back] === numbers[1]);
  return products.filter((one) => one[/** @type {Kind} */ (kind)] === numbers[0]);
}

/** "pixel [2]", in an image "pixel [0, 2]"; `bare` is the index alone. @param {Facts} facts @param {Kind} kind @param {number} n @param {boolean} [bare] */
export function nameOf({ shape, flat }, kind, n, bare) {
  const place = flat ? index(n) : index(Math.floor(n / shape[kind][1]), n % shape[kind][1]);
  return bare ? place : `${kind} ${place}`;
}

const shown = (/** @type {number} */ value) => number(value, 1);
const capital = (/** @type {string} */ text) => text[0].toUpperCase() + text.slice(1);

/** One sentence about the chosen place. @param {State} state */
export function words(state) {
  if (!fits(state)) return NO_FIT;
  const facts = factsOf(state);
  const [kind, n, m] = facts.at;
  if (kind === "cell") return aboutCell(facts, Number(n), Number(m));
  if (kind === facts.inside) return aboutStripe(facts, Number(n));
  return kind === facts.down ? aboutRow(facts, Number(n)) : aboutColumn(facts, Number(n));
}

/** What stands in many cells. @param {Facts} facts @param {number} n */
function aboutStripe(facts, n) {
  const { inside, values, rows, columns, transposed, back } = facts;
  const many = chosen(facts).length;
  const start = `${capital(nameOf(facts, inside, n))} is ${shown(values[inside][n])}. It stands in ${many} of the ${rows} · ${columns} cells`;
  if (transposed) return `${start}, as before, but mirrored: it leads back from each output to ${back === "pixel" ? "the pixel that was read" : "a weight that met it"}.`;
  return inside === "weight" ? `${start}: once in each row, moved on as the window moves on.` : `${start}: once for each window that it lies in.`;
}

/** A row: the numbers on top times its cells, added up. @param {Facts} facts @param {number} n */
function aboutRow(facts, n) {
  const { down, across, inside, values, transposed } = facts;
  const terms = chosen(facts).map((one) => `${factor(values[inside][one[inside]], 1)} · ${factor(values[across][one[across]], 1)}`);
  const sum = `${terms.join(" + ")} = ${shown(values[down][n])}`;
  if (!transposed) return `Row ${n} is the window of ${nameOf(facts, "output", n)}: ${sum}.`;
  return `Row ${n} was column ${n}: ${nameOf(facts, down, n)} gets ${sum}, back from the outputs that ${down === "pixel" ? "read it" : "it was used for"}.`;
}

/** A column: where the number on top goes. @param {Facts} facts @param {number} n */
function aboutColumn(facts, n) {
  const { down, across, inside, values, transposed } = facts;
  const found = chosen(facts);
  const names = listed(found.map((one) => nameOf(facts, down, one[down], true)));
  const through = listed(found.map((one) => shown(values[inside][one[inside]])));
  const s = found.length === 1 ? "" : "s";
  if (transposed) return `Column ${n} was row ${n}: the gradient ${shown(values.output[n])} of ${nameOf(facts, "output", n)} goes back to ${down}${s} ${names}, times ${through}.`;
  if (across === "weight") return `Column ${n} holds what ${nameOf(facts, "weight", n)} meets: one pixel for each output.`;
  return `Column ${n} says who reads ${nameOf(facts, "pixel", n)}: output${s} ${names}, through the weight${s} ${through}.`;
}

/** @param {Facts} facts @param {number} output @param {number} column */
function aboutCell(facts, output, column) {
  const { inside, values, transposed, back } = facts;
  const [one] = chosen(facts);
  const place = index(...(transposed ? [column, output] : [output, column]));
  const out = nameOf(facts, "output", output);
  if (!one) return `Cell ${place} is 0: ${out} does not read ${nameOf(facts, "pixel", column)}, and sends nothing back to it.`;
  const held = `Cell ${place} holds ${nameOf(facts, inside, one[inside])}, which is ${shown(values[inside][one[inside]])}`;
  return `${held}: ${transposed ? `the gradient of ${out} goes back to ${nameOf(facts, back, column)} times that number` : `${out} multiplies ${nameOf(facts, back, column)} by it`}.`;
}

/** What a pixel, a weight or an output looks like, in its map and beside the matrix. @param {Facts} facts @param {Kind} kind @param {boolean} dark @returns {(n: number) => Cell} */
export function memberLook(facts, kind, dark) {
  const { values, transposed, back } = facts;
  const all = values[kind];
  const gradient = transposed && (kind === "output" || kind === back);
  const found = new Set(chosen(facts).map((one) => one[kind]));
  const fill = (/** @type {number} */ n) => {
    if (gradient || kind === "output") return signed(all[n], Math.max(...all.map(Math.abs)), dark);
    return kind === "weight" ? toneOf(n, dark) : gray(all[n], Math.min(...all), Math.max(...all));
  };
  return (n) => ({
    text: shown(all[n]), label: `${shown(all[n])}, ${gradient ? "gradient of " : ""}${nameOf(facts, kind, n)}`, fill: fill(n),
    classes: found.has(n) && (found.size < all.length || facts.at[0] === kind) ? "cb-linked" : "",
  });
}

/** The matrix, above it the numbers that go in, at its left those that come out. @param {Facts} facts @param {boolean} dark @returns {(row: number, column: number) => Cell} */
export function matrixLook(facts, dark) {
  const { down, across, inside, shape, values, cells } = facts;
  const [goIn, comeOut] = [memberLook(facts, across, dark), memberLook(facts, down, dark)];
  const ringed = new Set(chosen(facts));
  const seam = (/** @type {Kind} */ kind, /** @type {number} */ n, /** @type {string} */ name) => (n > 0 && n % shape[kind][1] === 0 ? name : "");
  return (row, column) => {
    const [r, c] = [row - 1, column - 1];
    const seams = `${seam(down, r, "cb-seam-above")} ${seam(across, c, "cb-seam-left")}`;
    if (r < 0 && c < 0) return { text: "↙", label: "↙ in at the top, out at the left", classes: "cb-corner" };
    if (r < 0 || c < 0) {
      const look = r < 0 ? goIn(c) : comeOut(r);
      return { ...look, classes: `${look.classes} cb-vector ${r < 0 ? "cb-top" : "cb-out"} ${seams}` };
    }
    const one = cells.get(`${r},${c}`);
    const names = `${nameOf(facts, down, r)}, ${nameOf(facts, across, c)}`;
    if (!one) return { text: "0", label: `0: ${names}`, classes: `cb-zero ${seams}` };
    const value = values[inside][one[inside]];
    return {
      text: shown(value), label: `${shown(value)}, ${nameOf(facts, inside, one[inside])}: ${names}`,
      fill: inside === "weight" ? toneOf(one.weight, dark) : gray(value, Math.min(...values.pixel), Math.max(...values.pixel)), classes: `${ringed.has(one) ? "cb-linked" : ""} ${seams}`,
    };
  };
}

/** Captions of the maps and of the matrix. @param {Facts} facts */
export function captions({ transposed, back, rows, columns, inside, flat }) {
  const gradient = (/** @type {Kind} */ kind, /** @type {string} */ else_) => (transposed && (kind === "output" || kind === back) ? `gradient of the ${kind}s` : else_);
  return {
    pixel: gradient("pixel", flat ? "row of pixels" : "image"),
    weight: gradient("weight", "kernel: drag up or down"),
    output: gradient("output", "outputs"),
    matrix: `${inside === "weight" ? "Toeplitz" : "im2col"} matrix${transposed ? ", transposed" : ""}: ${rows} × ${columns}`,
  };
}

/** The row or column of the matrix that is outlined, with its number in a vector. @param {Facts} facts @returns {[number, number, number, number] | null} */
export function outlined({ at: [kind, n], down, across, rows, columns }) {
  if (kind === down) return [Number(n) + 1, 0, 1, columns + 1];
  return kind === across ? [0, Number(n) + 1, rows + 1, 1] : null;
}

/** The window of the chosen output on the image. @param {Facts} facts @returns {[number, number, number, number] | null} */
export function windowOf({ at: [kind, n], shape }) {
  if (kind !== "output") return null;
  return [Math.floor(Number(n) / shape.output[1]), Number(n) % shape.output[1], ...shape.weight];
}
