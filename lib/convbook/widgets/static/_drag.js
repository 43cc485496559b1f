// Numbers that are changed by dragging them up and down.

const PIXELS_PER_STEP = 8; // of a drag; a step is a tenth
const STEP = 0.1;

/**
 * Let each number of a grid be dragged up and down, by mouse or finger, or be changed with + and −; 0 clears it.
 * @param {import("./_grid.js").NumberGrid} grid
 * @param {(row: number, column: number, value: (old: number) => number) => void} change
 */
export function dragNumbers(grid, change) {
  for (let row = 0; row < grid.rows; row++) {
    for (let column = 0; column < grid.columns; column++) {
      const cell = grid.cell(row, column);
      let last = 0;
      cell.addEventListener("pointerdown", (event) => {
        cell.setPointerCapture(event.pointerId);
        last = event.clientY;
      });
      cell.addEventListener("pointermove", (event) => {
        const steps = Math.trunc((last - event.clientY) / PIXELS_PER_STEP);
        if (!cell.hasPointerCapture(event.pointerId) || !steps) return;
        last -= steps * PIXELS_PER_STEP;
        change(row, column, (old) => old + steps * STEP);
      });
      cell.addEventListener("keydown", ({ key }) => {
        if (key === "+" || key === "=") change(row, column, (old) => old + STEP);
        if (key === "-" || key === "−") change(row, column, (old) => old - STEP);
        if (key === "0") change(row, column, () => 0);
      });
    }
  }
}
