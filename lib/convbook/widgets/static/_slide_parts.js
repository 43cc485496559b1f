// SlideLab's parts and where they stand: an image and weights for each channel, the bias, a map for each filter.

import { captioned, sign } from "./_board.js";
import { fitCells, longest } from "./_fit.js";
import { numberGrid } from "./_grid.js";
import { outputs } from "./_slide.js";
import { make } from "./_stage.js";
import { tabRow } from "./_tabs.js";
import { count, number } from "./_wording.js";

/** @typedef {import("./_slide_words.js").State} State */
/** @typedef {import("./_stage.js").Stage} Stage */
/** @typedef {import("./_grid.js").NumberGrid} NumberGrid */
/** @typedef {[number, number, number]} Place filter, row, column; a linked one: channel, row, column */

/**
 * @typedef {object} Acts what a part can do when it is touched
 * @property {(at: number[]) => void} go move the window
 * @property {{ show: (to: Place | null) => void, hold: (to: Place | null) => void, leave: () => void }} linked mark a pixel
 *   with its weight and product
 * @property {() => Place} where the window is now
 * @property {() => boolean} hovers whether hovering an output moves the window
 */

/** @typedef {{ images: NumberGrid[], kernels: NumberGrid[], maps: NumberGrid[], equation: HTMLElement, bias: HTMLElement }} Parts */

const BETWEEN_PIXELS = 36; // an image and its weights: the sign and two gaps
const ROW_PIXELS = 63; // between the grids of a channel and those of the next, where channels stand in a row
const COMFORTABLE_PIXELS = 30;
const MANY_ROWS = 9; // an image of more has the weights and the map beside it, one below the other
const WIDE = 33; // columns of cells that stand in one row of a widget: images with their weights, side by side
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
    equation: make("div", "cb-equation"),
    bias: make("span", "cb-number"),
  };
}

/**
 * @param {State} state
 * @param {number} channel
 * @param {Acts} acts
 */
function imageGrid({ image, kernels, padding, stride }, channel, { go, linked, where }) {
  const height = kernels[0][0].length;
  const width = kernels[0][0][0].length;
  const inWindow = (/** @type {number} */ row, /** @type {number} */ column) => {
    const [, r, c] = where();
    const i = row - r * stride;
    const j = column - c * stride;
    return i >= 0 && i < height && j >= 0 && j < width ? /** @type {Place} */ ([channel, i, j]) : null;
  };
    const grid = numberGrid({
    label: `${image.length > 1 ? `image, channel ${channel}` : "image"}; arrow keys move the window`,
    rows: image[channel].length + 2 * padding,
    columns: image[channel][0].length + 2 * padding,
    classes: "cb-image",
    onHover: (row, column) => linked.show(inWindow(row, column)),
    onPick: (row, column) => linked.hold(inWindow(row, column)),
    onLeave: linked.leave,
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
function kernelGrid({ image, kernels }, channel, { linked }) {
  const slice = kernels[0][channel];
  return numberGrid({
    label: image.length > 1 ? `weights for channel ${channel}` : "weights",
    rows: slice.length,
    columns: slice[0].length,
    classes: "cb-kernel",
    onHover: (i, j) => linked.show([channel, i, j]),
    onPick: (i, j) => linked.hold([channel, i, j]),
    onLeave: linked.leave,
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
 * Lay the parts out: image × weights, channels side by side or in tabs; then the bias, the filters' maps in tabs, and the sum.
 * @param {Stage} stage
 * @param {State} state
 * @param {Parts} parts
 * @param {{ see: (channel: number) => void, go: Acts["go"], where: Acts["where"] }} acts
 */
export function layOut(stage, state, parts, { see, go, where }) {
  const [many, filters] = [parts.images.length, parts.maps.length];
  const row = many > 1 && many * (parts.images[0].columns + parts.kernels[0].columns + 2) <= WIDE;
  const [across, beside] = [parts.images[0].columns, parts.kernels[0].columns];
  const channels = parts.images.map((image, c) => make("div", "cb-channel", {}, captioned(row ? `channel ${c}` : "image", image.element),
    make("div", "cb-together", {}, sign("×"), captioned("weights", parts.kernels[c].element))));
  const maps = parts.maps.map((map, f) => captioned(filters > 1 ? `output ${f}` : "output", map.element));
  const tabsOf = (/** @type {string} */ name, /** @type {HTMLElement[]} */ panels, /** @type {(n: number) => void} */ choose) =>
    tabRow({ name, labels: panels.map((_, n) => `${name} ${n}`), panels, choose });
  const channelTabs = many > 1 ? tabsOf("channel", channels, see) : null;
  const filterTabs = filters > 1 ? tabsOf("filter", maps, (f) => go([f, ...where().slice(1)])) : null;
  const sum = make("div", "cb-together", {}, sign("+"), captioned("bias", parts.bias, "cb-bias"), sign("="));
  const map = make("div", "cb-maps", {}, ...(filterTabs ? [filterTabs.element] : []), ...maps);
  const right = make("div", "cb-right", {}, sum, map, ...(row ? [parts.equation] : []));
  stage.body.append(make("div", "cb-left", {}, ...(channelTabs ? [channelTabs.element] : []), ...channels), right);
  const looks = { "cb-several": many > 1, "cb-in-row": row, "cb-large": many === 1 && parts.images[0].rows > MANY_ROWS };
  for (const [name, holds] of Object.entries(looks)) stage.body.classList.toggle(name, holds);
  stage.below.replaceChildren(...(row ? [] : [parts.equation]));
  fitCells(stage.body, {
    columns: Math.max(across, parts.maps[0].columns), beside: (row ? many : 1) * (across + beside),
    between: row ? ROW_PIXELS * many : BETWEEN_PIXELS, enough: row ? 24 : COMFORTABLE_PIXELS,
    letters: longest([state.image, state.kernels, outputs(state)].flat(4).map((value) => number(value, 2))),
    rows: parts.images[0].rows + (row ? parts.maps[0].rows : 0),
  });
  return {
    /** @param {number} channel @param {number} filter */
    refresh(channel, filter) {
      channelTabs?.refresh(channel);
      filterTabs?.refresh(filter);
    },
  };
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
