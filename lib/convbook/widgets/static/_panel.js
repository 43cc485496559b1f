// A chart under its title, which shows the values where the pointer is; and the legend, on the screen and on paper.

import { drawChart, paintChart, valueUnder } from "./_chart.js";
import { inks } from "./_colour.js";
import { NotingPen } from "./_pen.js";
import { make } from "./_stage.js";

/** @typedef {import("./_chart.js").Chart} Chart */
/** @typedef {import("./_stage.js").Stage} Stage */
/** @typedef {{ name: string, colour: string, marker?: "circle" | "square", dash?: number[] }} Kind */

const SVG = "http://www.w3.org/2000/svg";
const SIGNS = { square: "M15 2h8v8h-8z", circle: "M14.5 6a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0 -9 0" };
const HEAD = 48;
const FONT = "12px DejaVu Sans";

/**
 * A canvas under a title; `redraw` is called when the pointer moves over it and when its size changes.
 * @param {Stage} stage
 * @param {string} name
 * @param {() => void} redraw
 */
export function chartPanel(stage, name, redraw) {
  const caption = make("span", "cb-caption", {}, name);
  const canvas = make("canvas", "cb-canvas", { role: "img", "aria-label": name });
  const element = make("div", `cb-panel cb-${name.replace(/ /g, "-")}`, {}, make("div", "cb-panel-head", {}, caption), canvas);
  /** @type {number | null} */
  let left = null;
  const point = (/** @type {number | null} */ at) => {
    left = at;
    redraw();
  };
  canvas.addEventListener("pointermove", (event) => point(event.offsetX));
  canvas.addEventListener("pointerleave", () => point(null));
  const room = new ResizeObserver(redraw);
  room.observe(canvas);
  stage.onEnd(() => room.disconnect());
  return {
    element, canvas,
    /** Call `act` with the value of x at which the chart is clicked.
     * @param {() => import("./_chart.js").Axis} axis @param {(value: number) => void} act */
    onPick(axis, act) {
      canvas.addEventListener("click", (event) => act(valueUnder(canvas, axis(), event.offsetX)));
    },
    /** @param {Chart} chart @param {string} title */
    draw(chart, title) {
      drawChart(canvas, left === null ? chart : { ...chart, pointed: valueUnder(canvas, chart.x, left) }, lookOf(stage.root));
      caption.textContent = title;
      canvas.setAttribute("aria-label", `chart: ${title}`);
    },
  };
}

/**
 * The colours of a chart on this paper.
 * @param {HTMLElement} root
 */
export function lookOf(root) {
  const style = getComputedStyle(root);
  /** @param {string} share */
  const blend = (share) => `color-mix(in srgb, ${style.color} ${share}, ${style.backgroundColor})`;
  return {
    ink: style.color, quiet: blend("68%"), grid: blend("14%"), paper: style.backgroundColor,
    mark: style.color, font: `12px ${style.fontFamily}`,
  };
}

/**
 * What colour, line and marker mean: a short piece of each kind's line.
 * @param {HTMLElement} legend
 * @param {Kind[]} kinds
 * @param {string} [ring] what a ring means, where there is one
 */
export function writeLegend(legend, kinds, ring) {
  const entries = kinds.map(({ name, colour, marker = "circle", dash = [] }) => entry(name,
    { d: "M1 6H37", stroke: colour, "stroke-width": "2", "stroke-dasharray": dash.join(" ") }, { d: SIGNS[marker], fill: colour }));
  if (ring) entries.push(entry(ring, { d: SIGNS.circle, fill: "none", stroke: "currentColor", "stroke-width": "2" }));
  legend.replaceChildren(...entries);
}

/**
 * @param {string} text
 * @param {...Record<string, string>} paths
 */
function entry(text, ...paths) {
  const drawn = (/** @type {string} */ tag, /** @type {Record<string, string>} */ attributes) => {
    const element = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  };
  const key = drawn("svg", { class: "cb-key", width: "38", height: "12", "aria-hidden": "true" });
  key.append(...paths.map((path) => drawn("path", path)));
  return make("span", "cb-entry", {}, key, ` ${text}`);
}

/**
 * Charts side by side for a still picture, each under its title, the legend below; returns the pen with the size drawn.
 * @param {{ chart: Chart, title: string }[]} panels
 * @param {Kind[]} kinds
 * @param {boolean} dark
 * @param {{ width?: number, height?: number }} [size] of one chart
 */
export function panelsStill(panels, kinds, dark, { width = 420, height = 270 } = {}) {
  const { ink, quiet, grid, paper } = inks(dark);
  const look = { ink, quiet, grid, paper, mark: ink, font: FONT };
  const pen = new NotingPen();
  panels.forEach(({ chart, title }, n) => {
    const [part, drawn] = [new NotingPen(), new NotingPen()];
    part.font = FONT;
    part.textBaseline = "top";
    part.fillStyle = quiet;
    title.split(/, (?=depth)|; /).forEach((line, row) => part.fillText(line, 12, 8 + 16 * row));
    pen.add(part, n * width, 0);
    paintChart(drawn, width, height, chart, look);
    pen.add(drawn, n * width, HEAD);
  });
  const top = HEAD + height + 8;
  kinds.forEach(({ name, colour, dash = [] }, n) => {
    const left = 14 + n * 120;
    pen.strokeStyle = colour;
    pen.lineWidth = 2;
    pen.setLineDash(dash);
    pen.beginPath();
    pen.moveTo(left, top);
    pen.lineTo(left + 36, top);
    pen.stroke();
    pen.setLineDash([]);
    pen.font = FONT;
    pen.fillStyle = ink;
    pen.textAlign = "left";
    pen.textBaseline = "middle";
    pen.fillText(name, left + 44, top);
  });
  return { pen, width: panels.length * width, height: top + 26 };
}
