// FieldTracer: drag a unit of the stack, and its cone of light falls on the image.

import { put } from "./_controls.js";
import { MOST_LAYERS, NAMES, layerName, levelsOf, nearest, words } from "./_field_tracer.js";
import { paintImage, paintProfile, profileScale } from "./_field_tracer_paint.js";
import { moved } from "./_grid.js";
import { button, make, openStage } from "./_stage.js";

/** @typedef {import("./_field_tracer.js").State} State */
/** @typedef {import("./_field_tracer.js").Layer} Layer */

const NEW = { k: [1, 2, 3, 5, 7, 11], stride: [1, 2, 4] };

/**
 * @param {import("./_stage.js").RenderArguments} arguments_
 */
function render({ model, el }) {
  const stage = openStage(el, "field-tracer", "What one unit sees");
  const state = () => /** @type {State} */ (Object.fromEntries(NAMES.map((name) => [name, model.get(name)])));
  const level = () => levelsOf(model.get("layers"), model.get("size"))[model.get("layer")];
  const profile = make("canvas", "cb-profile", { tabindex: "0", role: "application" });
  const image = make("canvas", "cb-seen", { tabindex: "0", role: "application", "aria-label": "image from above: arrow keys move the unit" });
  const status = make("span", "cb-quiet", { role: "status" });
  const remove = button("", () => change(model.get("layers").filter((/** @type {Layer} */ _, /** @type {number} */ i) => i !== model.get("layer") - 1)));
  const fresh = { k: 3, stride: 1 };
  const add = button("Add it on top", () => change([...model.get("layers"), [fresh.k, fresh.stride, Math.floor((fresh.k - 1) / 2)]]));
  let waiting = 0;
  const soon = () => {
    waiting ||= requestAnimationFrame(() => {
      waiting = 0;
      draw();
    });
  };

  stage.controls.append(make("div", "cb-buttons", {}, make("span", "", {}, "new layer:"),
    picked("window", NEW.k, (k) => `${k} × ${k}`, fresh, "k"), picked("stride", NEW.stride, (stride) => `stride ${stride}`, fresh, "stride"), add, remove, status));
  image.style.setProperty("--ratio", String(model.get("size")[1] / model.get("size")[0]));
  stage.body.append(
    make("div", "cb-side", {}, make("div", "cb-caption", {}, "the stack from the side: drag a unit"), profile),
    make("div", "cb-above", {}, make("div", "cb-caption", {}, "the image from above"), image),
  );

  /** A new stack, if it fits; its last unit in the middle is chosen. @param {Layer[]} layers */
  function change(layers) {
    const { units } = levelsOf(layers, model.get("size"))[layers.length];
    const [k] = layers[layers.length - 1] ?? [0];
    status.textContent = !layers.length ? "A stack has one layer at least."
      : layers.length > MOST_LAYERS ? `${MOST_LAYERS} layers are the most that are shown.`
        : Math.min(...units) ? "" : `A window of ${k} does not fit on the units below it.`;
    if (status.textContent) return;
    model.set("layers", layers);
    model.set("layer", layers.length);
    put(model, "at", units.map((side) => Math.floor(side / 2)));
  }

  /** @param {number} layer @param {number} row of the image @param {number} column */
  function point(layer, row, column) {
    const chosen = levelsOf(model.get("layers"), model.get("size"))[layer];
    model.set("layer", layer);
    put(model, "at", [nearest(chosen, 0, row), nearest(chosen, 1, column)]);
  }

  /** The pixel in the middle of the chosen unit's field. */
  function middle() {
    const { start, jump } = level();
    return model.get("at").map((/** @type {number} */ unit) => start + jump * unit);
  }

  let held = 0; // the layer whose unit is dragged
  dragged(profile, (x, y, begins) => {
    const scale = profileScale(state(), profile.clientWidth, profile.clientHeight);
    if (begins) held = scale.level(y);
    point(held, middle()[0], scale.column(x));
  });
  dragged(image, (x, y) => {
    const [rows, columns] = model.get("size");
    point(model.get("layer"), (y / image.clientHeight) * rows - 0.5, (x / image.clientWidth) * columns - 0.5);
  });
  profile.addEventListener("keydown", (event) => {
    const way = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (!way || event.ctrlKey || event.metaKey || event.altKey) return walk(event, false);
    event.preventDefault();
    const [row, column] = middle();
    point(Math.min(model.get("layers").length, Math.max(1, model.get("layer") + way)), row, column);
  });
  image.addEventListener("keydown", (event) => walk(event, true));

  /** @param {KeyboardEvent} event @param {boolean} rows whether it may change the row */
  function walk(event, rows) {
    const { units } = level();
    const to = moved(event.key, model.get("at"), ...units);
    if (!to || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    put(model, "at", rows ? to : [model.get("at")[0], to[1]]);
  }

  function draw() {
    const now = state();
    const dark = stage.dark();
    for (const [canvas, paint] of /** @type {const} */ ([[profile, paintProfile], [image, paintImage]])) {
      const { clientWidth: width, clientHeight: height } = canvas;
      if (width && height) paint(penOf(canvas, width, height), { state: now, dark, width, height });
    }
    remove.textContent = `Remove layer ${now.layer}`;
    profile.setAttribute("aria-label", `stack from the side, ${now.layers.map(layerName).join(", then ")}; left and right move the unit, up and down change the layer`);
    stage.say(words(now));
  }

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

/**
 * A list to choose from, for the layer to be added.
 * @param {string} name
 * @param {number[]} values
 * @param {(value: number) => string} text
 * @param {Record<string, number>} into
 * @param {string} key
 */
function picked(name, values, text, into, key) {
  const options = values.map((value) => make("option", "", { value: String(value) }, text(value)));
  const select = make("select", "cb-input", { "aria-label": `${name} of the new layer` }, ...options);
  select.value = String(into[key]);
  select.addEventListener("change", () => (into[key] = Number(select.value)));
  return select;
}

/**
 * Follow mouse and finger over a canvas, also outside it.
 * @param {HTMLCanvasElement} canvas
 * @param {(x: number, y: number, begins: boolean) => void} act
 */
function dragged(canvas, act) {
  const follow = (/** @type {PointerEvent} */ event) => {
    const { left, top } = canvas.getBoundingClientRect();
    act(event.clientX - left, event.clientY - top, event.type === "pointerdown");
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    follow(event);
  });
  canvas.addEventListener("pointermove", (event) => canvas.hasPointerCapture(event.pointerId) && follow(event));
}

/**
 * A pen for a canvas as sharp as the screen, that can draw pixels too.
 * @param {HTMLCanvasElement} canvas
 * @param {number} width
 * @param {number} height
 * @returns {any}
 */
function penOf(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  pen.scale(ratio, ratio);
  pen.imageSmoothingEnabled = false;
  const pixels = (/** @type {number[]} */ colours, /** @type {number} */ rows, /** @type {number} */ columns, /** @type {number[]} */ ...box) => {
    const small = new OffscreenCanvas(columns, rows);
    const data = new ImageData(columns, rows);
    for (let i = 0; i < rows * columns; i++) data.data.set([colours[3 * i], colours[3 * i + 1], colours[3 * i + 2], 255], 4 * i);
    /** @type {OffscreenCanvasRenderingContext2D} */ (small.getContext("2d")).putImageData(data, 0, 0);
    pen.drawImage(small, box[0], box[1], box[2], box[3]);
  };
  return Object.assign(pen, { pixels });
}

export default { render };
