// NormLab where nothing can move: the cube with its cuts, and both histograms.

import { factsOf, words } from "./_norm_lab.js";
import { HEIGHT, chartsOf, paintCube } from "./_norm_lab_paint.js";
import { panelsStill } from "./_panel.js";
import { NotingPen } from "./_pen.js";
import { withSentence } from "./_still.js";

const WIDTH = 420;

/** @param {import("./_norm_lab.js").State} state @param {boolean} dark */
function still(state, dark) {
  const facts = factsOf(state);
  const pen = new NotingPen();
  paintCube(pen, facts, dark, WIDTH);
  const charts = panelsStill(chartsOf(facts, dark), [], dark, { width: 260, height: HEIGHT - 70 });
  pen.add(charts.pen, WIDTH, 0);
  return withSentence(pen, WIDTH + charts.width, HEIGHT + 12, words(state), dark);
}

export default { words, still };
