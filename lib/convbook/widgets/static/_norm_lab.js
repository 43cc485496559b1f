// NormLab's pure part: which numbers share mean and variance, what training and evaluation make of them, and the words.

import { normaliseGroups, runningStatistics } from "./_tensor.js";
import { count, index, listed, number } from "./_wording.js";

/** @typedef {{ x: number[][][][], alone: boolean, together: number, batch: number, seen: number, single: boolean, at: number[],
 *   name: string, said: string, told: string, rows: number[][], row: number[] }} State */
/** @typedef {ReturnType<typeof factsOf>} Facts */

export const NAMES = ["x", "alone", "together", "batch", "seen", "single", "at", "name", "said", "told", "rows", "row"];
export const MOST_SEEN = 60; // as in norm_lab.py
const [MOMENTUM, EPSILON] = [0.1, 1e-5]; // PyTorch's

/** How many channels a piece may have: what divides them all. @param {number} channels */
export function sizesOf(channels) {
  return Array.from({ length: channels }, (_, i) => i + 1).filter((size) => channels % size === 0);
}

/** The norm that is sawn; "" where it has no name. @param {boolean} alone @param {number} together @param {number} channels */
export function kindOf(alone, together, channels) {
  if (!alone) return together === 1 ? "batch" : "";
  return together === channels ? "layer" : together === 1 ? "instance" : "group";
}

/** How the cube is sawn for each norm: by images or not, and by so many channels. @param {number} channels */
export function sawings(channels) {
  const half = sizesOf(channels).filter((size) => size > 1 && size < channels).pop();
  const all = [{ kind: "batch", alone: false, together: 1 }, { kind: "layer", alone: true, together: channels }];
  if (channels > 1) all.push({ kind: "instance", alone: true, together: 1 }); // of one channel it is layer norm
  return half ? [...all, { kind: "group", alone: true, together: half }] : all;
}

/** Everything that is shown, from the traits. @param {State} state */
export function factsOf(state) {
  const { x, alone, together, batch, single, seen, rows, row } = state;
  const [n, c] = [x.length, x[0].length];
  const values = x.flatMap((image) => image.flatMap((map) => (single ? [map[0][0]] : map.flat())));
  const pixels = values.length / n / c;
  const pieces = c / together;
  const places = values.map((_, i) => [Math.floor(i / (c * pixels)), Math.floor(i / pixels) % c, i % pixels]);
  const batchOf = (/** @type {number} */ i) => Math.floor(places[i][0] / batch);
  const groups = places.map(([image, channel], i) => (alone ? image : batchOf(i)) * pieces + Math.floor(channel / together));
  /** @type {number[][]} */
  const members = [];
  groups.forEach((group, i) => (members[group] ??= []).push(i));
  const training = normaliseGroups(values, groups, undefined, EPSILON).values;
  const running = runningStatistics(members.map((own) => own.map((i) => values[i])), pieces, seen, MOMENTUM);
  const evaluation = alone ? training : Float64Array.from(values, (value, i) => {
    const { mean, variance } = running[groups[i] % pieces];
    return (value - mean) / Math.sqrt(variance + EPSILON);
  });
  const at = [n, c, pixels].map((length, axis) => Math.min(state.at[axis], length - 1));
  const chosen = (at[0] * c + at[1]) * pixels + at[2];
  const known = row.length === values.length;
  const yours = (/** @type {number} */ i) => rows[row[i]].filter((j) => batchOf(j) === batchOf(i)); // in its own batch
  const wrong = known ? groups.filter((group, i) => yours(i).join() !== members[group].join()).length : 0;
  return { ...state, n, c, values, pixels, groups, members, training, evaluation, at, known, wrong,
    kind: kindOf(alone, together, c), marks: known ? marksOf(members[groups[chosen]], yours(chosen)) : new Map() };
}

/** How the numbers that share with the chosen one are marked. @param {number[]} wanted @param {number[]} yours */
function marksOf(wanted, yours) {
  /** @type {Map<number, "shares" | "should not" | "should">} */
  const marks = new Map(wanted.map((i) => [i, "should"]));
  yours.forEach((i) => marks.set(i, marks.has(i) ? "shares" : "should not"));
  return marks;
}

/** @param {State} state */
export function words(state) {
  const facts = factsOf(state);
  return [aboutSaws(facts), aboutTraining(facts), aboutEvaluation(facts), aboutYours(facts), facts.said].filter(Boolean).join(" ");
}

/** @param {Facts} facts */
function aboutSaws({ kind, alone, together, n, c, single, x, members, batch }) {
  const [h, w] = single ? [1, 1] : [x[0][0].length, x[0][0][0].length];
  const axes = [alone ? "" : "n", together === c && c > 1 ? "c" : "", h > 1 ? "h" : "", w > 1 ? "w" : ""].filter(Boolean);
  if (together > 1 && together < c) axes.push(`${together} channels at a time`);
  const sizes = [...new Set(members.map((own) => own.length))];
  const split = alone || batch === n ? "" : ` in batches of ${batch}${n % batch ? ` and a last one of ${n % batch}` : ""}`;
  const title = kind ? `${kind[0].toUpperCase()}${kind.slice(1)} norm` : "This norm, which has no name,";
  return `${title} averages over ${axes.length ? listed(axes) : "nothing"}${split}: ${count(members.length, "group")} of ${listed(sizes.map(String))} number${sizes.join() === "1" ? "" : "s"}.`;
}

/** @param {Facts} facts */
function aboutTraining({ alone, kind, members, training, evaluation, n, batch, at }) {
  const one = members.some((own) => own.length < 2);
  const why = one ? `A number by itself is its own mean: training makes it 0, and PyTorch refuses ${alone ? "it" : "such a batch"}. ` : "";
  if (alone) return why.trim();
  const like = batch === 1 && kind === "batch" && !one ? "A batch of one is sawn as for instance norm. " : why;
  const [there, here] = [training, evaluation].map((values) => {
    const own = values.slice((at[0] * values.length) / n, ((at[0] + 1) * values.length) / n);
    return number(own.reduce((sum, value) => sum + value, 0) / own.length, 2);
  });
  return `${like}The mean of image ${at[0]} is ${there} in training and ${here} in evaluation.`;
}

/** @param {Facts} facts */
function aboutEvaluation({ alone, seen, members }) {
  if (alone) return "No other image has a say and nothing is kept: evaluation does the same as training.";
  if (members.every((own) => own.length < 2)) return "The running statistics stay at their start, mean 0 and variance 1.";
  if (!seen) return "The running statistics are still at their start, mean 0 and variance 1.";
  return `After ${seen} ${seen === 1 ? "batch" : "batches"} the start still weighs ${number(100 * (1 - MOMENTUM) ** seen, 1)} % in the running statistics.`;
}

/** @param {Facts} facts */
function aboutYours({ name, told, row, known, wrong, kind, at, values }) {
  if (!row.length) return "";
  if (!known) return `${name} ${told}; it was asked with ${row.length < values.length ? "one pixel" : "all pixels"} a map.`;
  if (!wrong) return `${name} ${told}, as sawn.`;
  return `${name} ${told}: ${wrong} of ${values.length} numbers share otherwise than in ${kind ? `${kind} norm` : "what is sawn"}; ✗ marks where, for number ${index(...at)}.`;
}
