// FieldTracer where nothing can move: the stack in profile, the image beside it.

import { inks } from "./_colour.js";
import { words } from "./_field_tracer.js";
import { paintImage, paintProfile } from "./_field_tracer_paint.js";
import { NotingPen } from "./_pen.js";
import { write } from "./_sketch.js";
import { withSentence } from "./_still.js";

const PROFILE = { width: 460, height: 300 };
const IMAGE = 270; // the longer side
const [MARGIN, CAPTION] = [12, 22];
const BESIDE = PROFILE.width + 2 * MARGIN;

/** @param {import("./_field_tracer.js").State} state @param {boolean} dark */
function still(state, dark) {
  const [pen, profile, image] = [new NotingPen(), new NotingPen(), new NotingPen()];
  const [height, width] = state.size.map((side) => (side * IMAGE) / Math.max(...state.size));
  paintProfile({ pen: profile, state, dark, ...PROFILE });
  paintImage({ pen: image, state, dark, width, height });
  write(pen, "the stack from the side", MARGIN, MARGIN + 6, inks(dark).quiet);
  write(pen, "the image from above", BESIDE, MARGIN + 6, inks(dark).quiet);
  pen.add(profile, MARGIN, MARGIN + CAPTION);
  pen.add(image, BESIDE, MARGIN + CAPTION);
  return withSentence(pen, BESIDE + width + MARGIN, PROFILE.height + CAPTION + 2 * MARGIN, words(state), dark);
}

export default { words, still };
