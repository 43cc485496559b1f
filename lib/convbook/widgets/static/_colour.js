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

/** The one colour of "here": the window, and what is pointed at. What is wrong has it too, with a mark of its own. */
export const MARK = { light: "#d55e00", dark: "#f28b46" };

/**
 * Ink, paper and what lies between, for pictures that no style sheet reaches.
 * @param {boolean} dark
 */
export function inks(dark) {
  return dark
    ? { ink: "#ececec", quiet: "#a7a7a7", line: "#4a4a4a", grid: "#343434", paper: "#161616" }
    : { ink: "#1f2023", quiet: "#5c5d60", line: "#c4c4c5", grid: "#dededf", paper: "#ffffff" };
}

/** The colour of 0 in a signed map: the paper, nearly.
 * @type {{ light: Rgb, dark: Rgb }} */
const MIDDLE = { light: [250, 250, 248], dark: [34, 35, 37] };

/**
 * Blue below 0, vermilion above, the middle at 0; `most` is the value of full colour.
 * @param {number} value
 * @param {number} most
 * @param {boolean} dark
 * @returns {Fill}
 */
export function signed(value, most, dark) {
  const end = value < 0 ? OKABE_ITO.blue : OKABE_ITO.vermilion;
  const strength = most > 0 ? Math.min(1, Math.abs(value) / most) : 0;
  return fill(mix(dark ? MIDDLE.dark : MIDDLE.light, end, 0.78 * strength));
}

/**
 * A pixel's gray: the smallest value dark, the largest light, as a picture shows it.
 * @param {number} value
 * @param {number} low
 * @param {number} high
 * @param {boolean} dark
 * @returns {Fill}
 */
export function gray(value, low, high, dark) {
  const part = high > low ? Math.min(1, Math.max(0, (value - low) / (high - low))) : 1;
  const [from, to] = dark ? [26, 200] : [92, 252];
  const level = from + part * (to - from);
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
