// A button that asks the kernel for something, and what the widget says where nobody answers.

import { button, make, send } from "./_stage.js";

/** @typedef {import("./_stage.js").Model} Model */
/** @typedef {import("./_stage.js").Stage} Stage */

const KERNEL_WAIT = 6000;
const UNANSWERED = "The kernel has not answered: it is busy or stopped. Run the cell again.";

/**
 * A button that asks the kernel for something, where there may be one, and what came of it.
 * @param {Stage} stage
 * @param {Model} model
 * @param {string} name
 * @param {any} message
 * @param {string} answer what is said when it has come
 */
export function askButton(stage, model, name, message, answer) {
  let timer = 0;
  const status = make("span", "cb-quiet", { role: "status" });
  const told = (/** @type {string} */ text) => {
    clearTimeout(timer);
    timer = 0;
    status.textContent = text;
  };
  const ask = button(name, () => {
    told("asking the kernel …");
    timer = window.setTimeout(() => told(UNANSWERED), KERNEL_WAIT);
    send(model, message);
  });
  stage.onEnd(() => clearTimeout(timer));
  return {
    elements: model.send ? [ask, status] : [],
    /** An answer came in: say so to whoever asked for it, even if it shows the same. */
    answered() {
      told(timer ? answer : "");
    },
  };
}
