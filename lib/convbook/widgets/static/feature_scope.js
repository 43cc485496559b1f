// FeatureScope: draw, and the maps and logits of a trained network follow; drag a channel to the bin, and see what it carried.

import { base64, bytesOf } from "./_bytes.js";
import { sharpPen } from "./_canvas.js";
import { put } from "./_controls.js";
import { channelName, factsOf, NAMES, sum, told, unpacked } from "./_feature_scope.js";
import { paintAnswers, paintChosen, paintMaps } from "./_feature_scope_paint.js";
import { onceAFrame } from "./_frame.js";
import { layersOf } from "./_network.js";
import { drawingPad } from "./_pad.js";
import { fileButton } from "./_picture.js";
import { traitsOf } from "./_scene.js";
import { button, make, openStage } from "./_stage.js";
import { surveyor } from "./_survey.js";
import { holds, letDrag, toggled } from "./_tiles.js";
import { index, number } from "./_wording.js";

/** @param {import("./_stage.js").RenderArguments} arguments_ */
function render({ model, el }) {
  const stage = openStage(el, "feature-scope", "What the channels carry");
  const state = () => /** @type {import("./_feature_scope.js").State} */ (traitsOf(model, NAMES));
  const packed = unpacked(state());
  const layers = layersOf(model.get("steps"));
  const pixels = packed.drawing.length;
  const [drawing, counting] = [onceAFrame(draw), surveyor(() => ({ ...state(), ...packed }), counted)];
  let [open, stroking, stored] = [true, false, 0];
  const soon = () => open && drawing.ask();
  const isOn = (/** @type {Element} */ one) => one.getAttribute("aria-pressed") === "true";
  const turnTo = (/** @type {Element} */ one, /** @type {boolean} */ on) => one.setAttribute("aria-pressed", String(on));

  // ── the image ──
  const eraser = button("Erase", () => turnTo(eraser, !isOn(eraser)));
  const pad = drawingPad({
    label: "image that the network looks at", size: () => model.get("size"), bytes: () => packed.drawing, erases: () => isOn(eraser),
    onStroke(ended) {
      stroking = !ended;
      if (ended && open) take(packed.drawing);
      soon();
    },
  });
  /** @param {Uint8ClampedArray} bytes */
  function take(bytes) {
    put(model, "drawing", base64(bytes));
  }
  const next = button("Next image", () => {
    stored = (stored + 1) % model.get("labels").length;
    take(packed.images.slice(stored * pixels, (stored + 1) * pixels));
  });
  const clear = button("Clear", () => take(new Uint8ClampedArray(pixels)));
  const invert = button("Invert", () => take(packed.drawing.map((byte) => 255 - byte)));
  const file = fileButton(() => model.get("size"), take);

  // ── the channels ──
  const maps = make("canvas", "cb-maps", { tabindex: "0", role: "application" });
  const toggle = (/** @type {number[]} */ at) => {
    turnTo(each, false);
    put(model, "silenced", toggled(model.get("silenced"), at));
  };
  const tiles = letDrag(maps, {
    layers, toggle, redraw: soon, binned: () => model.get("silenced"), chosen: () => model.get("at"), choose: (at) => put(model, "at", at),
  });
  const silence = button("", () => toggle(model.get("at")));
  const all = button("Hear all", () => {
    turnTo(each, false);
    put(model, "silenced", []);
  });
  const each = button("Silence each in turn", () => {
    turnTo(each, !isOn(each));
    takeTurn();
  });
  for (const one of [eraser, each]) turnTo(one, false);
  const status = make("span", "cb-quiet", { role: "status" });

  /** While each is silenced in turn: go on with the next that was not tried, or end. */
  function takeTurn() {
    if (!isOn(each)) return;
    const channels = layers.flatMap((one, layer) => Array.from({ length: one.channels }, (_, channel) => [layer, channel]));
    const at = channels.find((one) => !(one.join(",") in model.get("tried")));
    if (at) model.set("at", at);
    else turnTo(each, false);
    put(model, "silenced", at ? [at] : []);
  }

  // ── counting ──
  /** @param {import("./_survey.js").Survey | null} ended */
  function counted(ended) {
    if (ended?.silenced.length === 1) {
      const change = sum(ended.hits) - sum(model.get("intact"));
      put(model, "tried", { ...model.get("tried"), [ended.silenced[0].join(",")]: change });
    }
    if (ended) count();
    if (ended) takeTurn();
    soon();
  }
  /** Tell what was counted without the silenced channels, or begin to count. */
  function count() {
    const [silenced, at] = [model.get("silenced"), model.get("at")];
    const survey = counting.of(silenced);
    if (survey) put(model, "found", { silenced, at, hits: survey.hits, nine: survey.nine(at) });
    soon();
  }

  // ── what is seen ──
  const answers = make("canvas", "cb-answers", { role: "img" });
  const chosen = make("canvas", "cb-chosen", { role: "img" });
  stage.controls.append(make("div", "cb-buttons", {}, silence, all, each, status));
  stage.body.append(make("div", "", {}, pad.element, make("div", "cb-buttons", {}, eraser, clear, invert, next, file.element)), maps, answers, chosen);

  function draw() {
    const [now, dark] = [state(), stage.dark()];
    const facts = factsOf(now, packed);
    pad.paint(dark);
    /** @param {HTMLCanvasElement} canvas @param {(sheet: import("./_feature_scope_paint.js").Sheet) => void} paint */
    const onto = (canvas, paint) => {
      const pen = sharpPen(canvas);
      if (pen) paint({ pen, facts, dark, width: canvas.clientWidth, height: canvas.clientHeight });
    };
    onto(maps, (sheet) => paintMaps(sheet, tiles.dragged()));
    onto(answers, (sheet) => paintAnswers(sheet, counting.part()));
    onto(chosen, paintChosen);
    const [name, silent] = [channelName(layers, now.at), holds(now.silenced, now.at)];
    silence.textContent = `${silent ? "Hear" : "Silence"} ${name}`;
    maps.setAttribute("aria-label", `maps, ${name} is chosen${silent ? " and silenced" : ""}; left and right choose a channel, up and down a layer, Delete silences it`);
    answers.setAttribute("aria-label", facts.classes.map((one, i) => `${one}: logit ${number(facts.logits[i], 1)}, ${facts.hits?.[i] ?? "?"} of ${facts.totals[i]} right`).join("; "));
    chosen.setAttribute("aria-label", `kernels of ${name}, and its nine strongest patches: ${(facts.nine ?? []).map(([image, row, column]) => `image ${image} at ${index(row, column)}`).join(", ")}`);
    status.textContent = facts.hits && facts.nine ? "" : `counting … ${Math.round(100 * counting.part())} %`;
    stage.say(told(facts), stroking || !facts.hits || isOn(each));
    return facts;
  }

  const resized = new ResizeObserver(soon);
  resized.observe(stage.body);
  stage.watch(model, ["drawing"], () => {
    packed.drawing.set(bytesOf(model.get("drawing")).subarray(0, pixels));
    soon();
  });
  stage.watch(model, ["at", "silenced"], count);
  stage.watch(model, ["found", "tried"], soon);
  stage.onTheme(soon);
  stage.onEnd(() => {
    open = false;
    resized.disconnect();
    counting.stop();
    drawing.stop();
  });
  const facts = draw();
  if (!facts.hits || !facts.nine) count();
  return () => stage.close();
}

export default { render };
