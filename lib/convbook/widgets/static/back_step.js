// BackStep: the forward maps above, the gradients below. Pour an output's gradient, or ask a cell of dX who paid.

import { factsOf, gridsOf, outputAt, pixelAt, words } from "./_back_step.js";
import { choice, put } from "./_controls.js";
import { fitCells } from "./_fit.js";
import { numberGrid } from "./_grid.js";
import { captioned } from "./_board.js";
import { button, make, openStage, playButton } from "./_stage.js";

/** @typedef {import("./_back_step.js").State} State */
/** @typedef {import("./_back_step.js").Name} Name */

const READ = ["image", "kernel", "stride", "padding", "poured", "at", "name", "readings"];
const TALL_PIXELS = 350; // that the two rows of grids may take, so that the widget fits a screen
/** @type {Record<Name, string>} what each grid is called */
const LABELS = { image: "image", kernel: "kernel", outputs: "outputs", dX: "dX, the gradient of the image", turned: "kernel on the way back",
  gradients: "gradients of the outputs: Enter pours one", yours: "dX of your function" };

/**
 * @param {import("./_stage.js").RenderArguments} arguments_
 */
function render({ model, el }) {
  const stage = openStage(el, "back-step", "A step back through a convolution");
  const state = () => /** @type {State} */ (Object.fromEntries(READ.map((name) => [name, model.get(name)])));
  const pour = (/** @type {number[]} */ outputs, /** @type {(string | number)[]} */ at) => {
    model.set("poured", outputs);
    put(model, "at", at);
  };
  /** Pour the first output that waits, if there is one. */
  const next = () => {
    const { open, outputs } = factsOf(state());
    const waits = outputs.findIndex((_, n) => !open.has(n));
    if (waits >= 0) pour([...open, waits], ["output", waits]);
    return waits >= 0;
  };
  const all = () => {
    const { ofOutput, at, pixels } = factsOf(state());
    pour([-1], ["pixel", ofOutput ? Math.floor(pixels.length / 2) : at]);
  };
  const wrongAfter = () => {
    const { ofOutput, at, wrong } = factsOf(state());
    if (wrong.length) put(model, "at", ["pixel", wrong.find((n) => ofOutput || n > at) ?? wrong[0]]);
  };
  const [pourNext, pourAll, empty] = [button("Pour next", next), button("Pour all", all), button("Empty", () => pour([], ["output", 0]))];
  const nextWrong = button("Next wrong", wrongAfter, "Next wrong cell of your dX");
  const setting = (/** @type {string} */ name, /** @type {number[]} */ values) =>
    make("div", "cb-labelled", {}, make("span", "", { "aria-hidden": "true" }, name), choice(stage, model, name, name, values));
  stage.controls.append(setting("stride", [1, 2]), setting("padding", [0, 1]), make("div", "cb-buttons", {}, pourNext, pourAll, empty, playButton(stage, next).element, nextWrong));
  stage.tools.textContent = "click a gradient to pour it; click a cell of dX to see who paid";

  let built = "";
  /** @type {{ name: Name, grid: import("./_grid.js").NumberGrid, element: HTMLElement }[]} */
  let parts = [];
  const update = () => {
    const structure = JSON.stringify([...["stride", "padding", "readings", "name"].map((name) => model.get(name)), Object.values(gridsOf(factsOf(state()), false)).map(({ rows, columns }) => [rows, columns])]);
    if (structure !== built) stage.keepFocus(build);
    built = structure;
    refresh();
  };

  function build() {
    const facts = factsOf(state());
    const grids = gridsOf(facts, false);
    const ask = (/** @type {string} */ kind, /** @type {number} */ n) => n >= 0 && put(model, "at", [kind, n]);
    const padded = (/** @type {number} */ r, /** @type {number} */ c) => ask("pixel", pixelAt(facts, r, c));
    const take = (/** @type {number} */ r, /** @type {number} */ c) => {
      const [n, { open }] = [outputAt(facts, r, c), factsOf(state())];
      if (n >= 0) pour([...open.add(n)], ["output", n]);
    };
    /** @type {Partial<Record<Name, (row: number, column: number) => void>>} */
    const picks = {
      image: padded, dX: padded, yours: (r, c) => ask("pixel", r * facts.width + c),
      outputs: (r, c) => ask("output", r * facts.across + c), gradients: (r, c) => ask("output", outputAt(facts, r, c)),
    };
    const names = /** @type {Name[]} */ (Object.keys(grids)).filter((name) => name !== "yours" || facts.yours);
    parts = names.map((name) => {
      const { caption, rows, columns } = grids[name];
      const grid = numberGrid({ label: LABELS[name], rows, columns, onPick: picks[name], ...(name === "gradients" ? { onClick: take } : {}) });
      return { name, grid, element: captioned(caption, grid.element, `cb-area-${name}`) };
    });
    const said = facts.reading && !facts.yours ? [make("div", "cb-area-yours cb-said", {}, make("div", "cb-caption", {}, grids.yours.caption), facts.reading.said)] : [];
    const legend = facts.yours ? [make("div", "cb-area-legend", {}, "A filled corner marks a cell where yours takes other gradients or weights than it should.")] : [];
    stage.body.replaceChildren(...parts.map(({ element }) => element), ...said, ...legend);
    stage.body.classList.toggle("cb-with-yours", Boolean(facts.reading));
    nextWrong.hidden = !facts.reading;
    const { rows, columns } = grids.gradients;
    fitCells(stage.body, { columns });
    const greatest = `${Math.max(24, Math.min(33, Math.floor(TALL_PIXELS / (2 * rows))))}px`;
    for (const [name, value] of Object.entries({ "--greatest": greatest, "--tall": String(rows), "--broad": String(columns) })) stage.body.style.setProperty(name, value);
  }

  function refresh() {
    const facts = factsOf(state());
    const grids = gridsOf(facts, stage.dark());
    for (const { name, grid, element } of parts) {
      grid.paint(grids[name].look);
      grid.frame(grids[name].frame);
      if (element.firstElementChild) element.firstElementChild.textContent = grids[name].caption;
    }
    const idle = facts.open.size === facts.outputs.length;
    // Not `disabled`: a button that is pressed by keyboard must keep the focus.
    for (const [one, rests] of /** @type {[HTMLElement, boolean][]} */ ([[pourNext, idle], [pourAll, idle], [empty, !facts.open.size], [nextWrong, !facts.wrong.length]])) {
      one.setAttribute("aria-disabled", String(rests));
    }
    stage.say(words(state()));
  }

  stage.together(model, READ, update);
  stage.onTheme(refresh);
  update();
  return () => stage.close();
}

export default { render };
