// FlowScope's Stop button, how far the training is, and what to do where the button cannot work.

import { stateOf } from "./_flow.js";
import { insist, watchSilence } from "./_insist.js";
import { focusedIn } from "./_keys.js";
import { button, make } from "./_stage.js";

/** @typedef {import("./_flow.js").State} State */
/** @typedef {import("./_stage.js").Model} Model */
/** @typedef {import("./_stage.js").Stage} Stage */

const SILENCE_MILLISECONDS = 15_000;
const UNHEARD =
  "Here a click reaches Python only when the cell has ended. To stop now, press ■ in the toolbar: the best weights are kept.";
const SILENT = "Nothing has come from Python for a while: the training is over, or the kernel is busy or stopped.";

/**
 * @param {Stage} stage
 * @param {Model} model
 */
export function stopRow(stage, model) {
  let asked = 0;
  let pinged = 0;
  const over = (/** @type {number} */ session) => () => !model.get("running") || model.get("session") !== session;
  const stop = button("Stop training", () => {
    asked = model.get("session");
    insist(stage, model, { kind: "stop", session: asked }, over(asked));
    refresh(stateOf(model));
  });
  const bar = make("progress", "cb-progress", { max: "1", "aria-label": "share of this network's training that is done" });
  const status = make("span", "cb-quiet");
  const note = make("span", "cb-note", { role: "status" });
  const element = make("div", "cb-buttons cb-stop", {}, stop, bar, status, note);
  stage.root.classList.toggle("cb-kept", Boolean(model.send)); // where one may come: no jump when a training begins or ends
  const heard = () => model.get("heard") === model.get("session");
  watchSilence(stage, model, {
    traits: ["runs", "live", "running", "heard"], running: () => model.get("running"), milliseconds: SILENCE_MILLISECONDS,
    silent() {
      note.textContent = SILENT;
    },
    again() {
      if (note.textContent === SILENT) note.textContent = "";
    },
  });

  /** @param {State} state */
  function refresh(state) {
    const focused = focusedIn(element) !== null;
    element.hidden = !state.running || !model.send;
    if (element.hidden && focused) stage.root.focus({ preventScroll: true });
    if (element.hidden || (heard() && note.textContent === UNHEARD)) note.textContent = "";
    if (element.hidden) return;
    if (pinged !== state.session) {
      pinged = state.session;
      const ended = over(pinged);
      insist(stage, model, { kind: "ping", session: pinged }, () => heard() || ended(), () => {
        note.textContent = UNHEARD;
      });
    }
    const stopping = asked === state.session;
    stop.textContent = stopping ? "Stopping…" : "Stop training";
    stop.setAttribute("aria-disabled", String(stopping));
    const { name, epoch, epochs, done } = state.live;
    bar.value = done ?? 0;
    status.textContent = name ? `${name} · epoch ${epoch} of ${epochs}` : "";
  }
  return { element, refresh };
}
