// When a guess is right, and how it is said: the same cases as in test_predict.py.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { levelCurves, nearest, right, said } from "../../lib/convbook/widgets/static/_predict_rule.js";

const cases = JSON.parse(readFileSync(new URL("./predict_cases.json", import.meta.url), "utf-8"));
const NOTHING = { choices: [], table: [], x: [], curves: [""], between: [0, 1], labels: ["", ""], unit: "", within: 0, factor: 1 };

for (const one of cases) {
  test(`a guess is judged and said as in Python: ${one.about}`, () => {
    const options = { ...NOTHING, ...one };
    assert.equal(right(one.kind, options, one.guess, one.truth), one.right);
    if (one.said) assert.equal(said(one.kind, options, one.guess), one.said);
  });
}

test("no guess is never right", () => {
  assert.equal(right("number", NOTHING, null, 3), false);
});

test("untouched curves lie apart, so that each can be taken hold of", () => {
  const [one, other] = levelCurves({ ...NOTHING, x: [1, 2], curves: ["a", "b"], between: [0, 3] });
  assert.deepEqual([one, other], [[1, 1], [2, 2]]);
});

test("the nearest point is the one that is drawn", () => {
  assert.equal(nearest([10, 40, 100], 60), 1);
});
