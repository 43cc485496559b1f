// FilterPainter: a kernel beside a photograph. Drag a weight up or down, and the whole picture answers in the same frame.

import { base64, bytesOf } from "./_bytes.js";
import { signed, WINDOW } from "./_colour.js";
import { dragNumbers } from "./_drag.js";
import { fitCells } from "./_fit.js";
import { onceAFrame } from "./_frame.js";
import { numberGrid } from "./_grid.js";
import { coloursOf, combined, filtered, products, swings, words, ZOO } from "./_paint.js";
import { cameraButton, fileButton } from "./_picture.js";
import { button, make, openStage } from "./_stage.js";
import { pixelSurface, zoomButtons } from "./_surface.js";
import { index, number } from "./_wording.js";
import { WHOLE } from "./_zoom.js";

/** @typedef {import("./_paint.js").State} State */

const REACH = 9;
const NO_DRAG = 6; // pixels a hand may shake while it presses
const SCALE = 2;

/**
 * @param {import("./_stage.js").RenderArguments} arguments_
 */
function render({ model, el }) {
  const stage = openStage(el, "filter-painter", "Paint a filter");
  const state = () => /** @type {State} */ (Object.fromEntries(["pixels", "size", "kernel", "at"].map((name) => [name, model.get(name)])));
  let bytes = bytesOf(model.get("pixels"));
  let drawn = new Uint8ClampedArray(0); // the picture of which `grays` are the colours
  let grays = drawn;
  const zoomed = make("span", "cb-quiet", { role: "status" });
  /** @type {import("./_zoom.js").View} */
  let view = WHOLE;
  let scene = build();
  const set = (/** @type {string} */ name, /** @type {any} */ value) => {
    model.set(name, value);
    model.save_changes();
  };
  const drawing = onceAFrame(() => scene.draw());
  const soon = drawing.ask;
  const rebuild = () => stage.keepFocus(() => {
    bytes = bytesOf(model.get("pixels"));
    scene = build();
  });
  /** A new picture from this computer; it stays in the browser, and in the notebook if that is saved. */
  const take = (/** @type {Uint8ClampedArray<ArrayBuffer>} */ fresh) => {
    bytes = fresh;
    stage.tools.textContent = "your picture";
    soon();
  };

  function build() {
    const [rows, columns] = model.get("size");
    const side = model.get("kernel").length;
    const point = (/** @type {number} */ row, /** @type {number} */ column) => set("at", [row, column]);
    // Both pictures are zoomed together: what is seen in one is seen in the other.
    const zoom = (/** @type {import("./_zoom.js").View} */ to) => {
      view = to;
      [before, after].forEach((one) => one.lookAt(view));
      zoomed.textContent = view.zoom > 1 ? `zoom ${number(view.zoom, 1)} ×` : "";
      soon();
    };
    const surface = (/** @type {string} */ name) => pixelSurface({
      label: `${name}; arrow keys move the window, + and − zoom, 0 shows all`, rows, columns, pixels: SCALE, onPoint: point, onView: zoom,
    });
    const [before, after] = [surface("picture"), surface("answer of the kernel")];
    [before, after].forEach((one) => one.lookAt(view));
    const kernel = numberGrid({ label: "kernel: drag a weight, or press + and −", rows: side, columns: side, classes: "cb-kernel" });
    const loupe = numberGrid({ label: "products under the window", rows: side, columns: side });
    dragNumbers(kernel, (row, column, value) => set("kernel", changed(model.get("kernel"), row, column, value)));
    const answer = make("div", "cb-caption", {}, "answer");
    const sum = make("div", "cb-caption");
    stage.body.replaceChildren(
      block(make("div", "cb-caption", {}, "picture"), before.element),
      make("div", "cb-middle", {}, block(make("div", "cb-caption", {}, "kernel: drag up or down"), kernel.element),
        block(sum, loupe.element)),
      block(answer, after.element),
    );
    fitCells(stage.body, { columns: side, letters: 5 });
    return { draw, before };

    function draw() {
      const now = state();
      const dark = stage.dark();
      const mark = WINDOW[dark ? "dark" : "light"];
      const most = Math.max(...now.kernel.flat().map(Math.abs));
      const swing = swings(now.kernel);
      if (drawn !== bytes) grays = coloursOf(Float64Array.from(bytes, (byte) => byte / 255), false);
      drawn = bytes;
      before.draw(grays, now.at, side, mark);
      after.draw(coloursOf(filtered(bytes, now.size, now.kernel), swing), now.at, side, mark);
      answer.textContent = swing ? "answer: blue below 0, red above" : "answer: black 0, white 1";
      kernel.paint((i, j) => {
        const text = number(now.kernel[i][j], 2);
        return { text, label: `weight ${index(i, j)} is ${text}`, fill: signed(now.kernel[i][j], most, dark) };
      });
      const under = products(now, bytes);
      const terms = under.flat().map(({ pixel, weight }) => pixel * weight);
      const largest = Math.max(...terms.map(Math.abs));
      loupe.paint((i, j) => {
        const { pixel, weight, inside } = under[i][j];
        const text = number(pixel * weight, 2);
        const label = `${text}, ${inside ? `pixel ${number(pixel, 2)}` : "padding 0"} times weight ${number(weight, 2)}`;
        return { text, label, fill: signed(pixel * weight, largest, dark), classes: inside ? "" : "cb-padding" };
      });
      sum.textContent = `products, sum ${number(terms.reduce((a, b) => a + b, 0), 2)}`;
      stage.say(words(now, bytes));
    }
  }

  const zoo = zooOf(model, (kernel) => set("kernel", kernel), stage.body);
  const camera = cameraButton(() => model.get("size"), take);
  const file = fileButton(() => model.get("size"), (fresh) => {
    take(fresh);
    set("pixels", base64(fresh));
  });
  stage.lead.append(zoo);
  stage.tools.textContent = model.get("credit") ?? "";
  stage.controls.append(make("div", "cb-buttons", {}, sizeButton(3), sizeButton(5), sizeButton(7), file.element, camera.element, ...zoomButtons(() => scene.before), zoomed, camera.status));

  /** @param {number} side */
  function sizeButton(side) {
    const blank = Array.from({ length: side }, () => Array(side).fill(0));
    return button(`${side} × ${side}`, () => {
      const old = /** @type {number[][]} */ (model.get("kernel"));
      const edge = (old.length - side) / 2;
      set("kernel", edge > 0 ? blank.map((line, i) => line.map((_, j) => old[i + edge][j + edge])) : combined(old, blank, 1));
    }, `${side} × ${side} kernel`);
  }

  stage.watch(model, ["kernel"], () => {
    if (model.get("kernel").length !== stage.body.querySelectorAll(".cb-kernel .cb-row").length) rebuild();
    soon();
  });
  stage.watch(model, ["at"], soon);
  stage.watch(model, ["pixels", "size"], () => {
    rebuild();
    soon();
  });
  stage.onTheme(soon);
  stage.onEnd(() => {
    drawing.stop();
    camera.stop();
  });
  scene.draw();
  return () => stage.close();
}

/** @param {HTMLElement} caption @param {HTMLElement} content */
function block(caption, content) {
  return make("div", "cb-block", {}, caption, content);
}

/**
 * @param {number[][]} kernel
 * @param {number} row
 * @param {number} column
 * @param {(old: number) => number} value
 */
function changed(kernel, row, column, value) {
  const held = Math.min(REACH, Math.max(-REACH, value(kernel[row][column])));
  return kernel.map((line, i) => line.map((old, j) => (i === row && j === column ? Math.round(held * 1000) / 1000 : old)));
}

/**
 * The zoo: press a kernel to take it; drag it onto the painted one, or onto another, to add it (with − before it, to take it
 * away). The keyboard has the same by the three buttons in front.
 * @param {import("./_stage.js").Model} model
 * @param {(kernel: number[][]) => void} take
 * @param {HTMLElement} target where a dragged kernel may be dropped
 */
function zooOf(model, take, target) {
  let mode = "take";
  const modes = ["take", "add", "subtract"].map((name) => button(name, () => choose(name)));
  const choose = (/** @type {string} */ name) => {
    mode = name;
    modes.forEach((one) => one.setAttribute("aria-pressed", String(one.textContent === name)));
  };
  const sign = () => (mode === "subtract" ? -1 : 1);
  const chips = Object.entries(ZOO).map(([name, kernel]) => {
    let dragged = false; // a drag ends with a click, too
    const chip = button(name, () => dragged || take(mode === "take" ? kernel : combined(model.get("kernel"), kernel, sign())));
    chip.classList.add("cb-chip");
    let start = [0, 0];
    chip.addEventListener("pointerdown", (event) => {
      start = [event.clientX, event.clientY];
      dragged = false;
      chip.setPointerCapture(event.pointerId);
    });
    chip.addEventListener("pointermove", (event) => {
      if (!chip.hasPointerCapture(event.pointerId)) return;
      const [x, y] = [event.clientX - start[0], event.clientY - start[1]];
      dragged ||= Math.hypot(x, y) > NO_DRAG;
      if (dragged) chip.style.transform = `translate(${x}px, ${y}px)`;
    });
    const drop = (/** @type {PointerEvent} */ event) => {
      chip.style.transform = "";
      if (!dragged) return;
      const box = (/** @type {Element | null} */ one) => {
        const { left, right, top, bottom } = (one ?? chip).getBoundingClientRect();
        return one && event.clientX >= left && event.clientX <= right && event.clientY >= top && event.clientY <= bottom;
      };
      const other = chips.find((one) => one !== chip && box(one));
      if (other) take(combined(ZOO[other.textContent ?? ""], kernel, sign()));
      else if (box(target.querySelector(".cb-kernel"))) take(combined(model.get("kernel"), kernel, sign()));
    };
    chip.addEventListener("pointerup", drop);
    chip.addEventListener("pointercancel", () => (chip.style.transform = ""));
    return chip;
  });
  choose(mode);
  return make("div", "cb-zoo", {}, make("div", "cb-buttons", { role: "group", "aria-label": "what a kernel of the zoo does" }, ...modes),
    make("div", "cb-buttons", { role: "group", "aria-label": "zoo of kernels" }, ...chips));
}

export default { render };
