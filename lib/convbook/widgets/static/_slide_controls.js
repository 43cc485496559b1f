// SlideLab's buttons, and the form in which a number is predicted before it is shown.

import { outputs, placeIn, stepFrom } from "./_slide.js";
import { guessAt, isRight, nameOf } from "./_slide_words.js";
import { button, make, playButton } from "./_stage.js";
import { typed } from "./_wording.js";

/** @typedef {import("./_slide_parts.js").Place} Place */
/** @typedef {import("./_slide_words.js").State} State */
/** @typedef {import("./_stage.js").Model} Model */
/** @typedef {import("./_stage.js").Stage} Stage */

/**
 * Back, Next, Play, Predict first, and the form for a prediction.
 * @param {Stage} stage
 * @param {Model} model
 * @param {Place} shape
 * @param {(at: number[]) => void} go
 * @param {HTMLElement} filters
 */
export function buildControls(stage, model, shape, go, filters) {
  const step = (/** @type {number} */ by) => {
    const next = stepFrom(placeIn(model.get("at"), shape), shape, by);
    if (next) go(next);
    return next !== null;
  };
  const play = playButton(stage, () => step(1));
  const last = shape.map((length) => length - 1);
  const back = button("Back", () => step(-1) || go(last), "Back to the previous output");
  const next = button("Next", () => {
    if (!step(1)) go([0, 0, 0]);
    form.focus();
  }, "Next output");
  const form = predictForm(model, shape, () => next.focus());
  const predict = button("Predict first", () => {
    play.stop();
    model.set("predict", !model.get("predict"));
    model.save_changes();
    form.focus();
  });
  const score = make("span", "cb-quiet");
  stage.controls.append(make("div", "cb-buttons", {}, back, next, play.element, predict, filters, score), form.element);
  return {
    stop: play.stop,
    /** @param {State} now @param {number[]} at */
    refresh(now, at) {
      predict.setAttribute("aria-pressed", String(now.predict));
      play.element.hidden = now.predict; // a prediction wants time
      form.refresh(now, at);
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

/**
 * The form for one prediction. It goes when the number is shown; `then` gives the focus a new place.
 * @param {Model} model
 * @param {Place} shape
 * @param {() => void} then
 */
function predictForm(model, shape, then) {
  const input = make("input", "cb-input", { type: "text", inputmode: "text", autocomplete: "off", size: "6" });
  const name = make("span", "", {}, "");
  const hint = make("span", "cb-quiet", { role: "status" });
  const element = make("form", "cb-predict", {}, make("label", "", {}, name, input));
  const keep = (/** @type {number | null} */ guess) => {
    const at = placeIn(model.get("at"), shape);
    input.value = "";
    hint.textContent = "";
    model.set("guesses", [...model.get("guesses"), [...at, guess]]);
    model.save_changes();
    then();
  };
  element.append(make("button", "cb-button", { type: "submit" }, "Check"), button("Show me", () => keep(null)), hint);
  element.addEventListener("submit", (event) => {
    event.preventDefault();
    const guess = typed(input.value);
    if (Number.isFinite(guess)) keep(guess);
    else hint.textContent = "Type a number, such as −3, 0.5 or 1/3.";
  });
  return {
    element,
    /** Go to the input, where there is one to fill in. */
    focus() {
      if (!element.hidden) input.focus({ preventScroll: true });
    },
    /** @param {State} state @param {number[]} at */
    refresh(state, at) {
      element.hidden = !state.predict || guessAt(state, at) !== undefined;
      name.textContent = `${nameOf(state, at)} = `;
    },
  };
}
