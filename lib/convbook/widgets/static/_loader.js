// What every view of a saved notebook holds in place of its code: the way to the one model that has it (travel.py).

/** @param {any} model */
async function fetched(model) {
  const code = await model.widget_manager.get_model(model.get("_code").replace("IPY_MODEL_", ""));
  const styles = code.get("styles");
  if (![...document.querySelectorAll("style.convbook-styles")].some((one) => one.textContent === styles)) {
    const style = document.createElement("style");
    style.className = "convbook-styles";
    style.textContent = styles;
    document.head.append(style);
  }
  const address = URL.createObjectURL(new Blob([code.get("module")], { type: "text/javascript" }));
  try {
    return (await import(/* webpackIgnore: true */ address)).default;
  } finally {
    URL.revokeObjectURL(address);
  }
}

export default {
  /** @param {{ model: any, el: HTMLElement }} context */
  async render(context) {
    return (await fetched(context.model)).render(context);
  },
};
