// BlockXray's pure part: which nodes are seen, what folds, where the arrow keys lead, and the sentence.

import { MARKS } from "./_graph.js";
import { listed } from "./_wording.js";

/** @typedef {{ name: string, kind: string, about: string, shape: number[], from: number[], mark: string, twin: number,
 *   alive: boolean, within: string[] }} Node */
/** @typedef {{ nodes: Node[], numbers: (number | null)[][] }} Run */
/** @typedef {"yours" | "wanted"} Side */
/** @typedef {{ name: string, yours: Record<string, Run>, wanted: Node[], verdict: { kind?: string, title?: string, message?: string },
 *   notes: string[], blocked: string, mode: string, unfolded: string[], at: [Side, number] }} State */
/** What is drawn: a node, or a part with all its nodes. @typedef {import("./_graph.js").Box & { members: number[], part: string }} Seen */

export const NAMES = ["name", "yours", "wanted", "verdict", "notes", "blocked", "mode", "unfolded", "at"];
export const TITLES = { yours: "yours: what ran", wanted: "wanted" };
const MARKED = {
  yours: {
    extra: "It is not wanted", misplaced: "It is in the wrong place", shared: "It shares its weights with another layer",
    changed: "It is set otherwise than wanted",
  },
  wanted: {
    missing: "It is missing in yours", misplaced: "In yours it is in another place", shared: "In yours it shares its weights with another layer",
    changed: "In yours it is set otherwise", unused: "Yours has it and never runs it",
  },
};

/** The run that is looked at; evaluation where training did not get as far. @param {State} state */
export function runOf({ yours, mode }) {
  return yours[mode] ?? yours.evaluation;
}

/** @param {State} state @param {Side} side */
export function nodesOf(state, side) {
  return side === "wanted" ? state.wanted : runOf(state).nodes;
}

/** The sides there are. @param {State} state @returns {Side[]} */
export function sidesOf(state) {
  return state.wanted.length ? ["yours", "wanted"] : ["yours"];
}

/** What is drawn of a graph: nodes, and parts that are folded. @param {Node[]} nodes @param {string[]} open @returns {Seen[]} */
export function seenOf(nodes, open) {
  /** @type {Seen[]} */
  const seen = [];
  const place = nodes.map((node, i) => {
    const part = node.within.find((one) => !open.includes(one)) ?? "";
    const last = seen[seen.length - 1];
    if (part && last?.part === part) last.members.push(i);
    else seen.push({ name: part || shortName(node), about: aboutOf(node), from: [], members: [i], part });
    return seen.length - 1;
  });
  seen.forEach((box, at) => {
    const own = box.members.map((i) => nodes[i]);
    box.from = [...new Set(own.flatMap(({ from }) => from.map((source) => place[source])))].filter((source) => source !== at);
    box.shape = nodes.some(({ from }, i) => place[i] !== at && from.some((source) => place[source] === at)) || at === seen.length - 1
      ? own[own.length - 1].shape.join("×") : "";
    box.mark = own.find(({ mark }) => mark)?.mark ?? "";
    box.faint = own.every(({ alive }) => !alive);
    box.folded = Boolean(box.part);
    if (box.folded) box.about = `${own.length} operations`;
  });
  return seen;
}

/** What a box says beside its name: its kind too, where neither its name nor its settings tell it. @param {Node} node */
function aboutOf({ name, kind, about }) {
  return [name === kind || kind === "convolution" || kind === "input" ? "" : kind, about].filter(Boolean).join(" ");
}

/** @param {Node} node */
function shortName({ name, within }) {
  const part = within[within.length - 1]?.replace(/ \(\d+\)$/, "");
  return part && name.startsWith(`${part}.`) ? name.slice(part.length + 1) : name;
}

/** Which box holds a node. @param {Seen[]} seen @param {number} node */
export function boxOf(seen, node) {
  return Math.max(0, seen.findIndex(({ members }) => members.includes(node)));
}

/** The chosen node and its partner on the other side, or null. @param {State} state @returns {{ at: [Side, number], twin: [Side, number] | null }} */
export function chosen(state) {
  const side = state.at[0] === "wanted" && state.wanted.length ? "wanted" : "yours";
  const nodes = nodesOf(state, side);
  const at = Math.min(Math.max(0, state.at[1]), nodes.length - 1);
  if (!state.wanted.length) return { at: [side, at], twin: null };
  if (side === "yours") return { at: [side, at], twin: at === 0 || nodes[at].twin ? ["wanted", nodes[at].twin] : null };
  const twin = at === 0 ? 0 : runOf(state).nodes.findIndex((node) => node.twin === at);
  return { at: [side, at], twin: twin >= 0 ? ["yours", twin] : null };
}

/**
 * Where an arrow key leads: down and up along the edges, aside in the row, and past its end to the partner.
 * @param {State} state @param {string} key @param {Seen[]} seen of the chosen side @param {import("./_graph.js").Layout} layout
 * @returns {[Side, number] | null}
 */
export function walked(state, key, seen, layout) {
  const { at: [side, node], twin } = chosen(state);
  const box = boxOf(seen, node);
  const { left, right } = layout.places[box];
  const to = {
    ArrowDown: seen.findIndex(({ from }) => from.includes(box)), ArrowUp: seen[box].from[0] ?? -1,
    ArrowLeft: left, ArrowRight: right, Home: 0, End: seen.length - 1,
  }[key];
  if (to === undefined) return null;
  if (to >= 0) return [side, seen[to].members[0]];
  const outward = key === (side === "yours" ? "ArrowRight" : "ArrowLeft");
  return outward && state.wanted.length ? twin ?? [side === "yours" ? "wanted" : "yours", 0] : null;
}

/** The part that the button opens or folds at the chosen node: "" for none. @param {State} state */
export function partAt(state) {
  const { at: [side, node] } = chosen(state);
  const within = nodesOf(state, side)[node]?.within ?? [];
  const closed = within.find((part) => !state.unfolded.includes(part));
  return { part: closed ?? within[within.length - 1] ?? "", closed: Boolean(closed) };
}

/** What the marks that are there mean. @param {State} state */
export function legend(state) {
  const there = new Set(sidesOf(state).flatMap((side) => nodesOf(state, side).map(({ mark }) => mark)));
  return Object.entries(MARKS).filter(([mark]) => there.has(mark)).map(([mark, { letter }]) => `${letter} ${mark}`);
}

/** @param {State} state */
export function words(state) {
  if (state.blocked) return state.blocked;
  const { at: [side, at], twin } = chosen(state);
  const node = nodesOf(state, side)[at];
  const boxes = seenOf(nodesOf(state, side), state.unfolded);
  const box = boxes[boxOf(boxes, at)];
  const about = node.about.replace("→", " to ");
  const kind = node.name === node.kind || at === 0 ? "" : node.kind;
  const told = [kind, about].filter(Boolean).join(" ");
  const who = box.folded ? `${box.name}, ${box.about}, ends with ${node.name}` : node.name;
  const gives = `${at ? "gives" : "is"} ${node.shape.join(" × ") || "one number"}`;
  const start = `${side === "yours" ? "Yours" : "Wanted"}: ${who}${told ? ` (${told})` : ""} ${gives}`;
  const parts = [side === "wanted" ? `${start}.` : `${start} in ${state.mode}, with ${numbersOf(state, at)}`];
  if (node.mark) parts.push(`${/** @type {Record<string, string>} */ (MARKED[side])[node.mark]}${judged(state)}.`);
  else if (side === "wanted" && !twin) parts.push("Yours has no such operation.");
  if (!node.alive) parts.push("It never reaches the result.");
  return [...parts, ...state.notes].join(" ");
}

/** @param {State} state @param {number} at */
function numbersOf(state, at) {
  const [mean, deviation, zeros, gradient] = runOf(state).numbers[at];
  const told = [["mean", mean], ["standard deviation", deviation]].map(([name, value]) => `${name} ${figures(/** @type {number | null} */ (value))}`);
  const many = zeros === null ? "" : `${figures(100 * zeros)} % zeros`;
  const back = gradient === null ? "No gradient flows back to it." : `The gradient that flows back to it has norm ${figures(gradient)}.`;
  return `${listed([...told, many].filter(Boolean))}. ${back}`;
}

/** @param {State} state */
function judged({ verdict }) {
  return verdict.title && verdict.kind !== "right" ? `; the check says “${verdict.title}”` : "";
}

/** A number in three figures. @param {number | null} value */
function figures(value) {
  if (value === null) return "not finite";
  if (!value) return "0";
  const text = Math.abs(value) >= 1e5 || Math.abs(value) < 1e-3 ? value.toExponential(1) : String(Number(value.toPrecision(3)));
  return text.replace(/-/g, "−");
}
