// ShapeCalc where nothing can move: the ribbon, the rule with its numbers, the torch line.

import { inks } from "./_colour.js";
import { NotingPen } from "./_pen.js";
import { rule, torchLine, words } from "./_shape_calc.js";
import { HEIGHT, paint } from "./_shape_calc_paint.js";
import { withSentence } from "./_still.js";

const WIDTH = 700;
const MARGIN = 12;

/**
 * @param {import("./_shape_calc.js").State} state
 * @param {boolean} dark
 */
function still(state, dark) {
  const [pen, picture] = [new NotingPen(), new NotingPen()];
  pen.font = "13px DejaVu Sans";
  pen.textBaseline = "top";
  pen.fillStyle = inks(dark).ink;
  pen.fillText(rule(state), MARGIN, MARGIN);
  pen.textAlign = "right";
  pen.fillText(torchLine(state), WIDTH - MARGIN, MARGIN);
  paint(picture, state, dark, WIDTH - 2 * MARGIN);
  pen.add(picture, MARGIN, MARGIN + 26);
  return withSentence(pen, WIDTH, HEIGHT + 26 + 2 * MARGIN, words(state), dark);
}

export default { words, still };
