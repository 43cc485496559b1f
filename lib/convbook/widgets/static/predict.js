// Predict: a question before the cell that answers it; then guess and truth side by side.

import { fitCells } from "./_fit.js";
import { choiceInput, numberInput, placeInput } from "./_predict_kinds.js";
import { right, said } from "./_predict_rule.js";
import { sketchInput } from "./_predict_sketch.js";
import { button, make, openStage } from "./_stage.js";

const INPUTS = { number: numberInput, choice: choiceInput, place: placeInput, sketch: sketchInput };
const NAMES = ["guess", "skipped", "truth", "why", "tried", "revealed"];

/**
 * @param {import("./_stage.js").RenderArguments} arguments_
 */
function render({ model, el }) {
  const [question, kind, options] = [model.get("question"), model.get("kind"), model.get("options")];
  const stage = openStage(el, "predict", "Predict");
  const input = INPUTS[/** @type {keyof typeof INPUTS} */ (kind)](question, options);
  stage.root.setAttribute("aria-label", `Predict: ${question}`);
  stage.lead.textContent = question;
  stage.body.append(input.element);
  if (kind === "place") fitCells(stage.body, { columns: options.table[0].length });
  const buttons = make("div", "cb-buttons");
  stage.below.append(buttons); // whoever reads or tabs comes by the question first
  let changing = false; // a guess that was made is being changed

  const words = (/** @type {any} */ value) => said(kind, options, value);
  const is = (/** @type {any} */ guess) => right(kind, options, guess, model.get("truth"));
  /** @param {Record<string, any>} news */
  const tell = (news) => {
    for (const [name, value] of Object.entries(news)) model.set(name, value);
    model.save_changes();
    refresh();
  };

  function answer() {
    const value = input.value();
    if (value === undefined) {
      stage.say(input.missing);
      return input.focus();
    }
    changing = false;
    if (model.get("truth") === null) tell({ guess: value, skipped: false });
    else tell({ tried: value, revealed: is(value) });
  }

  /** What is shown now: `ask`, `waiting` for the truth, `again` after a wrong guess, or `told`. */
  function phase() {
    const [guess, truth] = [model.get("guess"), model.get("truth")];
    if (truth === null) return !changing && (guess !== null || model.get("skipped")) ? "waiting" : "ask";
    return guess === null || model.get("revealed") || is(guess) ? "told" : "again";
  }

  function sentence() {
    const [guess, truth, tried] = [model.get("guess"), model.get("truth"), model.get("tried")];
    const now = phase();
    if (now === "ask") return "";
    const waits = model.get("waits") ?? "Go on: a cell below computes the answer."; // a book says it in its own words
    if (now === "waiting") return guess === null ? "Skipped." : `Your guess: ${words(guess)}. ${waits}`;
    if (now === "again") {
      const last = tried === null ? `Your guess was ${words(guess)}. It is not that.` : `Not ${words(tried)} either.`;
      return kind === "sketch" ? "The answer is another curve. Draw again, or look at it." : `✗ ${last} Try again, or look.`;
    }
    const yours = guess === null ? "" : `${is(guess) ? "✓" : "✗"} Your guess: ${words(guess)}. `;
    return `${yours}The answer: ${words(truth)}. ${model.get("why")}`.trim();
  }

  function offers() {
    const now = phase();
    const ask = button("That is my guess", answer);
    if (now === "ask") return [ask, button("Skip", () => tell({ skipped: true, guess: null }))];
    if (now === "again") return [button("Try again", answer), button("Show the answer", () => tell({ revealed: true }))];
    if (now === "told") return [];
    const change = () => {
      changing = true;
      refresh();
      input.focus();
    };
    return [button(model.get("guess") === null ? "Guess after all" : "Change it", change)];
  }

  function refresh() {
    const now = phase();
    const open = now === "ask" || now === "again";
    const [guess, tried] = [model.get("guess"), model.get("tried")];
    const value = now === "again" && tried !== null ? tried : guess;
    input.paint({ value: changing ? null : value, open, guess, truth: now === "told" ? model.get("truth") : null });
    stage.dark();
    stage.keepFocus(() => buttons.replaceChildren(...offers()));
    stage.root.dataset.phase = now;
    stage.say(sentence());
  }

  input.element.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && kind !== "place") {
      event.preventDefault();
      if (phase() === "ask" || phase() === "again") answer();
    }
  });
  stage.watch(model, NAMES, refresh);
  stage.onTheme(refresh);
  if (input.end) stage.onEnd(input.end);
  refresh();
  return () => stage.close();
}

export default { render };
