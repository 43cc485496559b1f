// A picture of pixels on a canvas that mouse, finger and keyboard can point at: pick, drag, a cursor moved by keys.

import { moved } from "./_grid.js";
import { make } from "./_stage.js";

/**
 * @typedef {object} SurfaceOptions
 * @property {string} label
 * @property {number} rows
 * @property {number} columns
 * @property {number} pixels on the screen for one of the picture
 * @property {(row: number, column: number) => void} onPoint click, drag, or arrow key
 */

/**
 * Build a surface. A drag keeps the pointer until it is let go, also outside the canvas.
 * @param {SurfaceOptions} options
 */
export function pixelSurface({ label, rows, columns, pixels, onPoint }) {
  const canvas = make("canvas", "cb-surface", { tabindex: "0", role: "application", "aria-label": label });
  canvas.width = columns * pixels;
  canvas.height = rows * pixels;
  const small = new OffscreenCanvas(columns, rows);
  /** @type {[number, number]} */
  let cursor = [0, 0];
  const go = (/** @type {number} */ row, /** @type {number} */ column) => {
    cursor = [Math.min(rows - 1, Math.max(0, row)), Math.min(columns - 1, Math.max(0, column))];
    onPoint(...cursor);
  };
  const point = (/** @type {PointerEvent} */ event) => {
    const box = canvas.getBoundingClientRect();
    go(Math.floor(((event.clientY - box.top) / box.height) * rows), Math.floor(((event.clientX - box.left) / box.width) * columns));
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    point(event);
  });
  canvas.addEventListener("pointermove", (event) => canvas.hasPointerCapture(event.pointerId) && point(event));
  canvas.addEventListener("keydown", (event) => {
    const to = moved(event.key, cursor, rows, columns);
    if (!to || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const far = event.shiftKey ? 8 : 1;
    go(cursor[0] + far * (to[0] - cursor[0]), cursor[1] + far * (to[1] - cursor[1]));
  });

  return {
    element: canvas,
    /**
     * Draw colours (red, green, blue, alpha from 0 to 255, row by row) and the frame of a window.
     * @param {Uint8ClampedArray<ArrayBuffer>} colours
     * @param {[number, number]} at the pixel the cursor is on: the window's middle
     * @param {number} side of the window
     * @param {string} mark
     */
    draw(colours, at, side, mark) {
      cursor = at;
      /** @type {OffscreenCanvasRenderingContext2D} */ (small.getContext("2d")).putImageData(new ImageData(colours, columns, rows), 0, 0);
      const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
      pen.imageSmoothingEnabled = false;
      pen.drawImage(small, 0, 0, canvas.width, canvas.height);
      const [top, left] = at.map((place) => (place - (side - 1) / 2) * pixels);
      for (const [width, colour] of /** @type {[number, string][]} */ ([[5, "#ffffff"], [2.5, mark]])) {
        pen.lineWidth = width;
        pen.strokeStyle = colour;
        pen.strokeRect(left, top, side * pixels, side * pixels);
      }
    },
  };
}
