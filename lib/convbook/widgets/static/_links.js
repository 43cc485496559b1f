// Thin lines between things that belong together, drawn behind them and out of a screen reader's way.

const SVG = "http://www.w3.org/2000/svg";

/** @typedef {{ from: Element[], to: Element[] }} Link boxes given by their first and last cell */

/**
 * Keep lines drawn over `body` between pairs of boxes; `links` is asked anew at every draw.
 * @param {HTMLElement} body
 * @param {() => Link[]} links
 */
export function linkLines(body, links) {
  const drawing = document.createElementNS(SVG, "svg");
  drawing.setAttribute("class", "cb-links");
  drawing.setAttribute("aria-hidden", "true");
  body.append(drawing);
  const draw = () => {
    const origin = body.getBoundingClientRect();
    const lines = links().flatMap((link) => edges(box(link.from), box(link.to), origin));
    drawing.replaceChildren(...lines.map(line));
  };
  const watcher = new ResizeObserver(draw);
  watcher.observe(body);
  return {
    draw,
    stop: () => watcher.disconnect(),
  };
}

/**
 * The box around a first and a last cell.
 * @param {Element[]} cells
 */
function box(cells) {
  const boxes = cells.map((cell) => cell.getBoundingClientRect());
  return {
    left: Math.min(...boxes.map((b) => b.left)),
    right: Math.max(...boxes.map((b) => b.right)),
    top: Math.min(...boxes.map((b) => b.top)),
    bottom: Math.max(...boxes.map((b) => b.bottom)),
  };
}

/**
 * Two lines, from the right corners of one box to the left corners of the next; none where they are stacked.
 * @param {ReturnType<typeof box>} from
 * @param {ReturnType<typeof box>} to
 * @param {DOMRect} origin
 * @returns {[number, number, number, number][]}
 */
function edges(from, to, origin) {
  if (to.left < from.right) return [];
  /** @type {(x1: number, y1: number, x2: number, y2: number) => [number, number, number, number]} */
  const shifted = (x1, y1, x2, y2) => [x1 - origin.left, y1 - origin.top, x2 - origin.left, y2 - origin.top];
  return [
    shifted(from.right, from.top, to.left, to.top),
    shifted(from.right, from.bottom, to.left, to.bottom),
  ];
}

/**
 * @param {[number, number, number, number]} ends
 */
function line(ends) {
  const element = document.createElementNS(SVG, "line");
  ["x1", "y1", "x2", "y2"].forEach((name, i) => element.setAttribute(name, ends[i].toFixed(1)));
  return element;
}
