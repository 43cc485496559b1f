// Mark an answer to a drill where no kernel runs; the twin of `drills/reading.py` and of `Drill.mark`.

import { Unreadable, values } from "./_amount_reader.js";

const LONGEST = 200;
/** @type {Record<string, string>} */
const SIGNS = {
  "−": "-", "–": "-", "—": "-", "‐": "-", "‑": "-", "×": "*", "✕": "*", "⋅": "*", "·": "*", "∙": "*", "÷": "/", "⁄": "/",
  "∕": "/", "≈": "=", "~": "=", "≃": "=", "@": "*", "[": "(", "]": ")", "{": "(", "}": ")", $: " ",
};
const RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹⁻";

/** @typedef {number | string | (number | string)[] | null} Value */
/** @typedef {{ said: string, value: Value, decimals: number | null }} Mistake */
/** @typedef {{ wanted: Value, volume: boolean, decimals: number | null, options: string[], square: boolean, mistakes: Mistake[] }} Key */

/**
 * What is said to an answer; `right` is null where it cannot be read.
 * @param {Key} key
 * @param {string} typed
 * @returns {{ right: boolean | null, sentence: string }}
 */
export function mark(key, typed) {
  let read;
  try {
    read = meanings(typed, key);
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return { right: null, sentence: error.message };
  }
  const means = (/** @type {Value} */ value, /** @type {number | null} */ decimals) =>
    read.some((one) => same(one, value, decimals, key.volume));
  if (means(key.wanted, key.decimals)) return { right: true, sentence: "Right." };
  const made = key.mistakes.find((one) => means(one.value, one.decimals));
  const why = made ? `is not right: ${made.said}` : "is not right, and no usual mistake gives it.";
  return { right: false, sentence: `${typed.trim()} ${why}` };
}

/**
 * What may be meant, the likeliest first.
 * @param {string} typed
 * @param {Key} key
 * @returns {Value[]}
 */
function meanings(typed, { wanted, options, square }) {
  const text = plain(typed);
  if (options.length) return [option(text, options)];
  if (Array.isArray(wanted)) return rows(text, wanted.length);
  const side = square && text.match(/^[( ]*(\d+) ?(?:\*|x|by) ?(\d+)(?![\d.,]* ?[-+*/^=])/i);
  return side && side[1] === side[2] ? [Number(side[1])] : values(text);
}

/**
 * @param {Value} value
 * @param {Value} wanted
 * @param {number | null} decimals
 * @param {boolean} volume maps may also be named with their channels last
 * @returns {boolean}
 */
function same(value, wanted, decimals, volume) {
  if (value === null || wanted === null) return false;
  if (typeof value === "string" || typeof wanted === "string") return value === wanted;
  if (Array.isArray(value) || Array.isArray(wanted)) {
    if (!Array.isArray(value) || !Array.isArray(wanted) || value.length !== wanted.length) return false;
    const orders = [wanted, ...(volume ? [[...wanted.slice(1), wanted[0]]] : [])];
    return orders.some((order) => value.every((one, i) => same(one, order[i], decimals, volume)));
  }
  const near = decimals === null ? 1e-9 : 10000001 / 10 ** (7 + decimals);
  const rounding = decimals === null ? 0 : 1e-12 * Math.abs(wanted); // Python's twin has exact fractions
  return Math.abs(value - wanted) <= near + rounding;
}

/** What was typed, in one plain writing of signs and spaces. @param {string} typed */
function plain(typed) {
  if (typed.length > LONGEST) throw new Unreadable(`That is longer than ${LONGEST} characters: type the result alone.`);
  let text = typed.replace(new RegExp(`[${RAISED}]+`, "g"), (found) => `^${[...found].map((one) => "0123456789-"[RAISED.indexOf(one)]).join("")}`);
  text = text.replace(/(?<=\d)(?=[¼½¾⅓⅔⅛⅜⅝⅞⅕⅖⅗⅘])/g, " ").normalize("NFKC");
  text = [...text].map((sign) => SIGNS[sign] ?? sign).join("").replaceAll("**", "^");
  text = text.trim().split(/\s+/).join(" ");
  if (!text.replace(/[ .?!]/g, "")) throw new Unreadable("Nothing is typed: type a result, or leave the question for later.");
  return text;
}

/**
 * The option that a text means: by its letter, its words, or its first word.
 * @param {string} text
 * @param {string[]} options
 */
function option(text, options) {
  const bare = (/** @type {string} */ words) => words.toLowerCase().replace(/[^\p{L}\p{N}_\s/×*-]/gu, " ").trim().split(/\s+/).join(" ");
  /** @type {Record<string, string>} */
  const short = { y: "yes", n: "no", true: "yes", false: "no" };
  const said = short[bare(text)] ?? bare(text);
  const words = options.map((one) => bare(plain(one)));
  const whole = words.findIndex((one, i) => [one, "abcdefgh"[i], `${"abcdefgh"[i]} ${one}`].includes(said));
  if (whole >= 0) return options[whole];
  const begun = options.filter((_, i) => words[i].split(" ")[0] === said.split(" ")[0]);
  if (said && begun.length === 1) return begun[0];
  throw new Unreadable(`Choose one of these: ${options.join(" · ")}.`);
}

/**
 * The ways to read several numbers in a row.
 * @param {string} text
 * @param {number} many
 */
function rows(text, many) {
  text = text.replace(/(?<=\d)\s*(?:x|by)\s*(?=\d)/gi, "*");
  const found = split(text, many);
  if (found.length) return found;
  const before = text.includes("=") ? split(text.slice(0, text.lastIndexOf("=")), many) : [];
  if (before.length) return before;
  const count = (text.match(/\d+(?:\.\d+)?/g) ?? []).length;
  const example = many === 3 ? "(10, 28, 28)" : `(${Array.from({ length: many }, (_, i) => i + 1).join(", ")})`;
  const read = count === many ? "I cannot tell them apart" : count === 0 ? "no number is there" : count === 1 ? "one is there" : `I read ${count}`;
  throw new Unreadable(`${many} numbers are wanted, and ${read}: type them like ${example}.`);
}

/**
 * The ways to cut a text into `many` numbers.
 * @param {string} text
 * @param {number} many
 * @returns {number[][]}
 */
function split(text, many) {
  const bare = text.replace(/[()]|[\p{L}\p{M}]+\s*=?|=/gu, " ");
  const by = bare.includes(";") ? [/;/] : bare.includes("*") ? [/\*/, /[\s,*]+/] : [/\s+/, /,/, /[\s,]+/, /[\s,|:/]+/];
  const found = [];
  for (const cut of by) {
    const parts = bare.split(cut).map((part) => part.replace(/^[ ,]+|[ ,]+$/g, "").replace(/\.+$/, "")).filter((part) => part.replace(/[ ,.]/g, ""));
    if (parts.length !== many) continue;
    try {
      found.push(parts.map((part) => values(part)[0]));
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
    }
  }
  return found;
}
