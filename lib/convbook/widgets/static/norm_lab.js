// NormLab: drag the saws, slide the batch, and the histograms follow.

import { followPointer } from "./_canvas.js";
import { put, slider, toggle } from "./_controls.js";
import { faceUnder, facesOf } from "./_cube.js";
import { moved } from "./_grid.js";
import { MOST_SEEN, NAMES, factsOf, sawings, words } from "./_norm_lab.js";
import { chartsOf, paintCube, sceneOf } from "./_norm_lab_paint.js";
import { chartPanel } from "./_panel.js";
import { NotingPen } from "./_pen.js";
import { traitsOf } from "./_scene.js";
import { button, make, openStage } from "./_stage.js";
import { makeSvg, showMarks } from "./_svg.js";

/** @type {Record<string, number>} */
const STEPS = { ArrowRight: 1, ArrowUp: 1, End: 9, ArrowLeft: -1, ArrowDown: -1, Home: -9 };

/** @param {import("./_stage.js").RenderArguments} arguments_ */
function render({ model, el }) {
  const stage = openStage(el, "norm-lab", "Which numbers share a mean?");
  const facts = () => factsOf(traitsOf(model, NAMES));
  const width = () => room.clientWidth || 400;
  const scene = () => sceneOf(facts(), width());
  const { n, c } = facts();
  const kinds = sawings(c).map(({ kind, alone, together }) => ({ kind, element: button(kind, () => {
    model.set("alone", alone);
    put(model, "together", together);
  }, `${kind} norm`) }));
  const batch = slider(stage, model, "batch", { name: "batch", min: 1, max: n, text: (many) => (many === 1 ? "1 image" : `${many} images`) });
  const seen = slider(stage, model, "seen", { name: "batches seen", min: 0, max: MOST_SEEN });
  const more = button("See 5 more", () => put(model, "seen", Math.min(MOST_SEEN, model.get("seen") + 5)));
  const single = toggle(stage, model, "single", "one pixel a map");
  single.hidden = model.get("x")[0][0].flat().length === 1;
  stage.controls.append(make("div", "cb-buttons", { role: "group", "aria-label": "norm" }, ...kinds.map(({ element }) => element)), single, batch, seen, more);
  const cube = makeSvg("cb-cube", { tabindex: "0", role: "application" });
  const grips = ["images", "channels"].map((name) => make("div", "cb-grip cb-saw", { role: "slider", tabindex: "0", "aria-valuemin": "1", "aria-label": `${name} in a piece: drag the saw, or press arrow keys` }));
  const panels = ["training", "evaluation"].map((name) => chartPanel(stage, name, () => draw()));
  const room = make("div", "cb-room", {}, cube, ...grips);
  stage.body.append(room, ...panels.map(({ element }) => element));

  /** Put a saw behind so many images or channels. @param {number} axis @param {number} many */
  const behind = (axis, many) => (axis ? put(model, "together", many) : put(model, "alone", many === 1));
  grips.forEach((grip, axis) => {
    let shift = [0, 0]; // from the pointer to the grip's middle
    followPointer(grip, (x, y, begins) => {
      const { stops, now } = scene().saws[axis];
      if (begins) shift = [now.grip[0] - x, now.grip[1] - y];
      const far = stops.map((stop) => Math.hypot(stop.grip[0] - x - shift[0], stop.grip[1] - y - shift[1]));
      behind(axis, stops[far.indexOf(Math.min(...far))].many);
    }, /** @type {any} */ (cube));
    grip.addEventListener("keydown", (event) => {
      if (!(event.key in STEPS) || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      const { stops, now } = scene().saws[axis];
      behind(axis, stops[Math.max(0, Math.min(stops.length - 1, stops.indexOf(now) + STEPS[event.key]))].many);
    });
  });
  cube.addEventListener("click", (event) => {
    const { left, top } = cube.getBoundingClientRect();
    const place = faceUnder(facesOf(scene().cube), [event.clientX - left, event.clientY - top]);
    if (place) put(model, "at", place);
  });
  cube.addEventListener("keydown", (event) => {
    const [image, channel, pixel] = facts().at;
    const to = moved(event.key, [channel, image], c, n); // images lie to the right, channels downwards
    if (!to || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    put(model, "at", [to[1], to[0], pixel]);
  });

  function draw() {
    const [state, dark, pen] = [facts(), stage.dark(), new NotingPen()];
    paintCube(pen, state, dark, width());
    showMarks(cube, pen);
    cube.setAttribute("aria-label", `${n} images, ${c} channels and ${state.pixels} pixels in ${state.members.length} groups; number ${state.at.join(", ")} is chosen, arrow keys choose another`);
    scene().saws.forEach(({ now: { many, grip: [x, y] } }, axis) => {
      Object.assign(grips[axis].style, { left: `${x}px`, top: `${y}px` });
      const most = axis ? c : n;
      const cuts = many === most ? "no cut" : many === 1 ? "a cut after each" : `a cut after every ${many}`;
      for (const [name, value] of Object.entries({ valuemax: most, valuenow: many, valuetext: cuts })) grips[axis].setAttribute(`aria-${name}`, String(value));
    });
    kinds.forEach(({ kind, element }) => element.setAttribute("aria-pressed", String(kind === state.kind)));
    [seen.querySelector("input"), more].forEach((one) => one && (one.disabled = state.alone));
    chartsOf(state, dark).forEach(({ chart, title }, i) => panels[i].draw(chart, title));
    stage.say(words(state));
  }

  stage.together(model, NAMES, draw);
  stage.onTheme(draw);
  draw();
  return () => stage.close();
}

export default { render };
