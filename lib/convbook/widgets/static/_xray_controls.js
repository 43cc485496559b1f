// ConvXray's buttons: a walk over the outputs, a jump to the next wrong one, and the X-ray taken again.

import { stepFrom } from "./_slide.js";
import { button, make, playButton, send } from "./_stage.js";
import { count } from "./_wording.js";
import { held, wrongPlaces } from "./_xray.js";
import { placeName } from "./_xray_words.js";

/** @typedef {import("./_xray.js").State} State */
/** @typedef {import("./_xray.js").Place} Place */
/** @typedef {import("./_stage.js").Model} Model */
/** @typedef {import("./_stage.js").Stage} Stage */

const KERNEL_WAIT = 6000;
const UNANSWERED = "The kernel has not answered: it is busy or stopped. Run the cell again.";

/**
 * Back, Next, Next wrong, Play, and X-ray again.
 * @param {Stage} stage
 * @param {Model} model
 * @param {State} state
 * @param {Place} shape
 * @param {(at: number[]) => void} go
 * @param {HTMLElement[]} again
 */
export function buildControls(stage, model, state, shape, go, again) {
  const wrong = wrongPlaces(state);
  const where = () => held(model.get("at"), shape);
  const step = (/** @type {number} */ by) => {
    const next = stepFrom(where(), shape, by);
    if (next) go(next);
    return next !== null;
  };
  const rank = (/** @type {number[]} */ at) => (at[0] * shape[1] + at[1]) * shape[2] + at[2];
  const play = playButton(stage, () => step(1));
  const jump = button("Next wrong", () => go(wrong.find((at) => rank(at) > rank(where())) ?? wrong[0]), "Next wrong output");
  jump.disabled = !wrong.length;
  const back = button("Back", () => step(-1) || go(shape.map((length) => length - 1)), "Back to the previous output");
  const next = button("Next", () => step(1) || go([0, 0, 0]), "Next output");
  const place = make("span", "cb-quiet");
  stage.controls.append(make("div", "cb-buttons", {}, back, next, jump, play.element, ...again, place));
  return {
    stop: play.stop,
    /** @param {Place} at */
    refresh(at) {
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
