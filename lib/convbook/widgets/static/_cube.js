// A block of cells seen from above, with gaps where it is cut apart: where it lies, the faces that are seen, the cell under a
// pointer. Axis 0 goes down to the right, axis 1 down to the left, axis 2 straight down.

/** @typedef {[number, number]} Point */
/** @typedef {{ at: [number, number, number], side: "top" | "right" | "left", corners: Point[] }} Face */
/** @typedef {ReturnType<typeof placeCube>} Cube */

const [COS, SIN] = [Math.cos(Math.PI / 6), Math.sin(Math.PI / 6)];

/**
 * Place a block in a box. A cell is as large as fits with the widest gaps everywhere, so that cuts move no scale.
 * @param {[number, number, number]} lengths in cells
 * @param {((i: number) => number)[]} gaps before cell i > 0 along axis 0 and along axis 1, in cells
 * @param {number[]} widest gaps that there may be along both
 * @param {{ left: number, top: number, width: number, height: number, largest: number }} box and how large a cell may be
 */
export function placeCube(lengths, gaps, widest, { left, top, width, height, largest }) {
  const most = [0, 1].map((axis) => lengths[axis] + (lengths[axis] - 1) * widest[axis]);
  const across = (most[0] + most[1]) * COS;
  const cell = Math.min(width / across, height / ((most[0] + most[1]) * SIN + lengths[2]), largest);
  const corner = left + (width - across * cell) / 2 + most[1] * COS * cell;
  const starts = [0, 1].map((axis) => {
    const found = [0];
    for (let i = 1; i < lengths[axis]; i++) found.push(found[i - 1] + 1 + gaps[axis](i));
    return found;
  });
  return {
    lengths, cell, starts,
    ends: starts.map((all) => all[all.length - 1] + 1),
    /** A point of the block, in cells along the three axes, gaps included. @returns {Point} */
    project: (/** @type {number} */ a, /** @type {number} */ b, /** @type {number} */ d) => [corner + (a - b) * COS * cell, top + ((a + b) * SIN + d) * cell],
  };
}

/** All faces that are seen, from the back to the front. @param {Cube} cube */
export function facesOf({ lengths, starts, project }) {
  /** @type {Face[]} */
  const faces = [];
  const face = (/** @type {Face["at"]} */ at, /** @type {Face["side"]} */ side, /** @type {[number, number, number][]} */ ...corners) =>
    faces.push({ at, side, corners: corners.map((one) => project(...one)) });
  const open = (/** @type {number} */ axis, /** @type {number} */ i) => !(starts[axis][i + 1] - starts[axis][i] <= 1);
  for (let i = 0; i < lengths[0]; i++) {
    for (let k = 0; k < lengths[1]; k++) {
      const [a, b] = [starts[0][i], starts[1][k]];
      face([i, k, 0], "top", [a, b, 0], [a + 1, b, 0], [a + 1, b + 1, 0], [a, b + 1, 0]);
      for (let p = 0; p < lengths[2]; p++) {
        if (open(0, i)) face([i, k, p], "right", [a + 1, b, p], [a + 1, b + 1, p], [a + 1, b + 1, p + 1], [a + 1, b, p + 1]);
        if (open(1, k)) face([i, k, p], "left", [a, b + 1, p], [a + 1, b + 1, p], [a + 1, b + 1, p + 1], [a, b + 1, p + 1]);
      }
    }
  }
  return faces;
}

/** The cell whose face is seen at a point, or null. @param {Face[]} faces @param {Point} point */
export function faceUnder(faces, [x, y]) {
  const turn = (/** @type {Point} */ [x1, y1], /** @type {Point} */ [x2, y2]) => (x2 - x1) * (y - y1) - (y2 - y1) * (x - x1) > 0;
  const inside = (/** @type {Face} */ { corners }) => new Set(corners.map((one, i) => turn(one, corners[(i + 1) % corners.length]))).size === 1;
  return [...faces].reverse().find(inside)?.at ?? null;
}
