// The shared pieces of the widgets: histograms in charts, tabs, zoom, places in order, what is held and what passes.

import assert from "node:assert/strict";
import { test } from "node:test";

import { binAt, histogram, peakOf } from "../../lib/convbook/widgets/static/_bars.js";
import { paintChart } from "../../lib/convbook/widgets/static/_chart.js";
import { valuesAt } from "../../lib/convbook/widgets/static/_labels.js";
import { panelsStill } from "../../lib/convbook/widgets/static/_panel.js";
import { NotingPen } from "../../lib/convbook/widgets/static/_pen.js";
import { pointing } from "../../lib/convbook/widgets/static/_scene.js";
import { placeAt, placesIn, stepOf } from "../../lib/convbook/widgets/static/_slide.js";
import { tabAfter } from "../../lib/convbook/widgets/static/_tabs.js";
import { heldView, moved, reveal, WHOLE, zoomed } from "../../lib/convbook/widgets/static/_zoom.js";

const LOOK = { ink: "#000000", quiet: "#555555", grid: "#dddddd", paper: "#ffffff", mark: "#000000", font: "12px x" };
const values = [-2, -0.5, -0.5, 0, 0.2, 0.3, 0.4, 5, NaN];
const bars = { ...histogram(values, -1, 1, 4), colour: "#0072b2", name: "training" };
const chart = {
  x: { min: -1, max: 1, ticks: [-1, 0, 1], label: "activation", text: String },
  y: { min: 0, max: 5, ticks: [0, 5], label: "", text: String },
  lines: [], bars: [bars, { ...bars, counts: [0, 1, 5, 0], colour: "#009e73", name: "evaluation", outline: true, dash: [6, 4] }],
};
const drawn = (one) => {
  const pen = new NotingPen();
  paintChart(pen, 400, 260, one, LOOK);
  return pen.marks;
};
const texts = (marks) => marks.filter(({ kind }) => kind === "text").map(({ text }) => text);

test("a histogram counts every finite number once, also what lies outside", () => {
  assert.deepEqual(bars.edges, [-1, -0.5, 0, 0.5, 1]);
  assert.deepEqual(bars.counts, [1, 2, 4, 1]);
  assert.equal(binAt(bars, -7), 0);
  assert.equal(binAt(bars, 0.2), 2);
  assert.equal(binAt(bars, 1), 3);
  assert.deepEqual(peakOf(bars), [0.25, 4]);
});

test("a chart draws one filled bar for each bin, the second histogram as a dashed outline, and names both on the picture", () => {
  const marks = drawn(chart);
  assert.equal(marks.filter(({ kind, colour }) => kind === "fill" && colour === "#0072b2").length, 4);
  const outline = marks.find(({ kind, colour }) => kind === "stroke" && colour === "#009e73");
  assert.deepEqual(outline.dash, [6, 4]);
  assert.ok(["training", "evaluation", "activation"].every((name) => texts(marks).includes(name)));
});

test("the highest bar is as high as its count on the axis", () => {
  const height = ({ path }) => Math.max(...path.filter((step) => step.length > 2).map(([, , y]) => y)) -
    Math.min(...path.filter((step) => step.length > 2).map(([, , y]) => y));
  const heights = drawn(chart).filter(({ kind, colour }) => kind === "fill" && colour === "#0072b2").map(height);
  assert.ok(Math.abs(heights[2] / heights[1] - 2) < 1e-9 && Math.abs(heights[2] - 0.8 * (260 - 14 - 42)) < 1e-9);
});

test("the cross-hair tells the bin the pointer is in and what each histogram has there", () => {
  const here = valuesAt({ ...chart, pointed: 0.1 });
  assert.equal(here.heading, "activation 0 to 0.5");
  assert.deepEqual(here.texts.map(({ text }) => text), ["training 4", "evaluation 5"]);
  assert.ok(texts(drawn({ ...chart, pointed: 0.1 })).includes("evaluation 5"));
  assert.equal(valuesAt({ ...chart, bars: [], pointed: 0.1 }), null);
});

test("a still picture has the same charts, with titles and a legend", () => {
  const { pen, width } = panelsStill([{ chart, title: "before; and after" }, { chart, title: "later" }], [bars], false);
  assert.equal(width, 840);
  assert.ok(["before", "and after", "later", "training"].every((text) => texts(pen.marks).includes(text)));
});

test("a line and a histogram stand in one chart", () => {
  const line = { points: [[-1, 1], [0, 2], [1, 3]], colour: "#d55e00", name: "fit" };
  const here = valuesAt({ ...chart, lines: [line], pointed: 0.1 });
  assert.deepEqual([here.at, here.heading], [0, "activation 0"]);
  assert.deepEqual(here.texts.map(({ text }) => text), ["training 4", "evaluation 5", "fit 2"]);
});

test("keys go round the tabs", () => {
  assert.deepEqual(["ArrowRight", "ArrowLeft", "Home", "End"].map((key) => tabAfter(key, 2, 3)), [0, 1, 0, 2]);
  assert.equal(tabAfter("a", 0, 3), null);
});

test("a zoom keeps the point under the pointer, and no view leaves the picture", () => {
  const view = zoomed(WHOLE, 4, [0.5, 0.25], 40, 80);
  assert.deepEqual(view, { zoom: 4, top: 15, left: 15 });
  assert.equal(view.left + (0.25 * 80) / view.zoom, 20, "the same pixel as before");
  assert.deepEqual(zoomed(view, 0.001, [1, 1], 40, 80), { ...WHOLE });
  assert.deepEqual(moved(view, -9, 9, 40, 80), { zoom: 4, top: 0, left: 60 });
  assert.deepEqual(heldView({ zoom: 99, top: 0, left: 0 }, 40, 80).zoom, 8);
  assert.deepEqual(reveal(view, [39, 79], 40, 80), { zoom: 4, top: 30, left: 60 });
  assert.deepEqual(reveal(view, [16, 16], 40, 80), view, "what is seen moves nothing");
});

test("places and their numbers lead to each other", () => {
  const shape = [2, 3, 4];
  assert.equal(placesIn(shape), 24);
  for (let step = 0; step < 24; step++) assert.equal(stepOf(placeAt(step, shape), shape), step);
});

test("what passes is shown, what is held comes back, and nothing is drawn twice", () => {
  let draws = 0;
  const one = pointing(() => (draws += 1));
  one.hold({ pixel: 1 });
  one.show({ pixel: 2 });
  one.show({ pixel: 2 });
  assert.deepEqual([one.now(), one.passing(), draws], [{ pixel: 2 }, true, 2]);
  one.leave();
  assert.deepEqual([one.now(), one.passing()], [{ pixel: 1 }, false]);
  one.drop();
  assert.equal(one.now(), null);
});
