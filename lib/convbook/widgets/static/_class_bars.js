// Two columns of bars, class by class, with any pen: logits of one image, and how many images are right.

import { inks, OKABE_ITO, rgb, WINDOW, WRONG } from "./_colour.js";
import { line, write } from "./_sketch.js";

const HEAD = 20;

/**
 * Draw the classes with their logits, the largest one marked, and a bar with an outline: right now, and right before.
 * @param {{ pen: import("./_chart.js").Pen, dark: boolean, width: number, height: number }} sheet
 * @param {{ classes: string[], logits: ArrayLike<number>, first: number, right: number[] | null, before: number[], totals: number[], head: string }} about
 */
export function paintClasses({ pen, dark, width, height }, { classes, logits, first, right, before, totals, head }) {
  const look = inks(dark);
  const step = (height - HEAD) / classes.length;
  const high = Math.min(14, 0.62 * step);
  const names = Math.min(0.34 * width, 24 + Math.max(...classes.map((name) => 6.4 * name.length)));
  const numbers = Array.from(logits);
  const [low, top] = [Math.min(0, ...numbers), Math.max(0, ...numbers)];
  const scale = (0.4 * (width - names)) / Math.max(1e-9, top - low);
  const zero = names - low * scale;
  const start = names + 0.4 * (width - names) + 14;
  const bar = (/** @type {number} */ many) => ((width - start - 34) * many) / Math.max(1, ...totals);
  write(pen, "logits", names, HEAD / 2, look.quiet);
  write(pen, head, start, HEAD / 2, look.quiet);
  classes.forEach((name, one) => {
    const y = HEAD + (one + 0.5) * step;
    const chosen = one === first;
    write(pen, `${chosen ? "▸ " : ""}${name}`, 0, y, look.ink);
    pen.fillStyle = chosen ? WINDOW[dark ? "dark" : "light"] : look.quiet;
    pen.fillRect(zero + Math.min(0, numbers[one] * scale), y - high / 2, Math.max(1, Math.abs(numbers[one] * scale)), high);
    if (right) {
      const change = right[one] - before[one];
      pen.fillStyle = rgb(OKABE_ITO.sky);
      pen.fillRect(start, y - high / 2, bar(right[one]), high);
      write(pen, `${change < 0 ? "↓ " : change > 0 ? "↑ " : ""}${right[one]}`, width, y, change < 0 ? WRONG[dark ? "dark" : "light"] : look.ink, "right");
    }
    pen.strokeStyle = look.ink;
    pen.lineWidth = 1;
    pen.strokeRect(start, y - high / 2, bar(before[one]), high);
  });
  line(pen, [[zero, HEAD], [zero, height]], look.line, 1);
}
