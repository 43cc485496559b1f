// The pure parts of the widgets against golden.json, which Python writes from PyTorch and its own words.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { fill, gray, luminance, OKABE_ITO, signed } from "../../lib/convbook/widgets/static/_colour.js";
import { longest, scrolledTo } from "../../lib/convbook/widgets/static/_fit.js";
import { moved } from "../../lib/convbook/widgets/static/_grid.js";
import { plainModel } from "../../lib/convbook/widgets/static/_page.js";
import { outputs, outputShape, stepFrom } from "../../lib/convbook/widgets/static/_slide.js";
import { number, typed } from "../../lib/convbook/widgets/static/_wording.js";
import { words as xrayWords } from "../../lib/convbook/widgets/static/_xray_words.js";
import { words as slideWords } from "../../lib/convbook/widgets/static/_slide_words.js";

const golden = JSON.parse(readFileSync(new URL("golden.json", import.meta.url), "utf-8"));

for (const { about, state, words, outputs: wanted } of golden.slide_lab) {
  test(`SlideLab says and computes as Python does: ${about}`, () => {
    assert.equal(slideWords(state), words);
    const found = outputs(state).flat(2);
    wanted.flat(2).forEach((value, i) => assert.ok(Math.abs(value - found[i]) < 1e-9, `${value} ${found[i]}`));
    assert.equal(found.length, wanted.flat(2).length);
  });
}

for (const { about, state, words } of golden.conv_xray) {
  test(`ConvXray says as Python does: ${about}`, () => assert.equal(xrayWords(state), words));
}

test("numbers are rounded half away from zero and never say minus nothing", () => {
  const shown = [0.0625, -0.0625, -0.0004, 2, 1234.5, -3].map((value) => number(value));
  assert.deepEqual(shown, ["0.063", "−0.063", "0", "2", "1234.5", "−3"]);
});

test("a typed number may have a real minus, a comma or a fraction", () => {
  assert.deepEqual(["−3", " 0,5 ", "1/4", "7"].map(typed), [-3, 0.5, 0.25, 7]);
  for (const nonsense of ["", "a", "1/2/3", "/", "--1"]) assert.ok(Number.isNaN(typed(nonsense)), nonsense);
});

test("a window that does not fit has no output", () => {
  const slide = { image: [[[1]]], kernels: [[[[1, 1], [1, 1]]]], bias: [0], stride: 1, padding: 0 };
  assert.equal(outputShape(slide), null);
  assert.deepEqual(outputs(slide), []);
});

test("stepping walks every output once, and back", () => {
  const shape = [2, 2, 3];
  const walk = [[0, 0, 0]];
  for (let next = stepFrom(walk[0], shape); next; next = stepFrom(next, shape)) walk.push(next);
  assert.equal(new Set(walk.map(String)).size, 12);
  assert.deepEqual(walk.at(-1), [1, 1, 2]);
  assert.deepEqual(stepFrom([1, 0, 0], shape, -1), [0, 1, 2]);
  assert.equal(stepFrom([0, 0, 0], shape, -1), null);
});

test("keys walk a grid and stop at its edge", () => {
  assert.deepEqual(moved("ArrowUp", [0, 1], 3, 4), [0, 1]);
  assert.deepEqual(moved("ArrowRight", [0, 1], 3, 4), [0, 2]);
  assert.deepEqual(moved("End", [1, 1], 3, 4), [1, 3]);
  assert.deepEqual(moved("PageDown", [0, 2], 3, 4), [2, 2]);
  assert.equal(moved("a", [0, 0], 3, 4), null);
});

test("a box scrolls just as far as it must", () => {
  assert.equal(scrolledTo(50, 100, 60, 90), 50);
  assert.equal(scrolledTo(50, 100, 20, 60), 20);
  assert.equal(scrolledTo(50, 100, 140, 180), 80);
});

test("the longest text has at least one letter", () => {
  assert.equal(longest(["−0.5", "12"]), 4);
  assert.equal(longest([]), 1);
});

test("every fill carries an ink that can be read on it", () => {
  const fills = [];
  for (const dark of [false, true]) {
    for (let value = -5; value <= 5; value += 0.25) fills.push(signed(value, 5, dark), gray(value, -5, 5));
  }
  for (const colour of Object.values(OKABE_ITO)) fills.push(fill(colour));
  for (const { background, ink } of fills) {
    const [paper, text] = [background.match(/[\d.]+/g).map(Number), ink === "#ffffff" ? [255, 255, 255] : [0, 0, 0]]
      .map(luminance).sort((a, b) => b - a);
    assert.ok((paper + 0.05) / (text + 0.05) >= 4.5, `${background} ${ink}`);
  }
});

test("in the signed map 0 is the same for every range, and signs differ", () => {
  assert.deepEqual(signed(0, 1, false), signed(0, 100, false));
  assert.notDeepEqual(signed(-1, 1, false), signed(1, 1, false));
});

test("the page's model tells who listens, once a change, and forgets who left", () => {
  const model = plainModel({ at: [0, 0, 0] });
  let heard = 0;
  const hear = () => (heard += 1);
  model.on("change:at", hear);
  model.set("at", [0, 0, 0]);
  model.set("at", [0, 0, 1]);
  model.off("change:at", hear);
  model.set("at", [0, 0, 2]);
  assert.equal(heard, 1);
});
