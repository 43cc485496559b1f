// FlowScope: a training while it runs; plain against residual networks by depth, by epoch, by layer.

import { drawChart, valueUnder } from "./_chart.js";
import { choice } from "./_controls.js";
import { depths, stateOf, TRAITS, words } from "./_flow.js";
import { curvesChart, curvesTitle, depthChart, layersChart, layersTitle } from "./_flow_charts.js";
import { choosePointed, depthSlider, seedButtons } from "./_flow_choose.js";
import { writeLegend, writeTable } from "./_flow_legend.js";
import { stopRow } from "./_flow_stop.js";
import { make, openStage } from "./_stage.js";

const READ_ALOUD_MILLISECONDS = 10_000; // of a training that runs, not every epoch is worth interrupting a listener

/**
 * @param {import("./_stage.js").RenderArguments} arguments_
 */
function render({ model, el }) {
  const stage = openStage(el, "flow-scope", "How training flows");
  const legend = make("span", "cb-legend");
  stage.tools.append(legend);
  const stop = stopRow(stage, model);
  const parts = {
    curves: panel("errors by epoch"),
    depth: panel("error by depth"),
    layers: panel("by layer"),
  };
  const slider = depthSlider(model);
  const seed = seedButtons(model);
  const view = choice(stage, model, "layer_view", "what is shown by layer", ["gradient", "signal"]);
  stage.lead.append(stop.element);
  stage.body.append(parts.curves.element, parts.depth.element, parts.layers.element);
  const table = make("details", "cb-numbers");
  stage.controls.append(make("div", "cb-choose", {}, slider.element, seed.element, view));
  stage.below.append(table);
  choosePointed(parts.depth.canvas, model);

  let waiting = 0;
  let spoken = -READ_ALOUD_MILLISECONDS;
  const say = (/** @type {string} */ text, /** @type {boolean} */ running) => {
    const quietly = running && performance.now() - spoken < READ_ALOUD_MILLISECONDS;
    if (stage.say(text, quietly) && !quietly) spoken = performance.now();
  };
  const draw = () => {
    waiting = 0;
    const state = stateOf(model);
    const dark = stage.dark();
    const byDepth = depths(state).length > 0;
    parts.depth.element.hidden = parts.layers.element.hidden = slider.element.hidden = view.hidden = !byDepth;
    table.hidden = !byDepth;
    stop.refresh(state);
    slider.refresh(state);
    seed.refresh(state);
    const look = lookOf(stage.root);
    drawChart(parts.curves.canvas, parts.curves.pointed(curvesChart(state, dark, look.mark)), look);
    parts.curves.title(curvesTitle(state));
    if (byDepth) {
      drawChart(parts.depth.canvas, parts.depth.pointed(depthChart(state, dark)), look);
      parts.depth.title("training error by depth, at the end");
      drawChart(parts.layers.canvas, parts.layers.pointed(layersChart(state, dark)), look);
      parts.layers.title(layersTitle(state));
      writeTable(table, state);
    }
    writeLegend(legend, state, dark);
    say(words(state), state.running);
  };
  // Many traits change at once: one picture for all of them.
  const soon = () => {
    waiting ||= requestAnimationFrame(draw);
  };
  const room = new ResizeObserver(soon);
  Object.values(parts).forEach((part) => {
    room.observe(part.canvas);
    part.onMove(soon);
  });
  stage.watch(model, TRAITS, soon);
  stage.onTheme(soon);
  stage.onEnd(() => {
    room.disconnect();
    cancelAnimationFrame(waiting);
  });
  draw();
  return () => stage.close();
}

/**
 * A canvas under a caption.
 * @param {string} name
 */
function panel(name) {
  const caption = make("span", "cb-caption", {}, name);
  const head = make("div", "cb-panel-head", {}, caption);
  const canvas = make("canvas", "cb-canvas", { role: "img", "aria-label": name });
  /** @type {number | null} */
  let left = null;
  return {
    /** Call `act` when the pointer moves over the chart, or leaves it. @param {() => void} act */
    onMove(act) {
      canvas.addEventListener("pointermove", (event) => {
        left = event.offsetX;
        act();
      });
      canvas.addEventListener("pointerleave", () => {
        left = null;
        act();
      });
    },
    /** The chart with what the pointer is on. @param {import("./_chart.js").Chart} chart */
    pointed: (chart) => (left === null ? chart : { ...chart, pointed: valueUnder(canvas, chart.x, left) }),
    element: make("div", `cb-panel cb-${name.replace(/ /g, "-")}`, {}, head, canvas),
    head,
    canvas,
    /** @param {string} text */
    title(text) {
      caption.textContent = text;
      canvas.setAttribute("aria-label", `chart: ${text}`);
    },
  };
}

/** @param {HTMLElement} root */
function lookOf(root) {
  const style = getComputedStyle(root);
  /** @param {string} share */
  const blend = (share) => `color-mix(in srgb, ${style.color} ${share}, ${style.backgroundColor})`;
  return {
    ink: style.color, quiet: blend("68%"), grid: blend("14%"), paper: style.backgroundColor,
    mark: style.color, font: `12px ${style.fontFamily}`,
  };
}

export default { render };
