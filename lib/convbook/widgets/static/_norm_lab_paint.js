// NormLab's picture, with any pen: the batch as a cube that the saws cut apart; and its histograms.

import { histogram } from "./_bars.js";
import { roundTicks } from "./_chart.js";
import { OKABE_ITO, WINDOW, WRONG, inks, mix, rgb, toneOf } from "./_colour.js";
import { facesOf, placeCube } from "./_cube.js";
import { sizesOf } from "./_norm_lab.js";
import { line, through, write } from "./_sketch.js";
import { number } from "./_wording.js";

/** @typedef {import("./_norm_lab.js").Facts} Facts */
/** @typedef {import("./_sketch.js").Pen} Pen */
/** @typedef {import("./_cube.js").Point} Point */
/** @typedef {ReturnType<typeof sceneOf>} Scene */

export const HEIGHT = 366;
const [CUT, BETWEEN] = [0.4, 0.75]; // gaps, in cells: where a saw cut, and between two batches
const SHADE = { top: 0, right: 0.14, left: 0.26 };

/** Where cube and saws lie: each saw's place, its stops, and its grip beside the cube's foot. @param {Facts} facts @param {number} width */
export function sceneOf({ n, c, pixels, alone, together, batch }, width) {
  const gaps = [(/** @type {number} */ i) => (i % batch === 0 ? BETWEEN : alone ? CUT : 0), (/** @type {number} */ i) => (i % together === 0 ? CUT : 0)];
  const cube = placeCube([n, c, pixels], gaps, [BETWEEN, CUT], { left: 34, top: 8, width: width - 46, height: Math.min(HEIGHT, 0.9 * width) - 44, largest: 34 });
  const saws = [0, 1].map((axis) => {
    const starts = cube.starts[axis];
    const behind = (/** @type {number} */ i) => (i < starts.length ? (starts[i - 1] + 1 + starts[i]) / 2 : cube.ends[axis] + CUT);
    const grip = (/** @type {number} */ at) => (axis ? cube.project(cube.ends[0] + 0.8, at, pixels) : cube.project(at, cube.ends[1] + 0.8, pixels));
    const stops = (axis ? sizesOf(c) : [1, n]).map((many) => ({ many, at: behind(many), grip: grip(behind(many)) }));
    return { stops, now: stops[axis ? stops.findIndex(({ many }) => many === together) : Number(!alone)] };
  });
  return { cube, saws };
}

/**
 * Draw the cube: what has one colour, one number and no gap inside shares a mean.
 * @param {Pen} pen
 * @param {Facts} facts
 * @param {boolean} dark
 * @param {number} width
 */
export function paintCube(pen, facts, dark, width) {
  const { n, c, pixels, groups, marks, at } = facts;
  const { cube, saws } = sceneOf(facts, width);
  const look = { ...inks(dark), saw: WINDOW[dark ? "dark" : "light"], wrong: WRONG[dark ? "dark" : "light"] };
  const faces = facesOf(cube);
  const chosen = faces.filter((face) => face.at.join() === at.join());
  for (const face of [...faces, ...chosen.filter(({ side }) => side === "top")]) { // the last lies over its neighbours
    const { at: [image, channel, pixel], side, corners } = face;
    const i = (image * c + channel) * pixels + pixel;
    const { background, ink } = toneOf(groups[i], dark);
    for (const [colour, alpha] of /** @type {[string, number][]} */ ([[background, 1], ["#000000", SHADE[side]]])) {
      pen.fillStyle = colour;
      pen.globalAlpha = alpha;
      through(pen, corners);
      pen.closePath();
      if (alpha) pen.fill();
    }
    pen.globalAlpha = 1;
    line(pen, [...corners, corners[0]], chosen.includes(face) ? look.ink : look.paper, chosen.includes(face) ? 3 : 1);
    const middle = /** @type {Point} */ ([0, 1].map((axis) => (corners[0][axis] + corners[2][axis]) / 2));
    const mark = marks.get(i);
    if (mark) sign(pen, mark, middle, Math.max(2.5, Math.min(6, cube.cell / 5)), look);
    else if (side === "top" && cube.cell > 15) write(pen, String(groups[i]), ...middle, ink, "center");
  }
  saws.forEach(({ now }, axis) => {
    const point = (/** @type {number} */ along, /** @type {number} */ d) => (axis ? cube.project(along, now.at, d) : cube.project(now.at, along, d));
    const end = cube.ends[1 - axis] + 0.3;
    line(pen, [point(-0.3, -0.2), point(end, -0.2), point(end, pixels), now.grip], look.saw, 1.6);
  });
  const [[left, low], [right, deep]] = [cube.project(cube.ends[0] / 2, cube.ends[1] + 1.6, pixels), cube.project(cube.ends[0] + 1.6, cube.ends[1] / 2, pixels)];
  write(pen, `n: ${n} images`, Math.max(66, left), low, look.quiet, "right");
  write(pen, `c: ${c} channels`, Math.min(width - 76, right), deep, look.quiet);
  if (pixels > 1) write(pen, "h·w", ...cube.project(-0.2, cube.ends[1] + 0.2, pixels / 2), look.quiet, "right");
}

/** A dot where a number really shares, a cross where it should not, and a cross in a hollow ring where it should and does not.
 * @param {Pen} pen @param {"shares" | "should not" | "should"} mark @param {Point} middle @param {number} r @param {{ paper: string, ink: string, wrong: string }} look */
function sign(pen, mark, [x, y], r, { paper, ink, wrong }) {
  const [inside, cross] = { shares: [ink, ""], "should not": [wrong, paper], should: [paper, wrong] }[mark];
  pen.fillStyle = inside;
  pen.beginPath();
  pen.arc(x, y, cross ? r + 1.5 : r * 0.75, 0, 2 * Math.PI);
  pen.fill();
  if (cross) for (const up of [-1, 1]) line(pen, [[x - r / 2, y - (up * r) / 2], [x + r / 2, y + (up * r) / 2]], cross, 2);
}

/**
 * The two histograms, on the same axes: all numbers filled, those of the chosen image as an outline, x dashed.
 * @param {Facts} facts
 * @param {boolean} dark
 * @returns {{ title: string, chart: import("./_chart.js").Chart }[]}
 */
export function chartsOf({ x, values, training, evaluation, alone, seen, at, n }, dark) {
  const all = x.flat(3);
  const [low, high] = [Math.min(-4, Math.floor(Math.min(...all))) - 0.25, Math.max(4, Math.ceil(Math.max(...all))) + 0.25];
  const bars = (/** @type {ArrayLike<number>} */ some) => histogram(some, low, high, Math.round((high - low) * 2));
  const each = values.length / n;
  const ink = (/** @type {"blue" | "orange"} */ name) => rgb(mix(OKABE_ITO[name], dark ? [255, 255, 255] : [0, 0, 0], 0.3));
  const most = Math.max(4, ...[training, evaluation].flatMap((some) => bars(some).counts));
  const titles = ["training: statistics of each group", alone ? "evaluation: the same" : `evaluation: running statistics, ${seen} ${seen === 1 ? "batch" : "batches"}`];
  return [training, evaluation].map((some, i) => ({ title: titles[i], chart: {
    x: { min: low, max: high, ticks: roundTicks(low, high, 4), label: "value", text: number },
    y: { min: 0, max: most, ticks: roundTicks(0, most, 4).filter(Number.isInteger), label: "numbers", text: number },
    lines: [],
    bars: [
      { ...bars(some), colour: ink("blue") },
      { ...bars(values), colour: inks(dark).quiet, outline: true, dash: [3, 3], name: "x" },
      { ...bars(some.slice(at[0] * each, (at[0] + 1) * each)), colour: ink("orange"), outline: true, name: `image ${at[0]}` },
    ],
  } }));
}
