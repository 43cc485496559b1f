// Charts with any pen: axes, histograms, lines, and a marker of its own for every line.

import { drawBars } from "./_bars.js";
import { drawCrossHair, drawNames, drawUpright } from "./_labels.js";

/** @typedef {{ min: number, max: number, ticks: number[], label: string, log?: boolean,
 *   text: (value: number) => string }} Axis */
/** @typedef {{ points: [number, number][], colour: string, dash?: number[], marker?: "circle" | "square",
 *   width?: number, size?: number, alpha?: number, hollow?: boolean, name?: string }} Line */
/** @typedef {{ x: Axis, y: Axis, lines: Line[], bars?: import("./_bars.js").Bars[], upright?: number, empty?: string, pointed?: number }} Chart */
/** @typedef {CanvasRenderingContext2D | import("./_pen.js").NotingPen} Pen */
/** @typedef {{ ink: string, quiet: string, grid: string, paper: string, mark: string, font: string }} Look */

const MARKER_SIZE = 4;
const MARKERS_APART = 3; // in sizes
const ROOM = { left: 52, right: 16, top: 14, bottom: 42 };

/**
 * Three to six round numbers from `low` to `high`, at least two.
 * @param {number} low
 * @param {number} high
 * @param {number} [wanted]
 */
export function roundTicks(low, high, wanted = 5) {
  const raw = (high - low) / wanted;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * ([1, 2, 2.5, 5, 10].find((part) => part * power >= raw * 0.999) ?? 10);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
}

/**
 * The powers of ten that enclose all values above 0; [0.1, 1, 10] where there are none.
 * @param {number[]} values
 */
export function powersOfTen(values) {
  const logs = values.filter((value) => value > 0 && Number.isFinite(value)).map(Math.log10);
  const low = logs.length ? Math.floor(Math.min(...logs) + 1e-9) : -1;
  const high = Math.max(low + 1, logs.length ? Math.ceil(Math.max(...logs) - 1e-9) : 1);
  return Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i));
}

/**
 * A value's share of the way along an axis, 0 at its start and 1 at its end.
 * @param {Axis} axis
 * @param {number} value
 */
export function along({ min, max, log }, value) {
  if (!log) return (value - min) / (max - min);
  return (Math.log(value) - Math.log(min)) / (Math.log(max) - Math.log(min));
}

/**
 * The x-value under a pointer, from 0 at the canvas's left edge.
 * @param {HTMLCanvasElement} canvas
 * @param {Axis} axis
 * @param {number} left
 */
export function valueUnder(canvas, axis, left) {
  const inside = canvas.clientWidth - ROOM.left - ROOM.right;
  return axis.min + ((left - ROOM.left) / inside) * (axis.max - axis.min);
}

/**
 * Draw a chart over the whole canvas, sharp on any screen.
 * @param {HTMLCanvasElement} canvas
 * @param {Chart} chart
 * @param {Look} look
 */
export function drawChart(canvas, chart, look) {
  const { clientWidth: width, clientHeight: height } = canvas;
  const ratio = window.devicePixelRatio || 1;
  if (!width || !height) return;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  pen.scale(ratio, ratio);
  paintChart(pen, width, height, chart, look);
}

/**
 * Draw a chart with any pen, from its origin.
 * @param {Pen} pen
 * @param {number} width
 * @param {number} height
 * @param {Chart} chart
 * @param {Look} look
 */
export function paintChart(pen, width, height, chart, look) {
  pen.font = look.font;
  const box = { left: ROOM.left, top: ROOM.top, right: width - ROOM.right, bottom: height - ROOM.bottom };
  /** @param {number} value */
  const toX = (value) => box.left + along(chart.x, value) * (box.right - box.left);
  /** @param {number} value */
  const toY = (value) => box.bottom - along(chart.y, value) * (box.bottom - box.top);
  const frame = { look, box, toX, toY };
  drawAxes(pen, chart, look, box, toX, toY);
  for (const bars of chart.bars ?? []) drawBars(pen, bars, toX, toY);
  if (chart.upright !== undefined) drawUpright(pen, toX(chart.upright), box, look);
  for (const line of chart.lines) drawLine(pen, line, look, toX, toY);
  if (chart.pointed !== undefined) drawCrossHair(pen, chart, frame);
  else drawNames(pen, chart, frame);
  if (chart.empty) {
    pen.fillStyle = look.quiet;
    pen.textAlign = "center";
    pen.fillText(chart.empty, (box.left + box.right) / 2, (box.top + box.bottom) / 2);
  }
}

/** @typedef {import("./_labels.js").Box} Box */

/**
 * @param {Pen} pen
 * @param {Chart} chart
 * @param {Look} look
 * @param {Box} box
 * @param {(value: number) => number} toX
 * @param {(value: number) => number} toY
 */
function drawAxes(pen, { x, y }, look, box, toX, toY) {
  pen.lineWidth = 1;
  pen.strokeStyle = look.grid;
  pen.fillStyle = look.quiet;
  pen.textBaseline = "middle";
  pen.textAlign = "right";
  for (const tick of y.ticks) {
    const level = Math.round(toY(tick)) + 0.5;
    segment(pen, box.left, level, box.right, level);
    pen.fillText(y.text(tick), box.left - 7, level);
  }
  pen.textAlign = "center";
  pen.textBaseline = "top";
  for (const tick of x.ticks) {
    const half = pen.measureText(x.text(tick)).width / 2;
    pen.fillText(x.text(tick), Math.min(toX(tick), box.right + ROOM.right - half), box.bottom + 8);
  }
  pen.fillText(x.label, (box.left + box.right) / 2, box.bottom + 25);
}

/**
 * @param {Pen} pen
 * @param {number} x1
 * @param {number} y1
 * @param {number} x2
 * @param {number} y2
 */
function segment(pen, x1, y1, x2, y2) {
  pen.beginPath();
  pen.moveTo(x1, y1);
  pen.lineTo(x2, y2);
  pen.stroke();
}

/**
 * @param {Pen} pen
 * @param {Line} line
 * @param {Look} look
 * @param {(value: number) => number} toX
 * @param {(value: number) => number} toY
 */
function drawLine(pen, line, look, toX, toY) {
  pen.save();
  pen.globalAlpha = line.alpha ?? 1;
  pen.strokeStyle = line.colour;
  pen.lineWidth = line.width ?? 2;
  pen.lineJoin = "round";
  const points = line.points.filter((point) => point.every(Number.isFinite)).map(([a, b]) => [toX(a), toY(b)]);
  if (pen.lineWidth > 0 && line.width !== 0) {
    pen.setLineDash(line.dash ?? []);
    pen.beginPath();
    for (const [left, top] of points) pen.lineTo(left, top);
    pen.stroke();
  }
  pen.setLineDash([]);
  pen.fillStyle = line.hollow ? look.paper : line.colour;
  pen.lineWidth = line.hollow ? 2 : 1;
  let last = -Infinity;
  for (const [left, top] of points) {
    if (line.width !== 0 && left - last < MARKERS_APART * (line.size ?? MARKER_SIZE)) continue; // they would hide the line
    last = left;
    marker(pen, line, left, top);
  }
  pen.restore();
}

/**
 * @param {Pen} pen
 * @param {Line} line
 * @param {number} left
 * @param {number} top
 */
function marker(pen, { marker: shape = "circle", size = MARKER_SIZE }, left, top) {
  pen.beginPath();
  if (shape === "square") pen.rect(left - size * 0.9, top - size * 0.9, size * 1.8, size * 1.8);
  else pen.arc(left, top, size, 0, 2 * Math.PI);
  pen.fill();
  pen.stroke();
}
