// SlideLab: a window over an image, its products, their sum, the bias; predict the number first.

import { linkLines } from "./_links.js";
import { outputShape, placeIn } from "./_slide.js";
import { buildControls } from "./_slide_controls.js";
import { paint } from "./_slide_paint.js";
import { buildParts, layOut, links, summary } from "./_slide_parts.js";
import { words } from "./_slide_words.js";
import { onlyWords, openStage } from "./_stage.js";

/** @typedef {import("./_slide_parts.js").Place} Place */
/** @typedef {import("./_slide_words.js").State} State */
/** @typedef {import("./_stage.js").Model} Model */
/** @typedef {import("./_stage.js").Stage} Stage */

const STRUCTURE = ["image", "kernels", "bias", "stride", "padding"];

/**
 * All traits of the model.
 * @param {Model} model
 * @returns {State}
 */
function stateOf(model) {
  const names = [...STRUCTURE, "at", "predict", "guesses"];
  return /** @type {any} */ (Object.fromEntries(names.map((name) => [name, model.get(name)])));
}

/**
 * @param {import("./_stage.js").RenderArguments} arguments_
 */
function render({ model, el }) {
  const stage = openStage(el, "slide-lab", "Slide a window: products, sum, bias");
  let scene = buildScene(stage, model);
  const rebuild = () => {
    scene.end();
    stage.keepFocus(() => {
      scene = buildScene(stage, model);
    });
  };
  stage.watch(model, STRUCTURE, rebuild);
  stage.watch(model, ["at", "predict", "guesses"], () => scene.refresh());
  stage.onTheme(() => scene.refresh());
  stage.onEnd(() => scene.end());
  return () => stage.close();
}

/**
 * Build everything for one image and its kernels.
 * @param {Stage} stage
 * @param {Model} model
 */
function buildScene(stage, model) {
  const state = stateOf(model);
  const shape = outputShape(state);
  stage.body.replaceChildren();
  stage.controls.replaceChildren();
  stage.below.replaceChildren();
  stage.tools.textContent = shape ? summary(state, shape) : "";
  return shape ? buildSlide(stage, model, state, shape) : onlyWords(stage, words(state));
}

/**
 * @param {Stage} stage
 * @param {Model} model
 * @param {State} state
 * @param {Place} shape
 */
function buildSlide(stage, model, state, shape) {
  /** @type {Place | null} */
  let linked = null;
  const where = () => placeIn(model.get("at"), shape);
  const go = (/** @type {number[]} */ at) => {
    linked = null;
    model.set("at", placeIn(at, shape));
    model.save_changes();
  };
  const link = (/** @type {Place | null} */ to) => {
    linked = to;
    refresh();
  };
  // Hovering would take a prediction away while it is typed, and a filter that was just chosen.
  const hovers = () => !model.get("predict") && shape[0] === 1;
  const parts = buildParts(state, shape, { go, link, where, hovers });
  layOut(stage, state, parts);
  const lines = linkLines(stage.body, () => links(parts, state, where()));
  const controls = buildControls(stage, model, shape, go, parts.filters);

  function refresh() {
    const now = stateOf(model);
    const at = where();
    stage.root.classList.toggle("cb-predicting", now.predict);
    paint(parts, now, at, linked, stage.dark(), link);
    controls.refresh(now, at);
    for (const grid of [...parts.images, parts.maps[at[0]]]) grid.reveal();
    lines.draw();
    stage.say(words(now));
  }
  refresh();
  return {
    refresh,
    end() {
      controls.stop();
      lines.stop();
    },
  };
}

export default { render };
