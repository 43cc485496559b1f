// ConvXray: what each output of the learner's own function really used, against what it should use.

import { linkLines } from "./_links.js";
import { keepScene, pointing, traitsOf } from "./_scene.js";
import { placeIn } from "./_slide.js";
import { make, onlyWords, openStage } from "./_stage.js";
import { wholeShape } from "./_xray.js";
import { againButton, buildControls } from "./_xray_controls.js";
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
  const again = againButton(stage, model);
  const build = () => {
    const state = traitsOf(model, [...READ, "at"]);
    stage.lead.replaceChildren(...verdictPanel(state));
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
  const output = /** @type {ReturnType<typeof pointing<Place>>} */ (pointing(() => refresh())); // held by the model
  const met = /** @type {ReturnType<typeof pointing<Pointed>>} */ (pointing(() => refresh()));
  let channel = 0;
  const held = () => placeIn(model.get("at"), shape);
  const go = (/** @type {number[]} */ at) => {
    output.drop();
    if (at[0] !== held()[0]) met.drop(); // its weights are another filter's
    if (String(at) === String(model.get("at"))) return refresh();
    model.set("at", [...at]);
    model.save_changes();
  };
  const where = () => output.now() ?? held();
  const parts = buildParts(state, shape, { go, output, met, where });
  const see = (/** @type {number} */ c) => {
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
