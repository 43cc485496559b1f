// Which part of a picture is seen: zoomed in by wheel, pinch or keys, moved by a drag, never over the edge.

/** @typedef {{ zoom: number, top: number, left: number }} View the first row and column seen, in pixels of the picture */

const MOST = 8;
export const WHOLE = Object.freeze({ zoom: 1, top: 0, left: 0 });

/**
 * A view held inside a picture.
 * @param {View} view
 * @param {number} rows
 * @param {number} columns
 * @returns {View}
 */
export function heldView({ zoom, top, left }, rows, columns) {
  const scale = Math.min(MOST, Math.max(1, zoom));
  const inside = (/** @type {number} */ at, /** @type {number} */ length) => Math.min(length - length / scale, Math.max(0, at));
  return { zoom: scale, top: inside(top, rows), left: inside(left, columns) };
}

/**
 * The view zoomed by a factor; the point at these shares of the surface (0 to 1) stays where it is.
 * @param {View} view
 * @param {number} factor
 * @param {[number, number]} point down and across
 * @param {number} rows
 * @param {number} columns
 */
export function zoomed(view, factor, [down, across], rows, columns) {
  const zoom = Math.min(MOST, Math.max(1, view.zoom * factor));
  const shift = (/** @type {number} */ share, /** @type {number} */ length) => share * length * (1 / view.zoom - 1 / zoom);
  return heldView({ zoom, top: view.top + shift(down, rows), left: view.left + shift(across, columns) }, rows, columns);
}

/**
 * The view moved by shares of the surface.
 * @param {View} view
 * @param {number} down
 * @param {number} across
 * @param {number} rows
 * @param {number} columns
 */
export function moved(view, down, across, rows, columns) {
  return heldView({ ...view, top: view.top + (down * rows) / view.zoom, left: view.left + (across * columns) / view.zoom }, rows, columns);
}

/**
 * The view moved just as far as it must for a pixel to be seen.
 * @param {View} view
 * @param {[number, number]} at
 * @param {number} rows
 * @param {number} columns
 */
export function reveal(view, at, rows, columns) {
  const start = (/** @type {number} */ from, /** @type {number} */ place, /** @type {number} */ length) =>
    Math.max(place + 1 - length / view.zoom, Math.min(from, place));
  return heldView({ ...view, top: start(view.top, at[0], rows), left: start(view.left, at[1], columns) }, rows, columns);
}
