// ConvXray's parts and where they stand: for each channel weights, yours and wanted; a map for each filter.

import { fitCells } from "./_fit.js";
import { numberGrid } from "./_grid.js";
import { make } from "./_stage.js";
import { status } from "./_xray.js";

/** @typedef {import("./_xray.js").State} State */
/** @typedef {import("./_xray.js").Place} Place */
/** @typedef {import("./_stage.js").Stage} Stage */
/** @typedef {import("./_grid.js").NumberGrid} NumberGrid */
/** @typedef {{ pixel?: number, weight?: number }} Pointed what the pointer or the focus is on */
/** @typedef {{ yours: NumberGrid[], wanted: NumberGrid[], weights: NumberGrid[], maps: NumberGrid[],
 *   note: HTMLElement }} Parts */

const BETWEEN_PIXELS = 15; // yours and wanted: one gap
const COMPARABLE_PIXELS = 24; // as long as cells keep that, yours and wanted stand side by side

/**
 * Build every part for one X-ray.
 * @param {State} state
 * @param {Place} shape
 * @param {(to: Pointed) => void} point
 * @param {(at: number[]) => void} go
 * @param {() => Place} where
 * @returns {Parts}
 */
export function buildParts(state, shape, point, go, where) {
  const { image, weights, padding } = state.sizes;
  const channels = [...Array(image[0]).keys()];
  const pixelGrid = (/** @type {string} */ label, /** @type {number} */ channel) => {
    const show = (/** @type {number} */ row, /** @type {number} */ column) =>
      point({ pixel: pixelAt(state, channel, row, column) });
    return numberGrid({
      label: image[0] > 1 ? `${label}, channel ${channel}` : label,
      rows: image[1] + 2 * padding,
      columns: image[2] + 2 * padding,
      classes: "cb-image",
      onHover: show,
      onPick: show,
      onLeave: () => point({}),
    });
  };
  return {
    yours: channels.map((c) => pixelGrid("pixels your output used", c)),
    wanted: channels.map((c) => pixelGrid("pixels it should use", c)),
    weights: channels.map((c) => {
      const show = (/** @type {number} */ i, /** @type {number} */ j) =>
        point({ weight: ((where()[0] * image[0] + c) * weights[2] + i) * weights[3] + j });
      return numberGrid({
        label: image[0] > 1 ? `weights, channel ${c}` : "weights",
        rows: weights[2], columns: weights[3], onHover: show, onPick: show, onLeave: () => point({}),
      });
    }),
    maps: Array.from({ length: shape[0] }, (_, f) =>
      numberGrid({
        label: shape[0] > 1 ? `outputs of filter ${f}, checked` : "outputs, checked",
        rows: shape[1], columns: shape[2], classes: "cb-output",
        onPick: (row, column) => go([f, row, column]),
        onHover: (row, column) => go([f, row, column]),
      }),
    ),
    note: make("p", "cb-note"),
  };
}

/**
 * The pixel at a place of the padded grid; −1 in the padding.
 * @param {State} state
 * @param {number} channel
 * @param {number} row
 * @param {number} column
 */
export function pixelAt({ sizes }, channel, row, column) {
  const [, height, width] = sizes.image;
  const y = row - sizes.padding;
  const x = column - sizes.padding;
  return y < 0 || x < 0 || y >= height || x >= width ? -1 : (channel * height + y) * width + x;
}

/**
 * Lay the parts out: a row for each channel, then the maps.
 * @param {Stage} stage
 * @param {State} state
 * @param {Parts} parts
 */
export function layOut(stage, state, parts) {
  const several = parts.yours.length > 1;
  const rows = parts.yours.map((grid, c) =>
    make("div", "cb-channel", {},
      block(several ? `weights, channel ${c}` : "weights", parts.weights[c], "cb-weights"),
      block(several ? `yours, channel ${c}` : "your output used", grid),
      block(several ? `wanted, channel ${c}` : "it should use", parts.wanted[c])),
  );
  const maps = parts.maps.map((map, f) => block(parts.maps.length > 1 ? `outputs, filter ${f}` : "outputs", map));
  const reading = [parts.note, make("p", "cb-legend", {}, legend(state))];
  stage.body.append(make("div", "cb-xrays", {}, ...rows), make("div", "cb-maps", {}, ...maps, ...(several ? reading : [])));
  stage.below.replaceChildren(...(several ? [] : reading));
  const columns = parts.yours[0].columns;
  fitCells(stage.body, {
    columns: Math.max(columns, parts.maps[0].columns), beside: 2 * columns, between: BETWEEN_PIXELS, enough: COMPARABLE_PIXELS,
    rows: parts.yours.length * parts.yours[0].rows,
  });
}

/**
 * How to read the letters and marks that stand in the grids.
 * @param {State} state
 */
function legend({ sizes }) {
  const [filters, channels] = sizes.weights;
  const parts = ["A letter in a pixel is the weight it was multiplied by", "a filled corner is where yours differs"];
  if (filters > 1) parts.push("a raised number names another filter");
  if (channels > 1) parts.push("a lowered number names another channel");
  return `${parts.join("; ")}.`;
}

/**
 * @param {string} caption
 * @param {NumberGrid} grid
 * @param {string} [classes]
 */
function block(caption, grid, classes = "") {
  return make("div", `cb-block ${classes}`, {}, make("div", "cb-caption", { "aria-hidden": "true" }, caption), grid.element);
}

/**
 * Thin lines from the pixels an output should use to the output.
 * @param {State} state
 * @param {Parts} parts
 * @param {Place} at
 */
export function links(state, parts, at) {
  const window = windowAt(state, at);
  if (!window || parts.wanted.length > 1) return []; // lines from several channels only cross each other
  const [row, column, height, width] = window;
  return parts.wanted.map((grid) => ({
    from: [grid.cell(row, column), grid.cell(row + height - 1, column + width - 1)],
    to: [parts.maps[at[0]].cell(at[1], at[2])],
  }));
}

/**
 * The window of a wanted output on the padded grid; null where none is wanted.
 * @param {State} state
 * @param {Place} at
 */
export function windowAt(state, at) {
  if (status(state, at) === "extra") return null;
  const { stride, weights } = state.sizes;
  return [at[1] * stride, at[2] * stride, weights[2], weights[3]];
}
