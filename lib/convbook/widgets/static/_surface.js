// A picture of pixels on a canvas that mouse, finger and keyboard can point at: pick, drag, a cursor moved by keys, zoom.

import { moved } from "./_grid.js";
import { button, make } from "./_stage.js";
import { heldView, reveal, WHOLE } from "./_zoom.js";
import { letZoom } from "./_zooming.js";

/**
 * @typedef {object} SurfaceOptions
 * @property {string} label
 * @property {number} rows
 * @property {number} columns
 * @property {number} pixels on the screen for one of the picture
 * @property {(row: number, column: number) => void} onPoint click, drag, or arrow key; say there what was picked
 * @property {(view: import("./_zoom.js").View) => void} [onView] let the picture be zoomed: by wheel or pinch, by + and −,
 *   0 for the whole, and be dragged while it is; called after each change, to draw anew
 */

/**
 * Build a surface. A drag keeps the pointer until it is let go, also outside the canvas.
 * @param {SurfaceOptions} options
 */
export function pixelSurface({ label, rows, columns, pixels, onPoint, onView }) {
  const canvas = make("canvas", "cb-surface", { tabindex: "0", role: "application", "aria-label": label });
  canvas.width = columns * pixels;
  canvas.height = rows * pixels;
  const small = new OffscreenCanvas(columns, rows);
  /** @type {[number, number]} */
  let cursor = [0, 0];
  let framed = 1; // pixels of the window's side
  /** @type {import("./_zoom.js").View} */
  let view = WHOLE;
  const go = (/** @type {number} */ row, /** @type {number} */ column) => {
    cursor = [Math.min(rows - 1, Math.max(0, row)), Math.min(columns - 1, Math.max(0, column))];
    onPoint(...cursor);
  };
  /** The pixel under a pointer, with its part after the point. @param {PointerEvent} event @returns {[number, number]} */
  const under = (event) => {
    const box = canvas.getBoundingClientRect();
    return [view.top + ((event.clientY - box.top) / box.height) * (rows / view.zoom),
      view.left + ((event.clientX - box.left) / box.width) * (columns / view.zoom)];
  };
  const point = (/** @type {PointerEvent} */ event) => {
    const [row, column] = under(event);
    go(Math.floor(row), Math.floor(column));
  };
  const look = (/** @type {import("./_zoom.js").View} */ to) => {
    view = heldView(to, rows, columns);
    onView?.(view);
  };
  const zoom = onView && letZoom(canvas, {
    rows, columns, look,
    view: () => view,
    cursor: () => cursor,
    back: (at) => go(...at),
    point,
    // Beside the window a drag moves the picture, if that is larger than its frame.
    pans: (event) => view.zoom > 1 && under(event).some((at, axis) => Math.abs(at - 0.5 - cursor[axis]) > framed / 2),
  });
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    if (!zoom?.takes(event)) point(event);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (canvas.hasPointerCapture(event.pointerId) && !zoom?.moves(event)) point(event);
  });
  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (zoom?.presses(event.key)) return event.preventDefault();
    const to = moved(event.key, cursor, rows, columns);
    if (!to) return;
    event.preventDefault();
    const far = event.shiftKey ? 8 : 1;
    go(cursor[0] + far * (to[0] - cursor[0]), cursor[1] + far * (to[1] - cursor[1]));
    if (view.zoom > 1) look(reveal(view, cursor, rows, columns));
  });

  return {
    element: canvas,
    /** Zoom round the cursor. @param {string} key + or − */
    zoomBy: (key) => zoom?.presses(key),
    /** Show this part, without calling `onView`: for two surfaces that are zoomed together.
     * @param {import("./_zoom.js").View} to */
    lookAt(to) {
      view = heldView(to, rows, columns);
    },
    /**
     * Draw colours (red, green, blue, alpha from 0 to 255, row by row) and the frame of a window.
     * @param {Uint8ClampedArray<ArrayBuffer>} colours
     * @param {[number, number]} at the pixel the cursor is on: the window's middle
     * @param {number} side of the window
     * @param {string} mark
     */
    draw(colours, at, side, mark) {
      cursor = at;
      framed = side;
      /** @type {OffscreenCanvasRenderingContext2D} */ (small.getContext("2d")).putImageData(new ImageData(colours, columns, rows), 0, 0);
      const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
      pen.imageSmoothingEnabled = false;
      pen.drawImage(small, view.left, view.top, columns / view.zoom, rows / view.zoom, 0, 0, canvas.width, canvas.height);
      const scale = pixels * view.zoom;
      const [top, left] = [at[0] - view.top, at[1] - view.left].map((place) => (place - (side - 1) / 2) * scale);
      for (const [width, colour] of /** @type {[number, string][]} */ ([[5, "#ffffff"], [2.5, mark]])) {
        pen.lineWidth = width;
        pen.strokeStyle = colour;
        pen.strokeRect(left, top, side * scale, side * scale);
      }
    },
  };
}

/**
 * Buttons that zoom a surface, for whoever has neither wheel nor keys nor two fingers.
 * @param {() => { zoomBy: (key: string) => void }} surface
 */
export function zoomButtons(surface) {
  return [button("Zoom in", () => surface().zoomBy("+")), button("Zoom out", () => surface().zoomBy("-"))];
}
