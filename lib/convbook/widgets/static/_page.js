// What stands in for the kernel's model on a page of its own.

/**
 * A model that holds plain values and tells who listens.
 * @param {Record<string, any>} values
 * @returns {import("./_stage.js").Model}
 */
export function plainModel(values) {
  /** @type {Map<string, Set<() => void>>} */
  const listeners = new Map();
  return {
    get: (name) => values[name],
    set(name, value) {
      if (JSON.stringify(values[name]) === JSON.stringify(value)) return;
      values[name] = value;
      listeners.get(`change:${name}`)?.forEach((act) => act());
    },
    save_changes() {},
    on(event, act) {
      listeners.set(event, (listeners.get(event) ?? new Set()).add(act));
    },
    off(event, act) {
      listeners.get(event)?.delete(act);
    },
  };
}

/**
 * Show a widget on the page.
 * @param {{ render: (arguments_: { model: any, el: HTMLElement }) => (() => void) }} widget
 * @param {HTMLElement} el
 * @param {string} state JSON
 */
export function show(widget, el, state) {
  el.replaceChildren();
  return widget.render({ model: plainModel(JSON.parse(state)), el });
}
