// What a noting pen has drawn, as elements of an SVG: sharp at every zoom, from the code that draws the still picture.

const SPACE = "http://www.w3.org/2000/svg";
const LETTERS = { move: "M", line: "L" };
const ANCHORS = { left: "start", center: "middle", right: "end" };
const BASELINES = { middle: "central", top: "text-before-edge", alphabetic: "auto" };

/** An SVG to draw in. @param {string} classes @param {Record<string, string>} attributes */
export function makeSvg(classes, attributes) {
  const svg = document.createElementNS(SPACE, "svg");
  for (const [name, value] of Object.entries({ class: classes, ...attributes })) svg.setAttribute(name, value);
  return svg;
}

/**
 * Draw what the pen has noted, and nothing else; one unit is a pixel of the page. A pen's `pixels` have no place here.
 * @param {SVGSVGElement} svg
 * @param {import("./_pen.js").NotingPen} pen
 */
export function showMarks(svg, pen) {
  svg.replaceChildren(...pen.marks.map((mark) => {
    const element = document.createElementNS(SPACE, mark.kind === "text" ? "text" : "path");
    for (const [name, value] of Object.entries(mark.kind === "text" ? letters(mark) : outline(mark))) element.setAttribute(name, String(value));
    if (mark.kind === "text") element.textContent = mark.text;
    return element;
  }));
}

/** @param {any} mark */
function outline({ kind, path, colour, width, dash, alpha }) {
  const d = path.map((/** @type {any[]} */ [step, x, y]) => (step === "close" ? "Z" : `${LETTERS[/** @type {"move"} */ (step)]}${x.toFixed(2)} ${y.toFixed(2)}`)).join("");
  if (kind === "fill") return { d, fill: colour, "fill-opacity": alpha };
  return { d, fill: "none", stroke: colour, "stroke-width": width, "stroke-dasharray": dash.join(" "), "stroke-opacity": alpha, "stroke-linejoin": "round" };
}

/** @param {any} mark */
function letters({ x, y, colour, align, baseline, alpha, size, bold }) {
  return {
    x, y, fill: colour, "fill-opacity": alpha, "font-size": size, "font-weight": bold ? "bold" : "normal",
    "text-anchor": ANCHORS[/** @type {"left"} */ (align)] ?? "start", "dominant-baseline": BASELINES[/** @type {"top"} */ (baseline)] ?? "auto",
  };
}
