// How does the calibration page show the state of the calibration, and pass on what is wanted?
//
// The program holds the state; every answer and every message brings it whole.

import { Area } from "./area.js";
import { count, drawCurve, drawScores } from "./drawing.js";
import { Outline } from "./outline.js";
import { ask, enter, listen, send } from "./talk.js";

const MINUTE = 60;
const WITHIN = /\/calibration\/$/; // where the page is one of the dashboard
const SAY_EVERY = 6000; // milliseconds between readings for those who listen
const CORNERS = ["ix", "iy", "ix2", "iy2"];

const by = (id) => document.getElementById(id);
const undone = []; // areas to go back to
let points = []; // of the live curve: [at, score, threshold]
let state = null;
let saidAt = 0;
let hangUp = () => {};

const area = new Area(by("area"), {
  moving: (corners) => showCorners(corners),
  changed: (corners, before) => choose(corners, before),
  proposed: (n) => choose(state.proposals[n].roi, state.roi),
});

const outline = new Outline(area, {
  closed: async (corners) => {
    if (await want("ignored", { shapes: [...state.ignored, corners] })) say(`A shape of ${corners.length} corners is ignored.`);
  },
  changed: (text) => {
    showOutline();
    if (text) say(text);
  },
});

function say(text) {
  by("said").textContent = text;
}

// Ask for something; show the state that comes of it, or why it cannot be.
async function want(path, wish) {
  try {
    show(await send(path, wish));
    complain(state.trouble);
    return true;
  } catch (error) {
    if (error.status === 401) close("This page is over", "Start motion-track init again, and open the link that it shows.");
    else complain({ error: error.message, hint: error.hint });
    return false;
  }
}

function complain(trouble) {
  by("trouble").hidden = !trouble;
  by("trouble-text").textContent = trouble?.error ?? "";
  by("trouble-hint").textContent = trouble?.hint ?? "";
}

async function choose(corners, before) {
  if (!corners) return;
  if (String(corners) === String(state.roi)) {
    showCorners(corners);
    return;
  }
  const lost = Object.keys(state.recorded).length > 0;
  if (!(await want("area", { roi: corners }))) {
    area.show(state.roi, state.size);
    showCorners(state.roi);
    return;
  }
  if (before) undone.push(before);
  by("undo").disabled = undone.length === 0;
  const [left, top, right, bottom] = state.roi;
  say(`Area: left ${left}, top ${top}, ${right - left} by ${bottom - top} pixels.${lost ? " The recordings were of another area: record both states again." : ""}`);
}

function showCorners(corners) {
  CORNERS.forEach((id, n) => {
    if (document.activeElement !== by(id) || area.drag) by(id).value = corners?.[n] ?? "";
  });
  by("area-size").textContent = corners ? `${corners[2] - corners[0]} × ${corners[3] - corners[1]}` : "no area yet";
}

// Show the whole state.
function show(news) {
  if (state && news.number <= state.number) return; // an answer that a message has overtaken
  const before = state;
  state = news;
  if (state.over) {
    const names = state.saved.join(", ");
    if (names) close("Saved", `${names}: the next start of motion-track run works with it. You may close this page.`);
    else close("Nothing was changed", "You may close this page.");
    return;
  }
  by("closed").hidden = true;
  by("work").hidden = false;
  by("machine").textContent = state.machine;
  document.title = `Calibrate ${state.machine} · motion-track`;
  if (String(before?.size) !== String(state.size)) {
    const [width, height] = state.size;
    by("still").width = width;
    by("still").height = height;
  }
  if (before?.machine !== state.machine) {
    undone.length = 0;
    by("undo").disabled = true;
  }
  const moved = before?.machine !== state.machine || String(before?.roi) !== String(state.roi);
  if (moved) {
    points = [];
    showPoints();
  }
  if (outline.drawing && (state.recording || (before && before.machine !== state.machine))) outline.end();
  showOutline();
  if (JSON.stringify(before?.ignored) !== JSON.stringify(state.ignored)) showIgnored(before);
  area.show(state.roi, state.size);
  if (moved && !area.drag && !area.nudged) showCorners(state.roi); // else somebody may be typing them
  for (const id of CORNERS) by(id).disabled = Boolean(state.recording);
  if (JSON.stringify(before?.proposals) !== JSON.stringify(state.proposals)) showProposals();
  by("suggest").disabled = Boolean(state.busy);
  by("searching").hidden = state.busy !== "searching";
  if (before?.busy === "searching" && !state.busy) say(`${state.proposals?.length || "No"} areas proposed.`);
  if (!before || JSON.stringify(before.trouble) !== JSON.stringify(state.trouble)) complain(state.trouble);
  document.querySelectorAll(".take").forEach(showTake);
  showResult(before);
}

// The frame is round what is to be ignored; it goes back to where it was before.
async function ignore() {
  const [left, top, right, bottom] = state.roi;
  const corners = undone.pop();
  if (!(await want("ignored", { shapes: [...state.ignored, [[left, top], [right, bottom]]] }))) return;
  if (corners) await choose(corners, null);
  by("undo").disabled = undone.length === 0;
  say(`${right - left} by ${bottom - top} pixels are ignored.`);
}

// Who draws a shape has the area left alone meanwhile.
function showOutline() {
  const { drawing, complete } = outline;
  area.enable(!state.recording && !drawing);
  by("ignore").disabled = Boolean(state.recording) || !state.roi || drawing;
  by("draw").disabled = Boolean(state.recording);
  by("draw").textContent = drawing ? (complete ? "Close the shape" : "Stop drawing") : "Draw what to ignore";
  by("take-back").hidden = !drawing || outline.corners.length === 0;
}

function showIgnored(before) {
  by("ignored").replaceChildren(
    ...state.ignored.map((shape, n) => {
      const [left, right] = [0, 1].map((side) => Math[side ? "max" : "min"](...shape.map(([x]) => x)));
      const [top, bottom] = [0, 1].map((side) => Math[side ? "max" : "min"](...shape.map(([, y]) => y)));
      const item = document.createElement("li");
      const button = document.createElement("button");
      button.type = "button";
      button.className = "quiet";
      const what = shape.length > 2 ? `${shape.length} corners, ` : "";
      button.textContent = `${what}${right - left} × ${bottom - top} at ${left}, ${top}: look at it again`;
      button.disabled = Boolean(state.recording);
      button.addEventListener("click", () => want("ignored", { shapes: state.ignored.filter((_, other) => other !== n) }));
      item.append(button);
      return item;
    }),
  );
  if (before) refresh();
}

function showProposals() {
  const proposals = state.proposals ?? [];
  area.propose(proposals);
  by("proposals").replaceChildren(
    ...proposals.map(({ roi, separation }, n) => {
      const item = document.createElement("li");
      const button = document.createElement("button");
      button.type = "button";
      button.className = "quiet";
      button.textContent = `${n + 1}: ${roi[2] - roi[0]} × ${roi[3] - roi[1]}`;
      button.title = `separation ${separation.toFixed(1)}`;
      button.addEventListener("click", () => choose(state.proposals[n].roi, state.roi));
      item.append(button);
      return item;
    }),
  );
}

function showTake(take) {
  const name = take.dataset.state;
  const part = (key) => take.querySelector(`[data-part=${key}]`);
  const going = state.recording?.state === name;
  const seconds = state.recorded[name];
  const progress = take.querySelector("progress");
  take.classList.toggle("going", going);
  take.classList.toggle("done", Boolean(seconds) && !going);
  progress.hidden = !going;
  if (going) progress.value = state.recording.part;
  const left = going ? Math.ceil((1 - state.recording.part) * state.seconds) : 0;
  const action = seconds ? "Record again" : `${name === "running" ? "It is running" : "It stands"}: record ${state.seconds} s`;
  const button = part("record");
  button.hidden = going;
  button.textContent = action;
  button.disabled = Boolean(state.busy) || !state.roi;
  button.classList.toggle("main", !seconds);
  const other = name === "running" ? "stopped" : "running";
  if (state.recorded[other] === undefined && name === "stopped" && !seconds) button.classList.remove("main");
  const cancel = part("cancel");
  if (going && cancel.hidden) {
    cancel.hidden = false;
    if (document.activeElement === document.body || document.activeElement === button) cancel.focus();
  } else if (!going && !cancel.hidden) {
    const focused = document.activeElement === cancel;
    cancel.hidden = true;
    if (focused && !button.disabled) button.focus();
  }
  part("text").dataset.text ??= part("text").textContent;
  if (going) part("text").textContent = `Recording, ${left} s to go. Leave the machine as it is.`;
  else if (seconds) part("text").textContent = `Recorded, ${Math.round(seconds)} s.`;
  else part("text").textContent = part("text").dataset.text;
}

function showResult(before) {
  const { outcome } = state;
  by("waiting").hidden = Boolean(outcome);
  by("waiting").textContent = state.busy === "judging"
    ? "Comparing both recordings …"
    : "After both recordings you see here how well they can be told apart.";
  by("result").hidden = !outcome;
  const saved = state.saved.includes(state.machine) && !state.diff;
  by("save").disabled = !outcome || Boolean(state.busy) || saved;
  by("save").textContent = outcome && !outcome.separable ? "Save all the same …" : "Save";
  by("end").textContent = state.saved.length ? "Finish" : "Cancel";
  by("end").classList.toggle("main", saved);
  showSaved(saved);
  if (!outcome || JSON.stringify(before?.outcome) === JSON.stringify(outcome)) {
    by("diff").textContent = state.diff;
    by("change").hidden = !state.diff;
    return;
  }
  const verdict = by("verdict");
  const doubt = !outcome.separable || outcome.warnings.length > 0;
  verdict.className = `verdict ${outcome.separable ? (doubt ? "weak" : "good") : "bad"}`;
  verdict.querySelector("use").setAttribute("href", doubt ? "#icon-warning" : "#icon-good");
  verdict.querySelector("span").textContent = outcome.verdict;
  drawScores(by("scores"), outcome);
  by("lowest").textContent = count(outcome.edges[0]);
  by("highest").textContent = `score ${count(outcome.edges.at(-1))}`;
  if (document.activeElement !== by("threshold")) by("threshold").value = outcome.threshold;
  by("share").textContent = `${Math.round(outcome.share * 100)} %`;
  by("margin").textContent = outcome.margin.toFixed(1);
  by("expected").textContent = outcome.expected_error === null
    ? "not known"
    : `${(100 * outcome.expected_error).toLocaleString("en", { maximumFractionDigits: 2 })} %`;
  by("decoded").textContent = outcome.separable ? sentence(outcome.decoded) : "";
  by("warnings").replaceChildren(...outcome.warnings.map(warning));
  by("change").hidden = !state.diff;
  by("diff").replaceChildren(...diffLines(state.diff));
  say(`${outcome.verdict}. Threshold ${outcome.threshold}. ${outcome.warnings.length} warnings.`);
}

const sentence = (words) => words && `${words[0].toUpperCase()}${words.slice(1)}.`;

function showSaved(saved) {
  by("saved").hidden = state.saved.length === 0;
  by("saved-text").textContent = `${state.saved.join(", ")} saved`;
  const others = state.machines.filter(({ name }) => name !== state.machine);
  by("next").hidden = others.length === 0;
  const key = JSON.stringify([others, state.saved, state.busy]);
  if (by("others").dataset.key === key) return;
  by("others").dataset.key = key;
  by("others").replaceChildren(
    ...others.map(({ name }) => {
      const item = document.createElement("li");
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = name + (state.saved.includes(name) ? " (done)" : "");
      button.disabled = Boolean(state.busy);
      button.addEventListener("click", () => takeUp(name));
      item.append(button);
      return item;
    }),
  );
  if (saved) say(`${state.machine} is saved.`);
}

async function takeUp(machine) {
  if (!(await want("machine", { machine }))) return;
  window.scrollTo({ top: 0 });
  area.body.focus({ preventScroll: true });
  say(`Now: ${machine}.`);
}

function warning({ text, hint }) {
  const item = document.createElement("li");
  const icon = document.querySelector("#trouble .icon").cloneNode(true);
  const words = document.createElement("div");
  const [what, todo] = [document.createElement("p"), document.createElement("p")];
  what.textContent = text;
  todo.textContent = hint;
  todo.className = "hint";
  words.append(what, todo);
  item.append(icon, words);
  return item;
}

function diffLines(diff) {
  return diff.split("\n").flatMap((text) => {
    const line = document.createElement("span");
    line.textContent = text;
    if (text.startsWith("+") && !text.startsWith("+++")) line.className = "added";
    if (text.startsWith("-") && !text.startsWith("---")) line.className = "removed";
    return [line, "\n"];
  });
}

function showPoints() {
  drawCurve(by("curve"), points, MINUTE);
  const last = points.at(-1);
  const [, score, threshold] = last ?? [];
  const moving = last && score > threshold;
  by("judged").textContent = last ? (moving ? "moving" : "still") : "–";
  by("judged").classList.toggle("moving", Boolean(moving));
  by("score").textContent = last ? count(score) : "–";
  by("limit").textContent = last ? count(threshold) : "–";
  if (!last) return;
  const above = points.filter(([at, ...pair]) => last[0] - at <= MINUTE && pair[0] > pair[1]).length;
  const all = points.filter(([at]) => last[0] - at <= MINUTE).length;
  const summary = `Score ${count(score)}, ${moving ? "above" : "not above"} the threshold of ${count(threshold)}`;
  by("curve").setAttribute("aria-label", `${summary}. In the last minute ${Math.round((100 * above) / all)} % of the samples moved.`);
  if (Date.now() - saidAt > SAY_EVERY && !by("sure").open && by("curve").dataset.moving !== String(moving)) {
    say(`${moving ? "Moving" : "Still"}. ${summary}.`);
    by("curve").dataset.moving = String(moving);
    saidAt = Date.now();
  }
}

function hear(news) {
  if (news.state) show(news.state);
  if (news.points && !state.over) {
    const known = points.at(-1)?.[0] ?? -Infinity;
    points.push(...news.points.filter(([at]) => at > known));
    points = points.filter(([at]) => points.at(-1)[0] - at <= 2 * MINUTE);
    showPoints();
  }
}

function contact(there) {
  by("contact").hidden = there;
}

function close(title, text) {
  hangUp();
  if (by("sure").open) by("sure").close("no");
  complain(null);
  by("contact").hidden = true;
  by("work").hidden = true;
  by("closed").hidden = false;
  by("closed-title").textContent = title;
  by("closed-text").textContent = text;
  by("back").hidden = !WITHIN.test(location.pathname);
  by("closed-title").focus();
}

// Ask twice; true for yes.
function sure(title, text, yes, no) {
  const dialog = by("sure");
  by("sure-title").textContent = title;
  by("sure-text").textContent = text;
  by("sure-yes").textContent = yes;
  by("sure-no").textContent = no;
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

async function refresh() {
  const button = by("refresh");
  button.disabled = true;
  try {
    const response = await fetch("picture.jpg", { cache: "no-store" });
    if (!response.ok) throw Object.assign(new Error(), await response.json());
    const old = by("still").src;
    by("still").src = URL.createObjectURL(await response.blob());
    await by("still").decode();
    if (old) URL.revokeObjectURL(old);
  } catch (error) {
    complain({ error: error.error ?? "there is no picture", hint: error.hint ?? "is the camera connected?" });
  } finally {
    button.disabled = false;
  }
}

function attend() {
  by("refresh").addEventListener("click", refresh);
  by("suggest").addEventListener("click", () => want("proposals"));
  by("ignore").addEventListener("click", ignore);
  by("draw").addEventListener("click", () => {
    if (!outline.drawing) outline.begin();
    else if (outline.complete) outline.close();
    else outline.end();
  });
  by("take-back").addEventListener("click", () => outline.back());
  by("undo").addEventListener("click", async () => {
    const before = undone.pop();
    await choose(before, null);
    by("undo").disabled = undone.length === 0;
  });
  for (const id of CORNERS) {
    by(id).addEventListener("change", () => {
      const given = CORNERS.map((corner) => Number.parseInt(by(corner).value, 10));
      const corners = given.every(Number.isFinite) ? area.fitted(given) : null;
      if (!given.every(Number.isFinite)) return; // more numbers are to come
      if (corners) choose(corners, state.roi);
      else complain({ error: "That is no area inside the picture.", hint: `The picture is ${state.size.join(" × ")} pixels.` });
    });
  }
  document.querySelectorAll(".take").forEach((take) => {
    take.querySelector("[data-part=record]").addEventListener("click", () => want("recording", { state: take.dataset.state }));
    take.querySelector("[data-part=cancel]").addEventListener("click", () => want("recording", { state: null }));
  });
  by("tune").addEventListener("submit", (event) => {
    event.preventDefault();
    want("threshold", { threshold: by("threshold").valueAsNumber });
  });
  by("best").addEventListener("click", async () => {
    if (await want("threshold", { threshold: null })) by("threshold").value = state.outcome.threshold;
  });
  by("save").addEventListener("click", async () => {
    const force = !state.outcome.separable;
    if (force && !(await sure("Running and stopped look alike", "With this area the machine will be judged wrongly, and often. A better area or another recording is worth the time.", "Save all the same", "Do not save"))) return;
    await want("save", { force });
  });
  by("end").addEventListener("click", async () => {
    const unsaved = Object.keys(state.recorded).length > 0 && !state.saved.includes(state.machine);
    if (unsaved && !(await sure("Leave without saving?", `What was recorded of ${state.machine} is lost.`, "Leave", "Stay"))) return;
    await want("end");
  });
}

async function begin() {
  try {
    await enter();
    show(await ask("state"));
  } catch (error) {
    if (error.status === 401 || error.status === 403) close("This link does not open the page", "Open the link that motion-track init shows in the terminal; it is a new one at each start.");
    else close("motion-track does not answer", "Is motion-track init still running?");
    return;
  }
  if (state.over) return;
  attend();
  hangUp = listen("news", hear, contact);
  await refresh();
  if (!state.roi && !state.proposals && !state.busy) await want("proposals");
}

begin();
