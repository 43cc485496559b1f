// DropoutLab's pictures, with any pen: masks that rain, their running mean, and the learner's masks beside PyTorch's.

import { paintChart } from "./_chart.js";
import { inks, OKABE_ITO, rgb, signed, WINDOW, WRONG } from "./_colour.js";
import { factsOf, MOST_MASKS, ROWS } from "./_dropout_lab.js";
import { line, write } from "./_sketch.js";
import { number } from "./_wording.js";

/** @typedef {import("./_dropout_lab.js").State} State */
/** @typedef {import("./_sketch.js").Pen} Pen */
/** @typedef {{ pen: Pen, state: State, dark: boolean, width: number, height: number }} Sheet */

export const SIZES = { rain: [262, 292], chart: [420, 292], yours: [176, 292] }; // of the still picture
const [CAPTION, HEAD, OUT] = [20, 46, 44];
const FONT = "12px system-ui, 'DejaVu Sans', sans-serif";

/** The newest masks, one below the other, under what each unit adds. @param {Sheet} sheet */
export function paintRain({ pen, state, dark, width, height }) {
  const { parts, scale, rows, sum } = factsOf(state);
  const look = inks(dark);
  const [cell, high] = [(width - OUT) / parts.length, (height - HEAD - 8) / ROWS];
  const most = 1.6 * Math.max(...parts.map(Math.abs), 1e-9);
  write(pen, "units add", 0, 8, look.quiet);
  write(pen, "sum", width, 8, look.quiet, "right");
  const drop = (/** @type {number} */ n, /** @type {number} */ y, /** @type {number} */ value, /** @type {string} */ text, /** @type {number} */ tall) => {
    const fill = signed(value, most, dark);
    pen.fillStyle = fill.background;
    pen.fillRect(n * cell + 1, y, cell - 2, tall);
    pen.strokeStyle = look.quiet;
    pen.lineWidth = 0.8;
    pen.strokeRect(n * cell + 1, y, cell - 2, tall);
    if (text) write(pen, text, (n + 0.5) * cell, y + tall / 2, fill.ink, "center");
  };
  parts.forEach((part, n) => drop(n, CAPTION, part, cell > 20 ? number(part, 1) : "", 20));
  write(pen, number(sum, 2), width, CAPTION + 10, look.ink, "right");
  rows.forEach(({ kept, said }, row) => {
    const y = HEAD + row * high;
    parts.forEach((part, n) => {
      if (kept[n]) return drop(n, y + 2, part * scale, "", high - 4);
      pen.fillStyle = look.quiet; // a dropped unit is a point
      pen.fillRect((n + 0.5) * cell - 1.5, y + high / 2 - 1.5, 3, 3);
    });
    write(pen, number(said, 2), width, y + high / 2, row ? look.quiet : look.ink, "right");
  });
  if (rows.length) line(pen, [[0, HEAD], [width, HEAD], [width, HEAD + high], [0, HEAD + high], [0, HEAD]], WINDOW[dark ? "dark" : "light"], 1.6);
}

/** How the mean of the sub-networks runs, and what evaluation says. @param {Sheet} sheet */
export function paintMean({ pen, state, dark, width, height }) {
  const { parts, means, rectified, evaluation } = factsOf(state);
  const look = { ...inks(dark), mark: inks(dark).ink, font: FONT };
  const side = (/** @type {number} */ sign) => sign * parts.reduce((all, part) => all + Math.max(0, sign * part), 0);
  const [min, max] = [Math.floor(side(-1) / 2) - 0.5, Math.ceil(side(1)) + 0.5];
  const points = (/** @type {number[]} */ all) => /** @type {[number, number][]} */ (all.map((value, n) => [n, Math.min(max, Math.max(min, value))])
    .filter(([n]) => n > 0 && (n < 30 || n === all.length - 1 || Math.floor(40 * Math.log(n)) > Math.floor(40 * Math.log(n - 1)))));
  const level = (/** @type {number} */ value, /** @type {string} */ name) => ({ name, colour: look.ink, dash: [7, 5], width: 1.6, size: 0.01, points: /** @type {[number, number][]} */ ([[1, value], [MOST_MASKS, value]]) });
  const same = evaluation.linear === evaluation.relu || !state.relu;
  const lines = [level(evaluation.linear, ""), ...(same ? [] : [level(evaluation.relu, "")])];
  const runs = [{ name: "linear unit", colour: rgb(dark ? OKABE_ITO.sky : OKABE_ITO.blue), marker: /** @type {"circle"} */ ("circle"), size: 3, points: points(means) },
    ...(state.relu ? [{ name: "behind a ReLU", colour: rgb(dark ? OKABE_ITO.orange : OKABE_ITO.vermilion), marker: /** @type {"square"} */ ("square"), size: 3, points: points(rectified) }] : [])];
  write(pen, "mean of the sub-networks so far", 8, 8, look.quiet);
  write(pen, `dashed: evaluation${same ? "" : ", above with the ReLU"}`, width - 4, 8, look.quiet, "right");
  const [first, last] = [Math.ceil(min), Math.floor(max)];
  const ticks = Array.from({ length: last - first + 1 }, (_, n) => first + n);
  const x = { min: 1, max: MOST_MASKS, log: true, ticks: [1, 10, 100, 1000], label: "masks", text: String };
  pen.save();
  if ("translate" in pen) pen.translate(0, 14);
  paintChart(pen, width, height - 14, { x, y: { min, max, ticks, label: "", text: (value) => number(value) }, lines: [...lines, ...runs.filter((run) => run.points.length)] }, look);
  pen.restore();
}

/** A batch of the learner's masks over one of PyTorch's; bars: how often each unit was kept. @param {Sheet} sheet */
export function paintYours({ pen, state: { name, reading }, dark, width, height }) {
  const look = inks(dark);
  const blocks = [{ caption: `${name || "yours"}, p = ${reading.p}`, masks: reading.yours, wrong: reading.wrong }, { caption: "PyTorch's; white: kept", masks: reading.torch, wrong: false }];
  const beside = width > height;
  const [wide, tall] = beside ? [width / 2 - 10, height] : [width, height / 2];
  blocks.forEach(({ caption, masks, wrong }, block) => {
    const [left, top] = beside ? [block * (wide + 20), 0] : [0, block * tall];
    write(pen, `${caption}${wrong ? " ✗" : ""}`, left, top + 8, wrong ? WRONG[dark ? "dark" : "light"] : look.quiet);
    if (!masks) return write(pen, "no masks to see", left, top + 32, look.ink);
    const [cell, bars, rows] = [wide / masks.rates.length, 28, masks.rows.length];
    const high = (tall - 20 - bars - 14) / rows;
    masks.rates.forEach((rate, n) => {
      pen.fillStyle = look.quiet;
      pen.fillRect(left + n * cell + 2, top + 18 + bars * (1 - rate), cell - 4, bars * rate);
    });
    const wanted = top + 18 + bars * (reading.p ?? 0);
    line(pen, [[left, wanted], [left + wide, wanted]], look.ink, 1.4, [4, 3]);
    masks.rows.forEach((row, r) => [...row].forEach((kept, n) => {
      pen.fillStyle = kept === "1" ? "#ffffff" : "#000000"; // as in the unit's figures: white is kept
      pen.fillRect(left + n * cell, top + 20 + bars + r * high, cell, high);
      pen.strokeStyle = "#808080";
      pen.lineWidth = 0.6;
      pen.strokeRect(left + n * cell, top + 20 + bars + r * high, cell, high);
    }));
  });
}
