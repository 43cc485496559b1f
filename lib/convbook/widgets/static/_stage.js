// The room a widget lives in: a root that keeps its keys to itself, one spoken sentence, a clean end.

import { focusedIn, keepKeys } from "./_keys.js";
import { isDark, reducedMotion, whenThemeChanges } from "./_theme.js";

/**
 * What anywidget hands to a widget; the standalone page and the tests have a plain one.
 * @typedef {object} Model
 * @property {(name: string) => any} get
 * @property {(name: string, value: any) => void} set
 * @property {() => void} save_changes
 * @property {(event: string, act: () => void) => void} on
 * @property {(event: string, act: () => void) => void} off
 * @property {(message: any) => void} [send]
 */

/** @typedef {{ model: Model, el: HTMLElement }} RenderArguments */
/** @typedef {ReturnType<typeof openStage>} Stage */

const PLAY_MILLISECONDS = 700;

/**
 * Make an element with classes, attributes and children.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {string} [classes]
 * @param {Record<string, string>} [attributes]
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function make(tag, classes = "", attributes = {}, ...children) {
  const element = document.createElement(tag);
  if (classes) element.className = classes;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/**
 * A button with a word on it; `name` is what a screen reader says, where that is more.
 * @param {string} text
 * @param {() => void} act
 * @param {string} [name]
 */
export function button(text, act, name) {
  const element = make("button", "cb-button", { type: "button" }, text);
  if (name) element.setAttribute("aria-label", name);
  element.addEventListener("click", act);
  return element;
}

/**
 * Open the stage in `el`: root, title, a lead, body, controls, and the sentence that is read aloud.
 * @param {HTMLElement} el
 * @param {string} name a class for the styles
 * @param {string} title
 */
export function openStage(el, name, title) {
  /** @type {(() => void)[]} */
  const endings = [];
  const heading = make("div", "cb-title", {}, title);
  const tools = make("div", "cb-tools");
  const head = make("div", "cb-head", {}, heading, tools);
  const lead = make("div", "cb-lead");
  const body = make("div", "cb-body");
  const controls = make("div", "cb-controls", { role: "group", "aria-label": "controls" });
  const below = make("div", "cb-below");
  const sentence = make("p", "cb-sentence", { "aria-live": "polite", "aria-atomic": "true" });
  // A group, no landmark: a notebook may hold the same widget many times.
  const root = make("div", `convbook ${name}`, { role: "group", "aria-label": title, tabindex: "-1" });
  root.append(head, lead, controls, body, below, sentence);
  el.append(root);
  endings.push(keepKeys(root));
  endings.push(() => root.remove());

  return {
    root, tools, lead, body, controls, below,
    /** Whether the paper is dark now; the styles are told too. */
    dark() {
      const dark = isDark(root);
      root.classList.toggle("cb-dark", dark);
      return dark;
    },
    /**
     * Show a sentence; it is read aloud unless it comes `quietly`. Returns whether it is a new one.
     * @param {string} text
     * @param {boolean} [quietly]
     */
    say(text, quietly = false) {
      if (sentence.textContent === text) return false;
      sentence.setAttribute("aria-live", quietly ? "off" : "polite");
      sentence.textContent = text;
      return true;
    },
    /** @param {() => void} act */
    onEnd(act) {
      endings.push(act);
    },
    /**
     * Call `act` when one of the model's traits changes.
     * @param {Model} model
     * @param {string[]} names
     * @param {() => void} act
     */
    watch(model, names, act) {
      for (const trait of names) {
        model.on(`change:${trait}`, act);
        endings.push(() => model.off(`change:${trait}`, act));
      }
    },
    /**
     * Call `act` once after traits that change together, such as an image and its kernel; never after the end.
     * @param {Model} model
     * @param {string[]} names
     * @param {() => void} act
     */
    together(model, names, act) {
      let planned = false;
      let open = true;
      this.onEnd(() => (open = false));
      this.watch(model, names, () => {
        if (!planned) queueMicrotask(() => {
          planned = false;
          if (open) act();
        });
        planned = true;
      });
    },
    /** @param {() => void} act */
    onTheme(act) {
      endings.push(whenThemeChanges(act));
    },
    /**
     * Build parts anew without losing the focus: what bears the same name gets it back.
     * @param {() => void} build
     */
    keepFocus(build) {
      const before = focusedIn(root);
      const name = before ? nameOf(before) : "";
      build();
      if (!name || focusedIn(root)) return;
      const places = [...root.querySelectorAll("button, input, summary, [tabindex='0']")];
      const same = /** @type {HTMLElement | undefined} */ (places.find((place) => nameOf(place) === name));
      same?.focus({ preventScroll: true });
    },
    /** Undo everything: what every `render` returns. */
    close() {
      for (const end of endings.splice(0).reverse()) end();
    },
  };
}

/**
 * Send a message to Python, where there is one; a kernel that is gone hears nothing.
 * @param {Model} model
 * @param {any} message
 */
export function send(model, message) {
  try {
    model.send?.(message);
  } catch (error) {
    console.warn("convbook: the kernel could not be reached.", error);
  }
}

/**
 * What an element is called, a cell by its grid.
 * @param {Element} element
 */
function nameOf(element) {
  const named = element.closest("[role=grid]") ?? element;
  return named.getAttribute("aria-label") ?? named.textContent;
}

/**
 * Nothing to draw: a sentence instead.
 * @param {Stage} stage
 * @param {string} sentence
 */
export function onlyWords(stage, sentence) {
  const refresh = () => {
    stage.dark();
    stage.say(sentence);
  };
  refresh();
  return { refresh, end() {} };
}

/**
 * A Play button that steps until `step` says there is no next; one step where less movement is asked for.
 * @param {Stage} stage
 * @param {() => boolean} step
 */
export function playButton(stage, step) {
  let timer = 0;
  const play = button("Play", () => (timer ? stop() : start()));
  const stop = () => {
    clearInterval(timer);
    timer = 0;
    play.textContent = "Play";
  };
  const start = () => {
    if (!step() || reducedMotion()) return;
    timer = window.setInterval(() => step() || stop(), PLAY_MILLISECONDS);
    play.textContent = "Pause";
  };
  stage.onEnd(stop);
  return { element: play, stop };
}
