// Tabs: one of several panels is seen, chosen by mouse, finger or arrow keys.

import { make } from "./_stage.js";

/** @type {Record<string, (at: number, many: number) => number>} */
const MOVES = {
  ArrowRight: (at, many) => (at + 1) % many,
  ArrowLeft: (at, many) => (at + many - 1) % many,
  Home: () => 0,
  End: (_at, many) => many - 1,
};

/**
 * Which tab a key leads to, round at the ends; null for a key that does not move.
 * @param {string} key
 * @param {number} at
 * @param {number} many
 */
export function tabAfter(key, at, many) {
  return MOVES[key] ? MOVES[key](at, many) : null;
}

/**
 * Build a row of tabs, and make each panel one: what is not chosen is hidden, unless the styles say that all are seen.
 * @param {{ name: string, labels: string[], panels: HTMLElement[], choose: (tab: number) => void }} options
 */
export function tabRow({ name, labels, panels, choose }) {
  const mark = `cb-${Math.random().toString(36).slice(2)}`; // the same widget may stand on a page many times
  const row = make("div", "cb-tabs", { role: "tablist", "aria-label": name });
  const tabs = labels.map((label, n) => {
    const tab = make("button", "cb-tab", { type: "button", role: "tab", id: `${mark}-${n}`, "aria-controls": `${mark}-panel-${n}` }, label);
    tab.addEventListener("click", () => choose(n));
    return tab;
  });
  panels.forEach((panel, n) => {
    const about = { role: "tabpanel", id: `${mark}-panel-${n}`, "aria-labelledby": `${mark}-${n}` };
    for (const [attribute, value] of Object.entries(about)) panel.setAttribute(attribute, value);
  });
  row.append(...tabs);
  row.addEventListener("keydown", (event) => {
    const from = tabs.indexOf(/** @type {HTMLButtonElement} */ (event.target));
    const to = event.ctrlKey || event.metaKey || event.altKey ? null : tabAfter(event.key, from, tabs.length);
    if (to === null) return;
    event.preventDefault();
    choose(to);
    tabs[to].focus();
  });
  return {
    element: row,
    /** Show one panel. @param {number} chosen */
    refresh(chosen) {
      tabs.forEach((tab, n) => {
        tab.setAttribute("aria-selected", String(n === chosen));
        tab.tabIndex = n === chosen ? 0 : -1;
        panels[n]?.classList.toggle("cb-away", n !== chosen);
      });
    },
  };
}
