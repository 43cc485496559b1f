// ShapeCalc: drag the output's edge, and the settings that reach that length light up.

import { followPointer, sharpPen } from "./_canvas.js";
import { put, stopSlider } from "./_controls.js";
import { LIMITS, MOST_PLACES, SETTINGS, goalOf, outputOf, reaching, rule, torchLine, words } from "./_shape_calc.js";
import { HEIGHT, OUTPUT, cellOf, columnsOf, paint } from "./_shape_calc_paint.js";
import { button, make, openStage } from "./_stage.js";

/** @typedef {import("./_shape_calc.js").State} State */

/** @type {Record<string, number>} */
const STEPS = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 5, PageDown: -5, Home: -MOST_PLACES, End: MOST_PLACES };

/**
 * @param {import("./_stage.js").RenderArguments} arguments_
 */
function render({ model, el }) {
  const stage = openStage(el, "shape-calc", "Which settings give this size?");
  const traits = [...SETTINGS, "wanted"];
  const state = () => /** @type {State} */ (Object.fromEntries(traits.map((name) => [name, model.get(name)])));
  const sliders = SETTINGS.map((name) => {
    const [min, max] = LIMITS[name];
    return { name, ...stopSlider(stage, model, name, { name, min, max }) };
  });
  const canvas = make("canvas", "cb-ribbon", { "aria-hidden": "true" }); // the sentence says what it shows
  canvas.style.height = `${HEIGHT}px`;
  const edge = make("div", "cb-edge", { role: "slider", tabindex: "0", "aria-label": "edge of the output: drag it, or press arrow keys", "aria-valuemin": "1" });
  edge.style.top = `${OUTPUT}px`;
  const line = make("code", "cb-code", { tabindex: "0" });
  const copied = make("span", "cb-quiet", { role: "status" });
  const forget = button("Forget the wanted size", () => put(model, "wanted", 0));
  stage.controls.append(...sliders.map((one) => one.element));
  stage.body.append(canvas, edge);
  stage.below.append(line, button("Copy", copy, "Copy the PyTorch line"), forget, copied);

  const most = () => Math.min(MOST_PLACES, columnsOf(state()) - 1); // so that the scale stays during a drag
  const want = (/** @type {number} */ length) => put(model, "wanted", Math.min(most(), Math.max(1, length)));
  let grip = 0; // pixels from the edge to where it was taken
  followPointer(edge, (x, _, begins) => {
    const cell = cellOf(state(), canvas.clientWidth);
    if (begins) grip = x - goalOf(state()) * cell;
    else want(Math.round((x - grip) / cell));
  }, canvas);
  edge.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") put(model, "wanted", 0);
    if (!(event.key in STEPS)) return;
    event.preventDefault(); // the page would scroll
    want(goalOf(state()) + STEPS[event.key]);
  });

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
    const [dark, goal, out, width] = [stage.dark(), goalOf(now), outputOf(now), canvas.clientWidth];
    const pen = sharpPen(canvas);
    if (pen) paint(pen, now, dark, width);
    sliders.forEach(({ name, light }) => light(reaching(now, name)));
    edge.style.left = `${goal * cellOf(now, width)}px`;
    edge.setAttribute("aria-valuemax", String(Math.max(goal, most())));
    edge.setAttribute("aria-valuenow", String(Math.max(1, goal)));
    edge.setAttribute("aria-valuetext", goal === out ? `${out} outputs` : `${goal} outputs wanted, ${out} there`);
    forget.disabled = !now.wanted;
    copied.textContent = "";
    stage.tools.textContent = `${rule(now)}${goal ? `; lit: each of these alone gives ${goal}` : ""}`;
    line.textContent = torchLine(now);
    stage.say(words(now));
  }

  const resized = new ResizeObserver(draw);
  resized.observe(canvas);
  stage.watch(model, traits, draw);
  stage.onTheme(draw);
  stage.onEnd(() => resized.disconnect());
  draw();
  return () => stage.close();
}

export default { render };
