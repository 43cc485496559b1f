// FlowScope's three charts, made from its state: errors by epoch, errors by depth, norms by layer.

import { powersOfTen, roundTicks } from "./_chart.js";
import { inks } from "./_colour.js";
import { chosen, depths, KINDS, meanErrors } from "./_flow.js";
import { number } from "./_wording.js";

/** @typedef {import("./_flow.js").State} State */
/** @typedef {import("./_chart.js").Chart} Chart */
/** @typedef {import("./_chart.js").Line} Line */

const FIRST_REACH = 60; // of the axis of depths, so that it stays where it is while networks are added
const APART = 0.08; // errors by which ends of curves differ that have room for a name each
const FEW = 12; // up to here an axis names each epoch or layer

/** Never colour alone: plain is dashed with squares, residual solid with circles.
 * @type {Record<string, { light: string, dark: string, marker: "square" | "circle", dash: number[] }>} */
const LOOKS = {
  plain: { light: "#d55e00", dark: "#f28b46", marker: "square", dash: [6, 4] },
  residual: { light: "#0072b2", dark: "#56b4e9", marker: "circle", dash: [] },
  training: { light: "#0072b2", dark: "#56b4e9", marker: "circle", dash: [] },
  validation: { light: "#009e73", dark: "#3fc79c", marker: "square", dash: [6, 4] },
};

/**
 * The charts that a state has, with their titles.
 * @param {State} state
 * @param {boolean} dark
 */
export function panelsOf(state, dark) {
  const curves = { chart: curvesChart(state, dark, inks(dark).ink), title: curvesTitle(state) };
  if (!depths(state).length) return [curves];
  return [curves, { chart: depthChart(state, dark), title: "training error by depth, at the end" },
    { chart: layersChart(state, dark), title: layersTitle(state) }];
}

/**
 * What the legend explains.
 * @param {State} state
 * @param {boolean} dark
 */
export function kindsOf(state, dark) {
  return (depths(state).length ? KINDS : ["training", "validation"]).map((name) => ({ name, ...styleOf(name, dark) }));
}

/**
 * @param {string} kind
 * @param {boolean} dark
 */
export function styleOf(kind, dark) {
  const { light, dark: bright, marker, dash } = LOOKS[kind];
  return { colour: dark ? bright : light, marker, dash };
}

/**
 * An error as a share of the images, from 0 to `most`.
 * @param {number} most
 * @returns {import("./_chart.js").Axis}
 */
function errorAxis(most) {
  const max = most > 0.6 ? 1 : Math.max(0.05, most * 1.15);
  const ticks = max === 1 ? [0, 0.25, 0.5, 0.75, 1] : roundTicks(0, max, 4);
  return { min: 0, max, ticks, label: "", text: (value) => `${number(100 * value, 1)} %` };
}

/**
 * @param {number} last
 */
function countedTo(last) {
  return Array.from({ length: last }, (_, i) => i + 1);
}

/**
 * Where lines lie on each other, a dashed one over a solid one leaves both to be seen.
 * @param {Line} a
 * @param {Line} b
 */
function dashedLast(a, b) {
  return (a.dash?.length ?? 0) - (b.dash?.length ?? 0);
}

/**
 * @param {(number | null)[]} errors
 * @returns {[number, number][]}
 */
function byEpoch(errors) {
  return errors.map((error, i) => [i + 1, error === null ? NaN : error]);
}

/** @param {State} state */
export function curvesTitle(state) {
  const all = depths(state);
  if (!all.length) return "error by epoch";
  return `training error by epoch, depth ${state.depth}${all.length > 1 ? "; faint: the other depths" : ""}`;
}

/**
 * The errors by epoch: the chosen depth strong, the others faint; a ring where the training stands.
 * @param {State} state
 * @param {boolean} dark
 * @param {string} mark
 * @returns {Chart}
 */
export function curvesChart(state, dark, mark) {
  const experiment = depths(state).length > 0;
  const rows = experiment ? state.runs.filter((run) => run.seed === state.seed) : state.runs.slice(-1);
  const endOf = (/** @type {import("./_flow.js").Run} */ run) => run.errors[run.errors.length - 1] ?? NaN;
  const named = rows.filter((run) => run.depth === state.depth).map(endOf); // where a name stands already
  /** @type {Line[]} */
  const lines = rows.flatMap((run) => {
    if (!experiment) {
      return [
        { points: byEpoch(run.errors), ...styleOf("training", dark), name: "training" },
        { points: byEpoch(run.validation), ...styleOf("validation", dark), name: "validation" },
      ];
    }
    if (!KINDS.includes(run.kind)) return [];
    const apart = run.depth !== state.depth && named.every((end) => Math.abs(end - endOf(run)) > APART);
    if (apart) named.push(endOf(run));
    const faint = run.depth === state.depth ? { name: run.kind } : { name: apart ? String(run.depth) : "", alpha: 0.28, width: 1.5, size: 2.5 };
    return [{ points: byEpoch(run.errors), ...styleOf(run.kind, dark), ...faint }];
  });
  lines.sort((a, b) => (a.alpha ?? 1) - (b.alpha ?? 1) || dashedLast(a, b));
  const { done, epochs, error } = state.live;
  if (done !== undefined && epochs !== undefined && error !== undefined && state.running) {
    lines.push({ points: [[done * epochs, error]], colour: mark, hollow: true, size: 6, width: 0 });
  }
  const most = Math.max(0, ...lines.flatMap((line) => line.points.map(([, value]) => value)).filter(Number.isFinite));
  const drawn = lines.some((line) => line.points.length);
  const last = Math.max(1, ...rows.map((run) => run.epochs));
  const ticks = !rows.length ? [] : last <= FEW ? countedTo(last) : roundTicks(0, last).filter(Number.isInteger);
  return {
    x: { min: 0, max: last + 0.15, ticks, label: "epoch", text: String },
    y: errorAxis(drawn ? most : 1),
    lines,
    empty: drawn ? "" : "no epoch yet",
  };
}

/**
 * @param {number[]} all
 * @returns {import("./_chart.js").Axis}
 */
export function depthAxis(all) {
  const high = all[all.length - 1] ?? 0;
  return { min: 0, max: Math.max(FIRST_REACH, 20 * Math.ceil((high + 2) / 20)), ticks: all, label: "depth: weighted layers", text: String };
}

/**
 * The error at the end against depth: a dot for each seed, a line through the means.
 * @param {State} state
 * @param {boolean} dark
 * @returns {Chart}
 */
export function depthChart(state, dark) {
  const done = state.runs.filter((run) => run.final !== null);
  /** @type {Line[]} */
  const lines = KINDS.flatMap((kind) => {
    const style = styleOf(kind, dark);
    const dots = done.filter((run) => run.kind === kind).map((run) => /** @type {[number, number]} */ ([run.depth, Number(run.final)]));
    return [
      { points: dots, ...style, width: 0, size: 3, alpha: 0.45 },
      { points: meanErrors(state, kind), ...style, name: kind },
    ];
  }).sort(dashedLast);
  return {
    x: depthAxis(depths(state)),
    y: errorAxis(1), // all of it from the start: no jump when a deep network ends badly
    lines,
    upright: state.depth,
    empty: done.length ? "" : "no network is finished yet",
  };
}

/** @param {State} state */
export function layersTitle(state) {
  const what = state.layer_view === "gradient" ? "norm of each layer's gradient" : "root mean square of each layer's input";
  const inner = chosen(state, state.norms).some((row) => innerLayers(state, row).length);
  return `${what}, before training, depth ${state.depth}${inner ? "; hollow: inside a block" : ""}`;
}

/**
 * Of the signal in a residual network of depth 6n + 2: what enters the second layer of each block, not the block itself.
 * @param {State} state
 * @param {import("./_flow.js").Norms} row
 * @returns {[number, number][]}
 */
export function innerLayers({ layer_view }, { kind, signal }) {
  if (layer_view !== "signal" || kind !== "residual" || signal.length % 6 !== 2) return [];
  return signal.flatMap((value, i) => (i % 2 || !i ? [] : [/** @type {[number, number]} */ ([i + 1, Number(value)])]));
}

/**
 * Gradient or signal by layer, for the chosen depth.
 * @param {State} state
 * @param {boolean} dark
 * @returns {Chart}
 */
export function layersChart(state, dark) {
  const rows = chosen(state, state.norms);
  const values = rows.flatMap((row) => row[state.layer_view]).filter((value) => value !== null).map(Number);
  const layers = Math.max(2, ...rows.map((row) => row.gradient.length));
  const log = state.layer_view === "gradient";
  const ticks = log ? powersOfTen(values) : roundTicks(0, Math.max(1, ...values) * 1.05, 4);
  const max = log ? ticks[ticks.length - 1] : Math.max(1, ...values) * 1.08;
  return {
    x: { min: 0, max: layers + 1,
      ticks: layers <= FEW ? countedTo(layers) : [1, ...roundTicks(2, layers, 6).filter((tick) => tick > 2 && Number.isInteger(tick))],
      label: "layer, from the input to the output", text: String },
    y: { min: ticks[0], max, ticks, label: "", log, text: (value) => number(value, 4) },
    lines: [...rows.map((row) => ({
      points: row[state.layer_view].map((value, i) => /** @type {[number, number]} */ ([i + 1, value || (log ? NaN : Number(value))])),
      ...styleOf(row.kind, dark), size: 2.6, width: 1.6, name: row.kind,
    })).sort(dashedLast), ...rows.filter((row) => innerLayers(state, row).length).map((row) => ({
      points: innerLayers(state, row), ...styleOf(row.kind, dark), dash: [], hollow: true, size: 2.6, width: 0,
    }))],
    empty: rows.length ? "" : "no norms for this depth",
  };
}
