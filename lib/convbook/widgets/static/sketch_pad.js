// SketchPad: draw or choose a picture; the kernel's network answers, and shows which places speak for its answer.

import { base64, bytesOf } from "./_bytes.js";
import { sharpPen } from "./_canvas.js";
import { put } from "./_controls.js";
import { onceAFrame } from "./_frame.js";
import { drawingPad } from "./_pad.js";
import { fileButton } from "./_picture.js";
import { traitsOf } from "./_scene.js";
import { drawn, NAMES, paintLogits, ranked, seen, waits, words } from "./_sketch_pad.js";
import { button, make, openStage } from "./_stage.js";
import { number } from "./_wording.js";

/** @param {import("./_stage.js").RenderArguments} arguments_ */
function render({ model, el }) {
  const stage = openStage(el, "sketch-pad", "What your network says of a drawing");
  const state = () => /** @type {import("./_sketch_pad.js").State} */ (traitsOf(model, NAMES));
  const bytes = Uint8ClampedArray.from(drawn(state()));
  const frame = onceAFrame(draw);
  let [open, stored] = [true, 0];
  const soon = () => open && frame.ask();

  const eraser = button("Erase", () => eraser.setAttribute("aria-pressed", String(!erases())));
  const erases = () => eraser.getAttribute("aria-pressed") === "true";
  eraser.setAttribute("aria-pressed", "false");
  const take = (/** @type {Uint8ClampedArray} */ all) => put(model, "drawing", base64(all));
  const pad = drawingPad({
    label: "drawing that the network looks at", size: () => model.get("size"), bytes: () => bytes, erases,
    onStroke(ended) {
      if (ended && open && base64(bytes) !== model.get("drawing")) take(bytes);
      soon();
    },
  });
  const clear = button("Clear", () => take(new Uint8ClampedArray(bytes.length)));
  const invert = button("Invert", () => take(bytes.map((byte) => 255 - byte)));
  const next = button("Next image", () => {
    const all = Uint8ClampedArray.from(bytesOf(model.get("images")));
    stored = (stored + bytes.length) % all.length;
    take(all.slice(stored, stored + bytes.length));
  });
  const file = fileButton(() => model.get("size"), take);

  const places = make("canvas", "cb-places", { role: "img" });
  const logits = make("canvas", "cb-logits", { role: "img" });
  stage.controls.append(make("div", "cb-buttons", {}, eraser, clear, invert, next, file.element));
  stage.body.append(pad.element, places, logits);
  const [rows, columns] = model.get("size");
  places.style.setProperty("--ratio", String(columns / rows));

  function draw() {
    const [now, dark] = [state(), stage.dark()];
    pad.paint(dark);
    const pen = sharpPen(places);
    pen?.pixels(seen(waits(now) ? { ...now, evidence: [] } : now, bytes), rows, columns, 0, 0, places.clientWidth, places.clientHeight);
    const bars = sharpPen(logits);
    if (bars) paintLogits({ pen: bars, dark, width: logits.clientWidth, height: logits.clientHeight }, now);
    places.setAttribute("aria-label", "the drawing; red places speak for the answer, blue ones against it");
    logits.setAttribute("aria-label", ranked(now).map((place) => `${now.classes[place]}: logit ${number(now.logits[place], 1)}`).join("; "));
    stage.say(words(now), waits(now));
  }

  const resized = new ResizeObserver(soon);
  resized.observe(stage.body);
  stage.watch(model, ["drawing"], () => {
    bytes.set(bytesOf(model.get("drawing")).subarray(0, bytes.length));
    soon();
  });
  stage.watch(model, ["answered", "logits", "evidence", "failed"], soon);
  stage.onTheme(soon);
  stage.onEnd(() => {
    open = false;
    resized.disconnect();
    frame.stop();
  });
  draw();
  return () => stage.close();
}

export default { render };
