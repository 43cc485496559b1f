// FlowScope's pure parts: the words against flow_golden.json, which Python writes, and the axes of its charts.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { along, paintChart, powersOfTen, roundTicks } from "../../lib/convbook/widgets/static/_chart.js";
import { NotingPen } from "../../lib/convbook/widgets/static/_pen.js";
import { depths, meanErrors, seeds, words } from "../../lib/convbook/widgets/static/_flow.js";
import { curvesChart, depthChart, layersChart } from "../../lib/convbook/widgets/static/_flow_charts.js";

const golden = JSON.parse(readFileSync(new URL("flow_golden.json", import.meta.url), "utf-8"));

for (const { about, state, words: wanted } of golden) {
  test(`FlowScope says as Python does: ${about}`, () => assert.equal(words(state), wanted));
}

test("depths and seeds are those of the experiment, in order, and errors are means over seeds", () => {
  const { state } = golden.find(({ about }) => about === "experiment, deep");
  assert.deepEqual(depths(state), [8, 56]);
  assert.deepEqual(seeds(state), [0, 1]);
  assert.deepEqual(meanErrors(state, "plain").map(([depth, mean]) => [depth, Number(mean.toFixed(6))]), [[8, 0.01], [56, 0.7]]);
  const single = golden.find(({ about }) => about === "one training").state;
  assert.deepEqual([depths(single), seeds(single), meanErrors(single, "plain")], [[], [], []]);
});

test("a network that is not finished has no place among the errors by depth", () => {
  const { state } = golden.find(({ about }) => about === "second epoch");
  assert.deepEqual(meanErrors(state, "plain").map(([depth]) => depth), [8]);
});

test("ticks are round numbers inside the axis", () => {
  assert.deepEqual(roundTicks(0, 1, 4), [0, 0.25, 0.5, 0.75, 1]);
  for (const [low, high] of [[0, 0.05], [2, 56], [0, 3.1], [0, 10.8]]) {
    const ticks = roundTicks(low, high);
    assert.ok(ticks.length >= 2 && ticks.length <= 7, `${low} to ${high}: ${ticks}`);
    assert.ok(ticks[0] >= low - 1e-9 && ticks[ticks.length - 1] <= high + 1e-9);
  }
});

test("a log axis reaches from the power below to the power above, and survives zeros and nothing", () => {
  assert.deepEqual(powersOfTen([0.24, 227]).map(Math.log10).map(Math.round), [-1, 0, 1, 2, 3]);
  assert.equal(powersOfTen([1, 1]).length, 2);
  assert.equal(powersOfTen([0, NaN]).length, 3);
  const axis = { min: 0.1, max: 1000, ticks: [], label: "", text: String, log: true };
  assert.ok(Math.abs(along(axis, 10) - 0.5) < 1e-12);
});

test("where lines meet, the dashed one lies on the solid one, and the chosen depth on the others", () => {
  const { state } = golden.find(({ about }) => about === "experiment, deep");
  const dashes = (chart) => chart.lines.map((line) => (line.dash.length ? "dashed" : "solid"));
  assert.deepEqual(dashes(layersChart(state, false)), ["solid", "dashed"]);
  assert.deepEqual(dashes(depthChart(state, false)), ["solid", "solid", "dashed", "dashed"]);
  assert.deepEqual(curvesChart(state, false, "black").lines.map((line) => line.alpha ?? 1), [0.28, 0.28, 1, 1]);
});

test("before the first epoch the axis shows all of the errors, and no epoch", () => {
  const { state } = golden.find(({ about }) => about === "nothing yet");
  const { x, y } = curvesChart(state, false, "black");
  assert.deepEqual([x.ticks, y.max], [[], 1]);
});

test("the axis of depths stays where it is while deeper networks are added", () => {
  const { state } = golden.find(({ about }) => about === "experiment, deep");
  const shallow = { ...state, runs: state.runs.filter((run) => run.depth === 8) };
  assert.deepEqual([depthChart(shallow, false).x.min, depthChart(shallow, false).x.max], [0, 60]);
  assert.deepEqual([depthChart(state, false).x.min, depthChart(state, false).x.max], [0, 60]);
});

test("a cross-hair tells every line's value at the place nearest to the pointer, and names stand at the lines' ends", () => {
  const { state } = golden.find(({ about }) => about === "experiment, deep");
  const look = { ink: "#000000", quiet: "#555555", grid: "#cccccc", paper: "#ffffff", mark: "#000000", font: "12px sans-serif" };
  const written = (chart) => {
    const pen = new NotingPen();
    paintChart(pen, 300, 240, chart, look);
    return pen.marks.filter(({ kind }) => kind === "text").map(({ text }) => text);
  };
  assert.ok(["plain", "residual"].every((name) => written(depthChart(state, false)).includes(name)));
  const pointed = written({ ...depthChart(state, false), pointed: 50 });
  assert.ok(["depth 56", "plain 70 %", "residual 0.2 %"].every((text) => pointed.includes(text)), pointed.join("; "));
});

test("the axis of depths is the same for one network and for all, and lines bear their names", () => {
  const axes = golden.map(({ state }) => depthChart(state, false).x).filter(({ ticks }) => Math.max(0, ...ticks) < 58);
  assert.ok(axes.length > 2);
  for (const { min, max } of axes) assert.deepEqual([min, max], [0, 60]);
  const written = (chart) => {
    const pen = new NotingPen();
    paintChart(pen, 300, 200, chart, { ink: "#000", quiet: "#000", grid: "#000", paper: "#fff", mark: "#000", font: "12px x" });
    return pen.marks.filter(({ kind }) => kind === "text").map(({ text }) => text);
  };
  const { state } = golden.find(({ state }) => depths(state).length > 1);
  for (const chart of [depthChart(state, false), layersChart(state, false), curvesChart(state, false, "#000")]) {
    assert.ok(["plain", "residual"].every((name) => written(chart).includes(name)));
    assert.ok(written({ ...chart, pointed: 3 }).some((text) => /^plain [\d.]+/.test(text)), "the pointer brings its value");
  }
});
