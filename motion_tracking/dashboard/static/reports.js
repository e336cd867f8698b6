// Which report is wanted, of which machines and of when?

import { iso } from "./bands.js";
import { titled } from "./place.js";
import { now, usePlant } from "./plant.js";
import { ask, fetched } from "./talk.js";
import { duration } from "./words.js";
import { html, useEffect, useRef, useState } from "./vendor/preact-htm.js";

const DAY = 86400000;
const FORMATS = {
  html: "Web page", pdf: "PDF", xlsx: "Excel", csv: "CSV: totals", intervals: "CSV: every span",
  json: "JSON", png: "Picture (PNG)", svg: "Drawing (SVG)",
};
const PERIODS = {
  "day=today": "Today", "day=yesterday": "Yesterday", "week=this": "This week", "week=last": "Last week",
  "month=this": "This month", "month=last": "Last month", day: "A day", shift: "A shift", span: "From … to",
};
const LONGEST = 400; // days

function boxed(at) {
  const zone = new Date(at).getTimezoneOffset() * 60000;
  return new Date(at - zone).toISOString().slice(0, 16);
}

function midnight(at) {
  return new Date(at).setHours(0, 0, 0, 0);
}

export function Reports() {
  const { machines } = usePlant();
  const [found, setFound] = useState(null);
  const [refused, setRefused] = useState("");
  const [chosen, setChosen] = useState([]);
  const [wish, setWish] = useState({
    period: "day=yesterday", format: "html", shift: "last",
    day: boxed(now() - DAY).slice(0, 10), from: boxed(midnight(now()) - 7 * DAY), to: boxed(midnight(now())),
  });
  useEffect(() => titled("Reports"), []);
  useEffect(() => void ask("api/reports").then(setFound, (error) => setRefused(error.message)), []);

  const toggle = (name) => setChosen(chosen.includes(name) ? chosen.filter((one) => one !== name) : [...chosen, name]);
  const change = (key) => (event) => setWish({ ...wish, [key]: event.target.value });
  const box = (key, word, type) => html`<label class="field">${word} <input type=${type} value=${wish[key]} onInput=${change(key)} required /></label>`;
  const shifts = found?.shifts ?? [];
  const periods = Object.entries(PERIODS).filter(([period]) => period !== "shift" || shifts.length);
  const amiss = amissIn(wish);
  return html`<div class="stack"><h1>Reports</h1>
    ${refused && html`<p class="card" role="alert">${refused}</p>`}
    ${found && !found.available && html`<p class="card" role="alert">No report can be made${found.trouble ? `: ${found.trouble}` : "."}</p>`}
    <section class="card stack" aria-label="What to report">
      <div class="row">
        <label class="field">Period <select value=${wish.period} onChange=${change("period")}>
          ${periods.map(([period, word]) => html`<option key=${period} value=${period} selected=${period === wish.period}>${word}</option>`)}</select></label>
        ${wish.period === "shift" && html`<label class="field">Shift <select value=${wish.shift} onChange=${change("shift")}>
          ${["last", ...shifts].map((shift) => html`<option key=${shift} value=${shift} selected=${shift === wish.shift}>${shift === "last" ? "the last that ended" : shift}</option>`)}</select></label>`}
        ${(wish.period === "day" || (wish.period === "shift" && wish.shift !== "last")) && box("day", "Day", "date")}
        ${wish.period === "span" && html`${box("from", "From", "datetime-local")}${box("to", "To", "datetime-local")}`}
        <label class="field">Format <select value=${wish.format} onChange=${change("format")}>
          ${(found?.formats ?? []).map((format) => html`<option key=${format} value=${format} selected=${format === wish.format}>${FORMATS[format] ?? format}</option>`)}</select></label>
      </div>
      <fieldset><legend>Machines</legend><div class="row">
        ${machines.map(({ machine }) => html`<label class="check" key=${machine}><input type="checkbox" checked=${chosen.includes(machine)} onChange=${() => toggle(machine)} /> ${machine}</label>`)}
        <span class="hint">${chosen.length ? "" : "None chosen: all of them."}</span>
      </div></fieldset>
      <p role="alert" class="refused">${amiss}</p>
      <${Making} path=${pathOf(wish, chosen)} ready=${Boolean(found?.available) && !amiss} />
    </section></div>`;
}

function amissIn({ period, day, from, to }) {
  if (period === "day" || period === "shift") return day ? "" : "A day is needed.";
  if (period !== "span") return "";
  const [start, end] = [Date.parse(from), Date.parse(to)];
  return start < end && end - start <= LONGEST * DAY ? "" : `The end must be after the beginning, at most ${LONGEST} days.`;
}

function pathOf({ period, format, shift, day, from, to }, machines) {
  const query = new URLSearchParams(period.includes("=") ? period : "");
  if (period === "shift") query.set("shift", shift);
  if (period === "day" || (period === "shift" && shift !== "last")) query.set("day", day);
  if (period === "span" && from && to) {
    query.set("from", iso(Date.parse(from)));
    query.set("to", iso(Date.parse(to)));
  }
  machines.forEach((machine) => query.append("machine", machine));
  return `api/reports/${format}?${query}`;
}

// The button, how far it is, what came of it.
function Making({ path, ready }) {
  const [begun, setBegun] = useState(null);
  const [made, setMade] = useState(null);
  const [refused, setRefused] = useState("");
  const [, tick] = useState(0);
  const cancel = useRef(() => {});
  const link = useRef(null);
  useEffect(() => () => cancel.current(), []);
  useEffect(() => {
    if (begun === null) return undefined;
    const timer = setInterval(() => tick((n) => n + 1), 1000);
    return () => clearInterval(timer);
  }, [begun]);
  useEffect(() => {
    if (!made) return undefined;
    link.current.click();
    return () => URL.revokeObjectURL(made.url);
  }, [made]);

  async function make() {
    const order = new AbortController();
    cancel.current = () => order.abort();
    setBegun(Date.now());
    setMade(null);
    setRefused("");
    try {
      const { name, content } = await fetched(path, order.signal);
      setMade({ name, size: content.size, url: URL.createObjectURL(content) });
    } catch (error) {
      if (error.name === "AbortError") setRefused("Cancelled.");
      else if (error.status) setRefused([error.message, error.hint].filter(Boolean).join(": "));
      else setRefused("motion-track cannot be reached, or the connection broke. Try again.");
    }
    setBegun(null);
  }
  return html`
    <div class="row">
      <button type="button" class="main" onClick=${make} disabled=${!ready || begun !== null}>Make the report</button>
      ${begun !== null && html`<button type="button" class="quiet" onClick=${() => cancel.current()}>Cancel</button>`}
      <span role="status">${begun !== null ? "Making it …" : made ? `Made: ${made.name}, ${Math.max(1, Math.round(made.size / 1024)).toLocaleString("en")} KB` : ""}</span>
      ${begun !== null && html`<span class="hint number">${duration((Date.now() - begun) / 1000)}; usually seconds, some minutes for many machines and weeks</span>`}
      ${made && html`<a class="button" ref=${link} href=${made.url} download=${made.name}>Save again</a>`}
    </div>
    ${refused && html`<p class="refused" role="alert">${refused}</p>`}`;
}
