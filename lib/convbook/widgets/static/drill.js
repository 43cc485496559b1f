// Drills: questions with a field to type in. Python reads the answer; the way to it unfolds, also without a kernel.

import { button, make, openStage } from "./_stage.js";

const KERNEL_WAIT = 6000;
const UNANSWERED = "The kernel has not answered: it is busy or stopped. Run the cell again, or unfold the answer.";

/** @typedef {{ title: string, text: string, answer: string, worked: string }} Asked */

/**
 * @param {import("./_stage.js").RenderArguments} arguments_
 */
function render({ model, el }) {
  const stage = openStage(el, "drill", "Drill");
  /** @type {ReturnType<typeof form>[]} */
  let forms = [];
  let timer = 0;
  let count = model.get("typed").count ?? 0;
  const status = make("span", "cb-quiet", { role: "status" });
  const another = button("Other numbers", () => {
    wait((text) => void (status.textContent = text));
    model.set("round", model.get("drawn") + 1);
    model.save_changes();
  });
  stage.below.append(another, status);

  /** Say that the kernel is asked, and so where it does not answer. @param {(text: string) => void} say */
  function wait(say) {
    clearTimeout(timer);
    say("asking the kernel …");
    timer = window.setTimeout(() => say(UNANSWERED), KERNEL_WAIT);
  }
  stage.onEnd(() => clearTimeout(timer));

  /**
   * One question with its field, what is said to the answer, and the way to it.
   * @param {Asked} asked
   * @param {number} number
   */
  function form({ title, text, answer, worked }, number) {
    const field = make("input", "cb-input", { type: "text", autocomplete: "off", spellcheck: "false" });
    const label = make("label", "", {}, make("span", "cb-asked", {}, text), field);
    const said = make("p", "cb-said", { role: "status" });
    const steps = worked.split("\n").map((line) => make("p", "", {}, line));
    const way = make("details", "", {}, make("summary", "", {}, "The answer"), make("p", "cb-answer", {}, answer), ...steps);
    const check = make("button", "cb-button", { type: "submit" }, "Check");
    check.setAttribute("aria-label", `Check: ${title}`);
    const element = make("form", "cb-drill", {}, make("p", "cb-quiet", {}, title), label, check, said, way);
    const say = (/** @type {string} */ words) => void (said.textContent = words);
    element.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!field.value.trim()) {
        say("Type an answer, such as 28, 1/4 or (10, 28, 28).");
        return field.focus();
      }
      wait(say);
      count += 1;
      model.set("typed", { number, text: field.value, count });
      model.save_changes();
    });
    return {
      element,
      /** @param {{ right: boolean | null, sentence: string }} told */
      tell({ right, sentence }) {
        field.value ||= model.get("typed").text ?? ""; // a second view of the same cell
        const sign = right === null ? "" : right ? "✓ " : "✗ ";
        say(sign + sentence);
        element.dataset.right = String(right);
      },
    };
  }

  function build() {
    forms = model.get("questions").map(form);
    stage.keepFocus(() => stage.body.replaceChildren(...forms.map((one) => one.element)));
    clearTimeout(timer);
    status.textContent = "";
    hear();
  }

  function hear() {
    const told = model.get("told");
    if (told.number === undefined || !forms[told.number]) return;
    clearTimeout(timer);
    forms[told.number].tell(told);
  }

  stage.watch(model, ["drawn"], build);
  stage.watch(model, ["told"], hear);
  stage.onTheme(() => stage.dark());
  stage.dark();
  build();
  return () => stage.close();
}

export default { render };
