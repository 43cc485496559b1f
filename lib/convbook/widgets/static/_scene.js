// A scene is built for what the model holds: built anew when its structure changes, drawn anew when something moves.

/** @typedef {import("./_stage.js").Model} Model */
/** @typedef {import("./_stage.js").Stage} Stage */
/** @typedef {{ refresh: () => void, end: () => void }} Scene */

/**
 * Some traits of the model.
 * @param {Model} model
 * @param {string[]} names
 * @returns {any}
 */
export function traitsOf(model, names) {
  return Object.fromEntries(names.map((name) => [name, model.get(name)]));
}

/**
 * Build a scene and keep it up to date until the stage closes; returns how to build it anew.
 * @param {Stage} stage
 * @param {Model} model
 * @param {{ structure: string[], moving: string[], build: () => Scene }} how
 */
export function keepScene(stage, model, { structure, moving, build }) {
  let planned = false;
  let open = true;
  const fresh = () => {
    for (const part of [stage.body, stage.controls, stage.below]) part.replaceChildren();
    return build();
  };
  let scene = fresh();
  const rebuild = () => {
    planned = false;
    if (!open) return;
    scene.end();
    stage.keepFocus(() => {
      scene = fresh();
    });
  };
  const soon = () => {
    if (!planned) queueMicrotask(rebuild); // several traits change at once: build once, when all have arrived
    planned = true;
  };
  stage.watch(model, structure, soon);
  stage.watch(model, moving, () => planned || scene.refresh());
  stage.onTheme(() => scene.refresh());
  stage.onEnd(() => {
    open = false;
    scene.end();
  });
  return soon;
}

/**
 * What is pointed at: a click, a tap or an arrow key holds it; a pointer that only passes shows something else meanwhile.
 * @template Place
 * @param {() => void} draw
 */
export function pointing(draw) {
  /** @type {Place | null} */
  let held = null;
  /** @type {Place | null} */
  let shown = null;
  const show = (/** @type {Place | null} */ place) => {
    if (JSON.stringify(place) === JSON.stringify(shown)) return;
    shown = place;
    draw();
  };
  return {
    now: () => shown ?? held,
    passing: () => shown !== null,
    show,
    leave: () => show(null),
    /** @param {Place | null} place */
    hold(place) {
      held = place;
      shown = null;
      draw();
    },
    /** Forget both, without drawing. */
    drop() {
      held = shown = null;
    },
  };
}
