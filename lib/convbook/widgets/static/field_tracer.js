// FieldTracer: drag a unit of the stack, and its cone of light falls on the image.

import { followPointer, sharpPen } from "./_canvas.js";
import { list, put } from "./_controls.js";
import { MOST_LAYERS, NAMES, layerName, levelsOf, nearest, words } from "./_field_tracer.js";
import { paintImage, paintProfile, profileScale } from "./_field_tracer_paint.js";
import { moved } from "./_grid.js";
import { button, make, openStage } from "./_stage.js";

/** @typedef {import("./_field_tracer.js").State} State */
/** @typedef {import("./_field_tracer.js").Layer} Layer */

/** @param {import("./_stage.js").RenderArguments} arguments_ */
function render({ model, el }) {
  const stage = openStage(el, "field-tracer", "What one unit sees");
  const state = () => /** @type {State} */ (Object.fromEntries(NAMES.map((name) => [name, model.get(name)])));
  const level = (layer = model.get("layer")) => levelsOf(model.get("layers"), model.get("size"))[layer];
  const profile = make("canvas", "cb-profile", { tabindex: "0", role: "application" });
  const image = make("canvas", "cb-seen", { tabindex: "0", role: "application", "aria-label": "image from above; arrow keys move the unit" });
  image.style.setProperty("--ratio", String(model.get("size")[1] / model.get("size")[0]));
  const window_ = list("window of the new layer", [1, 2, 3, 5, 7, 11], 3, (k) => `${k} × ${k}`);
  const stride = list("stride of the new layer", [1, 2, 4], 1, (one) => `stride ${one}`);
  const status = make("span", "cb-quiet", { role: "status" });
  const remove = button("", () => change(model.get("layers").filter((/** @type {Layer} */ _, /** @type {number} */ i) => i !== model.get("layer") - 1)));
  const add = button("Add it on top", () => {
    const k = Number(window_.value);
    change([...model.get("layers"), [k, Number(stride.value), Math.floor((k - 1) / 2)]]);
  });
  stage.controls.append(make("div", "cb-buttons", {}, "new layer:", window_, stride, add, remove, status));
  stage.body.append(
    make("div", "", {}, make("div", "cb-caption", {}, "the stack from the side: drag a unit"), profile),
    make("div", "", {}, make("div", "cb-caption", {}, "the image from above"), image),
  );

  /** A new stack, if it fits; the middle unit of its last layer is chosen. @param {Layer[]} layers */
  function change(layers) {
    const levels = levelsOf(layers, model.get("size"));
    const tight = levels.findIndex(({ units }) => !Math.min(...units));
    status.textContent = !layers.length ? "A stack has one layer at least."
      : layers.length > MOST_LAYERS ? `${MOST_LAYERS} layers are the most that are shown.`
        : tight > 0 ? `The window of layer ${tight} would not fit on the units below it.` : "";
    if (status.textContent) return;
    model.set("layers", layers);
    model.set("layer", layers.length);
    put(model, "at", levels[layers.length].units.map((side) => Math.floor(side / 2)));
  }

  /** Choose the unit of a layer that lies nearest to a pixel. @param {number} layer @param {number} row @param {number} column */
  function choose(layer, row, column) {
    model.set("layer", layer);
    put(model, "at", [nearest(level(layer), 0, row), nearest(level(layer), 1, column)]);
  }

  /** The pixel in the middle of the chosen unit's field. */
  const middle = () => model.get("at").map((/** @type {number} */ unit) => level().start + level().jump * unit);
  let held = 0; // the layer whose unit is dragged
  followPointer(profile, (x, y, begins) => {
    const scale = profileScale(state(), profile.clientWidth, profile.clientHeight);
    if (begins) held = scale.level(y);
    choose(held, middle()[0], scale.column(x));
  });
  followPointer(image, (x, y) => {
    const [rows, columns] = model.get("size");
    choose(model.get("layer"), (y / image.clientHeight) * rows - 0.5, (x / image.clientWidth) * columns - 0.5);
  });
  for (const canvas of [profile, image]) {
    canvas.addEventListener("keydown", (event) => {
      const to = moved(event.key, model.get("at"), ...level().units);
      if (!to || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      const up = canvas === profile ? { ArrowUp: 1, ArrowDown: -1 }[event.key] : 0;
      if (!up) put(model, "at", to);
      else choose(Math.min(model.get("layers").length, Math.max(1, model.get("layer") + up)), middle()[0], middle()[1]);
    });
  }

  function draw() {
    waiting = 0;
    const [now, dark] = [state(), stage.dark()];
    for (const [canvas, paint] of /** @type {const} */ ([[profile, paintProfile], [image, paintImage]])) {
      const pen = sharpPen(canvas);
      if (pen) paint({ pen, state: now, dark, width: canvas.clientWidth, height: canvas.clientHeight });
    }
    profile.setAttribute("aria-label", `stack from the side: ${now.layers.map(layerName).join(", then ")}; left and right move the unit, up and down change the layer`);
    remove.textContent = `Remove layer ${now.layer}`;
    stage.say(words(now));
  }

  let waiting = 0;
  const soon = () => void (waiting ||= requestAnimationFrame(draw));
  const resized = new ResizeObserver(soon);
  resized.observe(stage.body);
  stage.watch(model, [...NAMES], soon);
  stage.onTheme(soon);
  stage.onEnd(() => {
    resized.disconnect();
    cancelAnimationFrame(waiting);
  });
  draw();
  return () => stage.close();
}

export default { render };
