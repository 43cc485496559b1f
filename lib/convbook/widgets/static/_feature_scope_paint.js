// FeatureScope's pictures, with any pen: the maps and the bin, the answers, the chosen channel's kernels and patches.

import { paintClasses } from "./_class_bars.js";
import { inks, mapPixels, WINDOW } from "./_colour.js";
import { channelName, sum } from "./_feature_scope.js";
import { kernelsOf, patchOf } from "./_network.js";
import { edge, line, write } from "./_sketch.js";
import { holds, tilesOf } from "./_tiles.js";
import { number } from "./_wording.js";

/** @typedef {{ pen: import("./_canvas.js").CanvasPen | import("./_pen.js").NotingPen, facts: import("./_feature_scope.js").Facts,
 *   dark: boolean, width: number, height: number }} Sheet */

const CAPTION = 20;
const PADDING = [110, 110, 170];

/** The maps of every layer, and the bin. @param {Sheet} sheet @param {import("./_tiles.js").Dragged | null} [dragged] */
export function paintMaps(sheet, dragged = null) {
  const { pen, facts, dark, width, height } = sheet;
  const { layers, silenced, tried, at } = facts;
  const { side, tiles, captions, bin, inBin } = tilesOf(layers, silenced, width, height);
  const [look, mark] = [inks(dark), WINDOW[dark ? "dark" : "light"]];
  layers.forEach(({ name, channels, rows, columns }, layer) => write(pen, `${name}: ${channels} maps, ${rows} × ${columns}`, 1, captions[layer], look.quiet));
  for (const tile of tiles) {
    const { x, y, at: [layer, channel] } = tile;
    paintTile(sheet, tile, holds(silenced, tile.at));
    const change = tried[`${layer},${channel}`];
    const text = change === undefined ? String(channel) : `${change > 0 ? "+" : change ? "" : "±"}${number(change)}`;
    if (side > 20) write(pen, text, x + side / 2, y + side + 8, change === undefined ? look.quiet : look.ink, "center");
    if (holds([at], tile.at)) edge(pen, { x: x - 0.5, y: y - 0.5, width: side + 1, height: side + 1 }, mark, 3);
  }
  const over = dragged !== null && dragged.y > bin.y;
  edge(pen, bin, over ? mark : look.quiet, over ? 3 : 1.2, [5, 4]);
  write(pen, silenced.length ? "bin: drag a channel out to hear it again" : "bin: drag a channel here to silence it", 8, bin.y + 12, look.quiet);
  for (const tile of inBin) paintTile(sheet, tile, true);
  if (dragged) paintTile(sheet, { at: dragged.at, x: dragged.x - side / 2, y: dragged.y - side / 2, side }, holds(silenced, dragged.at));
}

/** A map, gray from black 0 to white, or signed where its layer goes below 0; a silenced one is crossed out.
 * @param {Sheet} sheet @param {import("./_tiles.js").Tile} tile @param {boolean} silent */
function paintTile({ pen, facts: { layers }, dark }, { at: [layer, channel], x, y, side }, silent) {
  const look = inks(dark);
  if (silent) {
    pen.fillStyle = look.grid;
    pen.fillRect(x, y, side, side);
    for (const [top, bottom] of [[y, y + side], [y + side, y]]) line(pen, [[x, top], [x + side, bottom]], look.quiet, 1.2);
    if (side > 12) write(pen, String(channel), x + side / 2, y + side / 2, look.ink, "center", look.grid);
  } else {
    const { maps, rows, columns, most, least } = layers[layer];
    const map = maps.subarray(channel * rows * columns, (channel + 1) * rows * columns);
    pen.pixels(mapPixels(map, most, least < 0), rows, columns, x, y, side, side);
  }
  edge(pen, { x, y, width: side, height: side }, look.quiet, 1);
}

/** @param {Sheet} sheet @param {number} [part] of the images that are counted */
export function paintAnswers(sheet, part = 0) {
  const { hits, intact, totals } = sheet.facts;
  const head = hits ? `right: ${sum(hits)} of ${sum(totals)}` : `counting … ${Math.round(100 * part)} %`;
  paintClasses(sheet, { ...sheet.facts, right: hits, before: intact, head });
}

/** The chosen channel: its kernels, and the nine patches that it answers to most. @param {Sheet} sheet */
export function paintChosen({ pen, facts, dark, width }) {
  const look = inks(dark);
  const narrow = width < 560;
  const layer = facts.layers[facts.at[0]];
  const step = facts.steps[layer.conv];
  const kernels = kernelsOf(step, facts.weights, facts.at[1]);
  const room = narrow ? width : 0.38 * width;
  const two = kernels.length * 30 > room; // rows of kernels
  const side = two ? Math.min(25, room / Math.ceil(kernels.length / 2) - 4) : Math.min(52, room / kernels.length - 5);
  const most = Math.max(1e-9, ...kernels.flatMap((kernel) => Array.from(kernel, Math.abs)));
  write(pen, `${channelName(facts.layers, facts.at)}: its ${kernels.length === 1 ? "kernel" : `${kernels.length} kernels`}`, 1, CAPTION / 2, look.quiet);
  kernels.forEach((values, n) => {
    const row = two ? n % 2 : 0;
    const [x, y] = [1 + (two ? Math.floor(n / 2) : n) * (side + (two ? 3 : 5)), CAPTION + row * (side + 3)];
    pen.pixels(mapPixels(values, most, true), step.side, step.wide, x, y, side, side);
    edge(pen, { x, y, width: side, height: side }, look.quiet, 1);
  });
  const [left, top] = narrow ? [1, CAPTION + 60] : [room + 16, 0];
  const patch = Math.min(52, (width - left) / 9 - 5);
  write(pen, `nine strongest patches, ${layer.side} × ${layer.wide} pixels${facts.nine ? "" : ": counting …"}`, left, top + CAPTION / 2, look.quiet);
  facts.nine?.forEach((place, n) => {
    const [x, y] = [left + n * (patch + 5), top + CAPTION];
    const colours = patchOf(layer, facts.images, facts.size, place).flatMap((value) => (value < 0 ? PADDING : [value, value, value]));
    pen.pixels(colours, layer.side, layer.wide, x, y, patch, patch);
    edge(pen, { x, y, width: patch, height: patch }, look.quiet, 1);
  });
}
