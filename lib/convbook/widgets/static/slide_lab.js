// SlideLab: a window over an image, its products, their sum, the bias; predict the number first.

import { fill, gray, signed } from "./_colour.js";
import { numberGrid } from "./_grid.js";
import { linkLines } from "./_links.js";
import { outputs, outputShape, placeIn, stepFrom, termsOf, total } from "./_slide.js";
import { button, make, openStage, playButton } from "./_stage.js";
import { count, index, number, spread, typed } from "./_wording.js";

/** @typedef {import("./_slide.js").Slide & {
 *   at: number[], predict: boolean, guesses: (number | null)[][] }} State */
/** @typedef {import("./_slide.js").Term} Term */
/** @typedef {import("./_stage.js").Model} Model */
/** @typedef {import("./_stage.js").Stage} Stage */

const STRUCTURE = ["image", "kernels", "bias", "stride", "padding"];
const CLOSE_ENOUGH = 0.005;

/**
 * All traits of the model.
 * @param {Model} model
 * @returns {State}
 */
function stateOf(model) {
  const names = [...STRUCTURE, "at", "predict", "guesses"];
  return /** @type {any} */ (Object.fromEntries(names.map((name) => [name, model.get(name)])));
}

/**
 * What was guessed for a place: undefined if nothing yet, null if the learner asked to be shown.
 * @param {State} state
 * @param {number[]} at
 */
function guessAt(state, at) {
  const found = state.guesses.find((guess) => at.every((place, axis) => guess[axis] === place));
  return found && found[3];
}

/**
 * @param {number} guess
 * @param {number} value
 */
function isRight(guess, value) {
  return Math.abs(guess - value) <= CLOSE_ENOUGH;
}

/**
 * @param {State} state
 * @param {number[]} at
 */
function nameOf(state, at) {
  return `output ${state.kernels.length > 1 ? index(...at) : index(at[1], at[2])}`;
}

/**
 * One sentence that says what the picture shows; slide_lab.py says the same.
 * @param {State} state
 */
export function words(state) {
  const shape = outputShape(state);
  if (!shape) return "The window does not fit into the image.";
  const at = placeIn(state.at, shape);
  const terms = termsOf(state, at);
  const name = nameOf(state, at);
  const bias = state.bias[at[0]];
  const covers = `the window covers ${coverage(terms)}`;
  const guess = state.predict ? guessAt(state, at) : null;
  if (guess === undefined) {
    const then = bias === 0 ? "" : `, then the bias ${number(bias)}`;
    return `Predict ${name}: ${covers}; multiply each pixel by its weight and add the ${count(terms.length, "product")}${then}.`;
  }
  const value = number(total(terms) + bias);
  const sum = `its ${count(terms.length, "product")} ${terms.length === 1 ? "adds" : "add"} up to ${number(total(terms))}`;
  const rest = bias === 0 ? `${covers}, and ${sum}.` : `${covers}, ${sum}, and the bias adds ${number(bias)}.`;
  return `${opening(guess, name, value, total(terms) + bias)}: ${rest}`;
}

/**
 * @param {number | null} guess
 * @param {string} name
 * @param {string} shown
 * @param {number} value
 */
function opening(guess, name, shown, value) {
  if (guess === null) return `${name[0].toUpperCase()}${name.slice(1)} is ${shown}`;
  return isRight(guess, value) ? `Right, ${name} is ${shown}` : `You said ${number(guess)}, but ${name} is ${shown}`;
}

/**
 * @param {Term[]} terms
 */
function coverage(terms) {
  const first = terms[0];
  const last = terms[terms.length - 1];
  const outside = terms.filter((term) => term.outside).length;
  const padded = outside ? ` (${outside} of its ${count(terms.length, "pixel")} are padding)` : "";
  return `${spread("row", first.y, last.y)} and ${spread("column", first.x, last.x)} of the image${padded}`;
}

/**
 * @param {import("./_stage.js").RenderArguments} arguments_
 */
function render({ model, el }) {
  const stage = openStage(el, "slide-lab", "Slide a window: products, sum, bias");
  let scene = buildScene(stage, model);
  const rebuild = () => {
    scene.end();
    scene = buildScene(stage, model);
  };
  stage.watch(model, STRUCTURE, rebuild);
  stage.watch(model, ["at", "predict", "guesses"], () => scene.refresh());
  stage.onTheme(() => scene.refresh());
  stage.onEnd(() => scene.end());
  return () => stage.close();
}

/**
 * Build everything for one image and its kernels.
 * @param {Stage} stage
 * @param {Model} model
 */
function buildScene(stage, model) {
  const state = stateOf(model);
  const shape = outputShape(state);
  stage.body.replaceChildren();
  stage.controls.replaceChildren();
  stage.tools.textContent = shape ? summary(state, shape) : "";
  if (!shape) {
    stage.say(words(state));
    return { refresh() {}, end() {} };
  }
  const size = /** @type {[number, number, number]} */ (shape);
  /** @type {[number, number, number] | null} */
  let linked = null;

  /** @param {number[]} at */
  const go = (at) => {
    linked = null;
    model.set("at", placeIn(at, size));
    model.save_changes();
  };
  const link = (/** @type {[number, number, number] | null} */ to) => {
    linked = to;
    refresh();
  };
  const parts = {
    images: state.image.map((_, c) => imageGrid(state, c, link, go, () => placeIn(model.get("at"), size))),
    kernels: state.image.map((_, c) => kernelGrid(state, c, link)),
    maps: Array.from({ length: size[0] }, (_, f) => outputGrid(state, size, f, go, () => !model.get("predict"))),
    filters: filterButtons(size[0], (f) => go([f, ...placeIn(model.get("at"), size).slice(1)])),
    equation: make("div", "cb-equation"),
    bias: make("span", "cb-number"),
  };
  layOut(stage, parts);
  const lines = linkLines(stage.body, () => links(parts, stateOf(model), size));
  const controls = buildControls(stage, model, size, go);

  function refresh() {
    const now = stateOf(model);
    const at = placeIn(now.at, size);
    paint(parts, now, at, linked, stage.dark(), link);
    controls.refresh(now, at);
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

/** @typedef {{ images: import("./_grid.js").NumberGrid[], kernels: import("./_grid.js").NumberGrid[],
 *   maps: import("./_grid.js").NumberGrid[], filters: HTMLElement, equation: HTMLElement, bias: HTMLElement }} Parts */

/**
 * @param {State} state
 * @param {[number, number, number]} shape
 */
function summary({ image, kernels, stride, padding }, shape) {
  const sizes = [image[0].length, image[0][0].length, kernels[0][0].length, kernels[0][0][0].length];
  return (
    `${sizes[0]} × ${sizes[1]} image · ${sizes[2]} × ${sizes[3]} window · stride ${stride} · ` +
    `padding ${padding} → ${shape[1]} × ${shape[2]} map`
  );
}

/**
 * @param {State} state
 * @param {number} channel
 * @param {(to: [number, number, number] | null) => void} link
 * @param {(at: number[]) => void} go
 * @param {() => number[]} where
 */
function imageGrid(state, channel, link, go, where) {
  const { image, padding, stride, kernels } = state;
  const height = kernels[0][0].length;
  const width = kernels[0][0][0].length;
  const inWindow = (/** @type {number} */ row, /** @type {number} */ column) => {
    const [, r, c] = where();
    const i = row - r * stride;
    const j = column - c * stride;
    return i >= 0 && i < height && j >= 0 && j < width ? /** @type {[number, number, number]} */ ([channel, i, j]) : null;
  };
  const show = (/** @type {number} */ row, /** @type {number} */ column) => link(inWindow(row, column));
  return numberGrid({
    label: `image${state.image.length > 1 ? `, channel ${channel}` : ""}`,
    rows: image[channel].length + 2 * padding,
    columns: image[channel][0].length + 2 * padding,
    classes: "cb-image",
    onHover: show,
    onPick: show,
    onLeave: () => link(null),
    onClick(row, column) {
      if (inWindow(row, column)) return;
      const centred = [row - (height - 1) / 2, column - (width - 1) / 2].map((to) => Math.round(to / stride));
      go([where()[0], ...centred]);
    },
  });
}

/**
 * @param {State} state
 * @param {number} channel
 * @param {(to: [number, number, number] | null) => void} link
 */
function kernelGrid(state, channel, link) {
  const slice = state.kernels[0][channel];
  return numberGrid({
    label: `weights${state.image.length > 1 ? ` for channel ${channel}` : ""}`,
    rows: slice.length,
    columns: slice[0].length,
    classes: "cb-kernel",
    onHover: (i, j) => link([channel, i, j]),
    onPick: (i, j) => link([channel, i, j]),
    onLeave: () => link(null),
  });
}

/**
 * @param {State} state
 * @param {[number, number, number]} shape
 * @param {number} f
 * @param {(at: number[]) => void} go
 * @param {() => boolean} hovers whether hovering moves the window: not while a prediction is typed
 */
function outputGrid(state, shape, f, go, hovers) {
  return numberGrid({
    label: `output${state.kernels.length > 1 ? ` of filter ${f}` : ""}`,
    rows: shape[1],
    columns: shape[2],
    classes: "cb-output",
    onPick: (row, column) => go([f, row, column]),
    onHover: (row, column) => hovers() && state.kernels.length === 1 && go([f, row, column]),
  });
}

/**
 * @param {number} filters
 * @param {(f: number) => void} choose
 */
function filterButtons(filters, choose) {
  const group = make("div", "cb-filters", { role: "group", "aria-label": "filter" });
  if (filters > 1) {
    for (let f = 0; f < filters; f++) group.append(button(`filter ${f}`, () => choose(f)));
  }
  return group;
}

/**
 * Lay the parts out: image × weights, channel below channel; then bias; then the map.
 * @param {Stage} stage
 * @param {Parts} parts
 */
function layOut(stage, parts) {
  const several = parts.images.length > 1;
  const rows = parts.images.flatMap((image, c) => [
    make("div", "cb-block", {}, caption(several ? `channel ${c}` : "image"), image.element),
    make("div", "cb-sign", { "aria-hidden": "true" }, "×"),
    make("div", "cb-block", {}, caption("weights"), parts.kernels[c].element),
  ]);
  const maps = parts.maps.map((map, f) =>
    make("div", "cb-block", {}, caption(parts.maps.length > 1 ? `output ${f}` : "output"), map.element),
  );
  const bias = make("div", "cb-block cb-bias", {}, caption("bias"), parts.bias);
  stage.body.append(
    make("div", "cb-left", {}, parts.filters, make("div", "cb-products", {}, ...rows)),
    make("div", "cb-right", {}, make("div", "cb-sign", { "aria-hidden": "true" }, "+"), bias,
      make("div", "cb-sign", { "aria-hidden": "true" }, "="), make("div", "cb-maps", {}, ...maps)),
  );
  stage.controls.append(parts.equation);
}

/** @param {string} text */
function caption(text) {
  return make("div", "cb-caption", { "aria-hidden": "true" }, text);
}

/**
 * Which boxes the thin lines join: window to weights, weights to output.
 * @param {Parts} parts
 * @param {State} state
 * @param {[number, number, number]} shape
 */
function links(parts, state, shape) {
  const [f, row, column] = placeIn(state.at, shape);
  const height = state.kernels[0][0].length;
  const width = state.kernels[0][0][0].length;
  return parts.images.flatMap((image, c) => {
    const kernel = parts.kernels[c];
    const weights = [kernel.cell(0, 0), kernel.cell(height - 1, width - 1)];
    const window = [
      image.cell(row * state.stride, column * state.stride),
      image.cell(row * state.stride + height - 1, column * state.stride + width - 1),
    ];
    return [
      { from: window, to: weights },
      { from: weights, to: [parts.maps[f].cell(row, column)] },
    ];
  });
}

/**
 * Paint every grid and the equation for one place.
 * @param {Parts} parts
 * @param {State} state
 * @param {number[]} at
 * @param {[number, number, number] | null} linked
 * @param {boolean} dark
 * @param {(to: [number, number, number] | null) => void} link
 */
function paint(parts, state, at, linked, dark, link) {
  const [f, row, column] = at;
  const terms = termsOf(state, at);
  parts.images.forEach((grid, c) => paintImage(grid, state, c, linked, dark, at));
  parts.kernels.forEach((grid, c) => paintKernel(grid, state, f, c, linked, dark));
  const values = outputs(state);
  const most = Math.max(...values.flat(2).map(Math.abs));
  parts.maps.forEach((grid, g) => {
    grid.paint((r, c) => outputCell(state, [g, r, c], values[g][r][c], most, dark));
    grid.element.classList.toggle("cb-dim", g !== f);
    if (g === f) grid.outline(row, column, 1, 1);
    else grid.element.querySelector(".cb-window")?.remove();
  });
  parts.maps[f].select(row, column);
  parts.bias.textContent = number(state.bias[f], 2);
  [...parts.filters.children].forEach((element, g) => element.setAttribute("aria-pressed", String(g === f)));
  const hidden = state.predict && guessAt(state, at) === undefined;
  const lines = hidden ? [make("span", "cb-quiet", {}, "The products appear after your prediction.")] : equation(state, at, terms, linked, link);
  parts.equation.replaceChildren(...lines);
}

/**
 * @param {import("./_grid.js").NumberGrid} grid
 * @param {State} state
 * @param {number} channel
 * @param {number[] | null} linked
 * @param {boolean} dark
 * @param {number[]} at
 */
function paintImage(grid, state, channel, linked, dark, at) {
  const { image, padding, stride, kernels } = state;
  const pixels = image.flat(2);
  const low = Math.min(0, ...pixels);
  const high = Math.max(...pixels);
  grid.paint((row, column) => {
    const place = [row - padding, column - padding];
    const value = image[channel][place[0]]?.[place[1]];
    const on = isLinked(linked, channel, row - at[1] * stride, column - at[2] * stride) ? "cb-linked" : "";
    if (value === undefined) return { text: "0", label: `padding ${index(...place)} is 0`, classes: `cb-padding ${on}` };
    const look = low < 0 ? signed(value, Math.max(high, -low), dark) : gray(value, low, high, dark);
    return { text: number(value, 2), label: `pixel ${index(...place)} is ${number(value)}`, fill: look, classes: on };
  });
  grid.outline(at[1] * stride, at[2] * stride, kernels[0][0].length, kernels[0][0][0].length);
}

/**
 * @param {import("./_grid.js").NumberGrid} grid
 * @param {State} state
 * @param {number} f
 * @param {number} channel
 * @param {number[] | null} linked
 * @param {boolean} dark
 */
function paintKernel(grid, state, f, channel, linked, dark) {
  const most = Math.max(...state.kernels.flat(3).map(Math.abs));
  grid.paint((i, j) => {
    const weight = state.kernels[f][channel][i][j];
    return {
      text: number(weight, 2),
      label: `weight ${index(i, j)} is ${number(weight)}`,
      fill: signed(weight, most, dark),
      classes: isLinked(linked, channel, i, j) ? "cb-linked" : "",
    };
  });
}

/**
 * @param {State} state
 * @param {number[]} at
 * @param {number} value
 * @param {number} most
 * @param {boolean} dark
 * @returns {import("./_grid.js").Cell}
 */
function outputCell(state, at, value, most, dark) {
  const name = nameOf(state, at);
  const guess = state.predict ? guessAt(state, at) : null;
  if (guess === undefined) return { text: "?", label: `${name}, not predicted yet`, classes: "cb-hidden" };
  const text = number(value, 2);
  const look = signed(value, most, dark);
  if (guess === null) return { text, label: `${name} is ${number(value)}`, fill: look };
  const right = isRight(guess, value);
  const told = right ? "predicted right" : `you said ${number(guess)}`;
  return { text, label: `${name} is ${number(value)}, ${told}`, fill: look, classes: right ? "cb-right-guess" : "cb-wrong-guess" };
}

/**
 * @param {number[] | null} linked
 * @param {...number} place
 */
function isLinked(linked, ...place) {
  return linked !== null && place.every((part, axis) => part === linked[axis]);
}

/**
 * The sum, written out: a line for every channel, then the bias, then the result.
 * @param {State} state
 * @param {number[]} at
 * @param {Term[]} terms
 * @param {number[] | null} linked
 * @param {(to: [number, number, number] | null) => void} link
 */
function equation(state, at, terms, linked, link) {
  const lines = state.image.map((_, c) => {
    const own = terms.filter((term) => term.channel === c);
    const products = own.flatMap((term, n) => (n ? [" + ", product(term, linked, link)] : [product(term, linked, link)]));
    const label = state.image.length > 1 ? [make("span", "cb-quiet", {}, `channel ${c}: `)] : [];
    return make("div", "cb-line", {}, ...label, ...products, " = ", make("b", "", {}, number(total(own))));
  });
  const sums = state.image.map((_, c) => bracketed(total(terms.filter((term) => term.channel === c))));
  const bias = state.bias[at[0]];
  const result = make("b", "cb-result", {}, number(total(terms) + bias));
  const last = make("div", "cb-line", {}, `${sums.join(" + ")} + bias ${bracketed(bias)} = `, result);
  return [...lines, last];
}

/**
 * @param {Term} term
 * @param {number[] | null} linked
 * @param {(to: [number, number, number] | null) => void} link
 */
function product(term, linked, link) {
  const on = isLinked(linked, term.channel, term.i, term.j) ? " cb-linked" : "";
  const quiet = term.pixel * term.weight === 0 ? " cb-zero" : "";
  const element = make("span", `cb-term${on}${quiet}`, {}, `${bracketed(term.pixel)}·${bracketed(term.weight)}`);
  // "pointerover" would fire again on the redrawn element under a resting pointer, and redraw for ever.
  element.addEventListener("pointermove", () => on || link([term.channel, term.i, term.j]));
  return element;
}

/** @param {number} value */
function bracketed(value) {
  return value < 0 ? `(${number(value, 2)})` : number(value, 2);
}

/**
 * Back, Next, Play, Predict first, and the form for a prediction.
 * @param {Stage} stage
 * @param {Model} model
 * @param {[number, number, number]} shape
 * @param {(at: number[]) => void} go
 */
function buildControls(stage, model, shape, go) {
  const step = (/** @type {number} */ by) => {
    const next = stepFrom(placeIn(model.get("at"), shape), shape, by);
    if (next) go(next);
    return next !== null;
  };
  const play = playButton(stage, () => step(1));
  const last = shape.map((length) => length - 1);
  const back = button("Back", () => step(-1) || go(last), "Back to the previous output");
  const next = button("Next", () => step(1) || go([0, 0, 0]), "Next output");
  const predict = button("Predict first", () => {
    play.stop();
    model.set("predict", !model.get("predict"));
    model.save_changes();
  });
  const form = predictForm(model, shape);
  const score = make("span", "cb-quiet");
  stage.controls.append(make("div", "cb-buttons", {}, back, next, play.element, predict, score), form.element);
  return {
    stop: play.stop,
    /** @param {State} now @param {number[]} at */
    refresh(now, at) {
      predict.setAttribute("aria-pressed", String(now.predict));
      form.refresh(now, at);
      score.textContent = now.predict ? scored(now) : "";
    },
  };
}

/** @param {State} state */
function scored(state) {
  const values = outputs(state);
  const tried = state.guesses.filter(([f, r, c, guess]) => guess !== null && values[f ?? 0]?.[r ?? 0]?.[c ?? 0] !== undefined);
  const right = tried.filter(([f, r, c, guess]) => isRight(Number(guess), values[Number(f)][Number(r)][Number(c)]));
  return tried.length ? `${right.length} of ${tried.length} right` : "";
}

/**
 * @param {Model} model
 * @param {[number, number, number]} shape
 */
function predictForm(model, shape) {
  const input = make("input", "cb-input", { type: "text", inputmode: "text", autocomplete: "off", size: "6" });
  const name = make("span", "", {}, "");
  const hint = make("span", "cb-quiet", { role: "status" });
  const element = make("form", "cb-predict", {}, make("label", "", {}, name, input));
  const keep = (/** @type {number | null} */ guess) => {
    const at = placeIn(model.get("at"), shape);
    input.value = "";
    hint.textContent = "";
    model.set("guesses", [...model.get("guesses"), [...at, guess]]);
    model.save_changes();
  };
  element.append(make("button", "cb-button", { type: "submit" }, "Check"), button("Show me", () => keep(null)), hint);
  element.addEventListener("submit", (event) => {
    event.preventDefault();
    const guess = typed(input.value);
    if (Number.isFinite(guess)) keep(guess);
    else hint.textContent = "Type a number, such as −3, 0.5 or 1/3.";
  });
  return {
    element,
    /** @param {State} state @param {number[]} at */
    refresh(state, at) {
      element.hidden = !state.predict || guessAt(state, at) !== undefined;
      name.textContent = `${nameOf(state, at)} = `;
    },
  };
}

export default { render };
