// FlowScope: a training while it runs; plain against residual networks by depth, by epoch, by layer.

import { drawChart, valueUnder } from "./_chart.js";
import { depths, KINDS, meanErrors, seeds, share, words } from "./_flow.js";
import { curvesChart, depthAxis, depthChart, layersChart, layersTitle, styleOf } from "./_flow_charts.js";
import { button, make, openStage } from "./_stage.js";

/** @typedef {import("./_flow.js").State} State */
/** @typedef {import("./_stage.js").Model} Model */
/** @typedef {import("./_stage.js").Stage} Stage */

const TRAITS = ["runs", "norms", "live", "running", "session", "heard", "depth", "seed", "layer_view"];
const TRIES = 5; // a front end that delivers messages while a cell runs has done so by then
const PAUSE_MILLISECONDS = 500;
const UNHEARD =
  "Here a click reaches Python only when the cell has ended. To stop now, press ■ in the toolbar: the best weights are kept.";

/**
 * @param {Model} model
 * @returns {State}
 */
function stateOf(model) {
  return /** @type {any} */ (Object.fromEntries(TRAITS.map((name) => [name, model.get(name)])));
}

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
  const view = viewButtons(model);
  parts.layers.head.append(view.element);
  stage.lead.append(stop.element);
  stage.body.append(parts.curves.element, parts.depth.element, parts.layers.element);
  const table = make("details", "cb-numbers");
  stage.controls.append(make("div", "cb-choose", {}, slider.element, seed.element), table);
  choosePointed(parts.depth.canvas, model);

  let waiting = 0;
  const draw = () => {
    waiting = 0;
    const state = stateOf(model);
    const dark = stage.dark();
    const byDepth = depths(state).length > 0;
    parts.depth.element.hidden = parts.layers.element.hidden = slider.element.hidden = !byDepth;
    table.hidden = !byDepth;
    stop.refresh(state);
    slider.refresh(state);
    seed.refresh(state);
    view.refresh(state);
    const look = lookOf(stage.root);
    drawChart(parts.curves.canvas, curvesChart(state, dark, look.mark), look);
    parts.curves.title(byDepth ? `training error by epoch, depth ${state.depth}` : "error by epoch");
    if (byDepth) {
      drawChart(parts.depth.canvas, depthChart(state, dark), look);
      parts.depth.title("training error by depth, at the end");
      drawChart(parts.layers.canvas, layersChart(state, dark), look);
      parts.layers.title(layersTitle(state));
      writeTable(table, state);
    }
    writeLegend(legend, byDepth ? KINDS : ["training", "validation"], dark);
    stage.say(words(state));
  };
  // Many traits change at once: one picture for all of them.
  const soon = () => {
    waiting ||= requestAnimationFrame(draw);
  };
  const room = new ResizeObserver(soon);
  Object.values(parts).forEach((part) => room.observe(part.canvas));
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
  return {
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

/**
 * The Stop button, how far the training is, and what to do where the button cannot work.
 * @param {Stage} stage
 * @param {Model} model
 */
function stopRow(stage, model) {
  let asked = 0;
  let pinged = 0;
  const stop = button("Stop training", () => {
    asked = model.get("session");
    insist(stage, model, "stop", () => false);
    refresh(stateOf(model));
  });
  const bar = make("progress", "cb-progress", { max: "1", "aria-label": "share of this network's training that is done" });
  const status = make("span", "cb-quiet");
  const note = make("span", "cb-note", { role: "status" });
  const element = make("div", "cb-buttons cb-stop", {}, stop, bar, status, note);
  const heard = () => model.get("heard") === model.get("session");

  /** @param {State} state */
  function refresh(state) {
    element.hidden = !state.running || !model.send;
    if (element.hidden || heard()) note.textContent = "";
    if (element.hidden) return;
    if (pinged !== state.session) {
      pinged = state.session;
      insist(stage, model, "ping", heard, () => {
        note.textContent = UNHEARD;
      });
    }
    const stopping = asked === state.session;
    stop.textContent = stopping ? "Stopping…" : "Stop training";
    stop.setAttribute("aria-disabled", String(stopping));
    const { name, epoch, epochs, done } = state.live;
    bar.value = done ?? 0;
    status.textContent = name ? `${name} · epoch ${epoch} of ${epochs}` : "";
  }
  return { element, refresh };
}

/**
 * Send a message to Python a few times, until it has come in or the training is over: a kernel that is just
 * writing to the widget may put one message off until the cell's end.
 * @param {Stage} stage
 * @param {Model} model
 * @param {"ping" | "stop"} kind
 * @param {() => boolean} arrived
 * @param {() => void} [giveUp]
 */
function insist(stage, model, kind, arrived, giveUp = () => {}) {
  const session = model.get("session");
  let tries = 0;
  let timer = 0;
  const attempt = () => {
    if (arrived() || !model.get("running") || model.get("session") !== session) return;
    if (tries++ === TRIES) return giveUp();
    model.send?.({ kind, session });
    timer = window.setTimeout(attempt, PAUSE_MILLISECONDS);
  };
  stage.onEnd(() => clearTimeout(timer));
  attempt();
}

/** @param {Model} model */
function depthSlider(model) {
  const input = make("input", "cb-slider", { type: "range", min: "0", step: "1" });
  const shown = make("output", "cb-shown");
  const element = make("label", "cb-depth", {}, make("span", "", {}, "depth"), input, shown);
  input.addEventListener("input", () => choose(model, "depth", depths(stateOf(model))[Number(input.value)]));
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
function seedButtons(model) {
  const element = make("div", "cb-buttons", { role: "group", "aria-label": "seed" });
  return {
    element,
    /** @param {State} state */
    refresh(state) {
      const all = seeds(state);
      element.hidden = all.length < 2;
      if (element.children.length !== all.length) {
        element.replaceChildren(...all.map((seed) => button(`seed ${seed}`, () => choose(model, "seed", seed))));
      }
      [...element.children].forEach((one, i) => one.setAttribute("aria-pressed", String(all[i] === state.seed)));
    },
  };
}

/** @param {Model} model */
function viewButtons(model) {
  const views = /** @type {const} */ (["gradient", "signal"]);
  const buttons = views.map((view) => button(view, () => choose(model, "layer_view", view)));
  return {
    element: make("div", "cb-buttons", { role: "group", "aria-label": "what is shown by layer" }, ...buttons),
    /** @param {State} state */
    refresh(state) {
      buttons.forEach((one, i) => one.setAttribute("aria-pressed", String(views[i] === state.layer_view)));
    },
  };
}

/**
 * @param {Model} model
 * @param {string} trait
 * @param {any} value
 */
function choose(model, trait, value) {
  model.set(trait, value);
  model.save_changes();
}

/**
 * A click on the chart by depth chooses the nearest depth; the slider does the same for the keyboard.
 * @param {HTMLCanvasElement} canvas
 * @param {Model} model
 */
function choosePointed(canvas, model) {
  canvas.addEventListener("click", (event) => {
    const state = stateOf(model);
    const all = depths(state);
    const at = valueUnder(canvas, depthAxis(all), event.offsetX);
    choose(model, "depth", all.reduce((best, depth) => (Math.abs(depth - at) < Math.abs(best - at) ? depth : best)));
  });
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

/**
 * What colour, line and marker mean.
 * @param {HTMLElement} legend
 * @param {string[]} kinds
 * @param {boolean} dark
 */
function writeLegend(legend, kinds, dark) {
  legend.replaceChildren(...kinds.map((kind) => make("span", "cb-entry", {}, keyOf(kind, dark), ` ${kind}`)));
}

const SVG = "http://www.w3.org/2000/svg";

/**
 * A short piece of a kind's line with its marker.
 * @param {string} kind
 * @param {boolean} dark
 */
function keyOf(kind, dark) {
  const { colour, marker, dash } = styleOf(kind, dark);
  const key = document.createElementNS(SVG, "svg");
  const line = document.createElementNS(SVG, "path");
  const sign = document.createElementNS(SVG, "path");
  for (const [name, value] of Object.entries({ class: "cb-key", width: "38", height: "12", "aria-hidden": "true" })) {
    key.setAttribute(name, value);
  }
  line.setAttribute("d", "M1 6H37");
  line.setAttribute("stroke", colour);
  line.setAttribute("stroke-width", "2");
  line.setAttribute("stroke-dasharray", dash.join(" "));
  sign.setAttribute("d", marker === "square" ? "M15 2h8v8h-8z" : "M14.5 6a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0 -9 0");
  sign.setAttribute("fill", colour);
  key.append(line, sign);
  return key;
}

/**
 * The errors as a table, for whoever prefers numbers or hears the page.
 * @param {HTMLDetailsElement} details
 * @param {State} state
 */
function writeTable(details, state) {
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

export default { render };
