// SlideLab's parts and where they stand: an image and weights for each channel, the bias, a map for each filter.

import { fitCells, longest } from "./_fit.js";
import { numberGrid } from "./_grid.js";
import { outputs } from "./_slide.js";
import { button, make } from "./_stage.js";
import { count, number } from "./_wording.js";

/** @typedef {import("./_slide_words.js").State} State */
/** @typedef {import("./_stage.js").Stage} Stage */
/** @typedef {import("./_grid.js").NumberGrid} NumberGrid */
/** @typedef {[number, number, number]} Place filter, row, column; a linked one: channel, row, column */

/**
 * @typedef {object} Acts what a part can do when it is touched
 * @property {(at: number[]) => void} go move the window
 * @property {(to: Place | null) => void} link mark a pixel with its weight and product
 * @property {() => Place} where the window is now
 * @property {() => boolean} hovers whether hovering an output moves the window
 */

/** @typedef {{ images: NumberGrid[], kernels: NumberGrid[], maps: NumberGrid[], filters: HTMLElement,
 *   equation: HTMLElement, bias: HTMLElement }} Parts */

const BETWEEN_PIXELS = 36; // an image and its weights: the sign and two gaps
const COMFORTABLE_PIXELS = 30;
/** @type {Record<string, [number, number]>} */
const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

/**
 * The sizes in one line.
 * @param {State} state
 * @param {Place} shape
 */
export function summary({ image, kernels, stride, padding }, shape) {
  const channels = image.length > 1 ? `${count(image.length, "channel")} · ` : "";
  const filters = kernels.length > 1 ? `${count(kernels.length, "filter")} · ` : "";
  const [window] = kernels[0];
  return (
    `${channels}${filters}${image[0].length} × ${image[0][0].length} image · ${window.length} × ${window[0].length} window · ` +
    `stride ${stride} · padding ${padding} → ${shape[1]} × ${shape[2]} map`
  );
}

/**
 * Build every part for one image and its kernels.
 * @param {State} state
 * @param {Place} shape
 * @param {Acts} acts
 * @returns {Parts}
 */
export function buildParts(state, shape, acts) {
  return {
    images: state.image.map((_, c) => imageGrid(state, c, acts)),
    kernels: state.image.map((_, c) => kernelGrid(state, c, acts)),
    maps: Array.from({ length: shape[0] }, (_, f) => outputGrid(state, shape, f, acts)),
    filters: filterButtons(shape[0], acts),
    equation: make("div", "cb-equation"),
    bias: make("span", "cb-number"),
  };
}

/**
 * @param {State} state
 * @param {number} channel
 * @param {Acts} acts
 */
function imageGrid({ image, kernels, padding, stride }, channel, { go, link, where }) {
  const height = kernels[0][0].length;
  const width = kernels[0][0][0].length;
  const inWindow = (/** @type {number} */ row, /** @type {number} */ column) => {
    const [, r, c] = where();
    const i = row - r * stride;
    const j = column - c * stride;
    return i >= 0 && i < height && j >= 0 && j < width ? /** @type {Place} */ ([channel, i, j]) : null;
  };
  const show = (/** @type {number} */ row, /** @type {number} */ column) => link(inWindow(row, column));
  const grid = numberGrid({
    label: `${image.length > 1 ? `image, channel ${channel}` : "image"}; arrow keys move the window`,
    rows: image[channel].length + 2 * padding,
    columns: image[channel][0].length + 2 * padding,
    classes: "cb-image",
    onHover: show,
    onPick: show,
    onLeave: () => link(null),
    onGrab(row, column) {
      if (!inWindow(row, column)) return null;
      const [f, r, c] = where();
      return (rows, columns) => go([f, r + Math.round(rows / stride), c + Math.round(columns / stride)]);
    },
    onKey(key) {
      const way = STEPS[key];
      if (!way) return false;
      const [f, r, c] = where();
      go([f, r + way[0], c + way[1]]);
      grid.select(where()[1] * stride, where()[2] * stride);
      return true;
    },
    onClick(row, column) {
      if (inWindow(row, column)) return;
      const centred = [row - (height - 1) / 2, column - (width - 1) / 2].map((to) => Math.round(to / stride));
      go([where()[0], ...centred]);
    },
  });
  return grid;
}

/**
 * @param {State} state
 * @param {number} channel
 * @param {Acts} acts
 */
function kernelGrid({ image, kernels }, channel, { link }) {
  const slice = kernels[0][channel];
  return numberGrid({
    label: image.length > 1 ? `weights for channel ${channel}` : "weights",
    rows: slice.length,
    columns: slice[0].length,
    classes: "cb-kernel",
    onHover: (i, j) => link([channel, i, j]),
    onPick: (i, j) => link([channel, i, j]),
    onLeave: () => link(null),
  });
}

/**
 * @param {State} state
 * @param {Place} shape
 * @param {number} f
 * @param {Acts} acts
 */
function outputGrid({ kernels }, shape, f, { go, hovers }) {
  return numberGrid({
    label: kernels.length > 1 ? `output of filter ${f}` : "output",
    rows: shape[1],
    columns: shape[2],
    classes: "cb-output",
    onPick: (row, column) => go([f, row, column]),
    onHover: (row, column) => hovers() && go([f, row, column]),
  });
}

/**
 * @param {number} filters
 * @param {Acts} acts
 */
function filterButtons(filters, { go, where }) {
  const group = make("div", "cb-filters", { role: "group", "aria-label": "filter" });
  if (filters > 1) {
    for (let f = 0; f < filters; f++) group.append(button(`filter ${f}`, () => go([f, ...where().slice(1)])));
  }
  return group;
}

/**
 * Lay the parts out: image × weights, channel below channel; then bias; then the maps.
 * @param {Stage} stage
 * @param {State} state
 * @param {Parts} parts
 */
export function layOut(stage, state, parts) {
  const several = parts.images.length > 1;
  const channels = parts.images.map((image, c) => {
    const weights = block("weights", parts.kernels[c].element);
    return make("div", "cb-channel", {}, block(several ? `channel ${c}` : "image", image.element),
      make("div", "cb-together", {}, sign("×"), weights));
  });
  const maps = parts.maps.map((map, f) => block(parts.maps.length > 1 ? `output ${f}` : "output", map.element));
  const bias = block("bias", parts.bias);
  bias.classList.add("cb-bias");
  stage.body.append(
    make("div", "cb-left", {}, ...channels),
    make("div", "cb-right", {}, make("div", "cb-together", {}, sign("+"), bias, sign("=")), make("div", "cb-maps", {}, ...maps), ...(several ? [parts.equation] : [])),
  );
  stage.body.classList.toggle("cb-several", several);
  stage.below.replaceChildren(...(several ? [] : [parts.equation]));
  const numbers = [state.image, state.kernels, outputs(state)].flat(4).map((value) => number(value, 2));
  const columns = parts.images[0].columns;
  fitCells(stage.body, {
    columns: Math.max(columns, parts.maps[0].columns), beside: columns + parts.kernels[0].columns,
    between: BETWEEN_PIXELS, enough: COMFORTABLE_PIXELS, letters: longest(numbers),
    rows: parts.images.length * parts.images[0].rows,
  });
}

/**
 * @param {string} caption
 * @param {HTMLElement} content
 */
function block(caption, content) {
  return make("div", "cb-block", {}, make("div", "cb-caption", { "aria-hidden": "true" }, caption), content);
}

/** @param {string} text */
function sign(text) {
  return make("div", "cb-sign", { "aria-hidden": "true" }, text);
}

/**
 * Which boxes the thin lines join: window to weights, weights to output.
 * @param {Parts} parts
 * @param {State} state
 * @param {Place} at
 */
export function links(parts, { kernels, stride }, [f, row, column]) {
  const height = kernels[0][0].length;
  const width = kernels[0][0][0].length;
  return parts.images.flatMap((image, c) => {
    const kernel = parts.kernels[c];
    const weights = [kernel.cell(0, 0), kernel.cell(height - 1, width - 1)];
    const window = [
      image.cell(row * stride, column * stride),
      image.cell(row * stride + height - 1, column * stride + width - 1),
    ];
    const toWeights = { from: window, to: weights };
    // Lines from several channels, or past other maps, only cross what they should explain.
    if (parts.images.length > 1 || f > 0) return [toWeights];
    return [toWeights, { from: weights, to: [parts.maps[f].cell(row, column)] }];
  });
}
