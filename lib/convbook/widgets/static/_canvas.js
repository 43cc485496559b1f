// A canvas as sharp as the screen, with a pen that can draw pixels, and a pointer that is followed over it.

/** @typedef {CanvasRenderingContext2D & Pick<import("./_pen.js").NotingPen, "pixels">} CanvasPen */

/**
 * Wipe a canvas, and return a pen whose unit is a pixel of the page; null while the canvas is not shown.
 * @param {HTMLCanvasElement} canvas
 * @returns {CanvasPen | null}
 */
export function sharpPen(canvas) {
  const { clientWidth: width, clientHeight: height } = canvas;
  if (!width || !height) return null;
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  pen.scale(ratio, ratio);
  pen.imageSmoothingEnabled = false;
  return Object.assign(pen, {
    /** As `NotingPen.pixels` does: red, green, blue from 0 to 255, row by row, stretched over a box.
     * @type {import("./_pen.js").NotingPen["pixels"]} */
    pixels(colours, rows, columns, x, y, wide, high) {
      const data = new ImageData(columns, rows);
      for (let i = 0; i < rows * columns; i++) data.data.set([colours[3 * i], colours[3 * i + 1], colours[3 * i + 2], 255], 4 * i);
      const small = new OffscreenCanvas(columns, rows);
      /** @type {OffscreenCanvasRenderingContext2D} */ (small.getContext("2d")).putImageData(data, 0, 0);
      pen.drawImage(small, x, y, wide, high);
    },
  });
}

/**
 * Follow a mouse or a finger that is pressed on `element`, also where it leaves it; give it `touch-action: none`.
 * @param {HTMLElement} element
 * @param {(x: number, y: number, begins: boolean) => void} act pixels from the top left corner of `origin`
 * @param {HTMLElement} [origin]
 * @param {(lifted: boolean) => void} [end] mouse or finger was lifted, or the browser took the drag away
 */
export function followPointer(element, act, origin = element, end = () => {}) {
  const follow = (/** @type {PointerEvent} */ event) => {
    const { left, top } = origin.getBoundingClientRect();
    act(event.clientX - left, event.clientY - top, event.type === "pointerdown");
  };
  element.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    element.setPointerCapture(event.pointerId);
    follow(event);
  });
  element.addEventListener("pointermove", (event) => element.hasPointerCapture(event.pointerId) && follow(event));
  element.addEventListener("pointerup", () => end(true));
  element.addEventListener("pointercancel", () => end(false));
}
