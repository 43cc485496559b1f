// SketchPad where nothing can move: the drawing, what speaks for the answer, the logits.

import { inks } from "./_colour.js";
import { NotingPen } from "./_pen.js";
import { write } from "./_sketch.js";
import { drawn, paintLogits, seen, words } from "./_sketch_pad.js";
import { withSentence } from "./_still.js";

const [MARGIN, PAD, LOGITS, TOP] = [14, 190, 300, 22];

/** @param {import("./_sketch_pad.js").State} state @param {boolean} dark */
function still(state, dark) {
  const [pen, bars] = [new NotingPen(), new NotingPen()];
  const [rows, columns] = state.size;
  const scale = PAD / Math.max(rows, columns);
  const bytes = Uint8ClampedArray.from(drawn(state));
  for (const [place, name, evidence] of /** @type {[number, string, number[][]][]} */ ([[0, "the drawing", []], [1, "red speaks for the answer", state.evidence]])) {
    const left = MARGIN + place * (PAD + MARGIN);
    write(pen, name, left, MARGIN + TOP / 2 - 4, inks(dark).quiet);
    pen.pixels(seen({ ...state, evidence }, bytes), rows, columns, left, MARGIN + TOP, columns * scale, rows * scale);
  }
  paintLogits({ pen: bars, dark, width: LOGITS, height: PAD + TOP }, state);
  pen.add(bars, 2 * PAD + 4 * MARGIN, MARGIN);
  return withSentence(pen, 2 * PAD + LOGITS + 5 * MARGIN, PAD + TOP + 3 * MARGIN, words(state), dark);
}

export default { words, still };
