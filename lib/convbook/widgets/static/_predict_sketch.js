// A curve drawn by hand: drag over the plot, or move one point at a time with the arrow keys.

import { levelCurves, nearest } from "./_predict_rule.js";
import { make } from "./_stage.js";
import { number } from "./_wording.js";

/** @typedef {import("./_predict_kinds.js").Input} Input */
/** @typedef {import("./_predict_kinds.js").Look} Look */
/** @typedef {import("./_predict_rule.js").Options} Options */

const HEIGHT = 260;
const MARGIN = { left: 46, right: 20, top: 14, bottom: 44 };
const STEPS = { ArrowUp: 0.02, ArrowRight: 0.02, ArrowDown: -0.02, ArrowLeft: -0.02, PageUp: 0.1, PageDown: -0.1, Home: -1, End: 1 };
const DASHES = ["none", "10 3 2 3"]; // never told by colour alone: the second curve has dashes and square handles
const NAMESPACE = "http://www.w3.org/2000/svg";

/**
 * @param {string} tag
 * @param {Record<string, string | number>} [attributes]
 * @param {...(Node | string)} children
 */
function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(NAMESPACE, tag);
  set(element, attributes);
  element.append(...children);
  return element;
}

/** @param {Element} element @param {Record<string, string | number>} attributes */
function set(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
}

/**
 * @param {string} question
 * @param {Options} options
 * @returns {Input}
 */
export function sketchInput(question, options) {
  const { x, curves, between: [low, high], labels } = options;
  let mine = levelCurves(options);
  let width = 560;
  /** @type {Look} */
  let look = { value: null, open: true, guess: null, truth: null };
  const plot = svg("svg", { role: "group", "aria-label": question, height: HEIGHT, class: "cb-sketch" });
  const axes = svg("g", { "aria-hidden": "true" });
  const lines = curves.map((_, c) => svg("polyline", { class: `cb-curve cb-curve-${c}` }));
  const truths = curves.map((_, c) => svg("polyline", { class: `cb-curve cb-curve-${c} cb-told` }));
  const handles = curves.map((_, c) => x.map((_x, i) => handle(c, i)));
  plot.append(axes, ...truths, ...lines, ...handles.flat());
  const element = make("div", "cb-plot", {}, legend(), plot);
  const measure = new ResizeObserver(() => draw());
  measure.observe(element);

  const across = (/** @type {number} */ place) => {
    const [first, last] = [x[0], x[x.length - 1]];
    return MARGIN.left + ((place - first) / (last - first || 1)) * (width - MARGIN.left - MARGIN.right);
  };
  const down = (/** @type {number} */ y) =>
    MARGIN.top + ((high - y) / (high - low)) * (HEIGHT - MARGIN.top - MARGIN.bottom);

  /** @param {number} c @param {number} i */
  function handle(c, i) {
    const shape = c % 2 ? svg("rect", { width: 14, height: 14, x: -7, y: -7 }) : svg("circle", { r: 8 });
    const one = svg("g", { role: "slider", class: `cb-handle cb-curve-${c}` }, svg("circle", { r: 14, class: "cb-ring" }), shape);
    set(one, { "aria-valuemin": low, "aria-valuemax": high, "aria-orientation": "vertical",
      "aria-label": `${curves[c]} at ${labels[0]} ${number(x[i])}`.trim() });
    one.addEventListener("keydown", (event) => {
      const step = STEPS[/** @type {keyof typeof STEPS} */ (/** @type {KeyboardEvent} */ (event).key)];
      if (step === undefined || !look.open) return;
      event.preventDefault();
      move(c, i, mine[c][i] + step * (high - low));
    });
    return one;
  }

  /** @param {number} c @param {number} i @param {number} y */
  function move(c, i, y) {
    mine[c][i] = Math.min(high, Math.max(low, Number(y.toPrecision(3))));
    draw();
  }

  let drawn = -1; // the curve under the pointer that is down
  plot.addEventListener("pointerdown", (event) => drag(/** @type {PointerEvent} */ (event), true));
  plot.addEventListener("pointermove", (event) => drag(/** @type {PointerEvent} */ (event), false));
  for (const name of ["pointerup", "pointercancel"]) plot.addEventListener(name, () => (drawn = -1));

  /** @param {PointerEvent} event @param {boolean} begins */
  function drag(event, begins) {
    if (!look.open || (!begins && drawn < 0)) return;
    const box = plot.getBoundingClientRect();
    const i = nearest(x.map(across), event.clientX - box.left);
    const y = high - ((event.clientY - box.top - MARGIN.top) / (HEIGHT - MARGIN.top - MARGIN.bottom)) * (high - low);
    if (begins) {
      drawn = nearest(mine.map((curve) => curve[i]), y);
      plot.setPointerCapture(event.pointerId);
      event.preventDefault();
    }
    move(drawn, i, y);
  }

  function legend() {
    const words = curves.flatMap((name, c) => (name ? [make("span", `cb-key cb-curve-${c}`, {}, name)] : []));
    return make("div", "cb-legend", {}, ...words, make("span", "cb-key cb-kinds"));
  }

  function draw() {
    width = Math.max(240, element.clientWidth || 560);
    set(plot, { width, viewBox: `0 0 ${width} ${HEIGHT}` });
    const middle = (low + high) / 2;
    axes.replaceChildren(
      ...[low, middle, high].flatMap((y) => [
        svg("line", { x1: MARGIN.left, x2: width - MARGIN.right, y1: down(y), y2: down(y) }),
        svg("text", { x: MARGIN.left - 8, y: down(y) + 4, "text-anchor": "end" }, number(y, 2)),
      ]),
      ...x.map((place) => svg("text", { x: across(place), y: HEIGHT - 24, "text-anchor": "middle" }, number(place))),
      svg("text", { x: (MARGIN.left + width - MARGIN.right) / 2, y: HEIGHT - 5, "text-anchor": "middle" }, labels[0]),
    );
    const points = (/** @type {number[]} */ ys) => ys.map((y, i) => `${across(x[i])},${down(y)}`).join(" ");
    const told = look.truth !== null;
    curves.forEach((_, c) => {
      set(lines[c], { points: points(mine[c]), "stroke-dasharray": told ? "5 5" : DASHES[c % 2] });
      set(truths[c], { points: told ? points(look.truth[c]) : "", "stroke-dasharray": DASHES[c % 2] });
      handles[c].forEach((one, i) => {
        const [y, text] = [mine[c][i], number(mine[c][i], 2)];
        set(one, { transform: `translate(${across(x[i])} ${down(y)})`, tabindex: look.open ? 0 : -1,
          "aria-disabled": String(!look.open), "aria-valuenow": y, "aria-valuetext": `${labels[1]} ${text}`.trim() });
      });
    });
    const kinds = element.querySelector(".cb-kinds");
    if (kinds) kinds.textContent = told ? "thin: yours   thick: the answer" : "";
    plot.classList.toggle("cb-open", look.open);
  }

  return {
    element,
    missing: "",
    value: () => mine.map((curve) => [...curve]),
    paint(now) {
      look = now;
      if (now.value !== null) mine = now.value.map((/** @type {number[]} */ curve) => [...curve]);
      draw();
    },
    focus: () => /** @type {SVGElement} */ (handles[0][0]).focus(),
    end: () => measure.disconnect(),
  };
}
