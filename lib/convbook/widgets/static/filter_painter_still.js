// FilterPainter where nothing can move: the picture, the kernel, and the picture under it.

import { bytesOf } from "./_bytes.js";
import { inks, signed, WINDOW } from "./_colour.js";
import { coloursOf, filtered, swings, words } from "./_paint.js";
import { NotingPen } from "./_pen.js";
import { boardStill, withSentence } from "./_still.js";
import { number } from "./_wording.js";

const SCALE = 2;
const MARGIN = 12;
const CAPTION = 22;

/**
 * @param {import("./_paint.js").State} state
 * @param {boolean} dark
 */
function still(state, dark) {
  const bytes = bytesOf(state.pixels);
  const [rows, columns] = state.size;
  const [high, wide] = [rows * SCALE, columns * SCALE];
  const side = state.kernel.length;
  const most = Math.max(...state.kernel.flat().map(Math.abs));
  const board = boardStill([[{ caption: "kernel", rows: side, columns: side,
    look: (row, column) => ({ text: number(state.kernel[row][column], 2), label: "", fill: signed(state.kernel[row][column], most, dark) }) }]], "", dark);
  const pen = new NotingPen();
  const kernel = new NotingPen();
  kernel.marks = board.marks;
  const middle = MARGIN + side * 32 + 12;
  const shown = [
    { caption: "picture", left: MARGIN, colours: coloursOf(Array.from(bytes, (byte) => byte / 255), false) },
    { caption: swings(state.kernel) ? "answer: blue below 0, red above" : "answer", left: MARGIN + wide + middle + MARGIN,
      colours: coloursOf(filtered(bytes, state.size, state.kernel), swings(state.kernel)) },
  ];
  for (const { caption, left, colours } of shown) {
    pen.font = "12px DejaVu Sans";
    pen.textBaseline = "top";
    pen.fillStyle = inks(dark).quiet;
    pen.fillText(caption, left, MARGIN);
    pen.pixels(colours.filter((_, i) => i % 4 < 3), rows, columns, left, MARGIN + CAPTION, wide, high);
    pen.strokeStyle = WINDOW[dark ? "dark" : "light"];
    pen.lineWidth = 2;
    const [top, start] = state.at.map((place) => (place - (side - 1) / 2) * SCALE);
    pen.strokeRect(left + start, MARGIN + CAPTION + top, side * SCALE, side * SCALE);
  }
  pen.add(kernel, MARGIN + wide, MARGIN + high / 2 - side * 16);
  return withSentence(pen, 2 * wide + middle + 3 * MARGIN, high + CAPTION + 2 * MARGIN, words(state), dark);
}

export default { words, still };
