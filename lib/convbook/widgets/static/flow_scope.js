// FlowScope: a training while it runs; plain against residual networks by depth, by epoch, by layer.

import { choice, choiceOf, put } from "./_controls.js";
import { depths, KINDS, meanErrors, seeds, share, stateOf, TRAITS, words } from "./_flow.js";
import { depthAxis, kindsOf, panelsOf } from "./_flow_charts.js";
import { stopRow } from "./_flow_stop.js";
import { chartPanel, writeLegend } from "./_panel.js";
import { make, openStage } from "./_stage.js";
import { writeTable } from "./_table.js";
import { timeline } from "./_timeline.js";

/** @typedef {import("./_flow.js").State} State */

const READ_ALOUD_MILLISECONDS = 10_000; // of a training that runs, not every epoch is worth interrupting a listener

/**
 * @param {import("./_stage.js").RenderArguments} arguments_
 */
function render({ model, el }) {
  const stage = openStage(el, "flow-scope", "How training flows");
  let waiting = 0;
  // Many traits change at once: one picture for all of them.
  const soon = () => {
    waiting ||= requestAnimationFrame(draw);
  };
  const legend = make("span", "cb-legend");
  const stop = stopRow(stage, model);
  const panels = ["errors by epoch", "error by depth", "by layer"].map((name) => chartPanel(stage, name, soon));
  const all = () => depths(stateOf(model));
  const slider = timeline(stage, {
    name: "depth", many: 1, bare: true,
    where: () => all().indexOf(model.get("depth")),
    go: (step) => put(model, "depth", all()[step]),
    text: () => `${model.get("depth")} layers`,
  });
  const seed = choiceOf(model, "seed", "seed", (one) => `seed ${one}`);
  const view = choice(stage, model, "layer_view", "what is shown by layer", ["gradient", "signal"]);
  const table = make("details", "cb-numbers");
  stage.tools.append(legend);
  stage.lead.append(stop.element);
  stage.body.append(...panels.map((panel) => panel.element));
  stage.controls.append(make("div", "cb-choose", {}, ...slider.elements, seed.element, view));
  stage.below.append(table);
  // A click on the chart by depth chooses the nearest depth; the slider does the same for the keyboard.
  panels[1].onPick(() => depthAxis(all()), (at) =>
    put(model, "depth", all().reduce((best, depth) => (Math.abs(depth - at) < Math.abs(best - at) ? depth : best))));

  let spoken = -READ_ALOUD_MILLISECONDS;
  const say = (/** @type {string} */ text, /** @type {boolean} */ running) => {
    const quietly = running && performance.now() - spoken < READ_ALOUD_MILLISECONDS;
    if (stage.say(text, quietly) && !quietly) spoken = performance.now();
  };
  function draw() {
    waiting = 0;
    const state = stateOf(model);
    const dark = stage.dark();
    const deep = depths(state);
    for (const part of [panels[1].element, panels[2].element, ...slider.elements, view, table]) part.hidden = !deep.length;
    stop.refresh(state);
    slider.refresh(deep.indexOf(state.depth), deep.length);
    seed.refresh(seeds(state));
    seed.element.hidden = seeds(state).length < 2;
    panelsOf(state, dark).forEach(({ chart, title }, n) => panels[n].draw(chart, title));
    if (deep.length) writeErrors(table, state);
    writeLegend(legend, kindsOf(state, dark), state.running && state.live.done !== undefined ? "now, in this epoch" : undefined);
    say(words(state), state.running);
  }
  stage.watch(model, TRAITS, soon);
  stage.onTheme(soon);
  stage.onEnd(() => cancelAnimationFrame(waiting));
  draw();
  return () => stage.close();
}

/**
 * @param {HTMLDetailsElement} table
 * @param {State} state
 */
function writeErrors(table, state) {
  const many = seeds(state).length;
  const mean = (/** @type {string} */ kind, /** @type {number} */ depth) => meanErrors(state, kind).find(([at]) => at === depth)?.[1];
  writeTable(table, `Training error at the end${many > 1 ? `, mean of ${many} seeds` : ""}`, ["depth", ...KINDS],
    depths(state).map((depth) => [String(depth), ...KINDS.map((kind) => {
      const found = mean(kind, depth);
      return found === undefined ? "–" : share(found);
    })]));
}

export default { render };
