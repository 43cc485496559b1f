// ConvXray: what each output of the learner's own function really used, against what it should use.

import { linkLines } from "./_links.js";
import { make, onlyWords, openStage } from "./_stage.js";
import { held, wholeShape } from "./_xray.js";
import { againButton, buildControls } from "./_xray_controls.js";
import { note, paintMaps, paintPixels, paintWeights } from "./_xray_paint.js";
import { buildParts, layOut, links } from "./_xray_parts.js";
import { words } from "./_xray_words.js";

/** @typedef {import("./_xray.js").State} State */
/** @typedef {import("./_xray_parts.js").Pointed} Pointed */
/** @typedef {import("./_stage.js").Model} Model */
/** @typedef {import("./_stage.js").Stage} Stage */

const READ = ["name", "sizes", "yours", "wanted", "verdict", "named", "blocked", "stamp"];

/**
 * @param {Model} model
 * @returns {State}
 */
function stateOf(model) {
  return /** @type {any} */ (Object.fromEntries([...READ, "at"].map((name) => [name, model.get(name)])));
}

/**
 * @param {import("./_stage.js").RenderArguments} arguments_
 */
function render({ model, el }) {
  const stage = openStage(el, "conv-xray", "X-ray: what your function really used");
  const again = againButton(stage, model);
  let scene = buildScene(stage, model, again.elements);
  let planned = false;
  let open = true;
  const rebuild = () => {
    planned = false;
    if (!open) return;
    scene.end();
    stage.keepFocus(() => {
      scene = buildScene(stage, model, again.elements);
    });
  };
  const soon = () => {
    if (!planned) queueMicrotask(rebuild); // several traits change at once after an X-ray: build once, when all have arrived
    planned = true;
  };
  stage.watch(model, READ, soon);
  stage.watch(model, ["stamp"], again.answered);
  stage.watch(model, ["at"], () => planned || scene.refresh());
  stage.onTheme(() => scene.refresh());
  stage.onEnd(() => {
    open = false;
    scene.end();
  });
  return () => stage.close();
}

/**
 * Build everything for one X-ray; `again` is what asks for another.
 * @param {Stage} stage
 * @param {Model} model
 * @param {HTMLElement[]} again
 */
function buildScene(stage, model, again) {
  const state = stateOf(model);
  stage.body.replaceChildren();
  stage.controls.replaceChildren();
  stage.below.replaceChildren();
  stage.lead.replaceChildren(...verdictPanel(state));
  stage.tools.textContent = summary(state);
  return state.blocked ? buildNothing(stage, state, again) : buildXray(stage, model, state, again);
}

/**
 * @param {Stage} stage
 * @param {State} state
 * @param {HTMLElement[]} again
 */
function buildNothing(stage, state, again) {
  stage.controls.append(make("div", "cb-buttons", {}, ...again));
  return onlyWords(stage, words(state));
}

/**
 * @param {Stage} stage
 * @param {Model} model
 * @param {State} state
 * @param {HTMLElement[]} again
 */
function buildXray(stage, model, state, again) {
  const shape = wholeShape(state);
  /** @type {Pointed} */
  let pointed = {};
  const go = (/** @type {number[]} */ at) => {
    pointed = {};
    model.set("at", [...at]);
    model.save_changes();
  };
  const point = (/** @type {Pointed} */ to) => {
    if (to.pixel === pointed.pixel && to.weight === pointed.weight) return;
    pointed = to;
    refresh();
  };
  const where = () => held(model.get("at"), shape);
  const parts = buildParts(state, shape, point, go, where);
  layOut(stage, state, parts);
  const lines = linkLines(stage.body, () => links(state, parts, where()));
  const controls = buildControls(stage, model, state, shape, go, again);

  function refresh() {
    const at = where();
    const dark = stage.dark();
    paintPixels(state, parts, at, pointed, dark);
    paintWeights(state, parts, at, pointed, dark);
    paintMaps(state, parts, at, dark);
    parts.note.textContent = note(state, at, pointed);
    controls.refresh(at);
    for (const grid of [...parts.wanted, parts.maps[at[0]]]) grid.reveal();
    lines.draw();
    stage.say(words({ ...state, at }));
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

/**
 * What the check says: its first line always, the whole on request.
 * @param {State} state
 * @returns {HTMLElement[]}
 */
function verdictPanel({ verdict, blocked }) {
  const right = verdict.kind === "right";
  const more = !right && verdict.message.includes("\n");
  if (blocked && !more) return []; // the sentence below says it all
  const mark = make("span", "cb-mark", { "aria-hidden": "true" }, right ? "✓ " : "✗ ");
  const line = make("div", `cb-verdict ${right ? "cb-good" : "cb-bad"}`, {}, mark, verdict.title);
  if (!more) return [line];
  const whole = make("pre", "cb-message", { tabindex: "0", "aria-label": "the check's message" }, verdict.message);
  line.append(make("details", "", {}, make("summary", "", {}, "What the check says"), whole));
  return [line];
}

export default { render };
