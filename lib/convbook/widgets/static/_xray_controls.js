// ConvXray's controls: a walk over the outputs, a jump to the next wrong one, and the X-ray taken again.

import { placeAt, placeIn, placesIn, stepOf } from "./_slide.js";
import { button, make, send } from "./_stage.js";
import { timeline } from "./_timeline.js";
import { count } from "./_wording.js";
import { wrongPlaces } from "./_xray.js";
import { placeName } from "./_xray_words.js";

/** @typedef {import("./_xray.js").State} State */
/** @typedef {import("./_xray.js").Place} Place */
/** @typedef {import("./_stage.js").Model} Model */
/** @typedef {import("./_stage.js").Stage} Stage */

const KERNEL_WAIT = 6000;
const UNANSWERED = "The kernel has not answered: it is busy or stopped. Run the cell again.";

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
  const name = (/** @type {number} */ step) => `output ${placeName(state, placeAt(step, shape))}`;
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

/**
 * "X-ray again", where there may be a kernel to ask, and what came of it.
 * @param {Stage} stage
 * @param {Model} model
 */
export function againButton(stage, model) {
  let timer = 0;
  const answer = make("span", "cb-quiet", { role: "status" });
  const told = (/** @type {string} */ text) => {
    clearTimeout(timer);
    timer = 0;
    answer.textContent = text;
  };
  const again = button("X-ray again", () => {
    told("asking the kernel …");
    timer = window.setTimeout(() => told(UNANSWERED), KERNEL_WAIT);
    send(model, { again: true });
  });
  stage.onEnd(() => clearTimeout(timer));
  return {
    elements: model.send ? [again, answer] : [],
    /** An X-ray came in: say so to whoever asked for it, even if it shows the same. */
    answered() {
      told(timer ? "X-rayed anew." : "");
    },
  };
}
