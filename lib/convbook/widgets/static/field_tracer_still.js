// FieldTracer where nothing can move.

import { look, words } from "./_field_tracer.js";
import { boardStill } from "./_still.js";

/**
 * @param {import("./_field_tracer.js").State} state
 * @param {boolean} dark
 */
function still(state, dark) {
  return boardStill([[{ caption: "square", rows: state.side, columns: state.side, look: look(state, dark) }]], words(state), dark);
}

export default { words, still };
