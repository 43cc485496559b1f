// A graph from top to bottom with any pen: boxes in rows, branches side by side, shapes on the edges, marks on boxes.

import { inks, WINDOW, WRONG } from "./_colour.js";
import { line, through, write } from "./_sketch.js";

/** @typedef {import("./_sketch.js").Pen} Pen */
/** A box: `from` are the places of the boxes that feed it, all of them before it; `shape` stands on the edge below it.
 * @typedef {{ name: string, about?: string, from: number[], shape?: string, mark?: string, faint?: boolean, folded?: boolean }} Box */
/** A box's middle, and its neighbours in its row: @typedef {{ x: number, y: number, row: number, left: number, right: number }} Place */
/** @typedef {{ width: number, height: number, wide: number, places: Place[], edges: { from: number, to: number, points: number[][] }[] }} Layout */

export const HIGH = 24; // of a box
const GAP = 26; // between two rows
const [LANE, BETWEEN, MARGIN] = [24, 12, 6]; // the width of a lane of edges alone; between two lanes
const [LEAST, MOST] = [64, 250]; // the width of a box
const LETTER = 6.5;
const [BEND, LABEL] = [20, 10]; // where an edge turns aside, and its shape stands, below a row

/** What a mark looks like without its colour: a letter, a dash, how thick, and a second line round the box.
 * @type {Record<string, { letter: string, dash: number[], thick: number, twice?: boolean }>} */
export const MARKS = {
  missing: { letter: "M", dash: [6, 4], thick: 2 },
  extra: { letter: "E", dash: [], thick: 1.5, twice: true },
  misplaced: { letter: "P", dash: [2, 3], thick: 2.5 },
  shared: { letter: "S", dash: [], thick: 3.5 },
  changed: { letter: "C", dash: [12, 3], thick: 2 },
  unused: { letter: "U", dash: [1, 4], thick: 2 },
};

/**
 * Where the boxes and edges of a graph lie: the longest way runs straight down, all else stands in lanes left and right of it.
 * @param {Box[]} boxes
 * @param {number} width for all lanes; a graph that needs more is wider
 * @returns {Layout}
 */
export function layOutGraph(boxes, width) {
  const rows = boxes.map(() => 0);
  boxes.forEach(({ from }, i) => (rows[i] = Math.max(-1, ...from.map((source) => rows[source])) + 1));
  const { grid, chains } = filled(boxes, rows);
  const spine = longest(boxes, rows);
  /** @type {Map<object, number>} a cell's lane, 0 for the longest way */
  const lanes = new Map();
  grid.forEach((cells, row) => {
    const middle = Math.max(0, cells.findIndex((cell) => cell.box === spine[row]));
    cells.forEach((cell, at) => lanes.set(cell, at - middle));
  });
  const all = [...new Set(lanes.values())].sort((a, b) => a - b);
  const boxed = all.filter((lane) => grid.some((cells) => cells.some((cell) => cell.box >= 0 && lanes.get(cell) === lane)));
  const room = width - 2 * MARGIN - BETWEEN * (all.length - 1) - LANE * (all.length - boxed.length);
  const longestText = Math.max(...boxes.map((box) => textOf(box).length)) * LETTER + 30;
  const label = Math.max(...boxes.map(({ shape = "" }) => shape.length)) * LETTER;
  const least = Math.max(LEAST, label + 8, all.length > boxed.length ? 2 * (label - LANE / 2) : 0); // a shape ends before the next edge
  const wide = Math.max(least, Math.min(MOST, longestText, room / boxed.length));
  let edge = MARGIN;
  const middles = new Map(all.map((lane) => {
    const own = boxed.includes(lane) ? wide : LANE;
    edge += own + BETWEEN;
    return [lane, edge - BETWEEN - own / 2];
  }));
  const x = (/** @type {object} */ cell) => Number(middles.get(Number(lanes.get(cell))));
  const y = (/** @type {number} */ row) => MARGIN + HIGH / 2 + row * (HIGH + GAP);
  /** @type {Place[]} */
  const places = boxes.map(() => ({ x: 0, y: 0, row: 0, left: -1, right: -1 }));
  grid.forEach((cells, row) => {
    const own = cells.filter((cell) => cell.box >= 0);
    own.forEach((cell, at) => (places[cell.box] = { x: x(cell), y: y(row), row, left: own[at - 1]?.box ?? -1, right: own[at + 1]?.box ?? -1 }));
  });
  const edges = chains.map(({ from, to, cells }) => ({ from, to, points: route(cells.map(({ cell, row }) => [x(cell), y(row)])) }));
  const right = edge - BETWEEN + MARGIN;
  return { width: Math.max(right, ...places.map((place) => place.x + 8 + label)), height: y(grid.length - 1) + HIGH / 2 + BEND + MARGIN, wide, places, edges };
}

/** @typedef {{ box: number, key: number }} Cell a box, or -1 where an edge only passes */

/**
 * The cells of every row, edges that pass included, each row in the order of what feeds it; and the way of every edge.
 * @param {Box[]} boxes @param {number[]} rows
 */
function filled(boxes, rows) {
  /** @type {Cell[][]} */
  const grid = Array.from({ length: Math.max(...rows) + 1 }, () => []);
  const own = boxes.map((_, box) => ({ box, key: box }));
  own.forEach((cell) => grid[rows[cell.box]].push(cell));
  /** @type {Map<Cell, Cell[]>} */
  const above = new Map();
  const under = (/** @type {Cell} */ cell, /** @type {Cell} */ source) => void above.set(cell, [...(above.get(cell) ?? []), source]);
  const chains = boxes.flatMap((box, to) => box.from.map((from) => {
    const cells = [{ cell: own[from], row: rows[from] }];
    for (let row = rows[from] + 1; row <= rows[to]; row++) {
      const cell = row === rows[to] ? own[to] : { box: -1, key: to };
      if (cell.box < 0) grid[row].push(cell);
      under(cell, cells[cells.length - 1].cell);
      cells.push({ cell, row });
    }
    return { from, to, cells };
  }));
  grid.forEach((cells, row) => {
    const before = grid[row - 1] ?? [];
    const pull = (/** @type {Cell} */ cell) => {
      const sources = above.get(cell) ?? [];
      return sources.length ? sources.reduce((sum, one) => sum + before.indexOf(one), 0) / sources.length : before.length;
    };
    const pulls = new Map(cells.map((cell) => [cell, pull(cell)]));
    cells.sort((a, b) => Number(pulls.get(a)) - Number(pulls.get(b)) || a.key - b.key);
  });
  return { grid, chains };
}

/** The box of the longest way in every row. @param {Box[]} boxes @param {number[]} rows */
function longest(boxes, rows) {
  let at = rows.lastIndexOf(Math.max(...rows));
  const way = [at];
  while (rows[at] > 0) {
    at = Number(boxes[at].from.find((source) => rows[source] === rows[at] - 1));
    way.unshift(at);
  }
  return way;
}

/** The corners of an edge: straight down, aside only between two rows. @param {number[][]} stops */
function route(stops) {
  return stops.slice(1).flatMap(([x, y], i) => {
    const [before, above] = stops[i];
    const turn = above + HIGH / 2 + BEND;
    const start = [before, above + HIGH / 2];
    const end = [x, y + (i === stops.length - 2 ? -HIGH / 2 : HIGH / 2)];
    return before === x ? [start, end] : [start, [before, turn], [x, turn], end];
  });
}

/** @param {Box} box */
function textOf({ name, about, folded }) {
  return `${folded ? "▸ " : ""}${name}${about ? `  ${about}` : ""}`;
}

/**
 * Draw a graph where it was laid out; `chosen` and its partner `twin` are framed, -1 for none.
 * @param {Pen} pen
 * @param {Box[]} boxes
 * @param {Layout} layout
 * @param {{ dark: boolean, chosen?: number, twin?: number }} how
 */
export function paintGraph(pen, boxes, layout, { dark, chosen = -1, twin = -1 }) {
  const look = inks(dark);
  const taken = new Set(boxes.flatMap(({ from }) => from));
  const ends = boxes.flatMap((_, from) => { // what nobody takes goes out
    const { x, y } = layout.places[from];
    return taken.has(from) ? [] : [{ from, points: [[x, y + HIGH / 2], [x, y + HIGH / 2 + BEND]] }];
  });
  for (const { from, points } of [...layout.edges, ...ends]) {
    line(pen, points, look.quiet, 1.3, boxes[from].faint ? [3, 3] : []);
    arrow(pen, points[points.length - 1], look.quiet);
  }
  boxes.forEach((box, i) => {
    const { x, y } = layout.places[i];
    if (box.shape) write(pen, box.shape, x + 6, y + HIGH / 2 + LABEL, look.quiet, "left", look.paper);
    paintBox(pen, box, { x: x - layout.wide / 2, y: y - HIGH / 2, wide: layout.wide, dark });
    frame(pen, { x: x - layout.wide / 2, y: y - HIGH / 2, wide: layout.wide, dark }, i === chosen ? 3 : i === twin ? 1.5 : 0);
  });
}

/** @param {Pen} pen @param {number[]} tip @param {string} colour */
function arrow(pen, [x, y], colour) {
  pen.fillStyle = colour;
  through(pen, [[x, y], [x - 4, y - 6], [x + 4, y - 6]]);
  pen.closePath();
  pen.fill();
}

/** @typedef {{ x: number, y: number, wide: number, dark: boolean }} Spot */

/** @param {Pen} pen @param {Box} box @param {Spot} spot */
function paintBox(pen, box, { x, y, wide, dark }) {
  const look = inks(dark);
  const mark = MARKS[box.mark ?? ""];
  const wrong = WRONG[dark ? "dark" : "light"];
  pen.fillStyle = look.paper;
  pen.fillRect(x, y, wide, HIGH);
  pen.strokeStyle = mark ? wrong : look.quiet;
  pen.lineWidth = mark?.thick ?? 1;
  pen.setLineDash(mark?.dash ?? (box.faint ? [3, 3] : []));
  pen.strokeRect(x, y, wide, HIGH);
  pen.setLineDash([]);
  if (mark?.twice) pen.strokeRect(x + 3.5, y + 3.5, wide - 7, HIGH - 7);
  if (box.folded) line(pen, [[x + 4, y + HIGH + 3], [x + wide - 4, y + HIGH + 3]], look.quiet, 1);
  const left = mark ? 24 : 8;
  if (mark) {
    pen.fillStyle = wrong;
    pen.fillRect(x + 5, y + 5, 15, 14);
    write(pen, mark.letter, x + 12.5, y + HIGH / 2, dark ? "#000000" : "#ffffff", "center");
  }
  const room = (wide - left - 6) / LETTER;
  const name = cut(`${box.folded ? "▸ " : ""}${box.name}`, room);
  const after = write(pen, name, x + left, y + HIGH / 2, look.ink) + 7;
  write(pen, shortened(box.about ?? "", (wide - left - after - 3) / LETTER), x + left + after, y + HIGH / 2, look.quiet);
}

/** @param {Pen} pen @param {Spot} spot @param {number} thick */
function frame(pen, { x, y, wide, dark }, thick) {
  if (!thick) return;
  pen.strokeStyle = WINDOW[dark ? "dark" : "light"];
  pen.lineWidth = thick;
  pen.strokeRect(x - 3, y - 3, wide + 6, HIGH + 6);
}

/** As many of a text's parts between commas as there is room for. @param {string} text @param {number} most letters */
function shortened(text, most) {
  if (text.length <= most) return text;
  const parts = text.split(", ");
  while (parts.length && `${parts.join(", ")}, …`.length > most) parts.pop();
  return parts.length ? `${parts.join(", ")}, …` : "";
}

/** @param {string} text @param {number} most letters */
function cut(text, most) {
  return text.length <= most ? text : `${text.slice(0, Math.max(0, Math.floor(most) - 1))}…`;
}
