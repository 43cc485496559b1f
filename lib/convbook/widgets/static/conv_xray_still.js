// ConvXray where nothing can move: weights, yours and wanted, a row for each channel, and the map of outputs.

import { placeIn } from "./_slide.js";
import { boardStill } from "./_still.js";
import { wholeShape } from "./_xray.js";
import { mapLook, pixelLook, weightLook } from "./_xray_paint.js";
import { windowAt } from "./_xray_parts.js";
import { words } from "./_xray_words.js";

/**
 * @param {import("./_xray.js").State} state
 * @param {boolean} dark
 */
function still(state, dark) {
  if (state.blocked) return boardStill([], words(state), dark);
  const shape = wholeShape(state);
  const at = placeIn(state.at, shape);
  const [channels, height, width] = state.sizes.image;
  const [, , high, wide] = state.sizes.weights;
  const rows = height + 2 * state.sizes.padding;
  const columns = width + 2 * state.sizes.padding;
  const every = [...Array(channels).keys()];
  const several = channels > 1;
  const side = (/** @type {"yours" | "wanted"} */ which, /** @type {string} */ caption) => every.map((c) => ({
    caption: several ? `${which}, channel ${c}` : caption, rows, columns,
    look: pixelLook(state, at, c, which, {}, dark), frame: which === "wanted" ? windowAt(state, at) : null,
  }));
  const weights = every.map((c) => ({
    caption: several ? `weights, channel ${c}` : "weights", rows: high, columns: wide, look: weightLook(state, at, c, {}, dark),
  }));
  const maps = {
    caption: shape[0] > 1 ? `outputs, filter ${at[0]}` : "outputs", rows: shape[1], columns: shape[2],
    // The triangle tells where a pixel differs; in the map the mark says it.
    look: (/** @type {number} */ row, /** @type {number} */ column) => ({ ...mapLook(state, at[0], dark)(row, column), classes: "" }),
    frame: [at[1], at[2], 1, 1],
  };
  return boardStill([weights, side("yours", "your output used"), side("wanted", "it should use"), [maps]], words(state), dark);
}

export default { words, still };
