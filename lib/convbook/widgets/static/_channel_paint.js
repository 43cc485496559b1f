// One channel of a network, with any pen: its kernels, and the patches of stored images that it answers to most.

import { inks, mapPixels } from "./_colour.js";
import { kernelsOf, patchOf } from "./_network.js";
import { edge, write } from "./_sketch.js";

const [CAPTION, GAP, LARGE, SMALL, PATCHES] = [20, 5, 52, 25, 9];
const PADDING = [110, 110, 170];

/**
 * Draw kernels on the left and patches on the right; below each other where there is little room.
 * @param {{ pen: import("./_canvas.js").CanvasPen | import("./_pen.js").NotingPen, dark: boolean, width: number }} sheet
 * @param {{ name: string, layer: import("./_network.js").Layer, step: import("./_network.js").Step, channel: number, weights: Float32Array,
 *   images: Uint8ClampedArray, size: number[], nine: number[][] | null }} about `nine`: image, row and column of each patch
 */
export function paintChannel({ pen, dark, width }, { name, layer, step, channel, weights, images, size, nine }) {
  const look = inks(dark);
  const narrow = width < 560;
  const kernels = kernelsOf(step, weights, channel);
  const room = narrow ? width : 0.38 * width;
  const rows = kernels.length * 30 > room ? 2 : 1;
  const across = Math.ceil(kernels.length / rows);
  const side = Math.min(rows === 2 ? SMALL : LARGE, room / across - GAP);
  const most = Math.max(1e-9, ...kernels.flatMap((kernel) => Array.from(kernel, Math.abs)));
  write(pen, `${name}: its ${kernels.length === 1 ? "kernel" : `${kernels.length} kernels`}`, 1, CAPTION / 2, look.quiet);
  kernels.forEach((kernel, n) => {
    const [x, y] = [1 + Math.floor(n / rows) * (side + GAP), CAPTION + (n % rows) * (side + 3)];
    pen.pixels(mapPixels(kernel, most, true), step.side, step.wide, x, y, side, side);
    edge(pen, { x, y, width: side, height: side }, look.quiet, 1);
  });
  const [left, top] = narrow ? [1, CAPTION + LARGE + 8] : [room + 16, 0];
  const patch = Math.min(LARGE, (width - left) / PATCHES - GAP);
  write(pen, `nine strongest patches, ${layer.side} × ${layer.wide} pixels${nine ? "" : ": not known yet"}`, left, top + CAPTION / 2, look.quiet);
  nine?.forEach((place, n) => {
    const [x, y] = [left + n * (patch + GAP), top + CAPTION];
    const colours = patchOf(layer, images, size, place).flatMap((value) => (value < 0 ? PADDING : [value, value, value]));
    pen.pixels(colours, layer.side, layer.wide, x, y, patch, patch);
    edge(pen, { x, y, width: patch, height: patch }, look.quiet, 1);
  });
}
