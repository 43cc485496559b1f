// DropoutLab: hold the button or its key, and masks rain; drag p, and the mean of all sub-networks follows.

import { sharpPen } from "./_canvas.js";
import { put, slider, toggle } from "./_controls.js";
import { MOST_MASKS, NAMES, aboutMean } from "./_dropout_lab.js";
import { paintMean, paintRain, paintYours } from "./_dropout_lab_paint.js";
import { button, make, openStage } from "./_stage.js";
import { reducedMotion } from "./_theme.js";
import { number } from "./_wording.js";

/** @typedef {import("./_dropout_lab.js").State} State */

const PAUSE_MILLISECONDS = 60; // between two drops of the rain
const GROWTH = 40; // it gets heavier: so many steps make e times as many masks
const AT_ONCE = 20; // where less movement is asked for, or a click comes without a hand

/** @param {import("./_stage.js").RenderArguments} arguments_ */
function render({ model, el }) {
  const stage = openStage(el, "dropout-lab", "The mean of all sub-networks");
  const state = () => /** @type {State} */ (Object.fromEntries(NAMES.map((name) => [name, model.get(name)])));
  const add = (/** @type {number} */ masks) => model.set("many", Math.min(MOST_MASKS, model.get("many") + masks));
  const hold = make("button", "cb-button cb-hold", { type: "button" }, "Hold: masks rain");
  const again = button("Start again", () => {
    model.set("seed", model.get("seed") + 1);
    put(model, "many", 0);
  });
  stage.controls.append(make("div", "cb-buttons", {}, hold, again, toggle(stage, model, "scaled", "divide by 1 − p")),
    slider(stage, model, "p", { name: "p", min: 0, max: 0.9, step: 0.05, text: (p) => number(p, 2) }));
  const canvases = [{ paint: paintRain, name: "the newest masks" }, { paint: paintMean, name: "chart of the mean so far" },
    ...(model.get("reading").said ? [{ paint: paintYours, name: "your masks over PyTorch's" }] : [])].map(({ paint, name }) => ({ paint, canvas: make("canvas", "", { role: "img", "aria-label": name }) }));
  stage.body.append(...canvases.map(({ canvas }) => canvas));
  stage.body.classList.toggle("cb-with-yours", canvases.length > 2);
  stage.below.append(model.get("reading").said ?? "");

  let timer = 0;
  const rain = () => {
    add(Math.max(1, Math.floor(model.get("many") / GROWTH)));
    if (model.get("many") >= MOST_MASKS) dry();
  };
  const start = () => {
    if (timer) return;
    if (reducedMotion()) return add(AT_ONCE), model.save_changes();
    timer = window.setInterval(rain, PAUSE_MILLISECONDS);
    rain();
  };
  function dry() {
    if (!timer) return;
    clearInterval(timer);
    timer = 0;
    model.save_changes();
    stage.say("");
    draw(); // read aloud when the rain is over, not drop by drop
  }
  hold.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    hold.setPointerCapture(event.pointerId);
    start();
  });
  for (const name of ["pointerup", "pointercancel", "lostpointercapture", "blur"]) hold.addEventListener(name, dry);
  hold.addEventListener("contextmenu", (event) => event.preventDefault()); // a finger that rests opens one
  hold.addEventListener("keydown", (event) => {
    if ((event.key !== " " && event.key !== "Enter") || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    start();
  });
  hold.addEventListener("keyup", (event) => {
    event.preventDefault(); // else the space bar clicks too
    dry();
  });
  hold.addEventListener("click", (event) => {
    if (event.detail) return; // a hand's click has rained already
    add(AT_ONCE);
    model.save_changes();
  });

  function draw() {
    const [now, dark] = [state(), stage.dark()];
    for (const { canvas, paint } of canvases) {
      const pen = sharpPen(canvas);
      if (pen) paint({ pen, state: now, dark, width: canvas.clientWidth, height: canvas.clientHeight });
    }
    stage.tools.textContent = `${now.many} of ${MOST_MASKS} masks`;
    stage.say(aboutMean(now), timer > 0);
  }

  const resized = new ResizeObserver(draw);
  resized.observe(stage.body);
  stage.watch(model, [...NAMES], draw);
  stage.onTheme(draw);
  stage.onEnd(() => {
    clearInterval(timer);
    resized.disconnect();
  });
  draw();
  return () => stage.close();
}

export default { render };
