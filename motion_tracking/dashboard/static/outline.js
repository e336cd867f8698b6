// How does a person draw the outline of what is to be ignored, with mouse, finger or keyboard?
//
// Corners are [x, y] in pixels of the picture; three at least are a shape.

import { ARROWS, clamp } from "./area.js";
import { draw } from "./drawing.js";

const FEWEST = 3;
const STEADY = 4; // pixels of the page by which the two clicks of a double click may lie apart
const NEAR = 12; // pixels of the page from the first corner, where a click closes the shape

export class Outline {
  // `closed` is called with the corners of a shape, `changed` whenever there is something to say.
  constructor(area, { closed, changed }) {
    this.area = area;
    this.closed = closed;
    this.changed = changed;
    this.drawing = false;
    this.corners = [];
    this.at = [0, 0]; // the pen
    this.lines = ["outer", "inner"].map((name) => draw("path", { class: name }));
    this.dots = draw("g");
    this.pen = draw("g", { class: "pen", tabindex: 0, role: "button", "aria-roledescription": "pen" },
      draw("path", { class: "outer" }), draw("path", { class: "inner" }));
    this.group = draw("g", { class: "outline gone" }, ...this.lines, this.dots, this.pen);
    const { svg } = area;
    svg.append(this.group);
    svg.addEventListener("pointerdown", (event) => this.press(event));
    svg.addEventListener("pointermove", (event) => this.drawing && this.move(area.at(event)));
    svg.addEventListener("dblclick", () => this.close());
    this.pen.addEventListener("keydown", (event) => this.key(event));
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !this.drawing || document.querySelector("dialog[open]")) return;
      event.preventDefault();
      this.back();
    });
    new ResizeObserver(() => this.render()).observe(svg);
  }

  get complete() {
    return this.corners.length >= FEWEST;
  }

  begin() {
    this.drawing = true;
    this.corners = [];
    this.move(this.area.size.map((side) => side / 2));
    this.area.svg.scrollIntoView({ block: "nearest" });
    this.pen.focus({ preventScroll: true });
    this.changed("Set the corners one after the other.");
  }

  end() {
    this.drawing = false;
    this.corners = [];
    this.render();
    this.changed("");
  }

  // Take back the last corner; without one, draw no more.
  back() {
    if (this.corners.length === 0) {
      this.end();
      return;
    }
    this.corners.pop();
    this.render();
    this.changed(`Taken back: ${this.corners.length} corners are left.`);
  }

  close() {
    if (!this.drawing || !this.complete) return;
    const { corners } = this;
    this.end();
    this.closed(corners);
  }

  move(point) {
    this.at = point.map((value, n) => clamp(Math.round(value), 0, this.area.size[n] - 1));
    this.render();
  }

  set() {
    if (this.far(this.corners.at(-1), STEADY)) this.corners.push(this.at);
    this.render();
    this.changed(`Corner ${this.corners.length} at ${this.at.join(", ")}.`);
  }

  far(corner, reach) {
    if (!corner) return true;
    return Math.hypot(corner[0] - this.at[0], corner[1] - this.at[1]) > reach * this.area.pixel;
  }

  press(event) {
    if (!this.drawing || event.button !== 0) return;
    event.preventDefault();
    this.pen.focus({ preventScroll: true });
    this.move(this.area.at(event));
    if (this.complete && !this.far(this.corners[0], NEAR)) this.close();
    else this.set();
  }

  key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const arrow = ARROWS[event.key];
    if (!arrow && event.key !== " " && event.key !== "Enter") return;
    event.preventDefault();
    if (arrow) this.move(arrow.map((way, n) => this.at[n] + way * (event.shiftKey ? 10 : 1)));
    else if (event.key === " ") this.set();
    else this.close();
  }

  render() {
    this.group.classList.toggle("gone", !this.drawing);
    this.area.svg.classList.toggle("drawing", this.drawing);
    if (!this.drawing) return;
    const [x, y] = this.at;
    const reach = 12 * this.area.pixel;
    const line = [...this.corners, this.at].map((corner) => corner.join(" ")).join("L");
    for (const path of this.lines) path.setAttribute("d", `M${line}Z`);
    for (const path of this.pen.children) path.setAttribute("d", `M${x - reach} ${y}h${2 * reach}M${x} ${y - reach}v${2 * reach}`);
    this.dots.replaceChildren(...this.corners.map(([cx, cy]) => draw("circle", { cx, cy, r: 4 * this.area.pixel })));
    this.pen.setAttribute("aria-label", `Pen at ${x}, ${y}. Arrow keys move it, Space sets a corner, Enter closes the shape, Escape takes a corner back.`);
  }
}
