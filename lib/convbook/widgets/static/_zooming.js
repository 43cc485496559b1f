// The gestures that zoom a picture on a canvas and move it: wheel, pinch, keys, and a drag beside the window.

import { focusedIn } from "./_keys.js";
import { moved, WHOLE, zoomed } from "./_zoom.js";

/** @typedef {import("./_zoom.js").View} View */

const STEP = 1.5; // of a key
const WHEEL = 0.0025; // of a pixel that the wheel has turned
const SHAKE = 4; // pixels a hand may move while it only presses

/**
 * @typedef {object} Zooming
 * @property {number} rows
 * @property {number} columns
 * @property {() => View} view
 * @property {(view: View) => void} look
 * @property {() => [number, number]} cursor
 * @property {(at: [number, number]) => void} back give the cursor back what the first finger of a pinch took
 * @property {(event: PointerEvent) => void} point
 * @property {(event: PointerEvent) => boolean} pans whether a drag that begins here moves the picture
 */

/**
 * Let a canvas be zoomed. Returned are the questions its surface asks first: whether a pointer or key is meant for the zoom.
 * @param {HTMLCanvasElement} canvas
 * @param {Zooming} how
 */
export function letZoom(canvas, how) {
  const { rows, columns } = how;
  /** @type {Map<number, PointerEvent>} */
  const down = new Map();
  /** @type {[number, number]} */
  let before = [0, 0];
  let panning = false;
  let pinched = false; // until all fingers are lifted
  let far = 0;
  /** @param {number} x @param {number} y @returns {[number, number]} shares of the surface, down and across */
  const share = (x, y) => {
    const box = canvas.getBoundingClientRect();
    return [(y - box.top) / box.height, (x - box.left) / box.width];
  };
  const shift = (/** @type {number} */ x, /** @type {number} */ y) => {
    const { width, height } = canvas.getBoundingClientRect();
    how.look(moved(how.view(), -y / height, -x / width, rows, columns));
  };

  canvas.addEventListener("wheel", (event) => {
    // A page that is scrolled with the pointer over a picture goes on scrolling; with the focus, or Ctrl (a pinch), it zooms.
    if (!event.ctrlKey && !focusedIn(canvas)) return;
    event.preventDefault();
    how.look(zoomed(how.view(), Math.exp(-event.deltaY * WHEEL * (event.ctrlKey ? 4 : 1)), share(event.clientX, event.clientY), rows, columns));
  }, { passive: false });

  /** @param {PointerEvent} event two fingers: their middle moves the picture, their distance zooms it */
  const pinch = (event) => {
    const [other] = [...down.values()].filter(({ pointerId }) => pointerId !== event.pointerId);
    const was = /** @type {PointerEvent} */ (down.get(event.pointerId));
    const apart = (/** @type {PointerEvent} */ one) => Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY) || 1;
    shift((event.clientX - was.clientX) / 2, (event.clientY - was.clientY) / 2);
    const middle = share((event.clientX + other.clientX) / 2, (event.clientY + other.clientY) / 2);
    how.look(zoomed(how.view(), apart(event) / apart(was), middle, rows, columns));
  };

  const lift = (/** @type {PointerEvent} */ event) => {
    if (!down.delete(event.pointerId)) return;
    if (event.type === "pointerup" && panning && !pinched && far < SHAKE) how.point(event);
    if (!down.size) panning = pinched = false;
  };
  canvas.addEventListener("pointerup", lift);
  canvas.addEventListener("pointercancel", lift);

  return {
    /** @param {PointerEvent} event a pointer goes down */
    takes(event) {
      down.set(event.pointerId, event);
      if (down.size === 1) {
        before = how.cursor();
        far = 0;
        panning = how.pans(event);
      } else if (!pinched) {
        pinched = true;
        if (!panning) how.back(before);
      }
      return panning || pinched;
    },
    /** @param {PointerEvent} event a pointer that is down has moved */
    moves(event) {
      const was = down.get(event.pointerId);
      if (was && down.size > 1) pinch(event);
      else if (was && panning && !pinched) {
        far += Math.hypot(event.clientX - was.clientX, event.clientY - was.clientY);
        shift(event.clientX - was.clientX, event.clientY - was.clientY);
      }
      down.set(event.pointerId, event);
      return panning || pinched;
    },
    /** @param {string} key */
    presses(key) {
      const factor = { "+": STEP, "=": STEP, "-": 1 / STEP, "−": 1 / STEP }[key];
      if (key === "0") how.look(WHOLE);
      else if (factor) how.look(zoomed(how.view(), factor, middleOf(how), rows, columns));
      return key === "0" || factor !== undefined;
    },
  };
}

/** Where the cursor is on the surface. @param {Zooming} how @returns {[number, number]} */
function middleOf({ view, cursor, rows, columns }) {
  const { zoom, top, left } = view();
  const [row, column] = cursor();
  return [((row + 0.5 - top) * zoom) / rows, ((column + 0.5 - left) * zoom) / columns];
}
