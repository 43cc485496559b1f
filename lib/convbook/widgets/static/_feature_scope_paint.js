// FeatureScope's pictures, with any pen: the maps and the bin, the answers, the chosen channel's kernels and patches.

import { paintChannel } from "./_channel_paint.js";
import { paintClasses } from "./_class_bars.js";
import { channelName, sum } from "./_feature_scope.js";
import { paintTiles } from "./_tiles_paint.js";
import { number } from "./_wording.js";

/** @typedef {{ pen: import("./_canvas.js").CanvasPen | import("./_pen.js").NotingPen, facts: import("./_feature_scope.js").Facts,
 *   dark: boolean, width: number, height: number }} Sheet */

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
export function paintChosen(sheet) {
  const { steps, layers, at: [layer, channel], weights, images, size, nine } = sheet.facts;
  const about = { layer: layers[layer], step: steps[layers[layer].conv], name: channelName(layers, [layer, channel]) };
  paintChannel(sheet, { ...about, channel, weights, images, size, nine });
}
