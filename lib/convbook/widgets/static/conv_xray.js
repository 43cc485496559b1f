// ConvXray: what each output of the learner's own function really used, against what it should use.

import { askButton } from "./_kernel.js";
import { linkLines } from "./_links.js";
import { keepScene, pointing, traitsOf } from "./_scene.js";
import { placeIn } from "./_slide.js";
import { make, onlyWords, openStage } from "./_stage.js";
import { verdictLine } from "./_verdict.js";
import { wholeShape } from "./_xray.js";
import { buildControls } from "./_xray_controls.js";
import { note, paint } from "./_xray_paint.js";
import { buildParts, layOut, links } from "./_xray_parts.js";
import { words } from "./_xray_words.js";

/** @typedef {import("./_xray.js").State} State */
/** @typedef {import("./_xray.js").Place} Place */
/** @typedef {import("./_xray_parts.js").Pointed} Pointed */
/** @typedef {import("./_stage.js").Model} Model */
/** @typedef {import("./_stage.js").Stage} Stage */

const READ = ["name", "sizes", "yours", "wanted", "verdict", "named", "blocked", "stamp"];

/**
 * @param {import("./_stage.js").RenderArguments} arguments_
 */
function render({ model, el }) {
  const stage = openStage(el, "conv-xray", "X-ray: what your function really used");
  const again = askButton(stage, model, "X-ray again", { again: true }, "X-rayed anew.");
  const build = () => {
    const state = traitsOf(model, [...READ, "at"]);
    const told = state.blocked && !state.verdict.message.includes("\n"); // then the sentence below says it all
    stage.lead.replaceChildren(...(told ? [] : [verdictLine(state.verdict)]));
    stage.tools.textContent = summary(state);
    if (!state.blocked) return buildXray(stage, model, state, again.elements);
    stage.controls.append(make("div", "cb-buttons", {}, ...again.elements));
    return onlyWords(stage, words(state));
  };
  keepScene(stage, model, { structure: READ, moving: ["at"], build });
  stage.watch(model, ["stamp"], again.answered);
  return () => stage.close();
}

/**
 * @param {Stage} stage
 * @param {Model} model
 * @param {State} state
 * @param {HTMLElement[]} again what asks for another X-ray
 */
function buildXray(stage, model, state, again) {
  const shape = wholeShape(state);
  /** @type {ReturnType<typeof pointing<Place>>} the model holds one; another may pass */
  const output = pointing(() => refresh());
  /** @type {ReturnType<typeof pointing<Pointed>>} */
  const met = pointing(() => refresh());
  let channel = 0;
  const held = () => placeIn(model.get("at"), shape);
  /** @param {number[]} at */
  const go = (at) => {
    output.drop();
    if (at[0] !== held()[0]) met.drop(); // its weights are another filter's
    if (String(at) === String(model.get("at"))) return refresh();
    model.set("at", [...at]);
    model.save_changes();
  };
  const where = () => output.now() ?? held();
  const parts = buildParts(state, shape, { go, output, met, where });
  /** @param {number} c */
  const see = (c) => {
    channel = c;
    refresh();
  };
  const tabs = layOut(stage, state, parts, { see, filter: (f) => go([f, ...held().slice(1)]) });
  const lines = linkLines(stage.body, () => links(state, parts, where()));
  const controls = buildControls(stage, model, state, shape, go, again);

  function refresh() {
    const at = where();
    paint(state, parts, at, held(), met.now() ?? {}, stage.dark());
    parts.note.textContent = note(state, at, met.now() ?? {});
    tabs.refresh(channel, at[0]);
    stage.root.classList.toggle("cb-passing", output.passing());
    controls.refresh(held());
    for (const grid of [...parts.wanted, parts.maps[at[0]]]) grid.reveal();
    lines.draw();
    stage.say(words({ ...state, at }), output.passing());
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

/** @param {State} state */
function summary({ name, sizes }) {
  const { image, weights, stride, padding, bias } = sizes;
  const channels = image[0] > 1 ? `${image[0]} channels · ` : "";
  const filters = weights[0] > 1 ? `${weights[0]} filters · ` : "";
  const steps = bias ? ` · stride ${stride} · padding ${padding}` : "";
  return `${name} · ${channels}${filters}${image[1]} × ${image[2]} image · ${weights[2]} × ${weights[3]} kernel${steps}`;
}

export default { render };
