// A pen like a canvas's that only notes what is drawn: the still picture comes from the code that draws on the screen.

const LETTER_WIDTH = 0.62; // in font sizes; good enough to centre and to wrap
const NARROW_WIDTH = 0.32;

/** @typedef {{ width: number, height: number, paper: string, marks: any[] }} Still */

/**
 * The part of a canvas's 2D context that widgets draw with. Every fill, stroke and text becomes a mark in `marks`:
 * what `still.py` draws with matplotlib.
 */
export class NotingPen {
  constructor() {
    /** @type {any[]} */
    this.marks = [];
    /** @type {any[][]} */
    this.path = [];
    /** @type {number[]} */
    this.dash = [];
    this.fillStyle = this.strokeStyle = "#000000";
    this.lineWidth = 1;
    this.lineJoin = "miter";
    this.font = "12px sans-serif";
    this.textAlign = "left";
    this.textBaseline = "alphabetic";
    this.globalAlpha = 1;
    /** @type {any[]} */
    this.kept = [];
  }

  save() {
    const { fillStyle, strokeStyle, lineWidth, lineJoin, font, textAlign, textBaseline, globalAlpha, dash } = this;
    this.kept.push({ fillStyle, strokeStyle, lineWidth, lineJoin, font, textAlign, textBaseline, globalAlpha, dash });
  }

  restore() {
    Object.assign(this, this.kept.pop());
  }

  /** @param {number[]} dash */
  setLineDash(dash) {
    this.dash = dash;
  }

  beginPath() {
    this.path = [];
  }

  /** @param {number} x @param {number} y */
  moveTo(x, y) {
    this.path.push(["move", x, y]);
  }

  /** @param {number} x @param {number} y */
  lineTo(x, y) {
    this.path.push([this.path.length ? "line" : "move", x, y]);
  }

  closePath() {
    this.path.push(["close"]);
  }

  /** @param {number} x @param {number} y @param {number} width @param {number} height */
  rect(x, y, width, height) {
    this.path.push(["move", x, y], ["line", x + width, y], ["line", x + width, y + height], ["line", x, y + height], ["close"]);
  }

  /** A whole circle. @param {number} x @param {number} y @param {number} radius */
  arc(x, y, radius) {
    const round = Array.from({ length: 24 }, (_, i) => (i * Math.PI) / 12);
    round.forEach((turn, i) => this.path.push([i ? "line" : "move", x + radius * Math.cos(turn), y + radius * Math.sin(turn)]));
    this.path.push(["close"]);
  }

  fill() {
    this.marks.push({ kind: "fill", path: this.path, colour: this.fillStyle, alpha: this.globalAlpha });
  }

  stroke() {
    const { path, strokeStyle: colour, lineWidth: width, dash, globalAlpha: alpha } = this;
    this.marks.push({ kind: "stroke", path, colour, width, dash, alpha });
  }

  /** @param {number} x @param {number} y @param {number} width @param {number} height */
  fillRect(x, y, width, height) {
    this.beginPath();
    this.rect(x, y, width, height);
    this.fill();
  }

  /** @param {number} x @param {number} y @param {number} width @param {number} height */
  strokeRect(x, y, width, height) {
    this.beginPath();
    this.rect(x, y, width, height);
    this.stroke();
  }

  /** @param {string} text @param {number} x @param {number} y */
  fillText(text, x, y) {
    const { fillStyle: colour, textAlign: align, textBaseline: baseline, globalAlpha: alpha, font } = this;
    this.marks.push({ kind: "text", text, x, y, colour, align, baseline, alpha, size: this.size, bold: /\bbold\b/.test(font) });
  }

  /** @param {string} text */
  measureText(text) {
    const narrow = (text.match(/[ .,:;'il|·]/g) ?? []).length;
    return { width: (text.length * LETTER_WIDTH - narrow * (LETTER_WIDTH - NARROW_WIDTH)) * this.size };
  }

  /** Pixels, row by row, as red, green, blue from 0 to 255, stretched over a box.
   * @param {ArrayLike<number>} colours @param {number} rows @param {number} columns
   * @param {number} x @param {number} y @param {number} width @param {number} height */
  pixels(colours, rows, columns, x, y, width, height) {
    this.marks.push({ kind: "pixels", colours: Array.from(colours), rows, columns, x, y, width, height });
  }

  /** Take in what another pen has noted, moved. @param {NotingPen} pen @param {number} x @param {number} y */
  add(pen, x, y) {
    /** @param {any[]} step */
    const step = ([kind, left, top]) => (left === undefined ? [kind] : [kind, left + x, top + y]);
    for (const mark of pen.marks) {
      this.marks.push(mark.path ? { ...mark, path: mark.path.map(step) } : { ...mark, x: mark.x + x, y: mark.y + y });
    }
  }

  get size() {
    return Number(/([\d.]+)px/.exec(this.font)?.[1] ?? 12);
  }
}
