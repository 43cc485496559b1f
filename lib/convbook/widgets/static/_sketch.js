// Lines and words for any pen, a canvas's or the still picture's.

/** @typedef {CanvasRenderingContext2D | import("./_pen.js").NotingPen} Pen */

const FAMILY = "system-ui, 'DejaVu Sans', sans-serif";

/**
 * Lay a path through points.
 * @param {Pen} pen
 * @param {number[][]} points
 */
export function through(pen, points) {
  pen.beginPath();
  points.forEach(([x, y], i) => (i ? pen.lineTo(x, y) : pen.moveTo(x, y)));
}

/**
 * Draw a line through points.
 * @param {Pen} pen
 * @param {number[][]} points
 * @param {string} colour
 * @param {number} width
 * @param {number[]} [dash]
 */
export function line(pen, points, colour, width, dash = []) {
  pen.strokeStyle = colour;
  pen.lineWidth = width;
  pen.setLineDash(dash);
  through(pen, points);
  pen.stroke();
  pen.setLineDash([]);
}

/**
 * Draw the edge of a box.
 * @param {Pen} pen
 * @param {{ x: number, y: number, width: number, height: number }} box
 * @param {string} colour
 * @param {number} thick
 * @param {number[]} [dash]
 */
export function edge(pen, { x, y, width, height }, colour, thick, dash = []) {
  pen.strokeStyle = colour;
  pen.lineWidth = thick;
  pen.setLineDash(dash);
  pen.strokeRect(x, y, width, height);
  pen.setLineDash([]);
}

/**
 * Write a text round a height; on a bit of `paper`, so that it can be read on a picture. Returns its width.
 * @param {Pen} pen
 * @param {string} text
 * @param {number} x where it begins, ends ("right") or has its middle ("center")
 * @param {number} y
 * @param {string} colour
 * @param {"left" | "right" | "center"} [align]
 * @param {string} [paper]
 */
export function write(pen, text, x, y, colour, align = "left", paper = "") {
  pen.font = `12px ${FAMILY}`;
  pen.textAlign = align;
  pen.textBaseline = "middle";
  const { width } = pen.measureText(text);
  if (paper) {
    pen.fillStyle = paper;
    pen.globalAlpha = 0.8;
    pen.fillRect(x - { left: 0, center: width / 2, right: width }[align] - 2, y - 7, width + 4, 14);
    pen.globalAlpha = 1;
  }
  pen.fillStyle = colour;
  pen.fillText(text, x, y);
  return width;
}

/**
 * Draw the border of a set of pixels, black in white, so that it is seen on every picture.
 * @param {Pen} pen
 * @param {Set<number>} inside numbers of pixels, row by row
 * @param {number[]} size rows and columns
 * @param {number} across the width of a pixel
 * @param {number} down its height
 */
export function border(pen, inside, [rows, columns], across, down) {
  pen.beginPath();
  for (const pixel of inside) {
    const [row, column] = [Math.floor(pixel / columns), pixel % columns];
    const side = (/** @type {boolean} */ open, /** @type {number[]} */ [x1, y1, x2, y2]) => {
      if (!open) return;
      pen.moveTo((column + x1) * across, (row + y1) * down);
      pen.lineTo((column + x2) * across, (row + y2) * down);
    };
    side(!inside.has(pixel - columns), [0, 0, 1, 0]);
    side(row === rows - 1 || !inside.has(pixel + columns), [0, 1, 1, 1]);
    side(column === 0 || !inside.has(pixel - 1), [0, 0, 0, 1]);
    side(column === columns - 1 || !inside.has(pixel + 1), [1, 0, 1, 1]);
  }
  for (const [width, colour] of /** @type {[number, string][]} */ ([[3.5, "#ffffff"], [1.8, "#000000"]])) {
    pen.lineWidth = width;
    pen.strokeStyle = colour;
    pen.stroke();
  }
}
