// Drawing at once, and never more than once in a frame.

/**
 * Draw at once when asked, and at most once in a frame: what is asked for again is drawn in the next one.
 * @param {() => void} draw
 */
export function onceAFrame(draw) {
  let frame = 0;
  let again = false;
  const next = () => {
    frame = 0;
    if (again) ask();
  };
  const ask = () => {
    again = frame !== 0;
    if (again) return;
    frame = requestAnimationFrame(next);
    draw();
  };
  return { ask, stop: () => cancelAnimationFrame(frame) };
}
