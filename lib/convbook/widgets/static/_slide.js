// The arithmetic of one sliding window: how many places fit, what lies under it, what it adds up to.

/**
 * @typedef {object} Slide what is slid over what
 * @property {number[][][]} image channel, row, column
 * @property {number[][][][]} kernels filter, channel, row, column
 * @property {number[]} bias one for each filter
 * @property {number} stride
 * @property {number} padding
 */

/**
 * @typedef {object} Term one pixel times one weight
 * @property {number} channel
 * @property {number} i row in the kernel
 * @property {number} j column in the kernel
 * @property {number} y row in the image; outside it where there is padding
 * @property {number} x column in the image
 * @property {boolean} outside
 * @property {number} pixel
 * @property {number} weight
 */

/**
 * The output's filters, rows and columns; null where the window does not fit.
 * @param {Slide} slide
 * @returns {[number, number, number] | null}
 */
export function outputShape({ image, kernels, stride, padding }) {
  /** @param {number} side @param {number} window */
  const places = (side, window) => Math.floor((side + 2 * padding - window) / stride) + 1;
  const rows = places(image[0].length, kernels[0][0].length);
  const columns = places(image[0][0].length, kernels[0][0][0].length);
  return rows > 0 && columns > 0 ? [kernels.length, rows, columns] : null;
}

/**
 * The place nearest to `at` that exists.
 * @param {number[]} at
 * @param {[number, number, number]} shape
 * @returns {[number, number, number]}
 */
export function placeIn(at, shape) {
  /** @param {number} i */
  const held = (i) => Math.min(shape[i] - 1, Math.max(0, Math.trunc(at[i] ?? 0)));
  return [held(0), held(1), held(2)];
}

/**
 * The products that make one output, in the order channel, row, column.
 * @param {Slide} slide
 * @param {number[]} at filter, row, column
 * @returns {Term[]}
 */
export function termsOf({ image, kernels, stride, padding }, [f, row, column]) {
  return kernels[f].flatMap((slice, channel) =>
    slice.flatMap((line, i) =>
      line.map((weight, j) => {
        const y = row * stride - padding + i;
        const x = column * stride - padding + j;
        const inside = image[channel][y]?.[x];
        return { channel, i, j, y, x, outside: inside === undefined, pixel: inside ?? 0, weight };
      }),
    ),
  );
}

/**
 * The sum of the products, the bias not yet in it.
 * @param {Term[]} terms
 */
export function total(terms) {
  return terms.reduce((sum, term) => sum + term.pixel * term.weight, 0);
}

/**
 * Every output: filter, row, column.
 * @param {Slide} slide
 * @returns {number[][][]}
 */
export function outputs(slide) {
  const shape = outputShape(slide);
  if (!shape) return [];
  const [filters, rows, columns] = shape.map((length) => [...Array(length).keys()]);
  return filters.map((f) =>
    rows.map((row) => columns.map((column) => total(termsOf(slide, [f, row, column])) + slide.bias[f])),
  );
}

/**
 * The place after (or before, for −1) another, row by row and filter by filter; null at the end.
 * @param {number[]} at
 * @param {[number, number, number]} shape
 * @param {number} [by]
 * @returns {[number, number, number] | null}
 */
export function stepFrom(at, [filters, rows, columns], by = 1) {
  const step = (at[0] * rows + at[1]) * columns + at[2] + by;
  return step < 0 || step >= filters * rows * columns ? null : placeAt(step, [filters, rows, columns]);
}

/**
 * A place's number in order: row by row, filter by filter.
 * @param {number[]} at
 * @param {number[]} shape
 */
export function stepOf(at, shape) {
  return (at[0] * shape[1] + at[1]) * shape[2] + at[2];
}

/**
 * The place with this number; the other way round from `stepOf`.
 * @param {number} step
 * @param {number[]} shape
 * @returns {[number, number, number]}
 */
export function placeAt(step, [, rows, columns]) {
  return [Math.floor(step / (rows * columns)), Math.floor(step / columns) % rows, step % columns];
}

/**
 * How many places a map has.
 * @param {number[]} shape
 */
export function placesIn(shape) {
  return shape.reduce((product, length) => product * length, 1);
}
