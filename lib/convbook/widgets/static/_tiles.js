// Maps of several layers as tiles on one canvas: one is chosen; any can be dragged to a bin below, and out again.

import { followPointer } from "./_canvas.js";

/** @typedef {{ at: number[], x: number, y: number, side: number }} Tile `at`: layer, channel */
/** @typedef {{ at: number[], x: number, y: number }} Dragged with the middle of its tile */

const [GAP, CAPTION, BELOW, BIN] = [5, 20, 15, 58];
const NO_DRAG = 6; // pixels a hand may shake while it presses

/** @param {number[][]} among @param {number[]} at */
export function holds(among, at) {
  return among.some(([layer, channel]) => layer === at[0] && channel === at[1]);
}

/** The channels in the bin with one more, or one less; always in order. @param {number[][]} binned @param {number[]} at */
export function toggled(binned, at) {
  if (holds(binned, at)) return binned.filter((one) => !holds([at], one));
  return [...binned, [...at]].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
}

/**
 * Where everything is: the captions of the layers, the tiles as large as they can be, the bin and what is in it.
 * @param {{ channels: number }[]} layers
 * @param {number[][]} binned
 * @param {number} width
 * @param {number} height
 */
export function tilesOf(layers, binned, width, height) {
  const columns = (/** @type {number} */ side) => Math.max(1, Math.floor((width - 4 + GAP) / (side + GAP)));
  const high = (/** @type {number} */ side, /** @type {number} */ channels) => CAPTION + Math.ceil(channels / columns(side)) * (side + BELOW);
  let side = 72;
  while (side > 12 && layers.reduce((all, { channels }) => all + high(side, channels), 0) > height - BIN - GAP) side -= 1;
  /** @type {Tile[]} */
  const tiles = [];
  /** @type {number[]} */
  const captions = [];
  let y = 0;
  layers.forEach(({ channels }, layer) => {
    captions.push(y + CAPTION / 2);
    for (let channel = 0; channel < channels; channel++) {
      const [row, column] = [Math.floor(channel / columns(side)), channel % columns(side)];
      tiles.push({ at: [layer, channel], x: 2 + column * (side + GAP), y: y + CAPTION + row * (side + BELOW), side });
    }
    y += high(side, channels);
  });
  const bin = { x: 1, y: height - BIN, width: width - 2, height: BIN - 1 };
  const small = Math.max(8, Math.min(28, (width - 16) / Math.max(1, binned.length) - 4));
  return { side, tiles, captions, bin, inBin: binned.map((at, n) => ({ at, x: 8 + n * (small + 4), y: bin.y + 24, side: small })) };
}

/**
 * Let tiles be chosen and dragged by mouse and finger, and by keys: arrows choose; Delete, Backspace and space move to the bin or back.
 * @param {HTMLCanvasElement} canvas
 * @param {{ layers: { channels: number }[], binned: () => number[][], chosen: () => number[], choose: (at: number[]) => void,
 *   toggle: (at: number[]) => void, redraw: () => void }} how `toggle`: into the bin, or out of it
 */
export function letDrag(canvas, { layers, binned, chosen, choose, toggle, redraw }) {
  /** @type {(Dragged & { from: number[], moved: boolean }) | null} */
  let held = null;
  const places = () => tilesOf(layers, binned(), canvas.clientWidth, canvas.clientHeight);
  followPointer(canvas, (x, y, begins) => {
    const { tiles, inBin } = places();
    const tile = begins && [...inBin, ...tiles].find((one) => x >= one.x && y >= one.y && x <= one.x + one.side && y <= one.y + one.side);
    if (begins) held = tile ? { at: tile.at, x, y, from: [x, y], moved: false } : null;
    else if (held) held = { ...held, x, y, moved: held.moved || Math.hypot(x - held.from[0], y - held.from[1]) > NO_DRAG };
    redraw();
  });
  canvas.addEventListener("pointerup", () => {
    const one = held;
    held = null;
    if (!one) return;
    if (one.moved && one.y > places().bin.y !== holds(binned(), one.at)) toggle(one.at);
    choose(one.at);
    redraw();
  });
  canvas.addEventListener("pointercancel", () => {
    held = null;
    redraw();
  });
  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const [layer, channel] = chosen();
    const [up, over] = /** @type {Record<string, number[]>} */ ({ ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] })[event.key] ?? [0, 0];
    const moves = ["Delete", "Backspace", " "].includes(event.key);
    if (!up && !over && !moves) return;
    event.preventDefault();
    if (moves) return toggle([layer, channel]);
    const to = Math.min(layers.length - 1, Math.max(0, layer + up));
    choose([to, Math.min(layers[to].channels - 1, Math.max(0, channel + over))]);
  });
  return { /** @returns {Dragged | null} */ dragged: () => (held?.moved ? held : null) };
}
