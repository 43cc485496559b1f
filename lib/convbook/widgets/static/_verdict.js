// A check's verdict on a function of the learner's.

import { make } from "./_stage.js";

/**
 * What a check says: its first line always, the whole on request.
 * @param {{ kind: string, title: string, message: string }} verdict
 */
export function verdictLine({ kind, title, message }) {
  const right = kind === "right";
  const mark = make("span", "cb-mark", { "aria-hidden": "true" }, right ? "✓ " : "✗ ");
  const line = make("div", `cb-verdict ${right ? "cb-good" : "cb-bad"}`, {}, mark, title);
  if (right || !message.includes("\n")) return line;
  const whole = make("pre", "cb-message", { tabindex: "0", "aria-label": "the check's message" }, message);
  line.append(make("details", "", {}, make("summary", "", {}, "What the check says"), whole));
  return line;
}
