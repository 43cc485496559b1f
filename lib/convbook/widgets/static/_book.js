// A page of the book: brings its widgets, their states and their modules together. No kernel, no network.

import { recapOf } from "./_book_recap.js";
import { mark } from "./_drill_reader.js";
import { plainModel } from "./_page.js";

/** @typedef {import("./_stage.js").Model} Model */
/** @typedef {{ shown: any, key: import("./_drill_reader.js").Key }} Asked */
/** @typedef {{ view: string, state: Record<string, any>, later?: Record<string, any>, rounds?: Asked[][] }} Shown */
/** @typedef {{ render: (arguments_: { model: Model, el: HTMLElement }) => unknown }} Widget */
/** @typedef {{ convbookShown?: Record<string, Shown>, convbookWidgets?: Record<string, () => Widget> }} Page */

/**
 * A question's model: nobody runs a cell here, so its answer comes with a guess, or with the wish to skip it.
 * @param {Record<string, any>} state
 * @param {Record<string, any>} later
 * @returns {Model}
 */
export function questionModel(state, later) {
  const model = plainModel(state);
  return {
    ...model,
    save_changes() {
      if (model.get("guess") === null && !model.get("skipped")) return;
      for (const name of ["why", "truth"]) model.set(name, later[name]);
    },
  };
}

/**
 * A drill's model: rounds that were drawn before, and answers marked here.
 * @param {Record<string, any>} state
 * @param {Asked[][]} rounds
 * @returns {Model}
 */
export function drillModel(state, rounds) {
  const model = plainModel(state);
  let asked = rounds[0];
  return {
    ...model,
    save_changes() {
      const [round, typed] = [model.get("round"), model.get("typed")];
      if (round !== model.get("drawn")) {
        asked = rounds[round % rounds.length];
        model.set("told", {});
        model.set("questions", asked.map((one) => one.shown));
        model.set("drawn", round);
      } else if (asked[typed.number]) {
        model.set("told", { ...mark(asked[typed.number].key, typed.text), number: typed.number, count: typed.count });
      }
    },
  };
}

/**
 * The model of a widget as its notebook left it.
 * @param {Shown} shown
 */
function modelOf({ state, later, rounds }) {
  if (later) return questionModel(state, later);
  return rounds ? drillModel(state, rounds) : plainModel(state);
}

/** Bring every widget of the page to life; two places of one widget share its model, as in a notebook. */
export function start() {
  const { convbookShown: shown = {}, convbookWidgets: modules = {} } = /** @type {Page} */ (window);
  /** @type {Record<string, Widget>} */
  const widgets = {};
  /** @type {Record<string, Model>} */
  const models = {};
  for (const place of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".cb-live"))) {
    const number = place.dataset.model ?? "";
    const { view } = shown[number];
    place.replaceChildren();
    (widgets[view] ??= modules[view]()).render({ model: (models[number] ??= modelOf(shown[number])), el: place });
  }
  for (const place of document.querySelectorAll(".cb-recap")) recapOf(place, Object.values(models));
  reachScrollers();
  addEventListener("resize", reachScrollers);
}

/** Let the keyboard reach what scrolls sideways, and only that. */
function reachScrollers() {
  for (const one of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".cb-out, .cb-out pre, .cb-formula, .highlight pre, .table-wrapper"))) {
    if (one.scrollWidth > one.clientWidth) one.tabIndex = 0;
    else one.removeAttribute("tabindex");
  }
}
