// The ways to answer a question: a number, one of some choices, a place in a table.

import { gray } from "./_colour.js";
import { numberGrid } from "./_grid.js";
import { make } from "./_stage.js";
import { number, typed } from "./_wording.js";

/** @typedef {import("./_predict_rule.js").Options} Options */

/**
 * @typedef {object} Input one way to answer
 * @property {HTMLElement} element
 * @property {() => any} value what is answered now; undefined where nothing is
 * @property {string} missing what to do where nothing is answered
 * @property {(look: Look) => void} paint
 * @property {() => void} focus
 * @property {() => void} [end]
 */

/**
 * @typedef {object} Look
 * @property {any} value what the input shows; null for nothing
 * @property {boolean} open whether it takes an answer
 * @property {any} guess
 * @property {any} truth null as long as it is not shown
 */

let radios = 0;

/**
 * @param {string} question
 * @param {Options} options
 * @returns {Input}
 */
export function numberInput(question, { unit }) {
  const field = make("input", "cb-input", { type: "text", inputmode: "decimal", autocomplete: "off", "aria-label": question });
  const element = make("label", "cb-answer-number", {}, field, unit);
  return {
    element,
    missing: "Type a number, such as 28, 0.5 or 1/9.",
    value: () => (Number.isFinite(typed(field.value)) ? typed(field.value) : undefined),
    paint({ value, open }) {
      if (value !== null) field.value = number(value);
      field.disabled = !open;
    },
    focus: () => field.focus(),
  };
}

/**
 * @param {string} question
 * @param {Options} options
 * @returns {Input}
 */
export function choiceInput(question, { choices }) {
  const name = `convbook-predict-${(radios += 1)}`;
  const lines = choices.map((choice) => {
    const radio = make("input", "", { type: "radio", name });
    const mark = make("span", "cb-verdict");
    return { choice, radio, mark, line: make("label", "cb-choice", {}, radio, make("span", "", {}, choice), mark) };
  });
  const element = make("div", "cb-choices", { role: "radiogroup", "aria-label": question }, ...lines.map((one) => one.line));
  return {
    element,
    missing: "Choose one of the lines.",
    value: () => lines.find((one) => one.radio.checked)?.choice,
    paint({ value, open, guess, truth }) {
      for (const { choice, radio, mark, line } of lines) {
        if (value !== null) radio.checked = choice === value;
        radio.disabled = !open;
        line.classList.toggle("cb-true", choice === truth);
        mark.textContent = marked(choice === guess, truth, choice === truth);
      }
    },
    focus: () => (lines.find((one) => one.radio.checked) ?? lines[0]).radio.focus(),
  };
}

/**
 * @param {string} question
 * @param {Options} options
 * @returns {Input}
 */
export function placeInput(question, { table }) {
  /** @type {number[] | undefined} */
  let at;
  let open = true;
  /** @type {Look} */
  let look = { value: null, open: true, guess: null, truth: null };
  const numbers = table.flat();
  const ends = /** @type {[number, number]} */ ([Math.min(...numbers), Math.max(...numbers)]);
  const grid = numberGrid({
    label: question, rows: table.length, columns: table[0].length,
    onClick(row, column) {
      if (!open) return;
      at = [row, column];
      draw();
    },
  });
  const is = (/** @type {any} */ place, /** @type {number} */ r, /** @type {number} */ c) => place?.[0] === r && place?.[1] === c;

  function draw() {
    grid.paint((row, column) => {
      const mine = is(look.truth === null ? at : look.guess, row, column);
      const sign = marked(mine, look.truth, is(look.truth, row, column));
      const text = number(table[row][column], 2);
      const classes = `${mine ? "cb-mine" : ""} ${is(look.truth, row, column) ? "cb-truth" : ""}`;
      return { text, label: `row ${row}, column ${column}: ${text}${sign && `, ${sign}`}`, classes,
        fill: gray(table[row][column], ...ends) };
    });
  }
  return {
    element: grid.element,
    missing: "Choose a cell of the table: a click, or the arrow keys and Enter.",
    value: () => at,
    paint(now) {
      look = now;
      if (now.value !== null) at = now.value;
      open = now.open;
      draw();
    },
    focus: () => grid.cell(at?.[0] ?? 0, at?.[1] ?? 0).focus(),
  };
}

/**
 * The words beside an answer, once the truth is shown; before, beside the own guess alone.
 * @param {boolean} mine
 * @param {any} truth
 * @param {boolean} isTrue
 */
function marked(mine, truth, isTrue) {
  if (truth === null) return mine ? "your guess" : "";
  if (isTrue) return mine ? "✓ your guess, and the answer" : "✓ the answer";
  return mine ? "✗ your guess" : "";
}
