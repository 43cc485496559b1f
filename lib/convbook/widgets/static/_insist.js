// Messages to a kernel that is busy: said again until they are heard; and a kernel that falls silent.

import { send } from "./_stage.js";

/** @typedef {import("./_stage.js").Model} Model */
/** @typedef {import("./_stage.js").Stage} Stage */

const TRIES = 5; // a front end that delivers messages while a cell runs has done so by then
const PAUSE_MILLISECONDS = 500;

/**
 * Send a message to Python a few times, until it has come in or nobody waits for it: a kernel that is just
 * writing to the widget may put one message off until the cell's end.
 * @param {Stage} stage
 * @param {Model} model
 * @param {any} message
 * @param {() => boolean} settled
 * @param {() => void} [giveUp]
 */
export function insist(stage, model, message, settled, giveUp = () => {}) {
  let tries = 0;
  let timer = 0;
  const attempt = () => {
    if (settled()) return;
    if (tries++ === TRIES) return giveUp();
    send(model, message);
    timer = window.setTimeout(attempt, PAUSE_MILLISECONDS);
  };
  stage.onEnd(() => clearTimeout(timer));
  attempt();
}

/**
 * Tell when something that should be running has sent nothing for long: a saved notebook that is opened again
 * while it "runs", or a kernel that died.
 * @param {Stage} stage
 * @param {Model} model
 * @param {{ traits: string[], running: () => boolean, milliseconds: number, silent: () => void, again: () => void }} how
 */
export function watchSilence(stage, model, { traits, running, milliseconds, silent, again }) {
  let timer = 0;
  const news = () => {
    clearTimeout(timer);
    again();
    if (running()) timer = window.setTimeout(silent, milliseconds);
  };
  stage.watch(model, traits, news);
  stage.onEnd(() => clearTimeout(timer));
  news();
}
