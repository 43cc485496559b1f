// PoolLab: drag the image under fixed windows; pull a thread from an output back to the pixel that gets its gradient.

import { followPointer, sharpPen } from "./_canvas.js";
import { choice } from "./_controls.js";
import { moved } from "./_grid.js";
import { MOST_SHIFT, NAMES, factsOf, pressed, pulled, words } from "./_pool_lab.js";
import { cellUnder, paint, sceneOf } from "./_pool_lab_paint.js";
import { button, make, openStage } from "./_stage.js";

/** @typedef {import("./_pool_lab.js").State} State */

const CLICK_PIXELS = 6; // a press that moves less is a click
/** @type {Record<string, [number, number]>} */
const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

/** @param {import("./_stage.js").RenderArguments} arguments_ */
function render({ model, el }) {
  const stage = openStage(el, "pool-lab", "What pooling keeps, and whom it remembers");
  const state = () => /** @type {State} */ (Object.fromEntries(NAMES.map((name) => [name, model.get(name)])));
  const change = (/** @type {Partial<State>} */ news) => {
    for (const [name, value] of Object.entries(news)) model.set(name, value);
    model.save_changes();
  };
  const canvas = make("canvas", "", { "aria-hidden": "true" }); // the sentence says what it shows
  const zone = (/** @type {string} */ label) => make("div", "cb-zone", { role: "application", tabindex: "0", "aria-label": label });
  const image = zone("image: drag it, or press arrow keys, to move it by a pixel; Home brings it back");
  const outputs = zone("outputs: arrow keys choose one; Enter pulls its thread, moves it to the next of equal pixels, and lets go");
  const labelled = (/** @type {"kind" | "k" | "stride"} */ name, /** @type {string} */ text, /** @type {any[]} */ values) =>
    make("div", "cb-labelled", {}, make("span", "", { "aria-hidden": "true" }, text), choice(stage, model, name, text, values));
  const all = () => change({ poured: [...factsOf(state()).now.keys()], at: [factsOf(state()).at, -1] });
  stage.controls.append(labelled("kind", "pooling", ["max", "average"]), labelled("k", "window", [2, 3]), labelled("stride", "stride", [1, 2, 3]),
    make("div", "cb-buttons", {}, button("Pull all", all), button("Let go", () => change({ poured: [], settled: {}, at: [factsOf(state()).at, -1] })),
      button("Image back", () => move([0, 0]))));
  stage.body.append(canvas, image, outputs);

  /** @param {number[]} to */
  function move(to) {
    change({ shift: to.map((by) => Math.max(-MOST_SHIFT, Math.min(MOST_SHIFT, by))), at: [factsOf(state()).at, -1] });
  }

  const scene = () => sceneOf(factsOf(state()), canvas.clientWidth);
  /** @type {{ x: number, y: number, shift: number[] }} where a drag of the image began */
  let taken = { x: 0, y: 0, shift: [0, 0] };
  followPointer(image, (x, y, begins) => {
    if (begins) taken = { x, y, shift: model.get("shift") };
    const { cell } = scene().image;
    if (!begins) move([taken.shift[0] + Math.round((y - taken.y) / cell), taken.shift[1] + Math.round((x - taken.x) / cell)]);
  }, canvas);

  /** @type {{ n: number, from: number[], end: number[] } | null} the thread that a hand pulls now */
  let pull = null;
  followPointer(outputs, (x, y, begins) => {
    const { down, across } = factsOf(state());
    if (begins) {
      const n = cellUnder(scene().outputs, down, across, x, y);
      pull = n < 0 ? null : { n, from: [x, y], end: [x, y] };
      if (pull) change({ at: [n, -1] });
    } else if (pull) pull.end = [x, y];
    draw();
  }, canvas, (dropped) => {
    const [held, now] = [pull, state()];
    pull = null;
    const { height, width } = factsOf(now);
    if (held && dropped) {
      const pixel = cellUnder(scene().image, height, width, held.end[0], held.end[1]);
      const way = Math.hypot(held.end[0] - held.from[0], held.end[1] - held.from[1]);
      if (pixel >= 0) change(pulled(now, held.n, pixel));
      else if (way < CLICK_PIXELS) change(pressed(now, held.n));
    }
    draw(); // a thread that is dropped beside the image slips back
  });

  image.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !(event.key in STEPS || event.key === "Home")) return;
    event.preventDefault(); // the page would scroll
    move(event.key === "Home" ? [0, 0] : STEPS[event.key].map((by, axis) => by + model.get("shift")[axis]));
  });
  outputs.addEventListener("keydown", (event) => {
    const { at, down, across } = factsOf(state());
    const to = moved(event.key, [Math.floor(at / across), at % across], down, across);
    const press = event.key === "Enter" || event.key === " ";
    if (event.ctrlKey || event.metaKey || event.altKey || !(to || press)) return;
    event.preventDefault();
    change(to ? { at: [to[0] * across + to[1], -1] } : pressed(state(), at));
  });

  function draw() {
    const [now, dark] = [state(), stage.dark()];
    const facts = factsOf(now);
    const { height, ...grids } = sceneOf(facts, canvas.clientWidth);
    canvas.style.height = `${height}px`;
    const pen = sharpPen(canvas);
    if (pen) paint(pen, now, dark, canvas.clientWidth, pull && Math.hypot(pull.end[0] - pull.from[0], pull.end[1] - pull.from[1]) > CLICK_PIXELS ? pull.end : null);
    for (const [element, { left, top, cell }, rows, columns] of /** @type {const} */ ([[image, grids.image, facts.height, facts.width], [outputs, grids.outputs, facts.down, facts.across]])) {
      Object.assign(element.style, { left: `${left}px`, top: `${top}px`, width: `${columns * cell}px`, height: `${rows * cell}px` });
    }
    stage.say(words(now));
  }

  const resized = new ResizeObserver(draw);
  resized.observe(stage.body);
  stage.together(model, [...NAMES], draw);
  stage.watch(model, ["k", "stride", "kind"], () => model.set("at", [model.get("at")[0], -1]));
  stage.onTheme(draw);
  stage.onEnd(() => resized.disconnect());
  draw();
  return () => stage.close();
}

export default { render };
