// How does a person mark an area of a picture, with mouse, finger or keyboard?
//
// An area is [left, top, right, bottom] in pixels of the picture; the end is exclusive.

import { draw } from "./drawing.js";

const SMALLEST = 4; // pixels of the picture a side
const STEADY = 4; // pixels of the page by which a tap may slip
const ROOM = 3.2; // sides shorter than this many handles have none in their middle

// Which sides a handle moves: -1 left or top, 1 right or bottom.
const HANDLES = [
  ["top left corner", -1, -1],
  ["top side", 0, -1],
  ["top right corner", 1, -1],
  ["right side", 1, 0],
  ["bottom right corner", 1, 1],
  ["bottom side", 0, 1],
  ["bottom left corner", -1, 1],
  ["left side", -1, 0],
];
const CURSORS = { "-1-1": "nwse", "11": "nwse", "1-1": "nesw", "-11": "nesw", "0-1": "ns", "01": "ns", "10": "ew", "-10": "ew" };
export const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
const coarse = matchMedia("(pointer: coarse)");

export class Area {
  // `changed` is called with the area when a person has moved it, and `moving` on the way.
  constructor(svg, { changed, moving, proposed }) {
    this.svg = svg;
    this.changed = changed;
    this.moving = moving;
    this.proposed = proposed;
    this.size = [1, 1];
    this.corners = null;
    this.enabled = true;
    this.pixel = 1; // pixels of the picture in one of the page
    this.drag = null;
    this.shade = draw("path", { class: "shade", "fill-rule": "evenodd" });
    this.proposals = draw("g");
    this.body = draw("g", { class: "body", tabindex: 0, role: "button", "aria-roledescription": "movable area" },
      draw("rect", { class: "outer" }), draw("rect", { class: "inner" }));
    this.handles = HANDLES.map(([name, dx, dy]) => {
      const handle = draw("g", { class: `handle ${CURSORS[`${dx}${dy}`]}`, tabindex: 0, role: "button", "aria-roledescription": "handle", "data-handle": name },
        draw("rect", { class: "hit" }), draw("rect", { class: "dot" }));
      return { handle, name, dx, dy };
    });
    svg.replaceChildren(this.shade, this.proposals, this.body, ...this.handles.map(({ handle }) => handle));
    svg.addEventListener("pointerdown", (event) => this.press(event));
    svg.addEventListener("pointermove", (event) => this.pull(event));
    svg.addEventListener("pointerup", (event) => this.release(event, true));
    svg.addEventListener("pointercancel", (event) => this.release(event, false));
    // touch-action does not reach parts of a drawing in every browser
    svg.addEventListener("touchstart", (event) => this.drag && event.cancelable && event.preventDefault(), { passive: false });
    svg.addEventListener("keydown", (event) => this.nudge(event));
    svg.addEventListener("keyup", (event) => this.settle(event));
    new ResizeObserver(() => this.render()).observe(svg);
    coarse.addEventListener("change", () => this.render());
  }

  show(corners, size) {
    if (this.drag || this.nudged) return; // the person has it in hand
    this.size = size;
    this.corners = corners;
    this.render();
  }

  enable(enabled) {
    this.enabled = enabled;
    this.svg.classList.toggle("locked", !enabled);
  }

  // Bring an area into the picture, corners in order; null where nothing is left of it.
  fitted([left, top, right, bottom]) {
    const [width, height] = this.size;
    const xs = [left, right].map((x) => clamp(Math.round(x), 0, width)).sort((a, b) => a - b);
    const ys = [top, bottom].map((y) => clamp(Math.round(y), 0, height)).sort((a, b) => a - b);
    if (xs[1] - xs[0] < SMALLEST || ys[1] - ys[0] < SMALLEST) return null;
    return [xs[0], ys[0], xs[1], ys[1]];
  }

  moved([left, top, right, bottom], dx, dy) {
    const [width, height] = this.size;
    const x = clamp(Math.round(dx), -left, width - right);
    const y = clamp(Math.round(dy), -top, height - bottom);
    return [left + x, top + y, right + x, bottom + y];
  }

  stretched(corners, handle, dx, dy) {
    const [width, height] = this.size;
    let [left, top, right, bottom] = corners;
    if (handle.dx < 0) left = clamp(Math.round(left + dx), 0, right - SMALLEST);
    if (handle.dx > 0) right = clamp(Math.round(right + dx), left + SMALLEST, width);
    if (handle.dy < 0) top = clamp(Math.round(top + dy), 0, bottom - SMALLEST);
    if (handle.dy > 0) bottom = clamp(Math.round(bottom + dy), top + SMALLEST, height);
    return [left, top, right, bottom];
  }

  at(event) {
    const box = this.svg.getBoundingClientRect();
    const [width, height] = this.size;
    return [((event.clientX - box.left) / box.width) * width, ((event.clientY - box.top) / box.height) * height];
  }

  press(event) {
    if (!this.enabled || event.button !== 0 || this.drag) return;
    const group = event.target.closest("g[tabindex]");
    const handle = this.handles.find((one) => one.handle === group);
    // a finger on the bare picture scrolls, once there is an area
    if (!group && this.corners && event.pointerType === "touch") return;
    const proposal = group?.dataset.proposal;
    this.drag = { id: event.pointerId, handle, proposal, whole: group === this.body, from: this.at(event), before: this.corners };
    this.svg.setPointerCapture(event.pointerId);
    if (!proposal) group?.focus();
    event.preventDefault();
  }

  pull(event) {
    if (event.pointerId !== this.drag?.id) return;
    const { handle, whole, proposal, from, before } = this.drag;
    const [x, y] = this.at(event);
    const [dx, dy] = [x - from[0], y - from[1]];
    if (proposal && Math.hypot(dx, dy) < STEADY * this.pixel) return; // a tap, so far
    this.drag.proposal = undefined;
    if (handle) this.corners = this.stretched(before, handle, dx, dy);
    else if (whole) this.corners = this.moved(before, dx, dy);
    else this.corners = this.fitted([...from, x, y]) ?? before;
    this.render();
    this.moving(this.corners);
  }

  release(event, kept) {
    if (event.pointerId !== this.drag?.id) return;
    const { before, proposal } = this.drag;
    this.drag = null;
    if (kept && proposal) {
      this.proposed(Number(proposal));
      return;
    }
    if (!kept) this.corners = before;
    this.render();
    this.moving(this.corners);
    if (this.corners && String(this.corners) !== String(before)) this.changed(this.corners, before);
  }

  nudge(event) {
    const group = event.target.closest("g[tabindex]");
    if (group?.dataset.proposal && (event.key === "Enter" || event.key === " ")) {
      event.preventDefault();
      this.proposed(Number(group.dataset.proposal));
      return;
    }
    const arrow = ARROWS[event.key];
    if (!arrow || !group || !this.enabled || !this.corners || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    this.nudged ??= { before: this.corners };
    const [dx, dy] = arrow.map((direction) => direction * (event.shiftKey ? 10 : 1));
    const handle = this.handles.find((one) => one.handle === group);
    this.corners = handle ? this.stretched(this.corners, handle, dx, dy) : this.moved(this.corners, dx, dy);
    this.render();
    this.moving(this.corners);
    clearTimeout(this.nudged.timer);
    this.nudged.timer = setTimeout(() => this.settle(), 400);
  }

  // The keys rest: the area stays where it is.
  settle(event) {
    if (!this.nudged || (event && ARROWS[event.key])) return;
    const { before, timer } = this.nudged;
    clearTimeout(timer);
    this.nudged = null;
    if (String(this.corners) !== String(before)) this.changed(this.corners, before);
  }

  propose(proposals) {
    this.proposals.replaceChildren(
      ...proposals.map(({ roi }, n) => {
        const [left, top, right, bottom] = roi;
        const box = { x: left, y: top, width: right - left, height: bottom - top };
        const group = draw("g", { class: "proposal", tabindex: 0, role: "button", "data-proposal": n, "data-corners": String(roi), "aria-label": `Use proposal ${n + 1}` },
          draw("rect", { class: "outer", ...box }), draw("rect", { class: "inner", ...box }),
          draw("text", { x: left, y: top }, String(n + 1)));
        group.addEventListener("click", () => this.enabled && this.proposed(n));
        return group;
      }),
    );
    this.render();
  }

  render() {
    const [width, height] = this.size;
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.svg.classList.toggle("empty", !this.corners);
    const pixel = width / (this.svg.clientWidth || width);
    this.pixel = pixel;
    for (const text of this.proposals.querySelectorAll("text")) {
      text.setAttribute("font-size", 14 * pixel);
      text.setAttribute("dx", 5 * pixel);
      text.setAttribute("dy", 16 * pixel);
    }
    for (const group of this.proposals.children) {
      group.classList.toggle("gone", group.dataset.corners === String(this.corners));
    }
    for (const { handle } of this.handles) handle.classList.toggle("gone", !this.corners);
    this.body.classList.toggle("gone", !this.corners);
    this.shade.setAttribute("d", "");
    if (!this.corners) return;
    const [left, top, right, bottom] = this.corners;
    const [w, h] = [right - left, bottom - top];
    this.shade.setAttribute("d", `M0 0H${width}V${height}H0ZM${left} ${top}H${right}V${bottom}H${left}Z`);
    for (const rect of this.body.children) place(rect, left, top, w, h);
    this.body.setAttribute("aria-label", `Area, left ${left}, top ${top}, ${w} by ${h} pixels. Arrow keys move it.`);
    const hit = (coarse.matches ? 44 : 24) * pixel;
    const dot = (coarse.matches ? 16 : 10) * pixel;
    for (const { handle, name, dx, dy } of this.handles) {
      const cramped = (dx === 0 && w < ROOM * hit) || (dy === 0 && h < ROOM * hit);
      handle.classList.toggle("gone", cramped);
      const x = left + ((dx + 1) / 2) * w;
      const y = top + ((dy + 1) / 2) * h;
      // on a small area the grips lie outwards, so that they do not cover each other
      const outX = w < 1.5 * hit ? (dx * hit) / 2 : 0;
      const outY = h < 1.5 * hit ? (dy * hit) / 2 : 0;
      place(handle.children[0], x + outX - hit / 2, y + outY - hit / 2, hit, hit);
      place(handle.children[1], x - dot / 2, y - dot / 2, dot, dot);
      handle.setAttribute("aria-label", `${name}, ${dx ? `x ${x}` : ""}${dx && dy ? ", " : ""}${dy ? `y ${y}` : ""}`);
    }
  }
}

function place(rect, x, y, width, height) {
  for (const [key, value] of Object.entries({ x, y, width, height })) rect.setAttribute(key, value);
}
