// Keys pressed inside a widget stay there; only the one that saves goes on to the notebook.

const MARK = "data-lm-suppress-shortcuts";

/**
 * Keep the keys pressed inside `root` from the notebook; returns how to stop.
 *
 * JupyterLab listens behind the widget, so that stopping the event is enough. Notebook 7 listens before it, at the
 * document, and heeds only a mark on the very element that has the focus. So the mark is set from the window, before both.
 * @param {HTMLElement} root
 */
export function keepKeys(root) {
  const before = (/** @type {KeyboardEvent} */ event) => {
    const target = event.composedPath()[0];
    if (!(target instanceof Element) || !root.contains(target)) return;
    if (saves(event)) target.removeAttribute(MARK);
    else target.setAttribute(MARK, "true");
  };
  const after = (/** @type {KeyboardEvent} */ event) => {
    if (!saves(event)) event.stopPropagation();
  };
  window.addEventListener("keydown", before, true);
  root.addEventListener("keydown", after);
  return () => {
    window.removeEventListener("keydown", before, true);
    root.removeEventListener("keydown", after);
  };
}

/** @param {KeyboardEvent} event */
function saves({ key, ctrlKey, metaKey, altKey }) {
  return (ctrlKey || metaKey) && !altKey && key.toLowerCase() === "s";
}

/**
 * What has the focus in the tree an element is in: the page's, or a shadow's.
 * @param {Element} element
 */
export function focusedIn(element) {
  const tree = /** @type {Document | ShadowRoot} */ (element.getRootNode());
  const active = tree.activeElement;
  return active && element.contains(active) ? active : null;
}
