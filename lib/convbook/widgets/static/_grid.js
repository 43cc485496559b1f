// A grid of numbers that a mouse, a finger, a keyboard and a screen reader can all walk.

import { scrolledTo } from "./_fit.js";
import { focusedIn } from "./_keys.js";
import { make } from "./_stage.js";

/**
 * @typedef {object} Cell what one cell shows
 * @property {string} text
 * @property {string} label what a screen reader says
 * @property {import("./_colour.js").Fill} [fill]
 * @property {string} [classes]
 */

/**
 * @typedef {object} GridOptions
 * @property {string} label
 * @property {number} rows
 * @property {number} columns
 * @property {string} [classes]
 * @property {(row: number, column: number) => void} [onPick] focus, click or arrow key
 * @property {(row: number, column: number) => void} [onClick] click, Enter or space
 * @property {(row: number, column: number) => void} [onHover]
 * @property {() => void} [onLeave]
 * @property {(row: number, column: number) => ((rows: number, columns: number) => void) | null} [onGrab] a cell is pressed:
 *   return what is to follow the drag, called with how many cells it has come, or null where nothing can be dragged
 * @property {(key: string) => boolean} [onKey] tell whether a key was taken
 */

/** @typedef {ReturnType<typeof numberGrid>} NumberGrid */

/** @type {Record<string, (row: number, column: number, rows: number, columns: number) => [number, number]>} */
const MOVES = {
  ArrowUp: (r, c) => [r - 1, c],
  ArrowDown: (r, c) => [r + 1, c],
  ArrowLeft: (r, c) => [r, c - 1],
  ArrowRight: (r, c) => [r, c + 1],
  Home: (r) => [r, 0],
  End: (r, _c, _rows, columns) => [r, columns - 1],
  PageUp: (_r, c) => [0, c],
  PageDown: (_r, c, rows) => [rows - 1, c],
};

/**
 * Where a key leads from a cell, never over the edge; null for a key that does not move.
 * @param {string} key
 * @param {[number, number]} at
 * @param {number} rows
 * @param {number} columns
 * @returns {[number, number] | null}
 */
export function moved(key, at, rows, columns) {
  const move = MOVES[key];
  if (!move) return null;
  const [row, column] = move(at[0], at[1], rows, columns);
  return [Math.min(rows - 1, Math.max(0, row)), Math.min(columns - 1, Math.max(0, column))];
}

/**
 * Build a grid with one tab stop; arrow keys, Home, End, Page Up and Page Down walk it.
 * @param {GridOptions} options
 */
export function numberGrid(options) {
  const { rows, columns } = options;
  /** @type {[number, number]} */
  let stop = [0, 0];
  let over = "";
  let seen = "";
  let framed = [0, 0];
  const grid = make("div", "cb-grid", { role: "grid", "aria-label": options.label, "aria-readonly": "true" });
  const element = make("div", `cb-gridbox ${options.classes ?? ""}`, {}, grid);
  grid.style.setProperty("--columns", String(columns));
  const cells = Array.from({ length: rows }, (_r, row) => {
    const line = make("div", "cb-row", { role: "row" });
    grid.append(line);
    return Array.from({ length: columns }, (_c, column) => {
      const cell = make("div", "cb-cell", { role: "gridcell", tabindex: row + column ? "-1" : "0" });
      line.append(cell);
      cell.addEventListener("focus", () => picked(row, column));
      cell.addEventListener("click", () => {
        cell.focus();
        options.onClick?.(row, column);
      });
      cell.addEventListener("pointermove", (event) => hovered(event, row, column));
      return cell;
    });
  });
  grid.addEventListener("pointerleave", () => {
    over = seen = "";
    options.onLeave?.();
  });
  if (options.onGrab) letDrag(grid, cells, options.onGrab);
  grid.addEventListener("keydown", (event) => {
    if (options.onKey && !event.ctrlKey && !event.metaKey && !event.altKey && options.onKey(event.key)) return event.preventDefault();
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      options.onClick?.(...stop);
    }
    const to = event.ctrlKey || event.metaKey || event.altKey ? null : moved(event.key, stop, rows, columns);
    if (!to) return;
    event.preventDefault();
    cells[to[0]][to[1]].focus();
  });

  // A page that scrolls under a resting pointer must change nothing: only a pointer seen at two places counts.
  /** @param {PointerEvent} event @param {number} row @param {number} column */
  function hovered(event, row, column) {
    const before = seen;
    seen = `${event.clientX},${event.clientY}`;
    const place = `${row},${column}`;
    if (place === over || before === "" || before === seen) return;
    over = place;
    options.onHover?.(row, column);
  }

  /** @param {number} row @param {number} column */
  function picked(row, column) {
    rove(row, column);
    options.onPick?.(row, column);
  }

  /** @param {number} row @param {number} column */
  function rove(row, column) {
    cells[stop[0]][stop[1]].tabIndex = -1;
    cells[row][column].tabIndex = 0;
    stop = [row, column];
  }

  return {
    element, rows, columns,
    /** @param {number} row @param {number} column */
    cell: (row, column) => cells[row][column],
    /** Make a cell the tab stop; the focus follows only if it is in this grid.
     * @param {number} row @param {number} column */
    select(row, column) {
      const focused = focusedIn(grid);
      rove(row, column);
      cells.forEach((line, r) => line.forEach((cell, c) => mark(cell, r === row && c === column)));
      if (focused && focused !== cells[row][column]) cells[row][column].focus();
    },
    /** @param {(row: number, column: number) => Cell} look */
    paint(look) {
      cells.forEach((line, row) => line.forEach((cell, column) => paintCell(cell, look(row, column))));
    },
    /** Draw the outline of a window over the grid: first row, first column, height, width.
     * @param {number} row @param {number} column @param {number} height @param {number} width */
    outline(row, column, height, width) {
      const frame = element.querySelector(".cb-window") ?? make("div", "cb-window", { "aria-hidden": "true" });
      const places = { row, column, height, width };
      for (const [name, value] of Object.entries(places)) {
        /** @type {HTMLElement} */ (frame).style.setProperty(`--${name}`, String(value));
      }
      element.append(frame);
      framed = [column, column + width];
    },
    /** Take the outline away. */
    clear() {
      element.querySelector(".cb-window")?.remove();
    },
    /** Outline a box, or take the outline away where there is none. @param {[number, number, number, number] | null} box */
    frame(box) {
      if (box) this.outline(...box);
      else this.clear();
    },
    /** Scroll the outline into sight, where the grid is wider than the widget and scrolls in its block. */
    reveal() {
      const box = element.parentElement;
      if (!box || box.scrollWidth <= box.clientWidth) return;
      const [start, end] = framed.map((at) => (at * grid.scrollWidth) / columns);
      box.scrollLeft = scrolledTo(box.scrollLeft, box.clientWidth, start, end);
    },
  };
}

/**
 * Follow a drag by mouse or finger, cell by cell, also where it leaves the grid.
 * @param {HTMLElement} grid
 * @param {HTMLElement[][]} cells
 * @param {NonNullable<GridOptions["onGrab"]>} onGrab
 */
function letDrag(grid, cells, onGrab) {
  /** @type {{ x: number, y: number, last: string, follow: (rows: number, columns: number) => void } | null} */
  let drag = null;
  grid.addEventListener("pointerdown", (event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    const row = cells.findIndex((line) => line.includes(target));
    const follow = row < 0 || event.button ? null : onGrab(row, cells[row].indexOf(target));
    drag = follow && { x: event.clientX, y: event.clientY, last: "0,0", follow };
  });
  grid.addEventListener("pointermove", (event) => {
    if (!drag) return;
    const side = cells[0][0].offsetHeight;
    const [rows, columns] = [event.clientY - drag.y, event.clientX - drag.x].map((way) => Math.round(way / side));
    if (`${rows},${columns}` === drag.last) return;
    drag.last = `${rows},${columns}`;
    grid.setPointerCapture(event.pointerId);
    drag.follow(rows, columns);
  });
  const end = () => {
    drag = null;
  };
  for (const name of ["pointerup", "pointercancel"]) grid.addEventListener(name, end);
}

/**
 * @param {HTMLElement} cell
 * @param {boolean} chosen
 */
function mark(cell, chosen) {
  if (chosen) cell.setAttribute("aria-selected", "true");
  else cell.removeAttribute("aria-selected");
}

/** What each cell shows: a step of the window changes few cells, and only those are touched.
 * @type {WeakMap<HTMLElement, string>} */
const shown = new WeakMap();

/**
 * @param {HTMLElement} cell
 * @param {Cell} look
 */
function paintCell(cell, look) {
  const key = JSON.stringify(look);
  if (shown.get(cell) === key) return;
  shown.set(cell, key);
  if (cell.textContent !== look.text) cell.textContent = look.text;
  cell.setAttribute("aria-label", look.label);
  cell.className = `cb-cell ${look.classes ?? ""}`;
  cell.style.setProperty("--letters", String(Math.max(2, look.text.length)));
  cell.style.backgroundColor = look.fill?.background ?? "";
  cell.style.color = look.fill?.ink ?? "";
}
