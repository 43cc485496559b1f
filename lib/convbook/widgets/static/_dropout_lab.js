// DropoutLab's pure part: the masks of a seed, what each sub-network says, how their mean runs, and the words.

import { count, number } from "./_wording.js";

/** @typedef {{ rows: string[], rates: number[] }} Masks a batch of masks, 1 for kept, and how often each unit was kept */
/** @typedef {{ said: string, p: number, torch: Masks, yours?: Masks, wrong?: boolean }} Reading */
/** @typedef {{ inputs: number[], weights: number[], p: number, scaled: boolean, relu: boolean, many: number, seed: number,
 *   name: string, reading: Partial<Reading> }} State */
/** @typedef {ReturnType<typeof factsOf>} Facts */

export const NAMES = /** @type {const} */ (["inputs", "weights", "p", "scaled", "relu", "many", "seed", "name", "reading"]);
export const MOST_MASKS = 2000;
export const ROWS = 12; // masks that are seen
const ENOUGH = 300; // masks, to speak of a gap
const GAP = 0.1;

/** Numbers from 0 to 1 that a seed gives, always the same (mulberry32). @param {number} seed */
export function uniforms(seed) {
  let at = seed >>> 0;
  return () => {
    at = (at + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(at ^ (at >>> 15), at | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** All that is known. The same numbers are drawn for every p, so that a drag of p lets single units go or come. @param {State} state */
export function factsOf({ inputs, weights, p, scaled, many, seed }) {
  const parts = inputs.map((input, n) => input * weights[n]);
  const sum = parts.reduce((all, part) => all + part, 0);
  const [draw, scale] = [uniforms(seed), scaled ? 1 / (1 - p) : 1];
  const [means, rectified] = [[0], [0]]; // after no mask, one, two, …
  /** @type {{ kept: boolean[], said: number }[]} */
  const rows = []; // the newest first
  for (let n = 1; n <= Math.min(many, MOST_MASKS); n++) {
    const kept = parts.map(() => draw() >= p);
    const said = scale * parts.reduce((all, part, unit) => (kept[unit] ? all + part : all), 0);
    means.push(means[n - 1] + (said - means[n - 1]) / n);
    rectified.push(rectified[n - 1] + (Math.max(0, said) - rectified[n - 1]) / n);
    if (n > many - ROWS) rows.unshift({ kept, said });
  }
  return { parts, sum, scale, means, rectified, rows, evaluation: { linear: sum, relu: Math.max(0, sum) } };
}

/** Sentences about the mean, the ReLU and the learner's masks. @param {State} state */
export function words(state) {
  return [aboutMean(state), state.reading?.said ?? ""].filter(Boolean).join(" ");
}

/** What is said while masks rain. @param {State} state */
export function aboutMean(state) {
  const { p, scaled, relu, inputs } = state;
  const { sum, means, rectified, evaluation } = factsOf(state);
  const many = means.length - 1;
  const says = (/** @type {number} */ value) => number(value, 2);
  if (!many) return `Evaluation says ${says(sum)}, with all ${count(inputs.length, "unit")}. Each mask leaves another sub-network: hold the button, or its key, and masks rain.`;
  const missed = scaled || !p ? "" : ` Without 1 / (1 − p) it goes to (1 − p) · ${says(sum)} = ${says((1 - p) * sum)} and misses.`;
  const linear = `After ${count(many, "mask")} the mean of the sub-networks is ${says(means[many])}; evaluation says ${says(sum)}.${missed}`;
  if (!relu) return linear;
  const open = scaled && many >= ENOUGH && rectified[many] - evaluation.relu > GAP;
  return `${linear} Behind a ReLU the mean is ${says(rectified[many])}, and evaluation says ${says(evaluation.relu)}${open ? ": the bend leaves a gap that no further mask closes" : ""}.`;
}
