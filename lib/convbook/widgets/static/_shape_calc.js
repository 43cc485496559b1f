// ShapeCalc's pure part: how many places a window has, what is left over, which settings reach a length, and the words.

import { places } from "./_tensor.js";
import { count, listed } from "./_wording.js";

/** @typedef {{ size: number, kernel: number, stride: number, padding: number, dilation: number, wanted: number }} State */
/** @typedef {"size" | "kernel" | "stride" | "padding" | "dilation"} Setting */

/** What each setting may be; a test holds them to those of shape_calc.py.
 * @type {Record<Setting, [number, number]>} */
export const LIMITS = { size: [1, 32], kernel: [1, 11], stride: [1, 6], padding: [0, 5], dilation: [1, 4] };
export const MOST_PLACES = 42;
export const SETTINGS = /** @type {Setting[]} */ (Object.keys(LIMITS));

/** How many pixels the window covers, gaps included. @param {State} state */
export function spanOf({ kernel, dilation }) {
  return dilation * (kernel - 1) + 1;
}

/** How many places the window has; 0 where it does not fit. @param {State} state */
export function outputOf(state) {
  return Math.max(0, places(state.size, spanOf(state), state.stride, state.padding));
}

/** The pixels left over behind the last step that fits. @param {State} state */
export function restOf(state) {
  const room = state.size + 2 * state.padding - spanOf(state);
  return room < 0 ? 0 : room % state.stride;
}

/** The length to be reached: the one that is wanted, or the one there is. @param {State} state */
export function goalOf(state) {
  return state.wanted || outputOf(state);
}

/**
 * The values of one setting with which the goal is reached while the others stay.
 * @param {State} state
 * @param {Setting} setting
 */
export function reaching(state, setting) {
  const [low, high] = LIMITS[setting];
  const goal = goalOf(state);
  const values = Array.from({ length: high - low + 1 }, (_, i) => low + i);
  return goal ? values.filter((value) => outputOf({ ...state, [setting]: value }) === goal) : [];
}

/** The pixels of the image that no place of the window reads. @param {State} state */
export function unread(state) {
  const read = new Set();
  for (let place = 0; place < outputOf(state); place++) {
    for (let i = 0; i < state.kernel; i++) read.add(place * state.stride + i * state.dilation - state.padding);
  }
  return Array.from({ length: state.size }, (_, pixel) => pixel).filter((pixel) => !read.has(pixel));
}

/** The layer as PyTorch writes it, for one channel and one filter; what PyTorch assumes is left out. @param {State} state */
export function torchLine(state) {
  const usual = { stride: 1, padding: 0, dilation: 1 };
  const named = Object.entries(usual).filter(([name, value]) => state[/** @type {Setting} */ (name)] !== value);
  const options = named.map(([name]) => `, ${name}=${state[/** @type {Setting} */ (name)]}`).join("");
  return `nn.Conv2d(1, 1, ${state.kernel}${options})`;
}

/** The rule with its numbers. @param {State} state */
export function rule(state) {
  const { size, stride, padding } = state;
  const out = outputOf(state);
  return `⌊(${size} + 2·${padding} − ${spanOf(state)}) / ${stride}⌋ + 1 = ${out || "no place"}`;
}

/** @param {State} state */
export function words(state) {
  const { size, kernel, stride, padding, dilation } = state;
  const [span, out, rest] = [spanOf(state), outputOf(state), restOf(state)];
  const window = `A window of ${count(span, "pixel")}${dilation > 1 && kernel > 1 ? ` (${kernel} weights, dilation ${dilation})` : ""}`;
  const along = `${count(size, "pixel")}${padding ? ` with ${count(padding, "zero")} at each end` : ""}`;
  if (!out) return `${window} does not fit on ${along}: nn.Conv2d refuses it, because the kernel is larger than the padded input.${wish(state)}`;
  const room = size + 2 * padding - span;
  const left = rest ? `remainder ${rest}, which the floor drops` : "no remainder";
  return `${window} goes along ${along} in steps of ${stride}: ${room} / ${stride} is ${count(Math.floor(room / stride), "step")}, ${left}; ` +
    `with the first place that makes ${out}. ${told(unread(state), size)}${alike(state)}${wish(state)}`;
}

/** @param {number[]} pixels @param {number} size */
function told(pixels, size) {
  if (!pixels.length) return "Every pixel is read.";
  if (pixels.length > 4) return `${pixels.length} of ${size} pixels are never read.`;
  return pixels.length === 1 ? `Pixel ${pixels[0]} is never read.` : `Pixels ${listed(pixels.map(String))} are never read.`;
}

/** Which other sizes give the same: as many as the stride. @param {State} state */
function alike(state) {
  const least = Math.max(1, state.size - restOf(state));
  const most = state.size - restOf(state) + state.stride - 1;
  return most > least ? ` Every size from ${least} to ${most} gives ${outputOf(state)}.` : "";
}

/** What the wanted length needs. @param {State} state */
function wish(state) {
  if (!state.wanted) return "";
  if (state.wanted === outputOf(state)) return ` ${state.wanted} is what you wanted.`;
  const ways = SETTINGS.flatMap((setting) => {
    const values = reaching(state, setting);
    if (!values.length) return [];
    return [values.length > 2 ? `${setting} ${values[0]} to ${values[values.length - 1]}` : `${setting} ${values.join(" or ")}`];
  });
  const some = ways.length > 1 ? `each of these gives it alone: ${ways.join(", ")}.` : `${ways[0]} gives it.`;
  return ` You want ${state.wanted}: ${ways.length ? some : "no setting gives it alone, so change two."}`;
}
