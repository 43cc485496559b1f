// FeatureScope's pictures, with any pen: the maps and the bin, the answers, the chosen channel's kernels and patches.

import { paintClasses } from "./_class_bars.js";
import { inks, mapPixels } from "./_colour.js";
import { channelName, sum } from "./_feature_scope.js";
import { kernelsOf, patchOf } from "./_network.js";
import { edge, write } from "./_sketch.js";
import { paintTiles } from "./_tiles_paint.js";
import { number } from "./_wording.js";

/** @typedef {{ pen: import("./_canvas.js").CanvasPen | import("./_pen.js").NotingPen, facts: import("./_feature_scope.js").Facts,
 *   dark: boolean, width: number, height: number }} Sheet */

const CAPTION = 20;
const PADDING = [110, 110, 170];

/** The maps of every layer, and the bin. @param {Sheet} sheet @param {import("./_tiles.js").Dragged | null} [dragged] */
export function paintMaps(sheet, dragged = null) {
  const { layers, silenced, tried, at } = sheet.facts;
  const note = (/** @type {number[]} */ one) => {
    const change = tried[one.join(",")];
    return change === undefined ? "" : `${change > 0 ? "+" : change ? "" : "±"}${number(change)}`;
  };
  const about = silenced.length ? "bin: drag a channel out to hear it again" : "bin: drag a channel here to silence it";
  paintTiles(sheet, { layers, binned: silenced, chosen: at, note, about }, dragged);
}

/** @param {Sheet} sheet @param {number | null} [part] of the images that are counted; null where nothing counts */
export function paintAnswers(sheet, part = null) {
  const { hits, intact, totals } = sheet.facts;
  const head = hits ? `right: ${sum(hits)} of ${sum(totals)}` : part === null ? "not counted yet" : `counting … ${Math.round(100 * part)} %`;
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
  write(pen, `nine strongest patches, ${layer.side} × ${layer.wide} pixels${facts.nine ? "" : ": not known yet"}`, left, top + CAPTION / 2, look.quiet);
  facts.nine?.forEach((place, n) => {
    const [x, y] = [left + n * (patch + 5), top + CAPTION];
    const colours = patchOf(layer, facts.images, facts.size, place).flatMap((value) => (value < 0 ? PADDING : [value, value, value]));
    pen.pixels(colours, layer.side, layer.wide, x, y, patch, patch);
    edge(pen, { x, y, width: patch, height: patch }, look.quiet, 1);
  });
}
