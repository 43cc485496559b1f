// ConvXray's parts and where they stand: for each channel weights, yours and wanted; a map for each filter.

import { captioned } from "./_board.js";
import { fitCells } from "./_fit.js";
import { numberGrid } from "./_grid.js";
import { make } from "./_stage.js";
import { tabRow } from "./_tabs.js";
import { status } from "./_xray.js";

/** @typedef {import("./_xray.js").State} State */
/** @typedef {import("./_xray.js").Place} Place */
/** @typedef {import("./_stage.js").Stage} Stage */
/** @typedef {import("./_grid.js").NumberGrid} NumberGrid */
/** @typedef {{ pixel?: number, weight?: number }} Pointed what the pointer or the focus is on */
/** @typedef {{ yours: NumberGrid[], wanted: NumberGrid[], weights: NumberGrid[], maps: NumberGrid[],
 *   note: HTMLElement }} Parts */

const BETWEEN_PIXELS = 15; // yours and wanted: one gap
const MANY_ROWS = 12; // of pixels: channels that hold more than these stand in tabs
const TAB_ROWS = 3; // what tabs take of the height, in rows of cells
const COMPARABLE_PIXELS = 24; // as long as cells keep that, yours and wanted stand side by side

/**
 * @typedef {object} Acts a click, a tap or a key holds; a pointer that passes only shows
 * @property {(at: number[]) => void} go hold an output
 * @property {{ show: (at: Place) => void, leave: () => void }} output
 * @property {{ show: (to: Pointed) => void, hold: (to: Pointed | null) => void, leave: () => void }} met a pixel or a weight
 * @property {() => Place} where
 */

/**
 * Build every part for one X-ray.
 * @param {State} state
 * @param {Place} shape
 * @param {Acts} acts
 * @returns {Parts}
 */
export function buildParts(state, shape, { go, output, met, where }) {
  const { image, weights, padding } = state.sizes;
  const channels = [...Array(image[0]).keys()];
  /** @param {string} label @param {number} c @param {number} rows @param {number} columns
   * @param {(row: number, column: number) => Pointed} at */
  const grid = (label, c, rows, columns, at) => numberGrid({
    label: image[0] > 1 ? `${label}, channel ${c}` : label, rows, columns, classes: label === "weights" ? "" : "cb-image",
    onHover: (row, column) => met.show(at(row, column)),
    onPick: (row, column) => met.hold(at(row, column)),
    onLeave: met.leave,
    onKey(key) {
      if (key === "Escape") met.hold(null);
      return key === "Escape";
    },
  });
  const [rows, columns] = [image[1] + 2 * padding, image[2] + 2 * padding];
  const pixels = (/** @type {string} */ label) => channels.map((c) =>
    grid(label, c, rows, columns, (row, column) => ({ pixel: pixelAt(state, c, row, column) })));
  return {
    yours: pixels("pixels your output used"),
    wanted: pixels("pixels it should use"),
    weights: channels.map((c) => grid("weights", c, weights[2], weights[3], (i, j) =>
      ({ weight: ((where()[0] * image[0] + c) * weights[2] + i) * weights[3] + j }))),
    maps: Array.from({ length: shape[0] }, (_, f) => numberGrid({
      label: shape[0] > 1 ? `outputs of filter ${f}, checked` : "outputs, checked",
      rows: shape[1], columns: shape[2], classes: "cb-output",
      onPick: (row, column) => go([f, row, column]),
      onHover: (row, column) => output.show([f, row, column]),
      onLeave: output.leave,
    })),
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
 * Lay the parts out: a row for each channel, or a tab for each channel and filter where rows would be too high; then the maps.
 * @param {Stage} stage
 * @param {State} state
 * @param {Parts} parts
 * @param {{ see: (channel: number) => void, filter: (f: number) => void }} acts
 */
export function layOut(stage, state, parts, acts) {
  const [first] = parts.yours;
  const many = parts.yours.length;
  const tabbed = many > 1 && many * first.rows > MANY_ROWS;
  const named = (/** @type {string} */ one, /** @type {string} */ several, /** @type {number} */ c) =>
    many === 1 || tabbed ? one : `${several}, channel ${c}`;
  const rows = parts.yours.map((grid, c) => make("div", "cb-channel", {},
    captioned(named("weights", "weights", c), parts.weights[c].element, "cb-weights"),
    captioned(named("your output used", "yours", c), grid.element),
    captioned(named("it should use", "wanted", c), parts.wanted[c].element)));
  const tabs = tabbed ? tabRow({ name: "channel", labels: rows.map((_, c) => `channel ${c}`), panels: rows, choose: acts.see }) : null;
  const maps = parts.maps.map((map, f) => captioned(parts.maps.length > 1 ? `outputs, filter ${f}` : "outputs", map.element));
  const filterTabs = tabbed && maps.length > 1
    ? tabRow({ name: "filter", labels: maps.map((_, f) => `filter ${f}`), panels: maps, choose: acts.filter }) : null;
  const reading = [parts.note, make("p", "cb-legend", {}, legend(state))];
  const beside = many > 1 && !tabbed;
  stage.body.append(make("div", `cb-xrays ${tabbed ? "cb-tabbed" : ""}`, {}, ...(tabs ? [tabs.element] : []), ...rows),
    make("div", "cb-maps", {}, ...(filterTabs ? [filterTabs.element] : []), ...maps, ...(beside ? reading : [])));
  stage.below.replaceChildren(...(beside ? [] : reading));
  fitCells(stage.body, {
    columns: Math.max(first.columns, parts.maps[0].columns), beside: 2 * first.columns, between: BETWEEN_PIXELS, enough: COMPARABLE_PIXELS,
    rows: tabbed ? first.rows + TAB_ROWS : many * first.rows,
  });
  return {
    /** @param {number} channel @param {number} filter */
    refresh(channel, filter) {
      tabs?.refresh(channel);
      filterTabs?.refresh(filter);
    },
  };
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
