// DropoutLab where nothing can move: the masks, the running mean, and the learner's masks where there are any.

import { words } from "./_dropout_lab.js";
import { paintMean, paintRain, paintYours, SIZES } from "./_dropout_lab_paint.js";
import { NotingPen } from "./_pen.js";
import { withSentence } from "./_still.js";

const MARGIN = 14;

/** @param {import("./_dropout_lab.js").State} state @param {boolean} dark */
function still(state, dark) {
  const pen = new NotingPen();
  let left = MARGIN;
  for (const [paint, [width, height]] of /** @type {const} */ ([[paintRain, SIZES.rain], [paintMean, SIZES.chart], [paintYours, SIZES.yours]])) {
    if (paint === paintYours && !state.reading.said) continue;
    const part = new NotingPen();
    paint({ pen: part, state, dark, width, height });
    pen.add(part, left, MARGIN);
    left += width + MARGIN;
  }
  return withSentence(pen, left, SIZES.rain[1] + 2 * MARGIN, words(state), dark);
}

export default { words, still };
