// A number that is predicted before it is shown: a form for one, and a button for whoever would rather see it.

import { button, make } from "./_stage.js";
import { typed } from "./_wording.js";

/**
 * Build the form. `keep` gets the number, or null where it is asked to be shown; `hint` tells what is no number.
 * @param {HTMLElement} hint
 * @param {(guess: number | null) => void} keep
 */
export function numberForm(hint, keep) {
  const input = make("input", "cb-input", { type: "text", inputmode: "text", autocomplete: "off", size: "6" });
  const name = make("span", "", {}, "");
  const element = make("form", "cb-predict", {}, make("label", "", {}, name, input));
  const done = (/** @type {number | null} */ guess) => {
    input.value = "";
    keep(guess);
  };
  element.append(make("button", "cb-button", { type: "submit" }, "Check"), button("Show me", () => done(null)));
  element.addEventListener("submit", (event) => {
    event.preventDefault();
    const guess = typed(input.value);
    if (Number.isFinite(guess)) done(guess);
    else hint.textContent = "Type a number, such as −3, 0.5 or 1/3.";
  });
  return {
    element,
    /** Go to the input, where there is one to fill in. */
    focus() {
      if (!element.hidden) input.focus({ preventScroll: true });
    },
    /** Ask for what has this name, or for nothing. @param {string} asked @param {boolean} open */
    refresh(asked, open) {
      element.hidden = !open;
      name.textContent = `${asked} = `;
    },
  };
}
