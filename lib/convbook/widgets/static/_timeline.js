// A timeline: Back, Next, Play, and a slider that scrubs over all steps by mouse, finger and keys.

import { button, make, playButton } from "./_stage.js";

/** @typedef {import("./_stage.js").Stage} Stage */

/**
 * @typedef {object} Steps
 * @property {string} name of one step, such as "output"
 * @property {number} many steps, at least one
 * @property {() => number} where the step that is shown now
 * @property {(step: number) => void} go
 * @property {(step: number) => string} text what a screen reader says for a step
 * @property {boolean} [bare] the slider alone, with its name and its text
 */

/**
 * Build a timeline. Its parts stand in `elements`, to be put among other buttons; Back and Next go round at the ends.
 * @param {Stage} stage
 * @param {Steps} steps
 */
export function timeline(stage, { name, many, where, go, text, bare = false }) {
  let last = many - 1;
  const slider = make("input", "cb-slider cb-scrub", { type: "range", min: "0", step: "1" });
  if (!bare) slider.setAttribute("aria-label", `${name}, all in order`);
  slider.addEventListener("input", () => {
    play.stop();
    go(Number(slider.value));
  });
  const step = (/** @type {number} */ by) => {
    const to = where() + by;
    if (to < 0 || to > last) return false;
    go(to);
    return true;
  };
  const play = playButton(stage, () => step(1));
  const back = button("Back", () => step(-1) || go(last), `Back to the previous ${name}`);
  const next = button("Next", () => step(1) || go(0), `Next ${name}`);
  const shown = make("output", "cb-shown");
  const labelled = make("label", "cb-labelled", {}, make("span", "", {}, name), slider, shown);
  return {
    elements: bare ? [labelled] : [back, next, play.element, slider],
    back, next, play, slider,
    /** Show where it stands; the number of steps may have changed. @param {number} [now] @param {number} [steps] */
    refresh(now = where(), steps = last + 1) {
      last = steps - 1;
      slider.max = String(Math.max(0, last));
      slider.value = String(Math.max(0, now));
      slider.setAttribute("aria-valuetext", text(now));
      shown.textContent = text(now);
    },
  };
}
