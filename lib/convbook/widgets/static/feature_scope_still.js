// FeatureScope where nothing can move: the image, the maps and the bin, the answers, the chosen channel.

import { inks } from "./_colour.js";
import { factsOf, told, unpacked, words } from "./_feature_scope.js";
import { paintAnswers, paintChosen, paintMaps } from "./_feature_scope_paint.js";
import { NotingPen } from "./_pen.js";
import { write } from "./_sketch.js";
import { withSentence } from "./_still.js";

const [MARGIN, PAD, MAPS, ANSWERS, HIGH, CHOSEN] = [14, 180, 350, 300, 320, 82];
const WIDTH = PAD + MAPS + ANSWERS + 4 * MARGIN;

/** @param {import("./_feature_scope.js").State} state @param {boolean} dark */
function still(state, dark) {
  const packed = unpacked(state);
  const facts = factsOf(state, packed);
  const [pen, maps, answers, chosen] = [new NotingPen(), new NotingPen(), new NotingPen(), new NotingPen()];
  const [rows, columns] = state.size;
  const scale = PAD / Math.max(rows, columns);
  write(pen, "the image", MARGIN, MARGIN + 8, inks(dark).quiet);
  pen.pixels(Array.from(packed.drawing, (byte) => [byte, byte, byte]).flat(), rows, columns, MARGIN, MARGIN + 20, columns * scale, rows * scale);
  pen.strokeStyle = inks(dark).quiet;
  pen.strokeRect(MARGIN, MARGIN + 20, columns * scale, rows * scale);
  paintMaps({ pen: maps, facts, dark, width: MAPS, height: HIGH });
  paintAnswers({ pen: answers, facts, dark, width: ANSWERS, height: HIGH });
  paintChosen({ pen: chosen, facts, dark, width: WIDTH - 2 * MARGIN, height: CHOSEN });
  pen.add(maps, PAD + 2 * MARGIN, MARGIN);
  pen.add(answers, PAD + MAPS + 3 * MARGIN, MARGIN);
  pen.add(chosen, MARGIN, HIGH + 2 * MARGIN);
  return withSentence(pen, WIDTH, HIGH + CHOSEN + 3 * MARGIN, told(facts), dark);
}

export default { words, still };
