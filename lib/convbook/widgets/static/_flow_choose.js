// FlowScope's choices: the depth by a slider or a click on the chart, the seed, gradient or signal.

import { valueUnder } from "./_chart.js";
import { put } from "./_controls.js";
import { depths, seeds, stateOf } from "./_flow.js";
import { depthAxis } from "./_flow_charts.js";
import { button, make } from "./_stage.js";

/** @typedef {import("./_flow.js").State} State */
/** @typedef {import("./_stage.js").Model} Model */

/** @param {Model} model */
export function depthSlider(model) {
  const input = make("input", "cb-slider", { type: "range", min: "0", step: "1" });
  const shown = make("output", "cb-shown");
  const element = make("label", "cb-depth", {}, make("span", "", {}, "depth"), input, shown);
  input.addEventListener("input", () => put(model, "depth", depths(stateOf(model))[Number(input.value)]));
  return {
    element,
    /** @param {State} state */
    refresh(state) {
      const all = depths(state);
      input.max = String(Math.max(0, all.length - 1));
      input.value = String(Math.max(0, all.indexOf(state.depth)));
      input.setAttribute("aria-valuetext", `${state.depth} layers`);
      shown.textContent = `${state.depth} layers`;
    },
  };
}

/** @param {Model} model */
export function seedButtons(model) {
  const element = make("div", "cb-buttons", { role: "group", "aria-label": "seed" });
  return {
    element,
    /** @param {State} state */
    refresh(state) {
      const all = seeds(state);
      element.hidden = all.length < 2;
      if (element.children.length !== all.length) {
        element.replaceChildren(...all.map((seed) => button(`seed ${seed}`, () => put(model, "seed", seed))));
      }
      [...element.children].forEach((one, i) => one.setAttribute("aria-pressed", String(all[i] === state.seed)));
    },
  };
}

/**
 * A click on the chart by depth chooses the nearest depth; the slider does the same for the keyboard.
 * @param {HTMLCanvasElement} canvas
 * @param {Model} model
 */
export function choosePointed(canvas, model) {
  canvas.addEventListener("click", (event) => {
    const state = stateOf(model);
    const all = depths(state);
    const at = valueUnder(canvas, depthAxis(all), event.offsetX);
    put(model, "depth", all.reduce((best, depth) => (Math.abs(depth - at) < Math.abs(best - at) ? depth : best)));
  });
}
