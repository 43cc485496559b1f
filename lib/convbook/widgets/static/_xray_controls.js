// ConvXray's controls: a walk over the outputs, and a jump to the next wrong one.

import { placeAt, placeIn, placesIn, stepOf } from "./_slide.js";
import { button, make } from "./_stage.js";
import { timeline } from "./_timeline.js";
import { count } from "./_wording.js";
import { wrongPlaces } from "./_xray.js";
import { placeName } from "./_xray_words.js";

/** @typedef {import("./_xray.js").State} State */
/** @typedef {import("./_xray.js").Place} Place */
/** @typedef {import("./_stage.js").Model} Model */
/** @typedef {import("./_stage.js").Stage} Stage */

/**
 * The timeline of all outputs, Next wrong, and X-ray again.
 * @param {Stage} stage
 * @param {Model} model
 * @param {State} state
 * @param {Place} shape
 * @param {(at: number[]) => void} go
 * @param {HTMLElement[]} again
 */
export function buildControls(stage, model, state, shape, go, again) {
  const wrong = wrongPlaces(state);
  const where = () => stepOf(placeIn(model.get("at"), shape), shape);
  /** @param {number} step */
  const name = (step) => `output ${placeName(state, placeAt(step, shape))}`;
  const line = timeline(stage, { name: "output", many: placesIn(shape), where, go: (step) => go(placeAt(step, shape)), text: name });
  const jump = button("Next wrong", () => go(wrong.find((at) => stepOf(at, shape) > where()) ?? wrong[0]), "Next wrong output");
  jump.disabled = !wrong.length;
  const place = make("span", "cb-quiet");
  stage.controls.append(make("div", "cb-buttons", {}, ...line.elements, jump, ...again, place));
  return {
    stop: line.play.stop,
    /** @param {Place} at */
    refresh(at) {
      line.refresh();
      place.textContent = `output ${placeName(state, at)} · ${count(wrong.length, "wrong output")}`;
    },
  };
}
