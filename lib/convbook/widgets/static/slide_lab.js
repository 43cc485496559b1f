// SlideLab: a window over an image, its products, their sum, the bias; predict the number first.

import { linkLines } from "./_links.js";
import { keepScene, pointing, traitsOf } from "./_scene.js";
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
const MOVING = ["at", "predict", "guesses"];

/**
 * @param {import("./_stage.js").RenderArguments} arguments_
 */
function render({ model, el }) {
  const stage = openStage(el, "slide-lab", "Slide a window: products, sum, bias");
  const build = () => {
    const state = traitsOf(model, [...STRUCTURE, ...MOVING]);
    const shape = outputShape(state);
    stage.tools.textContent = shape ? summary(state, shape) : "";
    return shape ? buildSlide(stage, model, state, shape) : onlyWords(stage, words(state));
  };
  keepScene(stage, model, { structure: STRUCTURE, moving: MOVING, build });
  return () => stage.close();
}

/**
 * Build everything for one image and its kernels.
 * @param {Stage} stage
 * @param {Model} model
 * @param {State} state
 * @param {Place} shape
 */
function buildSlide(stage, model, state, shape) {
  /** @type {ReturnType<typeof pointing<Place>>} */
  const linked = pointing(() => refresh());
  let channel = 0;
  const where = () => placeIn(model.get("at"), shape);
  const go = (/** @type {number[]} */ at) => {
    linked.drop();
    model.set("at", placeIn(at, shape));
    model.save_changes();
  };
  const see = (/** @type {number} */ c) => {
    channel = c;
    refresh();
  };
  // Hovering would take a prediction away while it is typed, and a filter that was just chosen.
  const hovers = () => !model.get("predict") && shape[0] === 1;
  const parts = buildParts(state, shape, { go, linked, where, hovers });
  const tabs = layOut(stage, state, parts, { see, go, where });
  const lines = linkLines(stage.body, () => links(parts, state, where()));
  const controls = buildControls(stage, model, shape, go);

  function refresh() {
    const now = traitsOf(model, [...STRUCTURE, ...MOVING]);
    const at = where();
    stage.root.classList.toggle("cb-predicting", now.predict);
    paint(parts, now, at, linked.now(), stage.dark(), linked.show);
    tabs.refresh(channel, at[0]);
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
