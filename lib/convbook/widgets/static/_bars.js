// Histograms: bars between edges, with a name of their own; several lie over each other, the later ones as outlines.

/** @typedef {import("./_chart.js").Pen} Pen */
/** @typedef {{ edges: number[], counts: number[], colour: string, name?: string, outline?: boolean, dash?: number[] }} Bars
 *   one more edge than counts */

/**
 * Count values between edges of the same distance; what lies outside counts for the first or last bin.
 * @param {ArrayLike<number>} values
 * @param {number} low
 * @param {number} high
 * @param {number} bins
 */
export function histogram(values, low, high, bins) {
  const counts = Array(bins).fill(0);
  for (const value of Array.from(values)) {
    if (!Number.isFinite(value)) continue;
    counts[Math.min(bins - 1, Math.max(0, Math.floor(((value - low) / (high - low)) * bins)))] += 1;
  }
  return { edges: Array.from({ length: bins + 1 }, (_, i) => low + ((high - low) * i) / bins), counts };
}

/**
 * Draw bars: filled, or as the outline of all, so that two histograms can be told apart without colours.
 * @param {Pen} pen
 * @param {Bars} bars
 * @param {(value: number) => number} toX
 * @param {(value: number) => number} toY
 */
export function drawBars(pen, { edges, counts, colour, outline = false, dash = [] }, toX, toY) {
  pen.save();
  pen.fillStyle = pen.strokeStyle = colour;
  if (!outline) {
    pen.globalAlpha = 0.45;
    counts.forEach((count, i) => {
      pen.beginPath();
      pen.rect(toX(edges[i]), toY(count), toX(edges[i + 1]) - toX(edges[i]), toY(0) - toY(count));
      pen.fill();
    });
    pen.globalAlpha = 1;
  }
  pen.lineWidth = outline ? 2 : 1;
  pen.setLineDash(dash);
  pen.beginPath();
  pen.moveTo(toX(edges[0]), toY(0));
  counts.forEach((count, i) => {
    pen.lineTo(toX(edges[i]), toY(count));
    pen.lineTo(toX(edges[i + 1]), toY(count));
  });
  pen.lineTo(toX(edges[edges.length - 1]), toY(0));
  pen.stroke();
  pen.restore();
}

/**
 * The bin a value is in, the nearest one where it is in none.
 * @param {Bars} bars
 * @param {number} value
 */
export function binAt({ edges, counts }, value) {
  const after = edges.findIndex((edge) => edge > value);
  return after < 0 ? counts.length - 1 : Math.max(0, after - 1);
}

/**
 * Where a histogram's name stands: over its highest bar.
 * @param {Bars} bars
 * @returns {[number, number]}
 */
export function peakOf({ edges, counts }) {
  const highest = counts.indexOf(Math.max(...counts));
  return [(edges[highest] + edges[highest + 1]) / 2, counts[highest]];
}
