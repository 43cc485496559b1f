// Read one amount where no kernel runs: what `drills/amounts.py` reads, as numbers of JavaScript.

const POWER = 64;
const NUMBER = /(?:\d|(?<!\d)\.(?=\d))[\d.,'’_]*/g;
const SPOKEN = "zero one two three four five six seven eight nine ten eleven twelve".split(" ");
const LARGER = /teen$|ty$|hundred|thousand|million|billion|half|halves|third|quarter|point|nan|inf/;
/** @type {Record<string, number>} */
const SCALES = { k: 1e3, thousand: 1e3, m: 1e6, million: 1e6, millions: 1e6, billion: 1e9 };
const LETTERS = "\\p{L}\\p{M}";

/** Says in one sentence why something typed is no answer. */
export class Unreadable extends Error {}

/**
 * The ways to read one number, or a short calculation, the likeliest first.
 * @param {string} text
 * @returns {number[]}
 */
export function values(text) {
  const result = resultIn(text);
  if (!/\d/.test(result)) return [spoken(result)];
  const factors = scales(result);
  /** @type {number[][]} */
  const tokens = [];
  const keep = (/** @type {string} */ found) => `n[${tokens.push(numbersIn(found)) - 1}]`;
  const formula = withoutWords(result).replace(NUMBER, keep).trim();
  const alone = tokens.length === 1 && formula.match(/^[( ]*([-+]?)[( ]*n\[0\][) ]*$/);
  if (alone) {
    const sign = alone[1] === "-" ? -1 : 1;
    return factors.flatMap((factor) => tokens[0].map((value) => sign * value * factor));
  }
  const worth = calculated(formula, tokens, text);
  return factors.map((factor) => worth * factor);
}

/** The part of a text in which the result stands. @param {string} text */
function resultIn(text) {
  for (const mark of "=:") {
    const at = text.lastIndexOf(mark);
    if (at < 0) continue;
    const [before, after] = [text.slice(0, at), text.slice(at + 1)];
    text = /\d/.test(after) ? after : before || after;
  }
  const many = (/** @type {string} */ sign) => text.split(sign).length - 1;
  if (many(")") > many("(")) text = text.replace(/[ .)]+$/, "") + ")".repeat(many("("));
  text = text.replace(/\bminus\s+(?=\d)/gi, "-");
  text = text.replace(/(?<=\d) (?=\d{3}(?!\d))/g, "");
  text = text.replace(/(?<=\d) (?:out )?of (?=\d)/gi, " / ");
  text = text.replace(/(?<=\d)\s*[xX]\s*(?=\d)/g, "*");
  return text.replace(/(?<=\d)[eE](?=[-+]?\d)/g, "*10^");
}

/** A text without units and other words. @param {string} text */
function withoutWords(text) {
  text = text.replace(new RegExp(`[${LETTERS}]+(?:\\^-?\\d+)?\\.?`, "gu"), " ");
  text = text.replace(/[^\d\s.,'’_()+\-*/^]/g, " ");
  text = text.replace(/\([ .,]*\)/g, " ");
  text = text.trim().replace(/(?<!\d) *[-+*/^] *$|^ *[*/^]+|[-+*/^.,]+ *$/g, " ");
  return text.replace(/(\d+) (\d+)\/(\d+)/g, "($1+$2/$3)");
}

/** A number up to twelve, written as a word. @param {string} text */
function spoken(text) {
  const words = text.toLowerCase().match(new RegExp(`[${LETTERS}]+`, "gu")) ?? [];
  const said = words.filter((word) => SPOKEN.includes(word));
  if (said.length === 1 && !words.some((word) => LARGER.test(word))) return SPOKEN.indexOf(said[0]);
  throw new Unreadable("There is no number in that: type the result in digits.");
}

/** What a word behind the number may make of it: 61.7k, 25 %. @param {string} text */
function scales(text) {
  if (/\d\s*%/.test(text)) return [1 / 100, 1];
  const word = text.match(new RegExp(`\\d[.,]?\\s*([${LETTERS}]+)`, "u"))?.[1] ?? "";
  const scale = word === "m" ? 1 : (SCALES[word.toLowerCase()] ?? 1);
  return word.length === 1 && scale !== 1 ? [scale, 1] : [scale];
}

/** The values that one number in digits may have. @param {string} text */
function numbersIn(text) {
  text = text.replace(/['’_]/g, "").replace(/[.,]+$/, "");
  const marks = [...text].filter((sign) => sign === "." || sign === ",");
  if (!marks.length) return [Number(text)];
  const last = marks[marks.length - 1];
  if (new Set(marks).size === 2) {
    if (marks.filter((mark) => mark === last).length > 1) throw new Unreadable(`${text} has more than one decimal point.`);
    return [Number(text.replaceAll(last === "." ? "," : ".", "").replace(",", "."))];
  }
  const groups = text.split(last);
  const grouped = groups[0] !== "" && groups[0] !== "0" && groups[0].length < 4 && groups.slice(1).every((one) => one.length === 3);
  if (marks.length > 1) {
    if (!grouped) throw new Unreadable(`${text} are several numbers: type the result alone.`);
    return [Number(groups.join(""))];
  }
  const [point, whole] = [Number(groups.join(".")), Number(groups.join(""))];
  if (!grouped) return [point];
  return last === "," ? [whole, point] : [point, whole];
}

/**
 * The value of a calculation with + − × / and powers.
 * @param {string} formula
 * @param {number[][]} tokens
 * @param {string} text
 */
function calculated(formula, tokens, text) {
  const parts = formula.replaceAll("**", "^").match(/n\[\d+\]|[-+*/^()]|[^\s]/g) ?? [];
  let at = 0;
  const number = () => {
    const part = parts[at++] ?? "";
    if (part === "(") {
      const value = sum();
      if (parts[at++] !== ")") throw new RangeError();
      return value;
    }
    const found = part.match(/^n\[(\d+)\]$/);
    if (!found) throw new RangeError();
    return tokens[Number(found[1])][0];
  };
  /** @returns {number} */
  const power = () => {
    const base = number();
    if (parts[at] !== "^") return base;
    at += 1;
    const raised = signed();
    if (!Number.isInteger(raised) || Math.abs(raised) > POWER || Math.abs(base) >= 1e6) throw new RangeError();
    return base ** raised;
  };
  /** @returns {number} */
  const signed = () => {
    if (parts[at] !== "-" && parts[at] !== "+") return power();
    return parts[at++] === "-" ? -signed() : signed();
  };
  const product = () => {
    let value = signed();
    while (parts[at] === "*" || parts[at] === "/") value = parts[at++] === "*" ? value * signed() : value / signed();
    return value;
  };
  /** @returns {number} */
  const sum = () => {
    let value = product();
    while (parts[at] === "+" || parts[at] === "-") value = parts[at++] === "+" ? value + product() : value - product();
    return value;
  };
  try {
    const value = sum();
    if (at < parts.length || !Number.isFinite(value)) throw new RangeError();
    return value;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new Unreadable(
      tokens.length > 1
        ? `I read ${tokens.length} numbers in “${text}”, and cannot tell which is the result: type it alone.`
        : `I cannot read a number in “${text}”: type the result in digits.`,
    );
  }
}
