// How large the cells of a widget's grids are: as large as its width allows, and never too small to read or to touch.

const PIXELS_PER_LETTER = { least: 6.4, greatest: 8.6 };
const LEAST_PIXELS = 24; // what WCAG 2.2 asks of a target
const USUAL_PIXELS = 33;
const GREATEST_PIXELS = 46;
const FEW_LETTERS = 3; // that many stand in a cell of usual size

/**
 * @typedef {object} Fit what has to find room
 * @property {number} columns of the widest grid
 * @property {number} [beside] columns of the grids that should stand side by side where there is room
 * @property {number} [between] pixels between those
 * @property {number} [enough] pixels a cell must keep for that
 * @property {number} [letters] of the longest text in a cell
 * @property {number} [rows] of cells that stand one above the other
 */

const BUDGET_PIXELS = 290; // of a widget's height that its grids may take, so that the whole fits a screen

/**
 * Tell the styles of `area` what its cells hold; `_shared.css` makes a size of it for every width.
 * @param {HTMLElement} area
 * @param {Fit} fit
 */
export function fitCells(area, { columns, beside = columns, between = 0, enough = 0, letters = 1, rows = 1 }) {
  const least = Math.max(LEAST_PIXELS, PIXELS_PER_LETTER.least * letters);
  const roomy = Math.max(USUAL_PIXELS, Math.min(GREATEST_PIXELS, PIXELS_PER_LETTER.greatest * letters));
  const greatest = Math.min(letters > FEW_LETTERS ? roomy : USUAL_PIXELS, BUDGET_PIXELS / rows);
  const lengths = { least, enough, between, greatest: Math.max(least, greatest) };
  for (const [name, pixels] of Object.entries(lengths)) area.style.setProperty(`--${name}`, `${pixels}px`);
  area.style.setProperty("--most", String(columns));
  area.style.setProperty("--beside", String(beside));
}

/**
 * Where a scrolled box must be for a part of it to be seen: unmoved if it is seen already.
 * @param {number} scrolled
 * @param {number} width of the box
 * @param {number} start of the part
 * @param {number} end of the part
 */
export function scrolledTo(scrolled, width, start, end) {
  if (start < scrolled) return start;
  return end > scrolled + width ? end - width : scrolled;
}

/**
 * The number of letters in the longest of some texts.
 * @param {string[]} texts
 */
export function longest(texts) {
  return Math.max(1, ...texts.map((text) => text.length));
}
