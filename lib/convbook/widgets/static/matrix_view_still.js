// MatrixView where nothing can move: image, kernel and outputs at the left, the matrix with its two vectors at the right.

import { captions, factsOf, fits, matrixLook, memberLook, outlined, windowOf, words } from "./_matrix_view.js";
import { boardStill } from "./_still.js";

/**
 * @param {import("./_matrix_view.js").State} state
 * @param {boolean} dark
 */
function still(state, dark) {
  if (!fits(state)) return boardStill([], words(state), dark);
  const facts = factsOf(state);
  const text = captions(facts);
  const map = (/** @type {import("./_matrix_view.js").Kind} */ kind) => {
    const [rows, columns] = facts.shape[kind];
    const look = memberLook(facts, kind, dark);
    return { caption: text[kind].replace(/:.*/, ""), rows, columns, look: (/** @type {number} */ r, /** @type {number} */ c) => look(r * columns + c), frame: kind === "pixel" ? windowOf(facts) : null };
  };
  const look = matrixLook(facts, dark);
  const quiet = (/** @type {number} */ r, /** @type {number} */ c) => ({ ...look(r, c), classes: look(r, c).classes?.replace("cb-zero", "cb-hidden") });
  const matrix = { caption: text.matrix, rows: facts.rows + 1, columns: facts.columns + 1, look: quiet, frame: outlined(facts), cell: 28 };
  return boardStill([[map("pixel"), { sign: facts.transposed ? "↑" : "↓" }, map("weight"), map("output")], [matrix]], words(state), dark);
}

export default { words, still };
