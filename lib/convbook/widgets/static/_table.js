// Numbers as a table behind a summary, for whoever prefers numbers or hears the page.

import { make } from "./_stage.js";

/**
 * Write a table into `details`; the first column names the rows.
 * @param {HTMLDetailsElement} details
 * @param {string} caption
 * @param {string[]} columns
 * @param {string[][]} rows
 */
export function writeTable(details, caption, columns, rows) {
  const head = make("tr", "", {}, ...columns.map((name) => make("th", "", { scope: "col" }, name)));
  const lines = rows.map(([name, ...values]) =>
    make("tr", "", {}, make("th", "", { scope: "row" }, name), ...values.map((value) => make("td", "", {}, value))));
  const table = make("table", "cb-table", {}, make("caption", "", {}, caption), make("thead", "", {}, head), make("tbody", "", {}, ...lines));
  details.replaceChildren(details.querySelector("summary") ?? make("summary", "", {}, "The numbers"), table);
}
