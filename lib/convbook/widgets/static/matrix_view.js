// MatrixView: image, kernel and the convolution's matrix linked. Drag a weight and its stripe changes; transpose: it runs backward.

import { choice, put, toggle } from "./_controls.js";
import { dragNumbers } from "./_drag.js";
import { fitCells } from "./_fit.js";
import { numberGrid } from "./_grid.js";
import { captions, factsOf, fits, matrixLook, memberLook, outlined, windowOf, words } from "./_matrix_view.js";
import { captioned } from "./_board.js";
import { button, make, onlyWords, openStage } from "./_stage.js";

/** @typedef {import("./_matrix_view.js").State} State */
/** @typedef {import("./_matrix_view.js").Kind} Kind */
/** @typedef {import("./_matrix_view.js").Place} Place */

const READ = ["image", "kernel", "gradient", "matrix", "transposed", "at"];
const REACH = 9.9;
const MAP_PIXELS = 33; // of a cell in the maps
const TALL_PIXELS = 366; // that the matrix may take, so that the widget fits a screen

/**
 * @param {import("./_stage.js").RenderArguments} arguments_
 */
function render({ model, el }) {
  const stage = openStage(el, "matrix-view", "A convolution is a matrix");
  const state = () => /** @type {State} */ (Object.fromEntries(READ.map((name) => [name, model.get(name)])));
  const structure = () => JSON.stringify([model.get("matrix"), model.get("transposed"), ...["image", "kernel"].map((name) => [model.get(name).length, model.get(name)[0].length])]);
  const examples = /** @type {({ name: string } & Partial<State>)[]} */ (model.get("examples") ?? []);
  const buttons = examples.map((one) => button(one.name, () => {
    for (const name of /** @type {const} */ (["image", "kernel", "gradient"])) model.set(name, one[name]);
    put(model, "at", ["weight", 0]);
  }));
  const shown = make("div", "cb-buttons", { role: "group", "aria-label": "what is convolved" }, ...buttons);
  const kinds = choice(stage, model, "matrix", "which matrix", ["Toeplitz", "im2col"]);
  [shown.hidden, kinds.hidden] = [!buttons.length, !model.get("choose")];
  stage.controls.append(shown, kinds, toggle(stage, model, "transposed", "Transpose"));
  stage.tools.textContent = "point at a cell; drag a weight, or press + and −";

  let built = "";
  let turned = model.get("transposed");
  /** @type {{ refresh: () => void }} */
  let scene = { refresh() {} };
  const update = () => {
    const before = built;
    built = structure();
    if (before === built) return scene.refresh();
    const fold = turned !== model.get("transposed");
    turned = model.get("transposed");
    stage.keepFocus(() => {
      stage.body.replaceChildren();
      scene = fits(state()) ? build(fold) : onlyWords(stage, words(state()));
    });
    buttons.forEach((one, i) => one.setAttribute("aria-pressed", String(JSON.stringify(examples[i].image) === JSON.stringify(model.get("image")))));
  };

  /** @param {boolean} fold whether the matrix has just been turned over */
  function build(fold) {
    const facts = factsOf(state());
    /** @type {Place | null} */
    let pointed = null;
    const go = (/** @type {Place} */ at) => {
      pointed = null;
      put(model, "at", at);
    };
    const point = (/** @type {Place | null} */ at) => {
      pointed = at;
      refresh();
    };
    const map = (/** @type {Kind} */ kind, /** @type {string} */ label) => {
      const [rows, columns] = facts.shape[kind];
      const place = (/** @type {number} */ r, /** @type {number} */ c) => [kind, r * columns + c];
      return numberGrid({ label, rows, columns, classes: `cb-map-${kind}`, onPick: (r, c) => go(place(r, c)), onHover: (r, c) => point(place(r, c)), onLeave: () => point(null) });
    };
    const maps = { pixel: map("pixel", "pixels"), weight: map("weight", "kernel: drag a weight, or press + and −"), output: map("output", "outputs") };
    const placeOf = (/** @type {number} */ row, /** @type {number} */ column) => {
      const [r, c] = [row - 1, column - 1];
      if (r < 0 && c < 0) return model.get("at");
      if (r < 0) return [facts.across, c];
      if (c < 0) return [facts.down, r];
      return facts.transposed ? ["cell", c, r] : ["cell", r, c];
    };
    const matrix = numberGrid({
      label: "matrix: top row in, left column out", rows: facts.rows + 1, columns: facts.columns + 1, classes: `cb-matrix ${fold ? "cb-folding" : ""}`,
      onPick: (r, c) => go(placeOf(r, c)), onHover: (r, c) => point(placeOf(r, c)), onLeave: () => point(null),
    });
    if (!facts.transposed || facts.back !== "weight") {
      maps.weight.element.classList.add("cb-weights");
      dragNumbers(maps.weight, (row, column, value) => put(model, "kernel", changed(model.get("kernel"), row, column, value)));
    }
    const text = captions(facts);
    const arrow = make("span", "cb-arrow", { role: "img", "aria-label": facts.transposed ? "backward" : "forward" }, facts.transposed ? "↑" : "↓");
    stage.body.append(
      make("div", "cb-maps", {}, captioned(text.pixel, maps.pixel.element), make("div", "cb-way", {}, arrow, captioned(text.weight, maps.weight.element)), captioned(text.output, maps.output.element)),
      captioned(text.matrix, matrix.element, "cb-board"),
    );
    const most = 1 + Math.max(...Object.values(facts.values).map((one) => one.length));
    const left = MAP_PIXELS * Math.max(...Object.values(facts.shape).map(([, columns]) => columns));
    fitCells(stage.body, { columns: most, between: Math.max(left, 170) + 40, enough: 24 });
    stage.body.style.setProperty("--greatest", `${Math.max(24, Math.min(52, TALL_PIXELS / most))}px`);
    refresh();
    return { refresh };

    function refresh() {
      const now = { ...state(), at: pointed ?? model.get("at") };
      if (!fits(now) || structure() !== built) return;
      const facts = factsOf(now);
      const dark = stage.dark();
      for (const kind of /** @type {Kind[]} */ (["pixel", "weight", "output"])) {
        const look = memberLook(facts, kind, dark);
        maps[kind].paint((row, column) => look(row * facts.shape[kind][1] + column));
      }
      matrix.paint(matrixLook(facts, dark));
      matrix.frame(outlined(facts));
      maps.pixel.frame(windowOf(facts));
      if (outlined(facts) && !pointed) matrix.reveal();
      stage.say(words(now), pointed !== null);
    }
  }

  stage.together(model, READ, update);
  stage.onTheme(() => scene.refresh());
  update();
  return () => stage.close();
}

/** @param {number[][]} kernel @param {number} row @param {number} column @param {(old: number) => number} value */
function changed(kernel, row, column, value) {
  const held = Math.round(10 * Math.min(REACH, Math.max(-REACH, value(kernel[row][column])))) / 10;
  return kernel.map((line, i) => line.map((old, j) => (i === row && j === column ? held : old)));
}

export default { render };
