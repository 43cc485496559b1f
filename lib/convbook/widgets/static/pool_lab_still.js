// PoolLab where nothing can move: the image under its windows, the outputs, the threads.

import { NotingPen } from "./_pen.js";
import { factsOf, words } from "./_pool_lab.js";
import { paint, sceneOf } from "./_pool_lab_paint.js";
import { withSentence } from "./_still.js";

const [WIDTH, MARGIN] = [704, 12];

/** @param {import("./_pool_lab.js").State} state @param {boolean} dark */
function still(state, dark) {
  const [pen, picture] = [new NotingPen(), new NotingPen()];
  paint(picture, state, dark, WIDTH);
  pen.add(picture, 0, MARGIN);
  return withSentence(pen, WIDTH, sceneOf(factsOf(state), WIDTH).height + MARGIN + 8, words(state), dark);
}

export default { words, still };
