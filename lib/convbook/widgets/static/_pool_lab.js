// PoolLab's pure part: what each window keeps, which outputs a shift leaves alone, where gradients land, and the words.

import { places, pool } from "./_tensor.js";
import { count, index, listed, number } from "./_wording.js";

/** @typedef {{ image: number[][], k: number, stride: number, kind: string, shift: number[], poured: number[],
 *   settled: Record<string, number>, at: number[] }} State */
/** @typedef {ReturnType<typeof factsOf>} Facts */

export const NAMES = /** @type {const} */ (["image", "k", "stride", "kind", "shift", "poured", "settled", "at"]);
export const MOST_SHIFT = 3;
const UPSTREAM = [2, 1, -1, 4, -2, 1, 3]; // gradients of the outputs, over and over

/** All that is known, for the image where it lies now. @param {State} state */
export function factsOf({ image, k, stride, kind, shift, poured, settled, at }) {
  const [height, width, largest] = [image.length, image[0].length, kind === "max"];
  const how = { channels: 1, height, width, side: k, stride };
  const home = image.flat();
  const pixels = home.map((_, n) => image[Math.floor(n / width) - shift[0]]?.[(n % width) - shift[1]] ?? 0);
  const [down, across] = [places(height, k, stride), places(width, k, stride)];
  const [before, now] = [home, pixels].map((one) => Array.from(pool(one, how, largest ? "max" : "mean").values));
  const gradients = now.map((_, n) => UPSTREAM[n % UPSTREAM.length]);
  const open = new Set(poured.filter((n) => n >= 0 && n < now.length));
  const window = (/** @type {number} */ n) => Array.from({ length: k * k }, (_, i) =>
    (Math.floor(n / across) * stride + Math.floor(i / k)) * width + (n % across) * stride + (i % k));
  /** The pixels that an output's gradient may go to: of a maximum all that are equally large, the first of them first. @param {number} n */
  const ties = (n) => window(n).filter((pixel) => !largest || pixels[pixel] === now[n]);
  /** The pixels that it does go to. @param {number} n */
  const routes = (n) => {
    const chosen = window(n)[settled[n] ?? -1];
    return largest ? [ties(n).includes(chosen) ? chosen : ties(n)[0]] : window(n);
  };
  const dX = pixels.map(() => 0);
  for (const n of open) for (const pixel of routes(n)) dX[pixel] += gradients[n] / routes(n).length;
  const moved = shift.some(Boolean);
  const inked = now.map((value, n) => value !== 0 || before[n] !== 0);
  const stayed = now.map((value, n) => moved && inked[n] && Math.abs(value - before[n]) < 1e-9);
  const held = Math.max(0, Math.min(now.length - 1, Math.trunc(at[0]) || 0));
  return { height, width, k, stride, largest, shift, moved, pixels, down, across, before, now, gradients, open, window, ties, routes, dX,
    stayed, inked, at: held, tried: at[1] ?? -1 };
}

/** What a click or Enter on an output makes of it: its thread is pulled, goes to the next of equal pixels, or is let go.
 * @param {State} state @param {number} n @returns {Partial<State>} */
export function pressed(state, n) {
  const { open, ties, routes, largest } = factsOf(state);
  const following = open.has(n) && largest ? ties(n)[ties(n).indexOf(routes(n)[0]) + 1] : undefined;
  if (following !== undefined) return pulled(state, n, following);
  return open.has(n) ? { ...pulled(state, n, -1), poured: [...open].filter((one) => one !== n) } : pulled(state, n, -1);
}

/** What becomes of an output's thread that is pulled to a pixel, −1 for none: a tie is settled, a pixel that gets nothing is said.
 * @param {State} state @param {number} n @param {number} pixel @returns {Partial<State>} */
export function pulled(state, n, pixel) {
  const { open, ties, window, largest } = factsOf(state);
  const settled = Object.fromEntries(Object.entries(state.settled).filter(([output]) => Number(output) !== n));
  const fits = ties(n).includes(pixel);
  if (fits && largest && pixel !== ties(n)[0]) settled[n] = window(n).indexOf(pixel);
  return { poured: [...open].filter((one) => one !== n).concat(n), settled, at: [n, fits ? -1 : pixel] };
}

/** A sentence about the shift, and one about the chosen output's thread. @param {State} state */
export function words(state) {
  const facts = factsOf(state);
  return [aboutShift(facts), aboutThread(facts), aboutPixel(facts)].filter(Boolean).join(" ");
}

/** @param {Facts} facts */
function aboutShift({ k, stride, largest, shift, moved, stayed, inked }) {
  if (!moved) return `Each output is the ${largest ? "largest pixel" : "mean"} of its ${k} × ${k} window. Drag the image: outputs that stay as they are glow.`;
  const way = (/** @type {number} */ by, /** @type {string} */ plus, /** @type {string} */ minus) => (by ? [`${count(Math.abs(by), "pixel")} ${by > 0 ? plus : minus}`] : []);
  const ways = listed([...way(shift[0], "down", "up"), ...way(shift[1], "to the right", "to the left")]);
  const [kept, all] = [stayed.filter(Boolean).length, inked.filter(Boolean).length];
  const whole = shift.every((by) => by % stride === 0) ? " That is a whole number of strides: the map has moved along exactly." : "";
  return `The image has moved ${ways}: of ${count(all, "output")} not 0 before or after, ${kept} ${kept === 1 ? "is" : "are"} as before.${whole}`;
}

/** @param {Facts} facts */
function aboutThread({ at, tried, width, across, k, largest, gradients, now, open, ties, routes, window }) {
  const place = (/** @type {number} */ n) => index(Math.floor(n / width), n % width);
  const [name, gradient] = [`Output ${index(Math.floor(at / across), at % across)}`, number(gradients[at])];
  if (!open.has(at)) return `${name} is ${number(now[at], 2)}: pull its thread back to the image.`;
  const vain = tried < 0 ? "" : window(at).includes(tried)
    ? ` If pixel ${place(tried)} changed a little, the output would stay: it gets nothing.` : ` Pixel ${place(tried)} is not in this window.`;
  if (!largest) return `${name} is a mean: each of its ${k * k} pixels gets 1/${k * k} of the gradient ${gradient}.${vain}`;
  const [equal, taken] = [ties(at), routes(at)[0]];
  if (equal.length === 1) return `${name} remembers that pixel ${place(taken)} was the largest: the gradient ${gradient} goes there alone.${vain}`;
  const who = equal.length > 3 ? `${equal.length} equal pixels` : listed(equal.map(place));
  const choice = taken === equal[0] ? `the first, ${place(taken)}, gets the gradient ${gradient}, as in PyTorch; pull the thread to another if you like.`
    : `you gave the gradient ${gradient} to ${place(taken)}; PyTorch takes the first, ${place(equal[0])}.`;
  return `${name} is a tie of ${who}: ${choice}${vain}`;
}

/** @param {Facts} facts */
function aboutPixel({ at, tried, largest, width, open, routes, dX }) {
  const [pixel] = routes(at);
  const others = [...open].filter((n) => n !== at && routes(n).includes(pixel));
  if (!open.has(at) || !largest || tried >= 0 || !others.length) return "";
  return `Pixel ${index(Math.floor(pixel / width), pixel % width)} is the largest of ${others.length + 1} windows: their gradients add up to ${number(dX[pixel])}.`;
}
