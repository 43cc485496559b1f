// Light or dark, and whether things may move: asked of the page, and asked again when it changes.

import { luminance } from "./_colour.js";

/**
 * Whether the paper under an element is dark.
 * @param {Element} element
 */
export function isDark(element) {
  const numbers = getComputedStyle(element).backgroundColor.match(/[\d.]+/g) ?? ["255", "255", "255"];
  return luminance([Number(numbers[0]), Number(numbers[1]), Number(numbers[2])]) < 0.4;
}

/**
 * Call `act` when the theme of the notebook or of the system changes; returns how to stop.
 * @param {() => void} act
 */
export function whenThemeChanges(act) {
  let frame = 0;
  let later = 0;
  const soon = () => {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(act);
  };
  const system = matchMedia("(prefers-color-scheme: dark)");
  const watcher = new MutationObserver(soon);
  const attributes = ["data-jp-theme-light", "data-jp-theme-name", "data-theme", "theme", "class"];
  for (const node of [document.documentElement, document.body]) {
    watcher.observe(node, { attributes: true, attributeFilter: attributes });
  }
  // JupyterLab sets the attribute before the theme's styles have arrived.
  const arrived = new MutationObserver(() => {
    clearTimeout(later);
    later = window.setTimeout(act, 150);
  });
  arrived.observe(document.head, { childList: true });
  system.addEventListener("change", soon);
  return () => {
    watcher.disconnect();
    arrived.disconnect();
    cancelAnimationFrame(frame);
    clearTimeout(later);
    system.removeEventListener("change", soon);
  };
}

/** Whether the person asked the system for less movement. */
export function reducedMotion() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}
