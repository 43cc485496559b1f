// FieldTracer: say in one line what a person can do here.

import { slider } from "./_controls.js";
import { fitCells } from "./_fit.js";
import { numberGrid } from "./_grid.js";
import { openStage } from "./_stage.js";
import { look, words } from "./_field_tracer.js";

/**
 * @param {import("./_stage.js").RenderArguments} arguments_
 */
function render({ model, el }) {
  const stage = openStage(el, "field-tracer", "Field tracer");
  stage.controls.append(slider(stage, model, "side", { name: "side", min: 1, max: 12 }));
  const draw = () => stage.keepFocus(() => {
    const state = { side: model.get("side") };
    const grid = numberGrid({ label: "square", rows: state.side, columns: state.side });
    grid.paint(look(state, stage.dark()));
    stage.body.replaceChildren(grid.element);
    fitCells(stage.body, { columns: state.side, letters: 3, rows: state.side });
    stage.say(words(state));
  });
  stage.watch(model, ["side"], draw);
  stage.onTheme(draw);
  draw();
  return () => stage.close();
}

export default { render };
