// FeatureScope: draw, and the maps and logits of a trained network follow; drag a channel to the bin, and see what it carried.

import { base64 } from "./_bytes.js";
import { followPointer, sharpPen } from "./_canvas.js";
import { put } from "./_controls.js";
import { channelName, factsOf, isSilenced, NAMES, told, toggled, unpacked } from "./_feature_scope.js";
import { paintAnswers, paintChosen, paintMaps, tilesOf } from "./_feature_scope_paint.js";
import { onceAFrame } from "./_frame.js";
import { layersOf } from "./_network.js";
import { drawingPad } from "./_pad.js";
import { fileButton } from "./_picture.js";
import { traitsOf } from "./_scene.js";
import { button, make, openStage } from "./_stage.js";
import { newSurvey, surveyor } from "./_survey.js";

const NO_DRAG = 6; // pixels a hand may shake while it presses

/** @param {import("./_stage.js").RenderArguments} arguments_ */
function render({ model, el }) {
  const stage = openStage(el, "feature-scope", "What the channels carry");
  const state = () => /** @type {import("./_feature_scope.js").State} */ (traitsOf(model, NAMES));
  const packed = unpacked(state());
  const layers = layersOf(model.get("steps"));
  const pixels = packed.drawing.length;
  /** @type {{ at: number[], x: number, y: number, from: number[], moved: boolean } | null} */
  let dragged = null;
  let [erases, quiet, stored] = [false, false, 0];
  /** @type {number[][]} */
  let turns = []; // the channels that are still to be silenced, one after the other

  // ── the image ──
  const pad = drawingPad({
    label: "image that the network looks at", size: () => model.get("size"), bytes: () => packed.drawing, erases: () => erases,
    onStroke(ended) {
      quiet = !ended;
      if (ended) put(model, "drawing", base64(packed.drawing));
      drawing.ask();
    },
  });
  const take = (/** @type {Uint8ClampedArray} */ bytes) => put(model, "drawing", base64(bytes));
  const eraser = button("Erase", () => eraser.setAttribute("aria-pressed", String((erases = !erases))));
  eraser.setAttribute("aria-pressed", "false");
  const next = button("Next stored image", () => {
    stored = (stored + 1) % model.get("labels").length;
    take(packed.images.slice(stored * pixels, (stored + 1) * pixels));
  });
  const file = fileButton(() => model.get("size"), take);
  const images = make("div", "cb-buttons", {}, eraser,
    button("Clear", () => take(new Uint8ClampedArray(pixels))), button("Invert", () => take(packed.drawing.map((byte) => 255 - byte))), next, file.element);

  // ── the channels ──
  const maps = make("canvas", "cb-maps", { tabindex: "0", role: "application" });
  const silence = button("", () => silenceOrHear(model.get("at")));
  const all = button("Hear all", () => put(model, "silenced", []));
  const each = button("Silence each in turn", () => {
    if (turns.length) turns = [];
    else turns = layers.flatMap(({ channels }, layer) => Array.from({ length: channels }, (_, channel) => [layer, channel]));
    goOn();
  });
  const status = make("span", "cb-quiet", { role: "status" });
  const silenceOrHear = (/** @type {number[]} */ at) => {
    turns = [];
    put(model, "silenced", toggled(model.get("silenced"), at));
  };
  /** The tile under a point. @param {number} x @param {number} y */
  const under = (x, y) => {
    const { tiles, inBin } = tilesOf(layers, model.get("silenced"), maps.clientWidth, maps.clientHeight);
    return [...inBin, ...tiles].find((tile) => x >= tile.x && y >= tile.y && x <= tile.x + tile.side && y <= tile.y + tile.side);
  };
  followPointer(maps, (x, y, begins) => {
    if (begins) {
      const tile = under(x, y);
      dragged = tile ? { at: tile.at, x, y, from: [x, y], moved: false } : null;
    } else if (dragged) {
      dragged = { ...dragged, x, y, moved: dragged.moved || Math.hypot(x - dragged.from[0], y - dragged.from[1]) > NO_DRAG };
    }
    drawing.ask();
  });
  maps.addEventListener("pointerup", () => {
    const one = dragged;
    dragged = null;
    if (!one) return;
    const { bin } = tilesOf(layers, model.get("silenced"), maps.clientWidth, maps.clientHeight);
    const inBin = one.y > bin.y;
    if (one.moved && inBin !== isSilenced(model.get("silenced"), one.at)) silenceOrHear(one.at);
    put(model, "at", one.at);
    drawing.ask();
  });
  maps.addEventListener("pointercancel", () => {
    dragged = null;
    drawing.ask();
  });
  maps.addEventListener("keydown", (event) => {
    const [layer, channel] = model.get("at");
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const [up, over] = /** @type {Record<string, number[]>} */ ({ ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] })[event.key] ?? [0, 0];
    const acts = ["Delete", "Backspace", " "].includes(event.key);
    if (!up && !over && !acts) return;
    event.preventDefault();
    if (acts) return silenceOrHear([layer, channel]);
    const to = Math.min(layers.length - 1, Math.max(0, layer + up));
    put(model, "at", [to, Math.min(layers[to].channels - 1, Math.max(0, channel + over))]);
  });

  // ── counting ──
  /** @type {import("./_survey.js").Survey | null} */
  let last = null; // the survey that has ended, with the patches of all channels
  const counting = surveyor((survey, ended) => {
    if (ended) {
      last = survey;
      if (survey.silenced.length === 1) {
        const change = survey.hits.reduce((a, b) => a + b, 0) - model.get("intact").reduce((/** @type {number} */ a, /** @type {number} */ b) => a + b, 0);
        put(model, "tried", { ...model.get("tried"), [survey.silenced[0].join(",")]: change });
      }
      tell();
      goOn();
    }
    drawing.ask();
  });
  /** Put what the last survey found beside the traits that it holds for. */
  function tell() {
    if (last) put(model, "found", { silenced: last.silenced, at: model.get("at"), hits: last.hits, nine: last.nine(model.get("at")) });
  }
  /** Silence the next channel that is to be tried; after the last one, hear all again. */
  function goOn() {
    each.setAttribute("aria-pressed", String(turns.length > 0));
    const at = turns.shift();
    if (at) model.set("at", at);
    if (at || each.getAttribute("aria-pressed") === "false") put(model, "silenced", at ? [at] : model.get("silenced"));
  }
  /** Count anew where what was counted holds no longer. */
  function count() {
    const silenced = model.get("silenced");
    const as = (/** @type {number[][] | undefined} */ other) => JSON.stringify(other) === JSON.stringify(silenced);
    if (as(last?.silenced)) tell();
    else if (!as(counting.running()?.silenced)) counting.start(newSurvey({ ...state(), ...packed }, silenced));
  }

  // ── what is seen ──
  const answers = make("canvas", "cb-answers", { "aria-hidden": "true" });
  const chosen = make("canvas", "cb-chosen", { "aria-hidden": "true" });
  stage.controls.append(make("div", "cb-buttons", {}, silence, all, each, status));
  stage.body.append(make("div", "", {}, pad.element, images), maps, answers, chosen);

  function draw() {
    const [now, dark] = [state(), stage.dark()];
    const facts = factsOf(now, packed);
    const part = counting.running()?.part() ?? 0;
    pad.paint(dark);
    for (const [canvas, paint] of /** @type {[HTMLCanvasElement, (sheet: import("./_feature_scope_paint.js").Sheet) => void][]} */ ([
      [maps, (sheet) => paintMaps(sheet, dragged?.moved ? dragged : null)], [answers, (sheet) => paintAnswers(sheet, part)], [chosen, paintChosen]])) {
      const pen = sharpPen(canvas);
      if (pen) paint({ pen, facts, dark, width: canvas.clientWidth, height: canvas.clientHeight });
    }
    const name = channelName(layers, now.at);
    silence.textContent = `${isSilenced(now.silenced, now.at) ? "Hear" : "Silence"} ${name}`;
    maps.setAttribute("aria-label", `maps, ${name} is chosen${isSilenced(now.silenced, now.at) ? " and silenced" : ""}; left and right choose a channel, up and down a layer, Delete silences it`);
    status.textContent = facts.hits ? "" : `counting … ${Math.round(100 * part)} %`;
    stage.say(told(facts), quiet || !facts.hits);
  }

  const drawing = onceAFrame(draw);
  let open = true;
  const soon = () => open && drawing.ask();
  const resized = new ResizeObserver(soon);
  resized.observe(stage.body);
  stage.watch(model, ["drawing"], () => {
    packed.drawing.set(unpacked({ ...state(), weights: "", images: "" }).drawing);
    soon();
  });
  stage.watch(model, ["at", "silenced"], () => {
    count();
    soon();
  });
  stage.watch(model, ["found", "tried"], soon);
  stage.onTheme(soon);
  stage.onEnd(() => {
    open = false;
    resized.disconnect();
    counting.stop();
    drawing.stop();
  });
  draw();
  return () => stage.close();
}

export default { render };
