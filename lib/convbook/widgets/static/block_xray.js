// BlockXray: the graph that ran in the learner's module, beside the wanted one; a node is walked to and tells its numbers.

import { boxOf, chosen, legend, NAMES, nodesOf, partAt, seenOf, sidesOf, TITLES, walked, words } from "./_block_xray.js";
import { sharpPen } from "./_canvas.js";
import { choice, put } from "./_controls.js";
import { HIGH, layOutGraph, paintGraph } from "./_graph.js";
import { askButton } from "./_kernel.js";
import { keepScene, traitsOf } from "./_scene.js";
import { button, make, onlyWords, openStage } from "./_stage.js";
import { verdictLine } from "./_verdict.js";

/** @typedef {import("./_block_xray.js").State} State */
/** @typedef {import("./_block_xray.js").Side} Side */
/** @typedef {import("./_stage.js").Stage} Stage */
/** @typedef {import("./_stage.js").Model} Model */

const REACH = 4; // pixels above and below a box that belong to it, for fingers

/** @param {import("./_stage.js").RenderArguments} arguments_ */
function render({ model, el }) {
  const stage = openStage(el, "block-xray", "X-ray: what your module really ran");
  const again = askButton(stage, model, "X-ray again", { again: true }, "X-rayed anew.");
  const build = () => {
    const state = /** @type {State} */ (traitsOf(model, NAMES));
    stage.tools.textContent = state.name;
    stage.lead.replaceChildren(...(state.verdict.title ? [verdictLine(/** @type {any} */ (state.verdict))] : []));
    if (!state.blocked) return buildGraphs(stage, model, state, again.elements);
    stage.controls.append(make("div", "cb-buttons", {}, ...again.elements));
    return onlyWords(stage, words(state));
  };
  keepScene(stage, model, { structure: NAMES.filter((name) => name !== "at"), moving: ["at"], build });
  stage.watch(model, ["stamp"], again.answered);
  return () => stage.close();
}

/** @param {Stage} stage @param {Model} model @param {State} state @param {HTMLElement[]} again */
function buildGraphs(stage, model, state, again) {
  const now = () => /** @type {State} */ ({ ...state, at: model.get("at") });
  const fold = button("", () => {
    const { part, closed } = partAt(now());
    put(model, "unfolded", closed ? [...state.unfolded, part] : state.unfolded.filter((one) => one !== part && !one.startsWith(`${part}.`)));
  });
  const foldable = sidesOf(state).some((side) => nodesOf(state, side).some(({ within }) => within.length));
  const modes = choiceFor(stage, model, state);
  const marks = make("span", "cb-quiet", {}, legend(state).join(" · "));
  stage.controls.append(make("div", "cb-buttons", {}, modes, ...(foldable ? [fold] : []), ...again, marks));
  const panes = sidesOf(state).map((side) => pane(state, side, (at) => put(model, "at", at), now));
  stage.body.append(...panes.map(({ element }) => element));
  const resized = new ResizeObserver(() => panes.forEach((one) => one.draw(stage.dark())));
  resized.observe(stage.body);

  function refresh() {
    const dark = stage.dark();
    panes.forEach((one) => one.draw(dark));
    const { part, closed } = partAt(now());
    fold.textContent = part ? `${closed ? "Open" : "Fold"} ${part}` : "Nothing to fold here";
    fold.disabled = !part;
    stage.say(words(now()));
  }
  refresh();
  return { refresh, end: () => resized.disconnect() };
}

/** @param {Stage} stage @param {Model} model @param {State} state */
function choiceFor(stage, model, state) {
  const modes = Object.keys(state.yours).filter((mode) => state.yours[mode].nodes.length);
  return choice(stage, model, "mode", "mode of the module", modes);
}

/** One graph in a frame of its own that scrolls. @param {State} state @param {Side} side @param {(at: [Side, number]) => void} go @param {() => State} now */
function pane(state, side, go, now) {
  const boxes = seenOf(nodesOf(state, side), state.unfolded);
  const canvas = make("canvas", "", { "aria-hidden": "true" });
  const sheet = make("div", "cb-sheet", {}, canvas);
  const frame = make("div", "cb-scroll", { role: "group", "aria-label": TITLES[side] }, sheet);
  const element = make("div", "cb-pane", { "data-side": side }, make("div", "cb-caption", {}, TITLES[side]), frame);
  const places = boxes.map((box) => {
    const label = [box.name, box.about, box.mark, box.shape].filter(Boolean).join(", ");
    const place = make("button", "cb-node", { type: "button", "aria-label": label });
    place.addEventListener("click", () => go([side, box.members[0]]));
    sheet.append(place);
    return place;
  });
  let layout = layOutGraph(boxes, 400);
  sheet.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const to = walked(now(), event.key, boxes, layout);
    if (to) go(to);
    if (to || event.key.startsWith("Arrow")) event.preventDefault();
    if (to) /** @type {HTMLElement | null} */ (element.parentElement?.querySelector("[data-chosen]"))?.focus({ preventScroll: true });
  });
  return {
    element,
    /** @param {boolean} dark */
    draw(dark) {
      layout = layOutGraph(boxes, frame.clientWidth - 2);
      canvas.style.width = sheet.style.width = `${layout.width}px`;
      canvas.style.height = sheet.style.height = `${layout.height}px`;
      const { at, twin } = chosen(now());
      const [own, partner] = [at, twin].map((one) => (one?.[0] === side ? boxOf(boxes, one[1]) : -1));
      const pen = sharpPen(canvas);
      if (pen) paintGraph(pen, boxes, layout, { dark, chosen: own, twin: partner });
      places.forEach((place, i) => {
        const { x, y } = layout.places[i];
        place.style.cssText = `left: ${x - layout.wide / 2}px; top: ${y - HIGH / 2 - REACH}px; width: ${layout.wide}px; height: ${HIGH + 2 * REACH}px`;
        place.tabIndex = i === Math.max(0, own) ? 0 : -1;
        place.toggleAttribute("data-chosen", i === own);
        place.setAttribute("aria-pressed", String(i === own));
      });
      reveal(frame, layout.places[own >= 0 ? own : partner]);
    },
  };
}

/** Scroll a frame, and nothing else, until a place is seen. @param {HTMLElement} frame @param {import("./_graph.js").Place} [place] */
function reveal(frame, place) {
  if (!place) return;
  const room = HIGH * 1.5;
  if (place.y - room < frame.scrollTop) frame.scrollTop = place.y - room;
  if (place.y + room > frame.scrollTop + frame.clientHeight) frame.scrollTop = place.y + room - frame.clientHeight;
}

export default { render };
