// SlideLab where nothing can move: image × weights + bias = output, the window marked.

import { outputShape, placeIn } from "./_slide.js";
import { frameOf, imageLook, kernelLook, outputLook } from "./_slide_paint.js";
import { words } from "./_slide_words.js";
import { boardStill } from "./_still.js";
import { number } from "./_wording.js";

/**
 * @param {import("./_slide_words.js").State} state
 * @param {boolean} dark
 */
function still(state, dark) {
  const shape = outputShape(state);
  if (!shape) return boardStill([], words(state), dark);
  const at = placeIn(state.at, shape);
  const [f] = at;
  const frame = frameOf(state, at);
  const several = state.image.length > 1;
  const [rows, columns] = [state.image[0].length + 2 * state.padding, state.image[0][0].length + 2 * state.padding];
  const images = state.image.map((_, c) => ({
    caption: several ? `channel ${c}` : "image", rows, columns, look: imageLook(state, c, null, dark, at), frame,
  }));
  const kernels = state.kernels[f].map((slice, c) => ({
    caption: several ? `weights, channel ${c}` : "weights", rows: slice.length, columns: slice[0].length,
    look: kernelLook(state, f, c, null, dark), frame: [0, 0, slice.length, slice[0].length],
  }));
  const output = {
    caption: state.kernels.length > 1 ? `output ${f}` : "output", rows: shape[1], columns: shape[2],
    look: outputLook(state, f, dark), frame: [at[1], at[2], 1, 1],
  };
  const bias = { sign: number(state.bias[f], 2), caption: "bias" };
  return boardStill([images, [{ sign: "×" }], kernels, [{ sign: "+" }], [bias], [{ sign: "=" }], [output]], words(state), dark);
}

export default { words, still };
