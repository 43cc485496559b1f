// ShapeCalc: drag the output's edge, and the settings that reach that length light up.

import { put, slider } from "./_controls.js";
import { LIMITS, MOST_PLACES, SETTINGS, goalOf, outputOf, reaching, rule, torchLine, words } from "./_shape_calc.js";
import { HEIGHT, OUTPUT, cellOf, paint } from "./_shape_calc_paint.js";
import { button, make, openStage } from "./_stage.js";

/** @typedef {import("./_shape_calc.js").State} State */
/** @typedef {import("./_shape_calc.js").Setting} Setting */

/** @type {Record<string, number>} */
const STEPS = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 5, PageDown: -5, Home: -MOST_PLACES, End: MOST_PLACES };

/**
 * @param {import("./_stage.js").RenderArguments} arguments_
 */
function render({ model, el }) {
  const stage = openStage(el, "shape-calc", "Which settings give this size?");
  const state = () => /** @type {State} */ (Object.fromEntries([...SETTINGS, "wanted"].map((name) => [name, model.get(name)])));
  const settings = SETTINGS.map((name) => setting(stage, model, name));
  const canvas = make("canvas", "cb-ribbon", { "aria-hidden": "true" }); // the sentence says what it shows
  const edge = make("div", "cb-edge", { role: "slider", tabindex: "0", "aria-label": "edge of the output: drag it, or press arrow keys", "aria-valuemin": "1" });
  const line = make("code", "cb-code", { tabindex: "0" });
  const copied = make("span", "cb-quiet", { role: "status" });
  const forget = button("Forget the wanted size", () => want(0));
  stage.controls.append(...settings.map((one) => one.element));
  canvas.style.height = `${HEIGHT}px`;
  stage.body.append(canvas, edge);
  stage.below.append(line, button("Copy", copy, "Copy the PyTorch line"), forget, copied);

  const want = (/** @type {number} */ length) => put(model, "wanted", Math.min(most(), Math.max(0, length)));
  const most = () => Math.min(MOST_PLACES, Math.floor(canvas.clientWidth / cellOf(state(), canvas.clientWidth)) - 1);

  async function copy() {
    try {
      await navigator.clipboard.writeText(line.textContent ?? "");
      copied.textContent = "Copied.";
    } catch {
      getSelection()?.selectAllChildren(line); // no clipboard here: the person copies the selected line
      copied.textContent = "Selected: press Ctrl+C.";
    }
  }

  function draw() {
    const now = state();
    const { clientWidth: width } = canvas;
    const [dark, goal, out] = [stage.dark(), goalOf(now), outputOf(now)];
    const ratio = window.devicePixelRatio || 1;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(HEIGHT * ratio);
    const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    pen.scale(ratio, ratio);
    if (width) paint(pen, now, dark, width);
    settings.forEach((one) => one.light(reaching(now, one.name)));
    edge.style.left = `${goal * cellOf(now, width)}px`;
    edge.style.top = `${OUTPUT.top}px`;
    edge.setAttribute("aria-valuemax", String(Math.max(goal, most())));
    edge.setAttribute("aria-valuenow", String(goal));
    edge.setAttribute("aria-valuetext", goal === out ? `${out} outputs` : `${goal} outputs wanted, ${out} there`);
    forget.disabled = !now.wanted;
    stage.tools.textContent = `${rule(now)}${goal ? `; lit: each of these alone gives ${goal}` : ""}`;
    line.textContent = torchLine(now);
    stage.say(words(now));
  }

  edge.addEventListener("pointerdown", (event) => edge.setPointerCapture(event.pointerId));
  edge.addEventListener("pointermove", (event) => {
    if (!edge.hasPointerCapture(event.pointerId)) return;
    const { left, width } = canvas.getBoundingClientRect();
    want(Math.max(1, Math.round((event.clientX - left) / cellOf(state(), width))));
  });
  edge.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") want(0);
    if (!(event.key in STEPS)) return;
    event.preventDefault(); // the page would scroll
    want(Math.max(1, goalOf(state()) + STEPS[event.key]));
  });
  const resized = new ResizeObserver(draw);
  resized.observe(canvas);
  stage.watch(model, [...SETTINGS, "wanted"], () => {
    copied.textContent = "";
    draw();
  });
  stage.onTheme(draw);
  stage.onEnd(() => resized.disconnect());
  draw();
  return () => stage.close();
}

/**
 * A slider with its stops below: those that reach the goal are lit, and a click takes one.
 * @param {import("./_stage.js").Stage} stage
 * @param {import("./_stage.js").Model} model
 * @param {Setting} name
 */
function setting(stage, model, name) {
  const [min, max] = LIMITS[name];
  const element = slider(stage, model, name, { name, min, max });
  const input = /** @type {HTMLInputElement} */ (element.querySelector("input"));
  const few = max - min < 12;
  const stops = Array.from({ length: max - min + 1 }, (_, i) => make("span", "cb-stop", {}, few ? String(min + i) : ""));
  const row = make("div", "cb-stops", { "aria-hidden": "true" }, ...stops);
  stops.forEach((stop, i) => stop.addEventListener("click", () => put(model, name, min + i)));
  const track = make("span", "cb-track");
  input.replaceWith(track);
  track.append(input, row);
  return {
    name, element,
    /** @param {number[]} values */
    light: (values) => stops.forEach((stop, i) => stop.classList.toggle("cb-lit", values.includes(min + i))),
  };
}

export default { render };
