// The pure parts of MatrixView and BackStep against matrix_golden.json, which Python writes from PyTorch.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { factsOf as stepFacts, gridsOf, outputAt, words as stepWords } from "../../lib/convbook/widgets/static/_back_step.js";
import { factsOf, fits, matrixLook, memberLook, words } from "../../lib/convbook/widgets/static/_matrix_view.js";

const golden = JSON.parse(readFileSync(new URL("matrix_golden.json", import.meta.url), "utf-8"));
const near = (found, wanted) => {
  assert.equal(found.length, wanted.length);
  wanted.forEach((value, i) => assert.ok(Math.abs(value - found[i]) < 1e-9, `${found} for ${wanted}`));
};

for (const { about, state, words: said, numbers } of golden.matrix_view) {
  test(`MatrixView says and computes as Python and PyTorch do: ${about}`, () => {
    assert.equal(words(state), said);
    if (!fits(state)) return assert.deepEqual(numbers, {});
    const forward = factsOf({ ...state, transposed: false });
    near(forward.values.output, numbers.output);
    for (const matrix of ["Toeplitz", "im2col"]) {
      const [there, back] = [false, true].map((transposed) => factsOf({ ...state, matrix, transposed }));
      const cell = (facts, r, c) => {
        const one = facts.cells.get(`${r},${c}`);
        return one ? facts.values[facts.inside][one[facts.inside]] : 0;
      };
      const all = (facts) => Array.from({ length: facts.rows * facts.columns }, (_, n) => cell(facts, Math.floor(n / facts.columns), n % facts.columns));
      near(all(there), numbers[matrix]);
      const mirrored = all(back).map((_, n) => cell(back, n % back.rows, Math.floor(n / back.rows)));
      near(mirrored, numbers[matrix]);
      near(back.values[back.back], numbers[back.back]);
    }
  });
}

test("each label of a MatrixView holds the text of its cell, and cells of one weight look alike", () => {
  for (const { state } of golden.matrix_view.filter((one) => fits(one.state))) {
    const facts = factsOf(state);
    const look = matrixLook(facts, false);
    const fills = new Map();
    for (let r = 0; r <= facts.rows; r++) {
      for (let c = 0; c <= facts.columns; c++) {
        const { label, text, fill } = look(r, c);
        assert.ok(label.includes(text), label);
        const one = facts.cells.get(`${r - 1},${c - 1}`);
        if (!one || facts.inside !== "weight") continue;
        assert.deepEqual(fills.get(one.weight) ?? fill, fill);
        fills.set(one.weight, fill);
      }
    }
    assert.equal(new Set([...fills.values()].map((fill) => fill.background)).size, fills.size, "another weight, another colour");
    for (const kind of ["pixel", "weight", "output"]) assert.ok(memberLook(facts, kind, true)(0).label.startsWith(memberLook(facts, kind, true)(0).text));
  }
});

for (const { about, state, words: said, numbers } of golden.back_step) {
  test(`BackStep says and computes as Python and PyTorch do: ${about}`, () => {
    assert.equal(stepWords(state), said);
    const facts = stepFacts(state);
    near(facts.outputs, numbers.outputs);
    near(facts.gradients, numbers.gradients);
    near(facts.dX, numbers.dX);
  });

  test(`dX is the full correlation of the spread gradients with the turned kernel: ${about}`, () => {
    const all = stepFacts({ ...state, poured: [-1] });
    const { side, wide, width, weights, gradients } = all;
    const found = all.pixels.map((_, pixel) => {
      let sum = 0;
      for (let i = 0; i < side; i++) {
        for (let j = 0; j < wide; j++) {
          const output = outputAt(all, Math.floor(pixel / width) + i, (pixel % width) + j);
          if (output >= 0) sum += gradients[output] * weights[(side - 1 - i) * wide + wide - 1 - j];
        }
      }
      return sum;
    });
    near(found, all.dX);
  });
}

test("each label of a BackStep holds the text of its cell, and a wrong cell says so without colour", () => {
  for (const { state } of golden.back_step) {
    const facts = stepFacts(state);
    for (const [name, { rows, columns, look }] of Object.entries(gridsOf(facts, false))) {
      if (name === "yours" && !facts.yours) continue;
      for (let n = 0; n < rows * columns; n++) {
        const { label, text, classes } = look(Math.floor(n / columns), n % columns);
        assert.ok(label.includes(text), label);
        if (name === "yours") assert.equal(label.includes("wrong, wanted"), classes.includes("cb-wrong"));
      }
    }
  }
});
