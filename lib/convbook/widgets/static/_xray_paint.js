// ConvXray's picture of one output: letters for weights, marks for what differs, and a note on what is pointed at.

import { fill, mix, OKABE_ITO, tint } from "./_colour.js";
import { count, number } from "./_wording.js";
import { sameTaken, status, uses } from "./_xray.js";
import { pixelAt, windowAt } from "./_xray_parts.js";
import { biasPhrase, letter, pixelName, placeName, weightName, weightPlace, weightsPhrase } from "./_xray_words.js";

/** @typedef {import("./_xray.js").State} State */
/** @typedef {import("./_xray.js").Place} Place */
/** @typedef {import("./_xray.js").Taken} Taken */
/** @typedef {import("./_xray_parts.js").Parts} Parts */
/** @typedef {import("./_xray_parts.js").Pointed} Pointed */

const MARKS = { right: "✓", wrong: "✗", extra: "+", missing: "–" };
const MEANING = {
  right: "as it should be", wrong: "wrong", extra: "should not exist", missing: "missing",
};
const FIRST_WEIGHT = /** @type {[number, number, number]} */ ([255, 233, 168]);

/**
 * Paint every grid for one output; the one that is held keeps its mark while another is shown.
 * @param {State} state
 * @param {Parts} parts
 * @param {Place} at
 * @param {Place} held
 * @param {Pointed} pointed
 * @param {boolean} dark
 */
export function paint(state, parts, at, held, pointed, dark) {
  const window = windowAt(state, at);
  const taken = [...uses(state, "yours", at)].flatMap(([pixel, list]) => list.map(([weight]) => ({ pixel, weight })));
  parts.yours.forEach((grid, c) => {
    grid.paint(pixelLook(state, at, c, "yours", pointed, dark));
    parts.wanted[c].paint(pixelLook(state, at, c, "wanted", pointed, dark));
    if (window) parts.wanted[c].outline(window[0], window[1], window[2], window[3]);
    else parts.wanted[c].clear();
    parts.weights[c].paint(weightLook(state, at, c, pointed, dark, taken));
  });
  parts.maps.forEach((grid, f) => {
    grid.paint(mapLook(state, f, dark));
    if (f === at[0]) grid.outline(at[1], at[2], 1, 1);
    else grid.clear();
  });
  parts.maps[held[0]].select(held[1], held[2]);
}

/**
 * How one channel looks that an output used, or should use: letters of the weights a pixel met, in the first one's colour.
 * @param {State} state
 * @param {Place} at
 * @param {number} channel
 * @param {"yours" | "wanted"} side
 * @param {Pointed} pointed
 * @param {boolean} dark
 * @returns {(row: number, column: number) => import("./_grid.js").Cell}
 */
export function pixelLook(state, at, channel, side, pointed, dark) {
  const own = uses(state, side, at);
  const truth = side === "yours" ? uses(state, "wanted", at) : own;
  return (row, column) => {
    const pixel = pixelAt(state, channel, row, column);
    if (pixel < 0) return { text: "", label: "padding", classes: "cb-padding" };
    const [taken, due] = [own.get(pixel) ?? [], truth.get(pixel) ?? []];
    const wrong = !sameTaken(taken, due);
    const on = pointed.pixel === pixel || taken.some(([weight]) => weight === pointed.weight);
    const text = taken.length > 2 ? `${taken.length}×` : taken.map((one) => short(state, at, pixel, one)).join("+");
    const says = `pixel ${pixelName(state, pixel)}: ${text}${text ? ", " : ""}${weightsPhrase(state, taken)}`;
    return {
      text,
      label: wrong ? `${says}, wanted ${weightsPhrase(state, due)}` : says,
      fill: taken.length ? weightFill(state, taken[0][0], dark) : undefined,
      classes: `${wrong ? "cb-wrong" : ""} ${on ? "cb-linked" : ""} ${taken.length ? "" : "cb-unused"}`,
    };
  };
}

/**
 * A weight's letter, with how often, and with its channel or filter where that is not the pixel's or the output's own.
 * @param {State} state
 * @param {Place} at
 * @param {number} pixel
 * @param {[number, number]} taken
 */
function short(state, at, pixel, [weight, times]) {
  const [f, channel] = weightPlace(state, weight);
  const own = Math.floor(pixel / (state.sizes.image[1] * state.sizes.image[2]));
  const often = times === 1 ? "" : times === -1 ? "−" : number(times, 1);
  const foreign = `${channel === own ? "" : "₀₁₂"[channel]}${f === at[0] ? "" : "⁰¹²"[f]}`;
  return `${often}${letter(state, weight)}${foreign}`;
}

/**
 * A weight's colour: from light yellow for the first to blue for the last, so that a turned kernel is seen.
 * @param {State} state
 * @param {number} weight
 * @param {boolean} dark
 */
function weightFill(state, weight, dark) {
  const [, , rows, columns] = state.sizes.weights;
  const place = weight % (rows * columns);
  const colour = mix(FIRST_WEIGHT, OKABE_ITO.blue, place / Math.max(1, rows * columns - 1));
  return fill(dark ? mix(colour, [34, 35, 37], 0.12) : colour);
}

/** @typedef {{ pixel: number, weight: number }[]} Meetings */

/**
 * How the weights of one channel look.
 * @param {State} state
 * @param {Place} at
 * @param {number} channel
 * @param {Pointed} pointed
 * @param {boolean} dark
 * @param {Meetings} taken
 * @returns {(row: number, column: number) => import("./_grid.js").Cell}
 */
export function weightLook(state, at, channel, pointed, dark, taken = []) {
  const [, channels, rows, columns] = state.sizes.weights;
  return (i, j) => {
    const weight = ((at[0] * channels + channel) * rows + i) * columns + j;
    const pixels = taken.filter((one) => one.weight === weight);
    return {
      text: letter(state, weight),
      label: `weight ${weightName(state, weight)}, letter ${letter(state, weight)}: your output used it on ${count(pixels.length, "pixel")}`,
      fill: weightFill(state, weight, dark),
      classes: pointed.weight === weight || pixels.some((one) => one.pixel === pointed.pixel) ? "cb-linked" : "",
    };
  };
}

/**
 * How the map of one filter looks.
 * @param {State} state
 * @param {number} f
 * @param {boolean} dark
 * @returns {(row: number, column: number) => import("./_grid.js").Cell}
 */
export function mapLook(state, f, dark) {
  return (row, column) => {
    const kind = status(state, [f, row, column]);
    const colour = kind === "right" ? OKABE_ITO.green : OKABE_ITO.vermilion;
    return {
      text: MARKS[kind],
      label: `output ${placeName(state, [f, row, column])}: ${MEANING[kind]}`,
      fill: tint(colour, kind === "right" ? 0.22 : 0.42, dark),
      classes: `cb-${kind}`,
    };
  };
}

/**
 * A line about what is pointed at, else about the bias.
 * @param {State} state
 * @param {Place} at
 * @param {Pointed} pointed
 */
export function note(state, at, pointed) {
  const compared = (/** @type {(side: "yours" | "wanted") => string} */ phrase) => {
    const [yours, wanted] = [phrase("yours"), phrase("wanted")];
    return `${yours}${yours === wanted ? ", as it should" : `; wanted ${wanted}`}.`;
  };
  const { pixel = -1 } = pointed;
  if (pixel >= 0) return `Pixel ${pixelName(state, pixel)} meets ${compared((side) => weightsPhrase(state, uses(state, side, at).get(pixel) ?? []))}`;
  if (pointed.weight !== undefined) {
    const pixels = [...uses(state, "yours", at)].filter(([, list]) => list.some(([weight]) => weight === pointed.weight));
    const names = pixels.map(([pixel]) => pixelName(state, pixel)).join(", ");
    const told = names ? `meets ${pixels.length === 1 ? "pixel" : "pixels"} ${names}` : "meets no pixel";
    return `Weight ${letter(state, pointed.weight)} = ${weightName(state, pointed.weight)} ${told} in your output.`;
  }
  if (!state.sizes.bias || ["extra", "missing"].includes(status(state, at))) return "Point at a pixel or a weight to see what it met.";
  return `Bias: your output adds ${compared((side) => biasPhrase(state, side, at))}`;
}
