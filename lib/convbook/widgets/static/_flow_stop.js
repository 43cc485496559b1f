// FlowScope's Stop button, how far the training is, and what to do where the button cannot work.

import { stateOf } from "./_flow.js";
import { focusedIn } from "./_keys.js";
import { button, make, send } from "./_stage.js";

/** @typedef {import("./_flow.js").State} State */
/** @typedef {import("./_stage.js").Model} Model */
/** @typedef {import("./_stage.js").Stage} Stage */

const TRIES = 5; // a front end that delivers messages while a cell runs has done so by then
const PAUSE_MILLISECONDS = 500;
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
  const stop = button("Stop training", () => {
    asked = model.get("session");
    insist(stage, model, "stop", () => false);
    refresh(stateOf(model));
  });
  const bar = make("progress", "cb-progress", { max: "1", "aria-label": "share of this network's training that is done" });
  const status = make("span", "cb-quiet");
  const note = make("span", "cb-note", { role: "status" });
  const element = make("div", "cb-buttons cb-stop", {}, stop, bar, status, note);
  stage.root.classList.toggle("cb-kept", Boolean(model.send)); // where one may come: no jump when a training begins or ends
  const heard = () => model.get("heard") === model.get("session");
  watchSilence(stage, model, () => {
    note.textContent = SILENT;
  }, () => {
    if (note.textContent === SILENT) note.textContent = "";
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
      insist(stage, model, "ping", heard, () => {
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

/**
 * Send a message to Python a few times, until it has come in or the training is over: a kernel that is just
 * writing to the widget may put one message off until the cell's end.
 * @param {Stage} stage
 * @param {Model} model
 * @param {"ping" | "stop"} kind
 * @param {() => boolean} arrived
 * @param {() => void} [giveUp]
 */
function insist(stage, model, kind, arrived, giveUp = () => {}) {
  const session = model.get("session");
  let tries = 0;
  let timer = 0;
  const attempt = () => {
    if (arrived() || !model.get("running") || model.get("session") !== session) return;
    if (tries++ === TRIES) return giveUp();
    send(model, { kind, session });
    timer = window.setTimeout(attempt, PAUSE_MILLISECONDS);
  };
  stage.onEnd(() => clearTimeout(timer));
  attempt();
}

/**
 * Tell when a training that should be running has sent nothing for long: a saved notebook that is opened again
 * while it "runs", or a kernel that died.
 * @param {Stage} stage
 * @param {Model} model
 * @param {() => void} silent
 * @param {() => void} again
 */
function watchSilence(stage, model, silent, again) {
  let timer = 0;
  const news = () => {
    clearTimeout(timer);
    again();
    if (model.get("running")) timer = window.setTimeout(silent, SILENCE_MILLISECONDS);
  };
  stage.watch(model, ["runs", "live", "running", "heard"], news);
  stage.onEnd(() => clearTimeout(timer));
  news();
}
