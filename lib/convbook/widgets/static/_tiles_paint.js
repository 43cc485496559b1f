// Tiles of maps and the bin, with any pen.

import { inks, mapPixels, WINDOW } from "./_colour.js";
import { edge, line, write } from "./_sketch.js";
import { holds, tilesOf } from "./_tiles.js";

/** @typedef {{ name: string, channels: number, rows: number, columns: number, maps: Float64Array, most: number, least: number }} Maps
 *   of one layer, one channel after the other; the values of white or full colour, and below 0 where there are such */
/** @typedef {{ pen: import("./_canvas.js").CanvasPen | import("./_pen.js").NotingPen, dark: boolean, width: number, height: number }} Sheet */

/**
 * Draw the tiles with a note below each (its number where there is none), the chosen one framed, and the bin.
 * @param {Sheet} sheet
 * @param {{ layers: Maps[], binned: number[][], chosen: number[], note: (at: number[]) => string, about: string }} what
 * @param {import("./_tiles.js").Dragged | null} dragged
 */
export function paintTiles(sheet, { layers, binned, chosen, note, about }, dragged) {
  const { pen, dark, width, height } = sheet;
  const { side, tiles, captions, bin, inBin } = tilesOf(layers, binned, width, height);
  const [look, mark] = [inks(dark), WINDOW[dark ? "dark" : "light"]];
  layers.forEach(({ name, channels, rows, columns }, layer) => write(pen, `${name}: ${channels} maps, ${rows} × ${columns}`, 1, captions[layer], look.quiet));
  for (const tile of tiles) {
    const { x, y, at } = tile;
    if (holds(binned, at)) crossed(sheet, tile, [String(at[1])]);
    else paintTile(sheet, layers, tile);
    if (side > 20) write(pen, note(at) || String(at[1]), x + side / 2, y + side + 9, note(at) ? look.ink : look.quiet, "center");
    if (holds([chosen], at)) edge(pen, { x: x - 0.5, y: y - 0.5, width: side + 1, height: side + 1 }, mark, 3);
  }
  const over = dragged !== null && dragged.y > bin.y;
  edge(pen, bin, over ? mark : look.quiet, over ? 3 : 1.2, [5, 4]);
  write(pen, about, 8, bin.y + 12, look.quiet);
  for (const tile of inBin) {
    const [layer, channel] = tile.at;
    const { name } = layers[layer];
    crossed(sheet, tile, [name.length > 3 ? String(layer) : name, String(channel)]);
  }
  if (!dragged) return;
  const tile = { at: dragged.at, x: dragged.x - side / 2, y: dragged.y - side / 2, side };
  if (holds(binned, tile.at)) crossed(sheet, tile, [String(tile.at[1])]);
  else paintTile(sheet, layers, tile);
}

/** A map, gray from black 0 to white, or signed where its layer goes below 0.
 * @param {Sheet} sheet @param {Maps[]} layers @param {import("./_tiles.js").Tile} tile */
function paintTile({ pen, dark }, layers, { at: [layer, channel], x, y, side }) {
  const { maps, rows, columns, most, least } = layers[layer];
  const map = maps.subarray(channel * rows * columns, (channel + 1) * rows * columns);
  pen.pixels(mapPixels(map, most, least < 0), rows, columns, x, y, side, side);
  edge(pen, { x, y, width: side, height: side }, inks(dark).quiet, 1);
}

/** One that is in the bin, crossed out, with its name. @param {Sheet} sheet @param {import("./_tiles.js").Tile} tile @param {string[]} lines */
function crossed({ pen, dark }, { x, y, side }, lines) {
  const look = inks(dark);
  pen.fillStyle = look.grid;
  pen.fillRect(x, y, side, side);
  for (const [top, bottom] of [[y, y + side], [y + side, y]]) line(pen, [[x, top], [x + side, bottom]], look.quiet, 1.2);
  const step = 13;
  if (side > step * lines.length) lines.forEach((text, n) => write(pen, text, x + side / 2, y + side / 2 + (n - (lines.length - 1) / 2) * step, look.ink, "center", look.grid));
  edge(pen, { x, y, width: side, height: side }, look.quiet, 1);
}
