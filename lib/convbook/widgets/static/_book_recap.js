// What a reader guessed on a page of the book, and what surprised: the twin of `Recap` in predict_recap.py.

import { right, said } from "./_predict_rule.js";
import { make } from "./_stage.js";

/** @typedef {import("./_stage.js").Model} Model */

/**
 * Show in `place` what was guessed at the questions among the models, now and whenever a guess is made.
 * @param {Element} place
 * @param {Model[]} models
 */
export function recapOf(place, models) {
  const questions = models.filter((model) => model.get("question") !== undefined);
  const show = () => {
    const guessed = questions.filter((model) => model.get("guess") !== null && model.get("truth") !== null);
    const surprises = guessed.filter((model) => !right(model.get("kind"), model.get("options"), model.get("guess"), model.get("truth")));
    const table = surprises.length ? [tableOf(surprises)] : [];
    place.replaceChildren(make("p", "", { role: "status" }, headline(questions.length, guessed.length, surprises.length)), ...table);
  };
  for (const model of questions) model.on("change:truth", show);
  show();
}

/**
 * @param {number} asked
 * @param {number} guessed
 * @param {number} surprised
 */
export function headline(asked, guessed, surprised) {
  if (!guessed) return "You have made no guess on this page yet.";
  const times = surprised === 1 ? "once" : surprised === 0 ? "never" : `${surprised} times`;
  return `You guessed ${guessed} of ${asked} answers, and were surprised ${times}.`;
}

/** @param {Model[]} surprises */
function tableOf(surprises) {
  const head = ["What surprised you", "your guess", "the answer"].map((name) => make("th", "", { scope: "col" }, name));
  const rows = surprises.map((model) => {
    const words = (/** @type {string} */ name) => said(model.get("kind"), model.get("options"), model.get(name));
    return make("tr", "", {}, ...[model.get("question"), words("guess"), words("truth")].map((text) => make("td", "", {}, text)));
  });
  return make("table", "", {}, make("thead", "", {}, make("tr", "", {}, ...head)), make("tbody", "", {}, ...rows));
}
