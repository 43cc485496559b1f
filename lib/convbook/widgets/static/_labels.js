// What a chart tells in words: each line's name at its end, or the values where the pointer is.

import { binAt, peakOf } from "./_bars.js";

/** @typedef {import("./_chart.js").Pen} Pen */
/** @typedef {import("./_chart.js").Chart} Chart */
/** @typedef {import("./_chart.js").Look} Look */
/** @typedef {{ left: number, top: number, right: number, bottom: number }} Box */
/** @typedef {{ look: Look, box: Box, toX: (value: number) => number, toY: (value: number) => number }} Frame */

const NAME_HEIGHT = 15;
const STEP = 5; // pixels between the places of a line at which a name would cover it
const ASIDE = [-12, 14, -26, 28, -40, 42]; // pixels from a line's end to its name, the best first

/**
 * Write a text on a little paper of its own, so that lines behind it leave it to be read.
 * @param {Pen} pen
 * @param {string} text
 * @param {number} x
 * @param {number} middle
 * @param {Look} look
 */
function written(pen, text, x, middle, look) {
  const wide = pen.measureText(text).width;
  const colour = pen.fillStyle;
  pen.save();
  pen.globalAlpha = 0.8;
  pen.fillStyle = look.paper;
  pen.fillRect(pen.textAlign === "right" ? x - wide - 1 : x - 1, middle - NAME_HEIGHT / 2, wide + 2, NAME_HEIGHT);
  pen.restore();
  pen.fillStyle = colour;
  pen.textBaseline = "middle";
  pen.fillText(text, x, middle);
}

/**
 * Write each line's name at its end and each histogram's over its highest bar, where the least is covered.
 * @param {Pen} pen
 * @param {Chart} chart
 * @param {Frame} frame
 */
export function drawNames(pen, { lines, bars = [] }, { look, box, toX, toY }) {
  const ends = lines.flatMap(({ name, points, colour }) => {
    const last = points.filter((point) => point.every(Number.isFinite)).pop();
    return name && last ? [{ name, colour, at: last }] : [];
  });
  const peaks = bars.flatMap((one) => (one.name ? [{ name: one.name, colour: one.colour, at: peakOf(one) }] : []));
  const taken = lines.flatMap(({ points }) => along(points.filter((point) => point.every(Number.isFinite))
    .map(([x, y]) => /** @type {[number, number]} */ ([toX(x), toY(y)]))));
  pen.textAlign = "right";
  pen.textBaseline = "middle";
  for (const { name, colour, at } of [...ends, ...peaks].sort((a, b) => toY(b.at[1]) - toY(a.at[1]))) {
    const wide = pen.measureText(name).width;
    const right = Math.min(Math.max(toX(at[0]), box.left + wide + 6), box.right);
    const covered = (/** @type {number} */ middle) => taken.filter(([x, y]) =>
      x > right - wide - 3 && x < right + 3 && Math.abs(y - middle) < NAME_HEIGHT * 0.7).length;
    const held = (/** @type {number} */ middle) => Math.max(box.top + 4, Math.min(box.bottom - 8, middle));
    const places = ASIDE.map((by) => held(toY(at[1]) + by));
    const best = places.reduce((one, other) => (covered(other) < covered(one) ? other : one));
    pen.fillStyle = colour;
    if (bars.length) written(pen, name, right, best, look); // bars run below their names
    else pen.fillText(name, right, best);
    for (let x = right - wide; x <= right; x += STEP) for (const y of [best - 5, best, best + 5]) taken.push([x, y]);
  }
}

/**
 * Places along a line, a few pixels apart.
 * @param {[number, number][]} points
 */
function along(points) {
  return points.flatMap(([x, y], i) => {
    const [x2, y2] = points[i + 1] ?? [x, y];
    const many = Math.max(1, Math.round(Math.hypot(x2 - x, y2 - y) / STEP));
    return Array.from({ length: many }, (_, k) => /** @type {[number, number]} */ ([x + ((x2 - x) * k) / many, y + ((y2 - y) * k) / many]));
  });
}

/**
 * Where the pointer is, held to a value that a line or a histogram has, and what each of them has there.
 * @param {Chart} chart
 * @returns {{ at: number, heading: string, texts: { text: string, colour: string }[] } | null}
 */
export function valuesAt({ lines, bars = [], x, y, pointed = 0 }) {
  const named = lines.filter((line) => line.name);
  const all = named.flatMap(({ points }) => points.filter((point) => point.every(Number.isFinite)).map(([at]) => at));
  const short = x.label.split(/[:,]/)[0];
  const found = bars.filter((one) => one.counts.length).map((one) => ({ one, bin: binAt(one, pointed) }));
  const texts = found.map(({ one, bin }) => ({ text: `${one.name ?? ""} ${y.text(one.counts[bin])}`.trim(), colour: one.colour }));
  if (!all.length && !found.length) return null;
  if (!all.length) {
    const { one: { edges }, bin } = found[0];
    return { at: (edges[bin] + edges[bin + 1]) / 2, heading: `${short} ${x.text(edges[bin])} to ${x.text(edges[bin + 1])}`, texts };
  }
  const at = all.reduce((best, one) => (Math.abs(one - pointed) < Math.abs(best - pointed) ? one : best));
  for (const { name, points, colour } of named) {
    const here = points.find(([one]) => one === at);
    if (here) texts.push({ text: `${name} ${y.text(here[1])}`, colour });
  }
  return { at, heading: `${short} ${x.text(at)}`, texts };
}

/**
 * An upright line at the pointer, and beside it what stands there.
 * @param {Pen} pen
 * @param {Chart} chart
 * @param {Frame} frame
 */
export function drawCrossHair(pen, chart, { look, box, toX }) {
  const here = valuesAt(chart);
  if (!here) return;
  const at = toX(here.at);
  drawUpright(pen, at, box, look);
  const left = at < (box.left + box.right) / 2;
  pen.textAlign = left ? "left" : "right";
  [{ text: here.heading, colour: look.ink }, ...here.texts].forEach(({ text, colour }, n) => {
    pen.fillStyle = colour;
    written(pen, text, at + (left ? 7 : -7), box.top + NAME_HEIGHT * (n + 0.5), look);
  });
}

/**
 * @param {Pen} pen
 * @param {number} at
 * @param {Box} box
 * @param {Look} look
 */
export function drawUpright(pen, at, box, look) {
  pen.save();
  pen.strokeStyle = look.quiet;
  pen.setLineDash([2, 3]);
  pen.beginPath();
  pen.moveTo(at, box.top - 6);
  pen.lineTo(at, box.bottom);
  pen.stroke();
  pen.restore();
}
