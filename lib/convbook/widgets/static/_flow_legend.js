// FlowScope's legend, and its numbers as a table.

import { depths, KINDS, meanErrors, seeds, share } from "./_flow.js";
import { styleOf } from "./_flow_charts.js";
import { make } from "./_stage.js";

/** @typedef {import("./_flow.js").State} State */

const SVG = "http://www.w3.org/2000/svg";
const SIGNS = { square: "M15 2h8v8h-8z", circle: "M14.5 6a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0 -9 0" };

/**
 * What colour, line and marker mean.
 * @param {HTMLElement} legend
 * @param {State} state
 * @param {boolean} dark
 */
export function writeLegend(legend, state, dark) {
  const kinds = depths(state).length ? KINDS : ["training", "validation"];
  const entries = kinds.map((kind) => entry(keyOf(kind, dark), kind));
  if (state.running && state.live.done !== undefined) entries.push(entry(ring(), "now, in this epoch"));
  legend.replaceChildren(...entries);
}

/**
 * @param {Element} key
 * @param {string} text
 */
function entry(key, text) {
  return make("span", "cb-entry", {}, key, ` ${text}`);
}

/**
 * A short piece of a kind's line with its marker.
 * @param {string} kind
 * @param {boolean} dark
 */
function keyOf(kind, dark) {
  const { colour, marker, dash } = styleOf(kind, dark);
  const line = path({ d: "M1 6H37", stroke: colour, "stroke-width": "2", "stroke-dasharray": dash.join(" ") });
  return key(line, path({ d: SIGNS[marker], fill: colour }));
}

/** The marker of where the training stands. */
function ring() {
  return key(path({ d: SIGNS.circle, fill: "none", stroke: "currentColor", "stroke-width": "2" }));
}

/**
 * @param {...Element} drawn
 */
function key(...drawn) {
  const element = document.createElementNS(SVG, "svg");
  const attributes = { class: "cb-key", width: "38", height: "12", "aria-hidden": "true" };
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...drawn);
  return element;
}

/** @param {Record<string, string>} attributes */
function path(attributes) {
  const element = document.createElementNS(SVG, "path");
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

/**
 * The errors as a table, for whoever prefers numbers or hears the page.
 * @param {HTMLDetailsElement} details
 * @param {State} state
 */
export function writeTable(details, state) {
  const all = depths(state);
  const head = make("tr", "", {}, make("th", "", { scope: "col" }, "depth"), ...KINDS.map((kind) => make("th", "", { scope: "col" }, kind)));
  const rows = all.map((depth) => {
    const cells = KINDS.map((kind) => {
      const found = meanErrors(state, kind).find(([at]) => at === depth);
      return make("td", "", {}, found ? share(found[1]) : "–");
    });
    return make("tr", "", {}, make("th", "", { scope: "row" }, String(depth)), ...cells);
  });
  const many = seeds(state).length;
  const caption = `Training error at the end${many > 1 ? `, mean of ${many} seeds` : ""}`;
  const table = make("table", "cb-table", {}, make("caption", "", {}, caption), make("thead", "", {}, head), make("tbody", "", {}, ...rows));
  const summary = details.querySelector("summary") ?? make("summary", "", {}, "The numbers");
  details.replaceChildren(summary, table);
}
