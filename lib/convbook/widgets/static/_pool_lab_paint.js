// PoolLab's picture, with any pen: the image under its windows, the outputs, the threads between them.

import { gray, inks, OKABE_ITO, rgb, signed, WINDOW } from "./_colour.js";
import { factsOf } from "./_pool_lab.js";
import { line, through, write } from "./_sketch.js";
import { number } from "./_wording.js";

/** @typedef {import("./_pool_lab.js").Facts} Facts */
/** @typedef {import("./_sketch.js").Pen} Pen */
/** @typedef {{ left: number, top: number, cell: number }} Grid */
/** @typedef {{ pen: Pen, facts: Facts, dark: boolean, look: ReturnType<typeof inks>, image: Grid, outputs: Grid }} Sheet */

const [CAPTION, IMAGE, OUTPUTS, APART, NARROW] = [22, 300, 250, 130, 600];
const GLOW = rgb(OKABE_ITO.orange);
const FAMILY = "system-ui, 'DejaVu Sans', sans-serif";

/** Where things are: side by side, or one below the other. @param {Facts} facts @param {number} width */
export function sceneOf({ height: rows, width: columns, down, across }, width) {
  const beside = width >= NARROW;
  const cell = Math.floor(Math.min(IMAGE, width - 12) / Math.max(rows, columns));
  const small = Math.min(cell, Math.floor(OUTPUTS / Math.max(down, across)));
  const apart = Math.min(APART, width - IMAGE - OUTPUTS);
  const left = (width - (beside ? IMAGE + apart + OUTPUTS : columns * cell)) / 2;
  const room = beside ? { left: left + IMAGE + apart, top: CAPTION + 6, high: IMAGE } : { left: (width - OUTPUTS) / 2, top: 2 * CAPTION + IMAGE + 34, high: OUTPUTS };
  return {
    image: { left, top: CAPTION + 6 + (beside ? (IMAGE - rows * cell) / 2 : 0), cell },
    outputs: { left: room.left + (OUTPUTS - across * small) / 2, top: room.top + (room.high - down * small) / 2, cell: small },
    captions: { image: [left, 8], outputs: [room.left + OUTPUTS / 2, beside ? 8 : room.top - 16] },
    height: beside ? CAPTION + IMAGE + 14 : room.top + OUTPUTS + 8,
  };
}

/** Which cell of a grid lies under a point; −1 for none. @param {Grid} grid @param {number} rows @param {number} columns @param {number} x @param {number} y */
export function cellUnder({ left, top, cell }, rows, columns, x, y) {
  const [row, column] = [Math.floor((y - top) / cell), Math.floor((x - left) / cell)];
  return row < 0 || column < 0 || row >= rows || column >= columns ? -1 : row * columns + column;
}

/** The whole picture; `pulled` is where the thread is that a hand pulls now. @param {Pen} pen @param {import("./_pool_lab.js").State} state @param {boolean} dark
 * @param {number} width @param {number[] | null} [pulled] */
export function paint(pen, state, dark, width, pulled = null) {
  const facts = factsOf(state);
  const { image, outputs, captions } = sceneOf(facts, width);
  const sheet = { pen, facts, dark, look: inks(dark), image, outputs };
  write(pen, "image: drag it under the windows", captions.image[0], captions.image[1], sheet.look.quiet);
  write(pen, "outputs: pull a thread back", captions.outputs[0], captions.outputs[1], sheet.look.quiet, "center");
  paintImage(sheet);
  paintOutputs(sheet);
  for (const n of facts.open) for (const pixel of facts.routes(n)) thread(sheet, n, middle(image, pixel, facts.width, 0.3), n === facts.at);
  if (pulled) thread(sheet, facts.at, pulled, true);
  const most = (/** @type {number[]} */ all) => Math.max(1, ...all.map(Math.abs));
  for (const n of facts.open) chip(sheet, outputs, n, facts.across, facts.gradients[n], most(facts.gradients));
  for (const pixel of new Set([...facts.open].flatMap(facts.routes))) chip(sheet, image, pixel, facts.width, facts.dX[pixel], most(facts.dX));
}

/** @param {Sheet} sheet */
function paintImage(sheet) {
  const { pen, facts, dark, look, image } = sheet;
  const { pixels, width, k, stride, across, now, at, open, ties, largest } = facts;
  const [low, high] = [Math.min(...pixels), Math.max(...pixels, 1)];
  pixels.forEach((value, n) => square(sheet, image, n, width, gray(value, low, high), value));
  const frame = (/** @type {number} */ n, /** @type {number} */ thick) => {
    const [x, y, side] = [image.left + (n % across) * stride * image.cell, image.top + Math.floor(n / across) * stride * image.cell, k * image.cell];
    for (const [colour, more] of /** @type {[string, number][]} */ ([[look.paper, 2], [WINDOW[dark ? "dark" : "light"], 0]])) {
      line(pen, [[x + 1, y + 1], [x + side - 1, y + 1], [x + side - 1, y + side - 1], [x + 1, y + side - 1], [x + 1, y + 1]], colour, thick + more);
    }
  };
  if (stride >= k) now.forEach((_, n) => frame(n, 1.4)); // windows that overlap would hide each other
  frame(at, 3.4);
  if (!largest || ties(at).length < 2) return;
  for (const pixel of ties(at)) { // equal pixels have a ring
    const [x, y] = middle(image, pixel, width);
    pen.strokeStyle = gray(pixels[pixel], low, high).ink;
    pen.lineWidth = open.has(at) ? 2 : 1.4;
    pen.beginPath();
    pen.arc(x, y, image.cell * 0.34, 0, 2 * Math.PI);
    pen.stroke();
  }
}

/** @param {Sheet} sheet */
function paintOutputs(sheet) {
  const { pen, facts, dark, outputs } = sheet;
  const { before, now, stayed, inked, moved, across, at } = facts;
  const [low, high] = [Math.min(0, ...now, ...before), Math.max(1, ...now, ...before)];
  const shrunk = 4; // each output stands alone, so that its glow is seen
  for (const n of now.keys()) {
    const [x, y] = [outputs.left + (n % across) * outputs.cell, outputs.top + Math.floor(n / across) * outputs.cell];
    const fill = gray(now[n], low, high);
    if (stayed[n]) {
      for (const [out, alpha] of [[4, 0.35], [2, 0.6], [-1, 1]]) {
        pen.globalAlpha = alpha;
        pen.fillStyle = GLOW;
        pen.fillRect(x + shrunk - out, y + shrunk - out, outputs.cell - 2 * shrunk + 2 * out, outputs.cell - 2 * shrunk + 2 * out);
      }
      pen.globalAlpha = 1;
    }
    square(sheet, outputs, n, across, fill, now[n], shrunk + (stayed[n] ? 2 : 0));
    if (stayed[n] || (moved && inked[n] && outputs.cell >= 40)) {
      const text = stayed[n] ? "✓" : `was ${number(before[n], 1)}`;
      Object.assign(pen, { font: `${Math.min(10, (1.7 * (outputs.cell - 14)) / text.length)}px ${FAMILY}`, fillStyle: fill.ink, textAlign: "left" });
      pen.fillText(text, x + 7, y + 11);
    }
    if (n === at) line(pen, [[x + 1, y + 1], [x + outputs.cell - 1, y + 1], [x + outputs.cell - 1, y + outputs.cell - 1], [x + 1, y + outputs.cell - 1], [x + 1, y + 1]], WINDOW[dark ? "dark" : "light"], 2.5);
  }
}

/** A filled box with a text. @param {Pen} pen @param {number[]} box left, top, width, height @param {import("./_colour.js").Fill} fill
 * @param {string} edge @param {string} text @param {string} font */
function boxed(pen, [x, y, wide, high], fill, edge, text, font) {
  Object.assign(pen, { fillStyle: fill.background, strokeStyle: edge, lineWidth: 1, font: `${font} ${FAMILY}`, textAlign: "center", textBaseline: "middle" });
  pen.fillRect(x, y, wide, high);
  pen.strokeRect(x, y, wide, high);
  pen.fillStyle = fill.ink;
  pen.fillText(text, x + wide / 2, y + high / 2);
}

/** A cell with its number. @param {Sheet} sheet @param {Grid} grid @param {number} n @param {number} columns
 * @param {import("./_colour.js").Fill} fill @param {number} value @param {number} [inset] */
function square({ pen, look }, { left, top, cell }, n, columns, fill, value, inset = 0) {
  const [text, side] = [number(value, 2), cell - 2 * inset];
  boxed(pen, [left + (n % columns) * cell + inset, top + Math.floor(n / columns) * cell + inset, side, side], fill, look.line, text, `${Math.min(16, (1.35 * side) / Math.max(2, text.length))}px`);
}

/** A gradient on a chip at the lower right of a cell. @param {Sheet} sheet @param {Grid} grid @param {number} n
 * @param {number} columns @param {number} value @param {number} most */
function chip({ pen, dark }, { left, top, cell }, n, columns, value, most) {
  const [text, fill] = [number(value, 2), signed(value, most, dark)];
  const [wide, high] = [Math.min(cell - 2, 9 + 6.4 * text.length), Math.min(17, cell * 0.45)];
  boxed(pen, [left + ((n % columns) + 1) * cell - wide - 1, top + (Math.floor(n / columns) + 1) * cell - high - 1, wide, high], fill, fill.ink, text, `bold ${Math.min(11, (1.5 * wide) / Math.max(2, text.length))}px`);
}

/** A thread that hangs from an output to a point. @param {Sheet} sheet @param {number} n @param {number[]} end @param {boolean} chosen */
function thread({ pen, facts, dark, look, outputs }, n, end, chosen) {
  const [x, y] = middle(outputs, n, facts.across, -0.42, 0.2);
  const sag = 0.12 * Math.hypot(end[0] - x, end[1] - y);
  const points = Array.from({ length: 17 }, (_, i) => i / 16).map((t) => [x + t * (end[0] - x), y + t * (end[1] - y) + 4 * sag * t * (1 - t)]);
  const colour = chosen ? WINDOW[dark ? "dark" : "light"] : dark ? "#8d8d8d" : "#7a7a7a";
  for (const [ink, wide] of /** @type {[string, number][]} */ ([[look.paper, chosen ? 5 : 3.4], [colour, chosen ? 2.4 : 1.4]])) {
    pen.strokeStyle = ink;
    pen.lineWidth = wide;
    through(pen, points);
    pen.stroke();
  }
  pen.fillStyle = colour;
  pen.beginPath();
  pen.arc(end[0], end[1], chosen ? 4.5 : 3, 0, 2 * Math.PI);
  pen.fill();
}

/** The middle of a cell, or a point beside it, in parts of a cell. @param {Grid} grid @param {number} n @param {number} columns */
function middle({ left, top, cell }, n, columns, across = 0, down = across) {
  return [left + ((n % columns) + 0.5 + across) * cell, top + (Math.floor(n / columns) + 0.5 + down) * cell];
}
