// Controls bound to a trait: what a person sets goes into the model, and what comes from the model is shown.

import { button, make } from "./_stage.js";

/** @typedef {import("./_stage.js").Model} Model */
/** @typedef {import("./_stage.js").Stage} Stage */

/**
 * A slider with its name and its value; `text` says the value with its unit.
 * @param {Stage} stage
 * @param {Model} model
 * @param {string} trait
 * @param {{ name: string, min: number, max: number, step?: number, text?: (value: number) => string }} how
 */
export function slider(stage, model, trait, { name, min, max, step = 1, text = String }) {
  const input = make("input", "cb-slider", { type: "range", min: String(min), max: String(max), step: String(step) });
  const shown = make("output", "cb-shown");
  input.addEventListener("input", () => put(model, trait, Number(input.value)));
  bind(stage, model, trait, () => {
    input.value = String(model.get(trait));
    shown.textContent = text(model.get(trait));
    input.setAttribute("aria-valuetext", text(model.get(trait)));
  });
  return make("label", "cb-labelled", {}, make("span", "", {}, name), input, shown);
}

/**
 * A slider with its whole numbers below it, of which some can be lit; a click on one takes it.
 * @param {Stage} stage
 * @param {Model} model
 * @param {string} trait
 * @param {{ name: string, min: number, max: number }} how
 */
export function stopSlider(stage, model, trait, how) {
  const element = slider(stage, model, trait, how);
  const input = /** @type {HTMLInputElement} */ (element.querySelector("input"));
  const values = Array.from({ length: how.max - how.min + 1 }, (_, i) => how.min + i);
  const stops = values.map((value) => make("span", "cb-stop", {}, values.length > 12 ? "" : String(value)));
  const track = make("span", "cb-track");
  input.replaceWith(track);
  track.append(input, make("span", "cb-stops", { "aria-hidden": "true" }, ...stops));
  stops.forEach((stop, i) => stop.addEventListener("click", () => put(model, trait, values[i])));
  return {
    element,
    /** @param {number[]} lit */
    light: (lit) => stops.forEach((stop, i) => stop.classList.toggle("cb-lit", lit.includes(values[i]))),
  };
}

/**
 * A list to choose a number from, where no trait is bound.
 * @param {string} name
 * @param {readonly number[]} values
 * @param {number} chosen
 * @param {(value: number) => string} text
 */
export function list(name, values, chosen, text) {
  const options = values.map((value) => make("option", "", { value: String(value) }, text(value)));
  const element = make("select", "cb-input", { "aria-label": name }, ...options);
  element.value = String(chosen);
  return element;
}

/**
 * A row of buttons of which one is chosen.
 * @param {Stage} stage
 * @param {Model} model
 * @param {string} trait
 * @param {string} name
 * @param {readonly any[]} values
 */
export function choice(stage, model, trait, name, values) {
  const row = choiceOf(model, trait, name, String);
  bind(stage, model, trait, () => row.refresh(values));
  return row.element;
}

/**
 * A row of buttons of which one is chosen, for values that come and go: call `refresh` with those there are now.
 * @param {Model} model
 * @param {string} trait
 * @param {string} name
 * @param {(value: any) => string} text
 */
export function choiceOf(model, trait, name, text) {
  const element = make("div", "cb-buttons", { role: "group", "aria-label": name });
  return {
    element,
    /** @param {readonly any[]} values */
    refresh(values) {
      if (element.children.length !== values.length) {
        element.replaceChildren(...values.map((value) => button(text(value), () => put(model, trait, value))));
      }
      [...element.children].forEach((one, i) => one.setAttribute("aria-pressed", String(values[i] === model.get(trait))));
    },
  };
}

/**
 * A button that is on or off.
 * @param {Stage} stage
 * @param {Model} model
 * @param {string} trait
 * @param {string} name
 */
export function toggle(stage, model, trait, name) {
  const element = button(name, () => put(model, trait, !model.get(trait)));
  bind(stage, model, trait, () => element.setAttribute("aria-pressed", String(Boolean(model.get(trait)))));
  return element;
}

/** @param {Model} model @param {string} trait @param {any} value */
export function put(model, trait, value) {
  model.set(trait, value);
  model.save_changes();
}

/** @param {Stage} stage @param {Model} model @param {string} trait @param {() => void} show */
function bind(stage, model, trait, show) {
  stage.watch(model, [trait], show);
  show();
}
