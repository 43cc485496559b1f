// ConvXray: what each output of the learner's own function really used, against what it should use.

import { mix, OKABE_ITO, fill, tint } from "./_colour.js";
import { numberGrid } from "./_grid.js";
import { linkLines } from "./_links.js";
import { stepFrom } from "./_slide.js";
import { button, make, openStage, playButton } from "./_stage.js";
import { biasPhrase, held, letter, pixelName, placeName, sameTaken, status, uses, weightName, weightPlace,
  weightsPhrase, wholeShape, words, wrongPlaces } from "./_xray.js";
import { count, number } from "./_wording.js";

/** @typedef {import("./_xray.js").State} State */
/** @typedef {import("./_xray.js").Place} Place */
/** @typedef {import("./_xray.js").Taken} Taken */
/** @typedef {import("./_stage.js").Model} Model */
/** @typedef {import("./_stage.js").Stage} Stage */
/** @typedef {import("./_grid.js").NumberGrid} NumberGrid */

const READ = ["name", "sizes", "yours", "wanted", "verdict", "blocked", "stamp"];
const KERNEL_WAIT = 6000;
const MARKS = { right: "✓", wrong: "✗", extra: "+", missing: "–" };
const MEANING = {
  right: "as it should be", wrong: "wrong", extra: "should not exist", missing: "missing",
};
const FIRST_WEIGHT = /** @type {[number, number, number]} */ ([255, 233, 168]);

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
  let scene = buildScene(stage, model);
  let planned = false;
  const rebuild = () => {
    if (planned) return; // several traits change at once after an X-ray: build once, when all have arrived
    planned = true;
    queueMicrotask(() => {
      planned = false;
      scene.end();
      scene = buildScene(stage, model);
    });
  };
  stage.watch(model, READ, rebuild);
  stage.watch(model, ["at"], () => planned || scene.refresh());
  stage.onTheme(() => scene.refresh());
  stage.onEnd(() => scene.end());
  return () => stage.close();
}

/**
 * @param {Stage} stage
 * @param {Model} model
 */
function buildScene(stage, model) {
  const state = stateOf(model);
  stage.body.replaceChildren();
  stage.controls.replaceChildren();
  stage.lead.replaceChildren(...verdictPanel(state));
  stage.tools.textContent = summary(state);
  if (state.blocked) {
    stage.controls.append(make("div", "cb-buttons", {}, ...againButton(model)));
    const refresh = () => {
      stage.dark();
      stage.say(words(state));
    };
    refresh();
    return { refresh, end() {} };
  }
  return buildXray(stage, model, state);
}

/**
 * @param {Stage} stage
 * @param {Model} model
 * @param {State} state
 */
function buildXray(stage, model, state) {
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
  const controls = buildControls(stage, model, state, shape, go);

  function refresh() {
    const at = where();
    const dark = stage.dark();
    paintPixels(state, parts, at, pointed, dark);
    paintWeights(state, parts, at, pointed, dark);
    paintMaps(state, parts, at, dark);
    parts.note.textContent = note(state, at, pointed);
    controls.refresh(at);
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

/** @typedef {{ pixel?: number, weight?: number }} Pointed what the pointer or the focus is on */
/** @typedef {{ yours: NumberGrid[], wanted: NumberGrid[], weights: NumberGrid[], maps: NumberGrid[],
 *   note: HTMLElement }} Parts */

/** @param {State} state */
function summary({ name, sizes }) {
  const { image, weights, stride, padding, bias } = sizes;
  const channels = image[0] > 1 ? `${image[0]} channels · ` : "";
  const steps = bias ? ` · stride ${stride} · padding ${padding}` : "";
  return `${name} · ${channels}${image[1]} × ${image[2]} image · ${weights[2]} × ${weights[3]} kernel${steps}`;
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

/**
 * @param {State} state
 * @param {Place} shape
 * @param {(to: Pointed) => void} point
 * @param {(at: number[]) => void} go
 * @param {() => Place} where
 * @returns {Parts}
 */
function buildParts(state, shape, point, go, where) {
  const { image, weights, padding } = state.sizes;
  const channels = [...Array(image[0]).keys()];
  const pixelGrid = (/** @type {string} */ label, /** @type {number} */ channel) => {
    const show = (/** @type {number} */ row, /** @type {number} */ column) =>
      point({ pixel: pixelAt(state, channel, row, column) });
    return numberGrid({
      label: image[0] > 1 ? `${label}, channel ${channel}` : label,
      rows: image[1] + 2 * padding,
      columns: image[2] + 2 * padding,
      classes: "cb-image",
      onHover: show,
      onPick: show,
      onLeave: () => point({}),
    });
  };
  return {
    yours: channels.map((c) => pixelGrid("pixels your output used", c)),
    wanted: channels.map((c) => pixelGrid("pixels it should use", c)),
    weights: channels.map((c) => {
      const show = (/** @type {number} */ i, /** @type {number} */ j) =>
        point({ weight: ((where()[0] * image[0] + c) * weights[2] + i) * weights[3] + j });
      return numberGrid({
        label: image[0] > 1 ? `weights, channel ${c}` : "weights",
        rows: weights[2], columns: weights[3], onHover: show, onPick: show, onLeave: () => point({}),
      });
    }),
    maps: Array.from({ length: shape[0] }, (_, f) =>
      numberGrid({
        label: shape[0] > 1 ? `outputs of filter ${f}, checked` : "outputs, checked",
        rows: shape[1], columns: shape[2], classes: "cb-output",
        onPick: (row, column) => go([f, row, column]),
        onHover: (row, column) => go([f, row, column]),
      }),
    ),
    note: make("p", "cb-note"),
  };
}

/**
 * The pixel at a place of the padded grid; −1 in the padding.
 * @param {State} state
 * @param {number} channel
 * @param {number} row
 * @param {number} column
 */
function pixelAt({ sizes }, channel, row, column) {
  const [, height, width] = sizes.image;
  const y = row - sizes.padding;
  const x = column - sizes.padding;
  return y < 0 || x < 0 || y >= height || x >= width ? -1 : (channel * height + y) * width + x;
}

/**
 * @param {Stage} stage
 * @param {State} state
 * @param {Parts} parts
 */
function layOut(stage, state, parts) {
  const several = parts.yours.length > 1;
  const rows = parts.yours.flatMap((grid, c) => [
    block(several ? `weights ${c}` : "weights", parts.weights[c], "cb-weights"),
    block(several ? `yours, channel ${c}` : "your output used", grid),
    block(several ? `wanted, channel ${c}` : "it should use", parts.wanted[c]),
  ]);
  const maps = parts.maps.map((map, f) => block(parts.maps.length > 1 ? `outputs, filter ${f}` : "outputs", map));
  stage.body.append(make("div", "cb-xrays", {}, ...rows), make("div", "cb-maps", {}, ...maps));
  stage.controls.prepend(parts.note);
}

/**
 * @param {string} caption
 * @param {NumberGrid} grid
 * @param {string} [classes]
 */
function block(caption, grid, classes = "") {
  return make("div", `cb-block ${classes}`, {}, make("div", "cb-caption", { "aria-hidden": "true" }, caption), grid.element);
}

/**
 * Thin lines from the pixels an output should use to the output.
 * @param {State} state
 * @param {Parts} parts
 * @param {Place} at
 */
function links(state, parts, at) {
  const window = windowAt(state, at);
  if (!window || parts.wanted.length > 1) return []; // lines from several channels only cross each other
  const [row, column, height, width] = window;
  return parts.wanted.map((grid) => ({
    from: [grid.cell(row, column), grid.cell(row + height - 1, column + width - 1)],
    to: [parts.maps[at[0]].cell(at[1], at[2])],
  }));
}

/**
 * The window of a wanted output on the padded grid; null where none is wanted.
 * @param {State} state
 * @param {Place} at
 */
function windowAt(state, at) {
  if (status(state, at) === "extra") return null;
  const { stride, weights } = state.sizes;
  return [at[1] * stride, at[2] * stride, weights[2], weights[3]];
}

/**
 * @param {State} state
 * @param {Parts} parts
 * @param {Place} at
 * @param {Pointed} pointed
 * @param {boolean} dark
 */
function paintPixels(state, parts, at, pointed, dark) {
  const yours = uses(state, "yours", at);
  const wanted = uses(state, "wanted", at);
  const window = windowAt(state, at);
  parts.yours.forEach((grid, c) => {
    const other = parts.wanted[c];
    grid.paint((row, column) => pixelCell(state, at, pixelAt(state, c, row, column), yours, wanted, pointed, dark, true));
    other.paint((row, column) => pixelCell(state, at, pixelAt(state, c, row, column), wanted, yours, pointed, dark, false));
    if (window) other.outline(window[0], window[1], window[2], window[3]);
    else other.element.querySelector(".cb-window")?.remove();
  });
}

/**
 * One pixel: the letters of the weights it was multiplied with, in the first weight's colour.
 * @param {State} state
 * @param {Place} at
 * @param {number} pixel
 * @param {Map<number, Taken>} own
 * @param {Map<number, Taken>} other
 * @param {Pointed} pointed
 * @param {boolean} dark
 * @param {boolean} mine
 * @returns {import("./_grid.js").Cell}
 */
function pixelCell(state, at, pixel, own, other, pointed, dark, mine) {
  if (pixel < 0) return { text: "", label: "padding", classes: "cb-padding" };
  const taken = own.get(pixel) ?? [];
  const wrong = mine && !sameTaken(taken, other.get(pixel));
  const on = pointed.pixel === pixel || taken.some(([weight]) => weight === pointed.weight);
  const says = `pixel ${pixelName(state, pixel)}: ${weightsPhrase(state, taken)}`;
  return {
    text: taken.length > 2 ? `${taken.length}×` : taken.map((one) => short(state, at, pixel, one)).join("+"),
    label: wrong ? `${says}, wanted ${weightsPhrase(state, other.get(pixel) ?? [])}` : says,
    fill: taken.length ? weightFill(state, taken[0][0], dark) : undefined,
    classes: `${wrong ? "cb-wrong" : ""} ${on ? "cb-linked" : ""} ${taken.length ? "" : "cb-unused"}`,
  };
}

/**
 * A weight's letter, with how often, and with its channel or filter where that is not the pixel's or the output's own.
 * @param {State} state
 * @param {Place} at
 * @param {number} pixel
 * @param {[number, number]} taken
 */
function short(state, at, pixel, [weight, times]) {
  const [f, channel] = weightPlace(state, weight);
  const own = Math.floor(pixel / (state.sizes.image[1] * state.sizes.image[2]));
  const often = times === 1 ? "" : times === -1 ? "−" : number(times, 1);
  const foreign = `${channel === own ? "" : "₀₁₂"[channel]}${f === at[0] ? "" : "⁰¹²"[f]}`;
  return `${often}${letter(state, weight)}${foreign}`;
}

/**
 * A weight's colour: from light yellow for the first to blue for the last, so that a turned kernel is seen.
 * @param {State} state
 * @param {number} weight
 * @param {boolean} dark
 */
function weightFill(state, weight, dark) {
  const [, , rows, columns] = state.sizes.weights;
  const place = weight % (rows * columns);
  const colour = mix(FIRST_WEIGHT, OKABE_ITO.blue, place / Math.max(1, rows * columns - 1));
  return fill(dark ? mix(colour, [34, 35, 37], 0.12) : colour);
}

/**
 * @param {State} state
 * @param {Parts} parts
 * @param {Place} at
 * @param {Pointed} pointed
 * @param {boolean} dark
 */
function paintWeights(state, parts, at, pointed, dark) {
  const [, channels, rows, columns] = state.sizes.weights;
  const taken = [...uses(state, "yours", at)].flatMap(([pixel, list]) => list.map(([weight]) => ({ pixel, weight })));
  parts.weights.forEach((grid, c) =>
    grid.paint((i, j) => {
      const weight = ((at[0] * channels + c) * rows + i) * columns + j;
      const pixels = taken.filter((one) => one.weight === weight);
      return {
        text: letter(state, weight),
        label: `weight ${weightName(state, weight)}, letter ${letter(state, weight)}: your output used it on ${count(pixels.length, "pixel")}`,
        fill: weightFill(state, weight, dark),
        classes: pointed.weight === weight || pixels.some((one) => one.pixel === pointed.pixel) ? "cb-linked" : "",
      };
    }),
  );
}

/**
 * @param {State} state
 * @param {Parts} parts
 * @param {Place} at
 * @param {boolean} dark
 */
function paintMaps(state, parts, at, dark) {
  parts.maps.forEach((grid, f) => {
    grid.paint((row, column) => {
      const kind = status(state, [f, row, column]);
      const colour = kind === "right" ? OKABE_ITO.green : OKABE_ITO.vermilion;
      return {
        text: MARKS[kind],
        label: `output ${placeName(state, [f, row, column])}: ${MEANING[kind]}`,
        fill: tint(colour, kind === "right" ? 0.22 : 0.42, dark),
        classes: `cb-${kind}`,
      };
    });
    if (f === at[0]) grid.outline(at[1], at[2], 1, 1);
    else grid.element.querySelector(".cb-window")?.remove();
  });
  parts.maps[at[0]].select(at[1], at[2]);
}

/**
 * A line about what is pointed at, else about the bias.
 * @param {State} state
 * @param {Place} at
 * @param {Pointed} pointed
 */
function note(state, at, pointed) {
  if (pointed.pixel !== undefined && pointed.pixel >= 0) {
    const [yours, wanted] = /** @type {const} */ (["yours", "wanted"]).map((one) =>
      weightsPhrase(state, uses(state, one, at).get(/** @type {number} */ (pointed.pixel)) ?? []));
    return `Pixel ${pixelName(state, pointed.pixel)} meets ${yours}${yours === wanted ? ", as it should" : `; wanted ${wanted}`}.`;
  }
  if (pointed.weight !== undefined) {
    const pixels = [...uses(state, "yours", at)].filter(([, list]) => list.some(([weight]) => weight === pointed.weight));
    const names = pixels.map(([pixel]) => pixelName(state, pixel)).join(", ");
    const told = names ? `meets ${pixels.length === 1 ? "pixel" : "pixels"} ${names}` : "meets no pixel";
    return `Weight ${letter(state, pointed.weight)} = ${weightName(state, pointed.weight)} ${told} in your output.`;
  }
  if (!state.sizes.bias || ["extra", "missing"].includes(status(state, at))) return "Point at a pixel or a weight to see what it met.";
  const [yours, wanted] = /** @type {const} */ (["yours", "wanted"]).map((one) => biasPhrase(state, one, at));
  return `Bias: your output adds ${yours}${yours === wanted ? ", as it should" : `; wanted ${wanted}`}.`;
}

/**
 * @param {Stage} stage
 * @param {Model} model
 * @param {State} state
 * @param {Place} shape
 * @param {(at: number[]) => void} go
 */
function buildControls(stage, model, state, shape, go) {
  const wrong = wrongPlaces(state);
  const where = () => held(model.get("at"), shape);
  const step = (/** @type {number} */ by) => {
    const next = stepFrom(where(), shape, by);
    if (next) go(next);
    return next !== null;
  };
  const rank = (/** @type {number[]} */ at) => (at[0] * shape[1] + at[1]) * shape[2] + at[2];
  const play = playButton(stage, () => step(1));
  const jump = button("Next wrong", () => go(wrong.find((at) => rank(at) > rank(where())) ?? wrong[0]), "Next wrong output");
  jump.disabled = !wrong.length;
  const back = button("Back", () => step(-1) || go(shape.map((length) => length - 1)), "Back to the previous output");
  const next = button("Next", () => step(1) || go([0, 0, 0]), "Next output");
  const place = make("span", "cb-quiet");
  stage.controls.append(make("div", "cb-buttons", {}, back, next, jump, play.element, ...againButton(model), place));
  return {
    stop: play.stop,
    /** @param {Place} at */
    refresh(at) {
      place.textContent = `output ${placeName(state, at)} · ${count(wrong.length, "wrong output")}`;
    },
  };
}

/**
 * "X-ray again", where there may be a kernel to ask; it says so when none answers.
 * @param {Model} model
 * @returns {HTMLElement[]}
 */
function againButton(model) {
  if (!model.send) return [];
  const answer = make("span", "cb-quiet", { role: "status" });
  const again = button("X-ray again", () => {
    const before = model.get("stamp");
    answer.textContent = "asking the kernel …";
    model.send?.({ again: true });
    setTimeout(() => {
      const came = model.get("stamp") !== before;
      answer.textContent = came ? "" : "The kernel has not answered: it is busy or stopped. Run the cell again.";
    }, KERNEL_WAIT);
  });
  return [again, answer];
}

export default { render };
