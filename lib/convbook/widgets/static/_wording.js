// Numbers and small words, written alike in all widgets.

/**
 * A number as a person writes it: few decimals, no trailing zeros, a real minus.
 * @param {number} value
 * @param {number} [decimals]
 */
export function number(value, decimals = 3) {
  const fixed = Math.abs(value).toFixed(decimals);
  const text = fixed.includes(".") ? fixed.replace(/0+$/, "").replace(/\.$/, "") : fixed;
  return text === "0" || value >= 0 ? text : `−${text}`;
}

/**
 * A number as it stands in a product: below 0 in parentheses.
 * @param {number} value
 * @param {number} [decimals]
 */
export function factor(value, decimals) {
  return value < 0 ? `(${number(value, decimals)})` : number(value, decimals);
}

/**
 * A number with its noun, with an s where there is not exactly one.
 * @param {number} many
 * @param {string} one
 */
export function count(many, one) {
  return many === 1 ? `${many} ${one}` : `${many} ${one}s`;
}

/**
 * An index as NumPy writes it, with a real minus.
 * @param {...number} places
 */
export function index(...places) {
  return `[${places.map((place) => number(place)).join(", ")}]`;
}

/**
 * "row 2" or "rows −1 to 1".
 * @param {string} name
 * @param {number} first
 * @param {number} last
 */
export function spread(name, first, last) {
  return first === last ? `${name} ${number(first)}` : `${name}s ${number(first)} to ${number(last)}`;
}

/**
 * "a", "a and b" or "a, b and c".
 * @param {string[]} parts
 */
export function listed(parts) {
  return parts.length === 1 ? parts[0] : `${parts.slice(0, -1).join(", ")} and ${parts[parts.length - 1]}`;
}

/**
 * What a person typed, as a number: "−3", "0,5" and "1/3" too; NaN where it is none.
 * @param {string} text
 */
export function typed(text) {
  const plain = text.trim().replace(/[−–]/g, "-").replace(",", ".");
  const parts = plain.split("/").map((part) => (part.trim() === "" ? NaN : Number(part)));
  if (parts.length > 2) return NaN;
  return parts.length === 2 ? parts[0] / parts[1] : parts[0];
}
