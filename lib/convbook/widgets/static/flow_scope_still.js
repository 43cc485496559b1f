// FlowScope where nothing can move: its charts side by side.

import { paintChart } from "./_chart.js";
import { inks } from "./_colour.js";
import { depths, KINDS, words } from "./_flow.js";
import { curvesChart, curvesTitle, depthChart, layersChart, layersTitle, styleOf } from "./_flow_charts.js";
import { NotingPen } from "./_pen.js";
import { boardStill, withSentence } from "./_still.js";

const WIDTH = 420;
const HEIGHT = 270;
const HEAD = 48;

/**
 * @param {import("./_flow.js").State} state
 * @param {boolean} dark
 */
function still(state, dark) {
  if (!state.runs.length) return boardStill([], words(state), dark);
  const experiment = depths(state).length > 0;
  const { ink, quiet, grid, paper } = inks(dark);
  const look = { ink, quiet, grid, paper, mark: ink, font: "12px DejaVu Sans" };
  const charts = experiment
    ? [curvesChart(state, dark, ink), depthChart(state, dark), layersChart(state, dark)]
    : [curvesChart(state, dark, ink)];
  const titles = [curvesTitle(state), "training error by depth, at the end", layersTitle(state)];
  const pen = new NotingPen();
  charts.forEach((chart, n) => {
    const part = new NotingPen();
    part.font = "12px DejaVu Sans";
    part.textBaseline = "top";
    part.fillStyle = quiet;
    titles[n].split(/, (?=depth)|; /).forEach((line, row) => part.fillText(line, 12, 8 + 16 * row));
    pen.add(part, n * WIDTH, 0);
    const drawn = new NotingPen();
    paintChart(drawn, WIDTH, HEIGHT, chart, look);
    pen.add(drawn, n * WIDTH, HEAD);
  });
  legend(pen, experiment ? KINDS : ["training", "validation"], HEAD + HEIGHT + 8, dark);
  return withSentence(pen, charts.length * WIDTH, HEAD + HEIGHT + 34, words(state), dark);
}

/**
 * @param {NotingPen} pen
 * @param {string[]} kinds
 * @param {number} top
 * @param {boolean} dark
 */
function legend(pen, kinds, top, dark) {
  kinds.forEach((kind, n) => {
    const { colour, dash } = styleOf(kind, dark);
    const left = 14 + n * 120;
    pen.strokeStyle = colour;
    pen.lineWidth = 2;
    pen.setLineDash(dash);
    pen.beginPath();
    pen.moveTo(left, top);
    pen.lineTo(left + 36, top);
    pen.stroke();
    pen.setLineDash([]);
    pen.font = "12px DejaVu Sans";
    pen.fillStyle = inks(dark).ink;
    pen.textAlign = "left";
    pen.textBaseline = "middle";
    pen.fillText(kind, left + 44, top);
  });
}

export default { words, still };
