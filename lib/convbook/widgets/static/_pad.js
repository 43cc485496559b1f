// A pad of pixels to draw on, white on black: by mouse, finger, or a brush that keys move.

import { followPointer, sharpPen } from "./_canvas.js";
import { WINDOW } from "./_colour.js";
import { moved } from "./_grid.js";
import { make } from "./_stage.js";

/**
 * Draw a stroke into bytes: what the brush covers becomes white, or black when it erases.
 * @param {Uint8ClampedArray} bytes row by row
 * @param {number[]} size rows and columns
 * @param {number[]} from row and column, with their part after the point; the middle of pixel 0 is at 0.5
 * @param {number[]} to
 * @param {number} radius in pixels
 * @param {boolean} erases
 */
export function stroke(bytes, [rows, columns], from, to, radius, erases) {
  const [down, right] = [to[0] - from[0], to[1] - from[1]];
  const length = down * down + right * right;
  for (let i = 0; i < rows * columns; i++) {
    const [y, x] = [Math.floor(i / columns) + 0.5 - from[0], (i % columns) + 0.5 - from[1]];
    const part = length ? Math.min(1, Math.max(0, (y * down + x * right) / length)) : 0;
    const covered = 255 * Math.min(1, Math.max(0, radius + 0.5 - Math.hypot(y - part * down, x - part * right)));
    bytes[i] = erases ? Math.min(bytes[i], 255 - covered) : Math.max(bytes[i], covered);
  }
}

/**
 * Build a pad.
 * @param {{ label: string, size: () => number[], bytes: () => Uint8ClampedArray, erases: () => boolean,
 *   onStroke: (ended: boolean) => void }} how `bytes` are those that are drawn into
 */
export function drawingPad({ label, size, bytes, erases, onStroke }) {
  const keys = "arrow keys move the brush, space draws, Shift with an arrow key draws a line";
  const canvas = make("canvas", "cb-pad", { tabindex: "0", role: "application", "aria-label": `${label}; ${keys}` });
  const [rows, columns] = size();
  canvas.style.setProperty("--ratio", String(columns / rows));
  const radius = Math.max(0.5, Math.max(rows, columns) / 24);
  let brush = [Math.floor(rows / 2), Math.floor(columns / 2)];
  let last = [0, 0];
  const middle = () => brush.map((place) => place + 0.5);
  const draw = (/** @type {number[]} */ from, /** @type {number[]} */ to, /** @type {boolean} */ ended) => {
    stroke(bytes(), size(), from, to, radius, erases());
    onStroke(ended);
  };
  followPointer(canvas, (x, y, begins) => {
    const to = [(y / canvas.clientHeight) * rows, (x / canvas.clientWidth) * columns];
    draw(begins ? to : last, to, false);
    last = to;
  });
  for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => onStroke(true));
  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const to = moved(event.key, /** @type {[number, number]} */ (brush), rows, columns);
    if (!to && event.key !== " ") return;
    event.preventDefault();
    const from = middle();
    if (to) brush = to;
    if (!to || event.shiftKey) draw(from, middle(), true);
    else onStroke(true);
  });
  canvas.addEventListener("focus", () => onStroke(true));
  canvas.addEventListener("blur", () => onStroke(true));
  return {
    element: canvas,
    /** @param {boolean} dark */
    paint(dark) {
      const pen = sharpPen(canvas);
      if (!pen) return;
      const colours = Array.from(bytes(), (byte) => [byte, byte, byte]).flat();
      pen.pixels(colours, rows, columns, 0, 0, canvas.clientWidth, canvas.clientHeight);
      if (!canvas.matches(":focus-visible")) return;
      const pixel = canvas.clientWidth / columns;
      pen.beginPath();
      pen.arc(middle()[1] * pixel, middle()[0] * pixel, (radius + 0.5) * pixel, 0, 2 * Math.PI);
      for (const [width, colour] of /** @type {[number, string][]} */ ([[4, "#ffffff"], [2, WINDOW[dark ? "dark" : "light"]]])) {
        pen.lineWidth = width;
        pen.strokeStyle = colour;
        pen.stroke();
      }
    },
  };
}
