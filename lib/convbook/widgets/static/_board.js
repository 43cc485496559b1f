// Blocks of a board: a caption over a grid or another part, and the signs between them.

import { make } from "./_stage.js";

/**
 * A part under its caption; a screen reader hears the part's own name.
 * @param {string} caption
 * @param {HTMLElement} content
 * @param {string} [classes]
 */
export function captioned(caption, content, classes = "") {
  return make("div", `cb-block ${classes}`, {}, make("div", "cb-caption", { "aria-hidden": "true" }, caption), content);
}

/**
 * A sign between two parts, such as × or =.
 * @param {string} text
 */
export function sign(text) {
  return make("div", "cb-sign", { "aria-hidden": "true" }, text);
}
