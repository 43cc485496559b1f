// FeatureScope's pictures, with any pen: the maps and the bin, the answers, the chosen channel's kernels and patches.

import { inks, OKABE_ITO, rgb, signedPixels, WINDOW, WRONG } from "./_colour.js";
import { channelName, isSilenced, kernelsOf, patchOf, same } from "./_feature_scope.js";
import { line, write } from "./_sketch.js";
import { number } from "./_wording.js";

/** @typedef {import("./_feature_scope.js").Facts} Facts */
/** @typedef {import("./_canvas.js").CanvasPen | import("./_pen.js").NotingPen} Pen */
/** @typedef {{ pen: Pen, facts: Facts, dark: boolean, width: number, height: number }} Sheet */
/** @typedef {{ at: number[], x: number, y: number, side: number }} Tile */

const [GAP, CAPTION, BELOW, BIN] = [5, 20, 14, 62];

/** Where everything is on the sheet of maps. @param {{ channels: number }[]} layers @param {number[][]} silenced @param {number} width @param {number} height */
export function tilesOf(layers, silenced, width, height) {
  const columns = (/** @type {number} */ side) => Math.max(1, Math.floor((width + GAP) / (side + GAP)));
  const high = (/** @type {number} */ side) =>
    layers.reduce((all, { channels }) => all + CAPTION + Math.ceil(channels / columns(side)) * (side + BELOW), 0);
  let side = 72;
  while (side > 14 && high(side) > height - BIN - GAP) side -= 1;
  /** @type {Tile[]} */
  const tiles = [];
  /** @type {number[]} */
  const captions = [];
  let y = 0;
  layers.forEach(({ channels }, layer) => {
    captions.push(y + CAPTION / 2);
    for (let channel = 0; channel < channels; channel++) {
      const [row, column] = [Math.floor(channel / columns(side)), channel % columns(side)];
      tiles.push({ at: [layer, channel], x: column * (side + GAP), y: y + CAPTION + row * (side + BELOW), side });
    }
    y += CAPTION + Math.ceil(channels / columns(side)) * (side + BELOW);
  });
  const bin = { x: 1, y: height - BIN, width: width - 2, height: BIN - 1 };
  const small = Math.max(8, Math.min(32, (width - 16) / Math.max(1, silenced.length) - 4));
  const inBin = silenced.map((at, n) => ({ at, x: 8 + n * (small + 4), y: bin.y + 24, side: small }));
  return { tiles, captions, bin, inBin };
}

/** A map's colours: gray from black 0 to white, or signed where the layer goes below 0; one scale for all of its maps.
 * @param {Facts} facts @param {number[]} at */
function coloursOf({ layers }, [layer, channel]) {
  const { maps, rows, columns } = layers[layer];
  let [most, least] = [1e-9, 0];
  for (const value of maps) {
    most = Math.max(most, Math.abs(value));
    least = Math.min(least, value);
  }
  const part = maps.subarray(channel * rows * columns, (channel + 1) * rows * columns);
  return { rows, columns, colours: colours(part, most, least < 0) };
}

/** @param {ArrayLike<number>} values @param {number} most @param {boolean} signed */
function colours(values, most, signed) {
  const all = [];
  for (let i = 0; i < values.length; i++) {
    const gray = (255 * values[i]) / most;
    all.push(...(signed ? signedPixels(values[i] / most) : [gray, gray, gray]));
  }
  return all;
}

/** The maps of every layer, and the bin. @param {Sheet} sheet @param {{ at: number[], x: number, y: number } | null} dragged with the middle of its tile */
export function paintMaps(sheet, dragged = null) {
  const { pen, facts, dark, width, height } = sheet;
  const { layers, silenced, tried, at } = facts;
  const { tiles, captions, bin, inBin } = tilesOf(layers, silenced, width, height);
  const [look, window_] = [inks(dark), WINDOW[dark ? "dark" : "light"]];
  layers.forEach(({ name, channels, rows, columns }, layer) => write(pen, `${name}: ${channels} maps, ${rows} × ${columns}`, 0, captions[layer], look.quiet));
  for (const tile of tiles) {
    paintTile(sheet, tile, isSilenced(silenced, tile.at));
    const change = tried[tile.at.join(",")];
    if (change !== undefined && tile.side > 22) write(pen, change > 0 ? `+${change}` : number(change), tile.x + tile.side / 2, tile.y + tile.side + 7, look.ink, "center");
    if (!same(tile.at, at)) continue;
    pen.strokeStyle = window_;
    pen.lineWidth = 3;
    pen.strokeRect(tile.x - 0.5, tile.y - 0.5, tile.side + 1, tile.side + 1);
  }
  const { x, y } = dragged ?? { x: -1, y: -1 };
  const over = y > bin.y;
  pen.strokeStyle = over ? window_ : look.quiet;
  pen.lineWidth = over ? 3 : 1.2;
  pen.setLineDash([5, 4]);
  pen.strokeRect(bin.x, bin.y, bin.width, bin.height);
  pen.setLineDash([]);
  write(pen, silenced.length ? "bin: drag a channel out, and it is heard again" : "bin: drag a channel here to silence it", 8, bin.y + 12, look.quiet);
  for (const tile of inBin) paintTile(sheet, tile, true);
  if (dragged) {
    const side = tiles[0].side;
    pen.globalAlpha = 0.8;
    paintTile(sheet, { at: dragged.at, x: x - side / 2, y: y - side / 2, side }, isSilenced(silenced, dragged.at));
    pen.globalAlpha = 1;
  }
}

/** @param {Sheet} sheet @param {Tile} tile @param {boolean} silent */
function paintTile({ pen, facts, dark }, { at, x, y, side }, silent) {
  const look = inks(dark);
  if (silent) {
    pen.fillStyle = look.grid;
    pen.fillRect(x, y, side, side);
    for (const [top, bottom] of [[y, y + side], [y + side, y]]) line(pen, [[x, top], [x + side, bottom]], look.quiet, 1.2);
    if (side > 12) write(pen, String(at[1]), x + side / 2, y + side / 2, look.ink, "center", look.grid);
  } else {
    const { rows, columns, colours } = coloursOf(facts, at);
    pen.pixels(colours, rows, columns, x, y, side, side);
  }
  pen.strokeStyle = look.quiet;
  pen.lineWidth = 1;
  pen.strokeRect(x, y, side, side);
}

/** Logits of the drawing on the left, images that are right on the right, class by class. @param {Sheet} sheet @param {number} part of the images that are counted */
export function paintAnswers({ pen, facts, dark, width, height }, part = 1) {
  const { classes, logits, first, hits, intact, totals } = facts;
  const look = inks(dark);
  const step = (height - CAPTION) / classes.length;
  const names = Math.min(0.34 * width, 10 + Math.max(...classes.map((name) => 6.6 * name.length)));
  const half = (width - names) * 0.42;
  const most = Math.max(1e-9, ...Array.from(logits, Math.abs));
  const zero = names + half * (Math.min(...logits) < 0 ? 0.5 : 0);
  const wide = names + half - zero - 3;
  const start = names + half + 12;
  const room = width - start - 44;
  write(pen, "this image: logits", names, CAPTION / 2, look.quiet);
  write(pen, hits ? "stored images right" : `counting … ${Math.round(100 * part)} %`, start, CAPTION / 2, look.quiet);
  classes.forEach((name, one) => {
    const [y, high] = [CAPTION + (one + 0.5) * step, Math.min(14, 0.62 * step)];
    const chosen = one === first;
    write(pen, `${chosen ? "▸ " : ""}${name}`, 0, y, look.ink);
    const length = (wide * logits[one]) / most;
    pen.fillStyle = chosen ? WINDOW[dark ? "dark" : "light"] : look.quiet;
    pen.fillRect(zero + Math.min(0, length), y - high / 2, Math.max(1, Math.abs(length)), high);
    const bar = (/** @type {number} */ many) => (room * many) / Math.max(1, ...totals);
    const now = hits?.[one];
    if (now !== undefined) {
      pen.fillStyle = rgb(OKABE_ITO.sky);
      pen.fillRect(start, y - high / 2, bar(now), high);
      const fewer = now < intact[one];
      write(pen, `${now}${now === intact[one] ? "" : fewer ? " ↓" : " ↑"}`, width, y, fewer ? WRONG[dark ? "dark" : "light"] : look.ink, "right");
    }
    pen.strokeStyle = look.ink;
    pen.lineWidth = 1;
    pen.strokeRect(start, y - high / 2, bar(intact[one]), high);
  });
  line(pen, [[zero, CAPTION], [zero, height]], look.line, 1);
}

/** The chosen channel: its kernels, and the nine patches that it answers to most. @param {Sheet} sheet */
export function paintChosen({ pen, facts, dark, width }) {
  const look = inks(dark);
  const narrow = width < 560;
  const kernels = kernelsOf(facts);
  const room = narrow ? width : 0.36 * width;
  write(pen, `${channelName(facts.layers, facts.at)}: ${kernels.length === 1 ? "its kernel" : `${kernels.length} kernels`}`, 0, CAPTION / 2, look.quiet);
  const across = Math.ceil(kernels.length / (kernels.length * 58 > room ? 2 : 1));
  const side = Math.min(52, room / across - 6, kernels.length > across ? 24 : 52);
  const most = Math.max(1e-9, ...kernels.flatMap(({ values }) => Array.from(values, Math.abs)));
  kernels.forEach(({ rows, columns, values }, n) => {
    const [x, y] = [(n % across) * (side + 5), CAPTION + Math.floor(n / across) * (side + 4)];
    framed(pen, colours(values, most, true), rows, columns, x, y, side, look.quiet);
  });
  const [left, top] = narrow ? [0, CAPTION + 62] : [room + 16, 0];
  const patch = Math.min(52, (width - left) / 9 - 6);
  const { side: high, wide } = facts.layers[facts.at[0]];
  const counted = facts.nine ? `the nine strongest patches, ${high} × ${wide} pixels` : "the nine strongest patches: counting …";
  write(pen, counted, left, top + CAPTION / 2, look.quiet);
  facts.nine?.forEach((place, n) => {
    const { rows, columns, values } = patchOf(facts, place);
    const padding = dark ? [70, 70, 90] : [215, 215, 235];
    const grays = values.flatMap((value) => (value < 0 ? padding : [value, value, value]));
    framed(pen, grays, rows, columns, left + n * (patch + 5), top + CAPTION, patch, look.quiet);
  });
}

/** @param {Pen} pen @param {number[]} colours @param {number} rows @param {number} columns @param {number} x @param {number} y @param {number} side @param {string} edge */
function framed(pen, colours, rows, columns, x, y, side, edge) {
  pen.pixels(colours, rows, columns, x, y, side, side);
  pen.strokeStyle = edge;
  pen.lineWidth = 1;
  pen.strokeRect(x, y, side, side);
}
