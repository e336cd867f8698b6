// Which report is wanted, of which machines and of when?

import { iso } from "./bands.js";
import { titled } from "./place.js";
import { now, usePlant } from "./plant.js";
import { ask } from "./talk.js";
import { html, useEffect, useState } from "./vendor/preact-htm.js";

const DAY = 86400000;
const WORDS = { html: "Web page", pdf: "PDF", xlsx: "Excel", csv: "CSV", json: "JSON" };
const LONGEST = 400;

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
  const [from, setFrom] = useState(boxed(midnight(now()) - 7 * DAY));
  const [to, setTo] = useState(boxed(midnight(now())));
  const [chosen, setChosen] = useState([]);
  useEffect(() => titled("Reports"), []);
  useEffect(() => void ask("api/reports").then(setFound, () => setFound({ available: false, formats: [] })), []);

  const preset = (days) => () => {
    setFrom(boxed(days ? midnight(now()) - days * DAY : midnight(now())));
    setTo(boxed(days ? midnight(now()) : now()));
  };
  const [start, end] = [Date.parse(from), Date.parse(to)];
  const sound = start < end && end - start <= LONGEST * DAY;
  const named = chosen.map((name) => `&machine=${encodeURIComponent(name)}`).join("");
  const link = (format) => `api/reports/${format}?from=${iso(start)}&to=${iso(end)}${named}`;
  const toggle = (name) => setChosen(chosen.includes(name) ? chosen.filter((one) => one !== name) : [...chosen, name]);
  return html`<div class="stack"><h1>Reports</h1>
    <section class="card stack" aria-label="What to report">
      <div class="row">
        <label class="field">From <input type="datetime-local" value=${from} onInput=${(event) => setFrom(event.target.value)} /></label>
        <label class="field">To <input type="datetime-local" value=${to} onInput=${(event) => setTo(event.target.value)} /></label>
        ${[["Today", 0], ["Yesterday", 1], ["7 days", 7], ["30 days", 30]].map(([word, days]) => html`<button type="button" onClick=${preset(days)}>${word}</button>`)}
      </div>
      <fieldset><legend>Machines</legend><div class="row">
        ${machines.map(({ machine }) => html`<label class="check"><input type="checkbox" checked=${chosen.includes(machine)} onChange=${() => toggle(machine)} /> ${machine}</label>`)}
        <span class="hint">${chosen.length ? "" : "None chosen: all of them."}</span>
      </div></fieldset>
      <p role="alert" class="refused">${sound ? "" : `The end must be after the beginning, at most ${LONGEST} days.`}</p>
      ${found && !found.available && html`<p>This version makes no reports here. <code>motion-track parse-logs</code> draws the logs of a machine.</p>`}
      ${found?.available && sound && html`<div class="row">${found.formats.map((format) => html`<a class="button" href=${link(format)} download>${WORDS[format] ?? format}</a>`)}</div>`}
    </section></div>`;
}
