// The still picture of a widget: its blocks side by side on a sheet, the sentence below, drawn with the screen's own looks.

import { inks, mix, rgb, WINDOW, WRONG } from "./_colour.js";
import { NotingPen } from "./_pen.js";

/** @typedef {import("./_grid.js").Cell} Cell */
/** @typedef {{ caption: string, rows: number, columns: number, look: (row: number, column: number) => Cell,
 *   frame?: number[] | null, cell?: number }} GridBlock */
/** @typedef {{ sign: string, caption?: string }} SignBlock */
/** @typedef {(GridBlock | SignBlock)[][]} Board columns of blocks: one below the other, and those side by side */
/** @typedef {import("./_pen.js").Still} Still */

const CELL = 32;
const GAP = 20;
const MARGIN = 12;
const CAPTION = 20;
const SIGN = 30;
const LINE = 19;
const LETTER = 7.3; // of the sentence, in 13 pixels
const FONT = "DejaVu Sans, sans-serif";

/**
 * A sheet with a board of blocks and the sentence below.
 * @param {Board} board
 * @param {string} sentence
 * @param {boolean} dark
 * @returns {Still}
 */
export function boardStill(board, sentence, dark) {
  const pen = new NotingPen();
  const tallest = (/** @type {(GridBlock | SignBlock)[]} */ blocks) => Math.max(...blocks.map(heightOf));
  const sum = (/** @type {number[]} */ heights) => heights.reduce((all, height) => all + height + GAP, -GAP);
  // What stands side by side, such as a channel's image and its weights, is centred on one line.
  const most = Math.max(0, ...board.map((column) => column.length));
  const bands = Array.from({ length: most }, (_, row) => tallest(board.filter((column) => column.length === most).map((column) => column[row])));
  const tall = board.length ? Math.max(sum(bands), ...board.map((column) => sum(column.map(heightOf)))) : 0;
  let left = MARGIN;
  board.forEach((column) => {
    const rows = column.length === most ? bands : column.map(heightOf);
    let top = MARGIN + (tall - sum(rows)) / 2;
    column.forEach((block, row) => {
      const start = top + (rows[row] - heightOf(block)) / 2;
      if ("sign" in block) drawSign(pen, block, left, start, dark);
      else drawGrid(pen, block, left, start, dark);
      top += rows[row] + GAP;
    });
    left += Math.max(...column.map(widthOf)) + GAP;
  });
  return withSentence(pen, board.length ? left - GAP + MARGIN : 0, tall ? tall + 2 * MARGIN : MARGIN, sentence, dark);
}

/**
 * Put the sentence below what a pen has drawn, and the paper under it.
 * @param {NotingPen} pen
 * @param {number} width
 * @param {number} height
 * @param {string} sentence
 * @param {boolean} dark
 * @returns {Still}
 */
export function withSentence(pen, width, height, sentence, dark) {
  const { ink, paper } = inks(dark);
  const wide = Math.max(width, 560);
  const lines = wrapped(sentence, Math.floor((wide - 2 * MARGIN) / LETTER));
  pen.font = `13px ${FONT}`;
  pen.textAlign = "left";
  pen.textBaseline = "top";
  pen.fillStyle = ink;
  lines.forEach((line, n) => pen.fillText(line, MARGIN, height + n * LINE));
  return { width: wide, height: height + lines.length * LINE + MARGIN, paper, marks: pen.marks };
}

/**
 * A text in lines of at most so many letters.
 * @param {string} text
 * @param {number} most
 */
export function wrapped(text, most) {
  /** @type {string[]} */
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines[lines.length - 1];
    if (line && line.length + word.length >= most) lines.push(word);
    else lines[lines.length - 1] = line ? `${line} ${word}` : word;
  }
  return lines;
}

/** @param {GridBlock | SignBlock} block */
function heightOf(block) {
  return "sign" in block ? SIGN + (block.caption ? CAPTION : 0) : CAPTION + block.rows * (block.cell ?? CELL);
}

/** @param {GridBlock | SignBlock} block */
function widthOf(block) {
  return "sign" in block ? Math.max(14, 9 * block.sign.length, 7 * (block.caption?.length ?? 0)) : Math.max(block.columns * (block.cell ?? CELL), 7 * block.caption.length);
}

/**
 * @param {NotingPen} pen
 * @param {SignBlock} block
 * @param {number} left
 * @param {number} top
 * @param {boolean} dark
 */
function drawSign(pen, block, left, top, dark) {
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillStyle = inks(dark).ink;
  const middle = left + widthOf(block) / 2;
  if (block.caption) {
    pen.font = `12px ${FONT}`;
    pen.fillText(block.caption, middle, top + CAPTION / 2);
  }
  pen.font = `17px ${FONT}`;
  pen.fillText(block.sign, middle, top + (block.caption ? CAPTION : 0) + SIGN / 2);
}

/**
 * @param {NotingPen} pen
 * @param {GridBlock} block
 * @param {number} left
 * @param {number} top
 * @param {boolean} dark
 */
function drawGrid(pen, { caption, rows, columns, look, frame, cell = CELL }, left, top, dark) {
  pen.font = `12px ${FONT}`;
  pen.textAlign = "left";
  pen.textBaseline = "top";
  pen.fillStyle = inks(dark).quiet;
  pen.fillText(caption, left, top);
  const start = top + CAPTION;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) drawCell(pen, look(row, column), left + column * cell, start + row * cell, cell, dark);
  }
  if (!frame) return;
  const [row, column, high, wide] = frame;
  pen.strokeStyle = WINDOW[dark ? "dark" : "light"];
  pen.lineWidth = 3;
  pen.strokeRect(left + column * cell, start + row * cell, wide * cell, high * cell);
}

/**
 * @param {NotingPen} pen
 * @param {Cell} look
 * @param {number} left
 * @param {number} top
 * @param {number} cell
 * @param {boolean} dark
 */
function drawCell(pen, { text, fill, classes = "" }, left, top, cell, dark) {
  const { ink, quiet, paper, line } = inks(dark);
  const faint = classes.includes("cb-padding");
  pen.fillStyle = fill?.background ?? (faint ? rgb(mix(parsed(paper), parsed(ink), 0.05)) : paper);
  pen.fillRect(left, top, cell, cell);
  pen.strokeStyle = line;
  pen.lineWidth = 1;
  pen.setLineDash(faint ? [3, 3] : []);
  pen.strokeRect(left, top, cell, cell);
  pen.setLineDash([]);
  if (/\bcb-wrong\b/.test(classes)) {
    pen.fillStyle = WRONG[dark ? "dark" : "light"];
    pen.beginPath();
    pen.moveTo(left + cell, top);
    pen.lineTo(left + 0.62 * cell, top);
    pen.lineTo(left + cell, top + 0.38 * cell);
    pen.closePath();
    pen.fill();
  }
  if (/\bcb-linked\b/.test(classes)) {
    pen.strokeStyle = fill?.ink ?? ink;
    pen.lineWidth = 1.6;
    pen.beginPath();
    pen.arc(left + cell / 2, top + cell / 2, cell / 2 - 2.5);
    pen.stroke();
  }
  const size = Math.min(13, (1.45 * cell) / Math.max(2, text.length));
  pen.font = `${size}px ${FONT}`;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillStyle = fill?.ink ?? (faint || classes.includes("cb-hidden") ? quiet : ink);
  if (text) pen.fillText(text, left + cell / 2, top + cell / 2);
}

/**
 * @param {string} colour "#rrggbb"
 * @returns {[number, number, number]}
 */
function parsed(colour) {
  const part = (/** @type {number} */ at) => parseInt(colour.slice(at, at + 2), 16);
  return [part(1), part(3), part(5)];
}
