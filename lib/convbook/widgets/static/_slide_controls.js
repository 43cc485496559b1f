// SlideLab's timeline, and the form in which a number is predicted before it is shown.

import { numberForm } from "./_number_form.js";
import { outputs, placeAt, placeIn, placesIn, stepOf } from "./_slide.js";
import { guessAt, isRight, nameOf } from "./_slide_words.js";
import { button, make } from "./_stage.js";
import { timeline } from "./_timeline.js";

/** @typedef {import("./_slide_parts.js").Place} Place */
/** @typedef {import("./_slide_words.js").State} State */
/** @typedef {import("./_stage.js").Model} Model */
/** @typedef {import("./_stage.js").Stage} Stage */

/**
 * The timeline and Predict first; while numbers are predicted, the form takes the place of what plays and scrubs.
 * @param {Stage} stage
 * @param {Model} model
 * @param {Place} shape
 * @param {(at: number[]) => void} go
 */
export function buildControls(stage, model, shape, go) {
  const where = () => placeIn(model.get("at"), shape);
  const name = (/** @type {number} */ step) => nameOf({ kernels: model.get("kernels") }, placeAt(step, shape));
  const line = timeline(stage, {
    name: "output", many: placesIn(shape), where: () => stepOf(where(), shape), go: (step) => go(placeAt(step, shape)), text: name,
  });
  const score = make("span", "cb-quiet", { role: "status" });
  const form = numberForm(score, (guess) => {
    model.set("guesses", [...model.get("guesses"), [...where(), guess]]);
    model.save_changes();
    line.next.focus();
  });
  line.next.addEventListener("click", form.focus);
  const predict = button("Predict first", () => {
    line.play.stop();
    model.set("predict", !model.get("predict"));
    model.save_changes();
    form.focus();
  });
  stage.controls.append(make("div", "cb-buttons", {}, ...line.elements, form.element, predict, score));
  return {
    stop: line.play.stop,
    /** @param {State} now @param {number[]} at */
    refresh(now, at) {
      predict.setAttribute("aria-pressed", String(now.predict));
      line.play.element.hidden = line.slider.hidden = now.predict; // a prediction wants time
      line.refresh();
      form.refresh(nameOf(now, at), now.predict && guessAt(now, at) === undefined);
      score.textContent = now.predict ? scored(now) : "";
    },
  };
}

/** @param {State} state */
function scored(state) {
  const values = outputs(state);
  const tried = state.guesses.filter(([f, r, c, guess]) => guess !== null && values[f ?? 0]?.[r ?? 0]?.[c ?? 0] !== undefined);
  const right = tried.filter(([f, r, c, guess]) => isRight(Number(guess), values[Number(f)][Number(r)][Number(c)]));
  return tried.length ? `${right.length} of ${tried.length} right` : "";
}
