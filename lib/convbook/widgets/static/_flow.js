// FlowScope's pure part: which runs are meant, and what is said about them.

import { listed, number } from "./_wording.js";

/** @typedef {{ name: string, kind: string, depth: number, seed: number, epochs: number,
 *   errors: (number | null)[], validation: (number | null)[], final: number | null }} Run */
/** @typedef {{ kind: string, depth: number, seed: number,
 *   signal: (number | null)[], gradient: (number | null)[] }} Norms */
/** @typedef {{ name: string, seed: number, epoch: number, epochs: number, done: number,
 *   loss: number | null, error: number }} Live */
/** @typedef {{ runs: Run[], norms: Norms[], live: Partial<Live>, running: boolean, session: number, heard: number,
 *   depth: number, seed: number, layer_view: "gradient" | "signal" }} State */

export const KINDS = ["plain", "residual"];
export const TRAITS = ["runs", "norms", "live", "running", "session", "heard", "depth", "seed", "layer_view"];

/**
 * All traits of the model.
 * @param {import("./_stage.js").Model} model
 * @returns {State}
 */
export function stateOf(model) {
  return /** @type {any} */ (Object.fromEntries(TRAITS.map((name) => [name, model.get(name)])));
}

/**
 * The depths that were run, in order.
 * @param {State} state
 */
export function depths({ runs }) {
  const found = new Set(runs.filter((run) => KINDS.includes(run.kind)).map((run) => run.depth));
  return [...found].sort((a, b) => a - b);
}

/**
 * The seeds that were run, in order.
 * @param {State} state
 */
export function seeds({ runs }) {
  return [...new Set(runs.filter((run) => KINDS.includes(run.kind)).map((run) => run.seed))].sort((a, b) => a - b);
}

/**
 * The rows of the chosen depth and seed.
 * @template {{ kind: string, depth: number, seed: number }} Row
 * @param {State} state
 * @param {Row[]} rows
 */
export function chosen({ depth, seed }, rows) {
  return rows.filter((row) => KINDS.includes(row.kind) && row.depth === depth && row.seed === seed);
}

/**
 * One or two sentences that say what the picture shows.
 * @param {State} state
 */
export function words(state) {
  const last = state.runs[state.runs.length - 1];
  if (!last) return "Nothing has been trained yet: run a training and watch it here.";
  if (state.running) return progress(last);
  const mine = chosen(state, state.runs).filter((run) => run.errors.length);
  if (!mine.length) return result(last);
  const text = `At depth ${state.depth}, the training error is ${listed(mine.map(fate))}.`;
  const spreads = chosen(state, state.norms).flatMap((row) => {
    const values = row.gradient.filter((value) => value).map(Number);
    if (!values.length) return [];
    const ratio = Math.max(...values) / Math.min(...values);
    return [`${number(ratio, ratio >= 10 ? 0 : 1)} in the ${row.kind} one`];
  });
  const between = "Before training, the gradients of its layers differ by a factor of";
  return spreads.length ? `${text} ${between} ${listed(spreads)}.` : text;
}

/** @param {Run} run */
function progress(run) {
  const done = run.errors.length;
  if (!done) return `Training ${run.name}: the first of ${run.epochs} epochs is running.`;
  return (
    `Training ${run.name}: epoch ${done} of ${run.epochs} is done, ` +
    `${share(run.errors[done - 1])} of the training images were wrong in it.`
  );
}

/** @param {Run} run */
function result(run) {
  const done = run.errors.length;
  if (!done) return `${run.name}: no epoch was finished.`;
  const text =
    `${run.name}: after epoch ${done} of ${run.epochs}, ${share(run.errors[done - 1])} of the ` +
    "training images were wrong";
  const last = run.validation[run.validation.length - 1];
  return run.validation.length ? `${text}, and ${share(last)} of the validation images.` : `${text}.`;
}

/** @param {Run} run */
function fate(run) {
  if (run.final !== null) return `${share(run.final)} for the ${run.kind} network`;
  const done = run.errors.length;
  return `${share(run.errors[done - 1])} for the ${run.kind} network, stopped after epoch ${done}`;
}

/** @param {number | null} part */
export function share(part) {
  return `${number(100 * Number(part), 1)}\u00a0%`;
}

/**
 * Where the mean over seeds of the final errors lies, depth by depth.
 * @param {State} state
 * @param {string} kind
 * @returns {[number, number][]}
 */
export function meanErrors(state, kind) {
  return depths(state).flatMap((depth) => {
    const finals = state.runs.filter((run) => run.kind === kind && run.depth === depth && run.final !== null);
    if (!finals.length) return [];
    const mean = finals.reduce((sum, run) => sum + Number(run.final), 0) / finals.length;
    return [/** @type {[number, number]} */ ([depth, mean])];
  });
}
