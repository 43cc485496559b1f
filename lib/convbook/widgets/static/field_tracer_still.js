// FieldTracer where nothing can move: the stack in profile, the image beside it.

import { inks } from "./_colour.js";
import { words } from "./_field_tracer.js";
import { paintImage, paintProfile } from "./_field_tracer_paint.js";
import { NotingPen } from "./_pen.js";
import { withSentence } from "./_still.js";

const PROFILE = { width: 460, height: 300 };
const IMAGE = 270; // the longer side
const MARGIN = 12;
const CAPTION = 22;

/**
 * @param {import("./_field_tracer.js").State} state
 * @param {boolean} dark
 */
function still(state, dark) {
  const [pen, profile, image] = [new NotingPen(), new NotingPen(), new NotingPen()];
  const scale = IMAGE / Math.max(...state.size);
  const [height, width] = state.size.map((side) => side * scale);
  paintProfile(profile, { state, dark, ...PROFILE });
  paintImage(image, { state, dark, width, height });
  const beside = MARGIN + PROFILE.width + MARGIN;
  pen.font = "12px DejaVu Sans";
  pen.textBaseline = "top";
  pen.fillStyle = inks(dark).quiet;
  pen.fillText("the stack from the side", MARGIN, MARGIN);
  pen.fillText("the image from above", beside, MARGIN);
  pen.add(profile, MARGIN, MARGIN + CAPTION);
  pen.add(image, beside, MARGIN + CAPTION);
  return withSentence(pen, beside + width + MARGIN, PROFILE.height + CAPTION + 2 * MARGIN, words(state), dark);
}

export default { words, still };
