// BlockXray where nothing can move: both graphs side by side, what the check says above, the sentence below.

import { chosen, boxOf, legend, nodesOf, seenOf, sidesOf, TITLES, words } from "./_block_xray.js";
import { inks } from "./_colour.js";
import { layOutGraph, paintGraph } from "./_graph.js";
import { NotingPen } from "./_pen.js";
import { write } from "./_sketch.js";
import { withSentence, wrapped } from "./_still.js";

const [MARGIN, LINE, WIDTH, BETWEEN] = [12, 20, 400, 30];

/** @param {import("./_block_xray.js").State} state @param {boolean} dark */
function still(state, dark) {
  const pen = new NotingPen();
  if (state.blocked) return withSentence(pen, 0, MARGIN, words(state), dark);
  let [left, top, below] = [MARGIN, MARGIN, 0];
  const { ink, quiet } = inks(dark);
  const heads = [...wrapped(headline(state), 100), ...(legend(state).length ? [legend(state).join("    ")] : [])].filter(Boolean);
  heads.forEach((text, i) => write(pen, text, left, top + 6 + i * LINE, i === heads.length - 1 && legend(state).length ? quiet : ink));
  top += heads.length * LINE;
  const { at, twin } = chosen(state);
  for (const side of sidesOf(state)) {
    const boxes = seenOf(nodesOf(state, side), state.unfolded);
    const layout = layOutGraph(boxes, WIDTH);
    const graph = new NotingPen();
    const place = (/** @type {[string, number] | null} */ one) => (one?.[0] === side ? boxOf(boxes, one[1]) : -1);
    paintGraph(graph, boxes, layout, { dark, chosen: place(at), twin: place(twin) });
    write(pen, TITLES[side], left, top + 6, quiet);
    pen.add(graph, left, top + LINE);
    left += Math.max(layout.width, 200) + BETWEEN;
    below = Math.max(below, top + LINE + layout.height);
  }
  return withSentence(pen, left - BETWEEN + MARGIN, below + MARGIN, words(state), dark);
}

/** @param {import("./_block_xray.js").State} state */
function headline({ verdict }) {
  return verdict.title ? `${verdict.kind === "right" ? "✓" : "✗"} ${verdict.title}` : "";
}

export default { words, still };
