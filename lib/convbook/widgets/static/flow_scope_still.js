// FlowScope where nothing can move: its charts side by side.

import { words } from "./_flow.js";
import { kindsOf, panelsOf } from "./_flow_charts.js";
import { panelsStill } from "./_panel.js";
import { boardStill, withSentence } from "./_still.js";

/**
 * @param {import("./_flow.js").State} state
 * @param {boolean} dark
 */
function still(state, dark) {
  if (!state.runs.length) return boardStill([], words(state), dark);
  const { pen, width, height } = panelsStill(panelsOf(state, dark), kindsOf(state, dark), dark);
  return withSentence(pen, width, height, words(state), dark);
}

export default { words, still };
