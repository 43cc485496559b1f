// BackStep where nothing can move: the forward maps above, the gradients below, and yours at their left.

import { factsOf, gridsOf, words } from "./_back_step.js";
import { boardStill } from "./_still.js";

/**
 * @param {import("./_back_step.js").State} state
 * @param {boolean} dark
 */
function still(state, dark) {
  const facts = factsOf(state);
  const grids = gridsOf(facts, dark);
  const part = (/** @type {import("./_back_step.js").Name} */ name) => ({ ...grids[name], cell: 28 });
  const yours = facts.yours ? [[part("yours")]] : [];
  return boardStill([...yours, [part("image"), part("dX")], [part("kernel"), part("turned")], [part("outputs"), part("gradients")]], words(state), dark);
}

export default { words, still };
