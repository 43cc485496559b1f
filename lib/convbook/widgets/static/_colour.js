// Colours: Okabe and Ito's eight for kinds, a signed map with 0 in the middle, grays for pixels.
// Every fill comes with the ink that is best read on it.

/** @typedef {{ background: string, ink: string }} Fill */
/** @typedef {[number, number, number]} Rgb */

/** @type {Record<string, Rgb>} */
export const OKABE_ITO = {
  black: [0, 0, 0],
  orange: [230, 159, 0],
  sky: [86, 180, 233],
  green: [0, 158, 115],
  yellow: [240, 228, 66],
  blue: [0, 114, 178],
  vermilion: [213, 94, 0],
  purple: [204, 121, 167],
};

/** What is wrong. */
export const WRONG = { light: "#d55e00", dark: "#f28b46" };
/** The window, and what is looked at: apart from wrong, from right, and from both ends of the signed map. */
export const WINDOW = { light: "#8a3ffc", dark: "#be95ff" };

/**
 * Ink, paper and what lies between, for pictures that no style sheet reaches.
 * @param {boolean} dark
 */
export function inks(dark) {
  return dark
    ? { ink: "#ececec", quiet: "#a7a7a7", line: "#4a4a4a", grid: "#343434", paper: "#161616" }
    : { ink: "#1f2023", quiet: "#5c5d60", line: "#c4c4c5", grid: "#dededf", paper: "#ffffff" };
}

/** Where blue and red of the signed map end under a number: deep, and still apart from black ink.
 * @type {{ below: Rgb, above: Rgb }} */
const DEEP = { below: [33, 102, 172], above: [178, 24, 43] };

/** The colour of 0 in a signed map: the paper, nearly.
 * @type {{ light: Rgb, dark: Rgb }} */
const MIDDLE = { light: [250, 250, 248], dark: [34, 35, 37] };

/**
 * Blue below 0, red above, the middle at 0; `most` is the value of full colour.
 * @param {number} value
 * @param {number} most
 * @param {boolean} dark
 * @returns {Fill}
 */
export function signed(value, most, dark) {
  const end = value < 0 ? DEEP.below : DEEP.above;
  const strength = most > 0 ? Math.min(1, Math.abs(value) / most) : 0;
  return fill(mix(dark ? MIDDLE.dark : MIDDLE.light, end, 0.78 * strength));
}

const FULL = { below: [5, 48, 97], above: [103, 0, 31] };
const HALF = { below: [67, 147, 195], above: [214, 96, 77] };

/**
 * The colour of a pixel of a signed map as red, green, blue: blue below 0, white at 0, red above; −1 and 1 are full.
 * It is matplotlib's RdBu_r, thinned out to five colours.
 * @param {number} value
 * @returns {number[]}
 */
export function signedPixels(value) {
  const side = value < 0 ? "below" : "above";
  const part = Math.min(1, Math.abs(value));
  const [from, to, share] = part < 0.5 ? [[247, 247, 247], HALF[side], 2 * part] : [HALF[side], FULL[side], 2 * part - 1];
  return [0, 1, 2].map((i) => from[i] + (to[i] - from[i]) * share);
}

/**
 * A map as red, green, blue, row by row, for a pen's `pixels`: gray from black 0 to white, or signed round white.
 * @param {ArrayLike<number>} values
 * @param {number} most the value of white, or of full colour
 * @param {boolean} isSigned
 */
export function mapPixels(values, most, isSigned) {
  const all = [];
  for (let i = 0; i < values.length; i++) {
    const gray = (255 * values[i]) / most;
    all.push(...(isSigned ? signedPixels(values[i] / most) : [gray, gray, gray]));
  }
  return all;
}

/**
 * A pixel's gray: the smallest value black, the largest white, as a picture shows it.
 * @param {number} value
 * @param {number} low
 * @param {number} high
 * @returns {Fill}
 */
export function gray(value, low, high) {
  const part = high > low ? Math.min(1, Math.max(0, (value - low) / (high - low))) : 1;
  const level = 255 * part;
  return fill([level, level, level]);
}

/**
 * A kind's colour, softened towards the paper.
 * @param {Rgb} colour
 * @param {number} strength
 * @param {boolean} dark
 * @returns {Fill}
 */
export function tint(colour, strength, dark) {
  return fill(mix(dark ? MIDDLE.dark : MIDDLE.light, colour, strength));
}

const TONES = ["orange", "sky", "green", "purple", "yellow", "blue", "vermilion"].map((name) => OKABE_ITO[name]);

/**
 * The own colour of a kernel's weight, counted row by row, as in the figures; softer from the eighth on.
 * @param {number} n
 * @param {boolean} dark
 */
export function toneOf(n, dark) {
  return tint(TONES[n % TONES.length], n < TONES.length ? 0.85 : 0.4, dark);
}

/**
 * @param {Rgb} from
 * @param {Rgb} to
 * @param {number} part
 * @returns {Rgb}
 */
export function mix(from, to, part) {
  const between = (/** @type {number} */ i) => from[i] + (to[i] - from[i]) * part;
  return [between(0), between(1), between(2)];
}

/**
 * WCAG's relative luminance, 0 for black and 1 for white.
 * @param {Rgb} colour
 */
export function luminance(colour) {
  const [r, g, b] = colour.map((byte) => {
    const part = byte / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/**
 * A background with the ink, black or white, that stands out more on it.
 * @param {Rgb} colour
 * @returns {Fill}
 */
export function fill(colour) {
  const light = luminance(colour);
  const ink = (light + 0.05) / 0.05 > 1.05 / (light + 0.05) ? "#000000" : "#ffffff";
  return { background: rgb(colour), ink };
}

/**
 * A colour as CSS writes it.
 * @param {Rgb} colour
 */
export function rgb(colour) {
  return `rgb(${colour.map(Math.round).join(" ")})`;
}
