// Who is called, and how, when a machine needs somebody?

import { dialog, attempt } from "./dialog.js";
import { Icon } from "./icons.js";
import { follow, go, may } from "./place.js";
import { correct, listen, now, plant } from "./plant.js";
import { send } from "./talk.js";
import { WORDS, duration } from "./words.js";
import { html, useEffect, useState } from "./vendor/preact-htm.js";

const REPEAT = 60000; // milliseconds between two calls while nobody has acknowledged
const KINDS = { stopped: "a stop", deep_sleep: "a deep sleep", no_signal: "a lost camera", contact: "lost contact with motion-track" };
const CONTACT = "contact";

const choice = read();
let sound = null; // an AudioContext, once somebody has pressed a button
let calledAt = 0;
const called = new Set();
const hushed = new Set();

function read() {
  const usual = { sound: false, vibration: true, notes: false, kinds: ["stopped", "deep_sleep", "no_signal", "contact"], mute: [] };
  try {
    return { ...usual, ...JSON.parse(localStorage.alarm ?? "{}"), sound: false };
  } catch {
    return usual;
  }
}

function keep() {
  localStorage.alarm = JSON.stringify(choice);
}

const keyOf = ({ machine, kind, since }) => `${machine} ${kind} ${since}`;

// What calls for somebody now; those that were hushed here or acknowledged do not.
function standing() {
  const found = plant.machines
    .filter(({ machine, alarm }) => alarm && !alarm.acknowledged && choice.kinds.includes(alarm.kind) && !choice.mute.includes(machine))
    .map(({ machine, alarm }) => ({ machine, kind: alarm.kind, since: alarm.since }));
  if (plant.known && !plant.contact && choice.kinds.includes(CONTACT)) {
    found.push({ machine: "", kind: CONTACT, since: String(plant.heardAt) });
  }
  return found.filter((one) => !hushed.has(keyOf(one)));
}

export function textOf({ machine, kind }) {
  return kind === CONTACT ? "No contact with motion-track" : `${machine}: ${WORDS[kind]}`;
}

// What is shown of them; calls whoever is near while somebody is needed.
export function useAlarms() {
  const [alarms, setAlarms] = useState([]);
  useEffect(() => {
    function look() {
      const found = standing();
      setAlarms((before) => (JSON.stringify(before) === JSON.stringify(found) ? before : found));
      badge(found.length);
      const fresh = found.filter((one) => !called.has(keyOf(one)));
      if (fresh.length || (found.length && Date.now() - calledAt >= REPEAT)) call(fresh.length ? fresh : found);
      fresh.forEach((one) => called.add(keyOf(one)));
    }
    look();
    const timer = setInterval(look, 1000);
    const leave = listen(look);
    return () => {
      leave();
      clearInterval(timer);
      badge(0);
    };
  }, []);
  return alarms;
}

function call(alarms) {
  calledAt = Date.now();
  if (choice.sound) beep();
  if (choice.vibration && navigator.userActivation?.hasBeenActive) navigator.vibrate?.([300, 150, 300]);
  if (choice.notes && window.Notification?.permission === "granted") {
    alarms.forEach((one) => void note(one));
  }
}

// It takes a moment to be there for the first time: it is asked for before it is needed.
async function worker() {
  const found = await navigator.serviceWorker?.register("static/notifying.js");
  const coming = found?.active ? null : (found?.installing ?? found?.waiting);
  if (coming) {
    await new Promise((there) => {
      coming.addEventListener("statechange", () => ["activated", "redundant"].includes(coming.state) && there());
    });
  }
  return found;
}
if (choice.notes) worker().catch(() => null);

// Phones notify only by way of a worker; not every browser has one.
async function note(one) {
  const where = one.machine ? `m/${encodeURIComponent(one.machine)}` : "";
  const how = { tag: keyOf(one), renotify: true, icon: "static/icon-192.png", data: { where } };
  try {
    const found = await worker();
    if (found?.active) return await found.showNotification(textOf(one), how);
  } catch {
    // then without it
  }
  try {
    const shown = new Notification(textOf(one), how);
    shown.onclick = () => (window.focus(), go(where));
  } catch {
    choice.notes = false;
  }
}

navigator.serviceWorker?.addEventListener("message", ({ data }) => data?.go !== undefined && go(data.go));

// Three tones; made here, so that there is no file to load.
export function beep() {
  if (!sound || sound.state !== "running") return;
  [0, 0.25, 0.5].forEach((after, n) => {
    const [tone, level] = [sound.createOscillator(), sound.createGain()];
    const at = sound.currentTime + after;
    tone.frequency.value = [880, 660, 880][n];
    tone.type = "square";
    level.gain.setValueAtTime(0.25, at);
    level.gain.exponentialRampToValueAtTime(0.01, at + 0.2);
    tone.connect(level).connect(sound.destination);
    tone.start(at);
    tone.stop(at + 0.22);
  });
}

// Browsers let a page sound only after somebody has pressed something.
export async function soundOn(on) {
  choice.sound = on;
  if (on) {
    sound ??= new AudioContext();
    await sound.resume();
    beep();
  }
  keep();
}

export const sounding = () => choice.sound;

function badge(number) {
  const bare = document.title.replace(/^\(\d+\) /, "");
  const title = number ? `(${number}) ${bare}` : bare;
  if (document.title !== title) document.title = title;
  const icon = document.querySelector("link[rel=icon]");
  const href = number ? "static/icon-alarm.svg" : "static/icon.svg";
  if (icon.getAttribute("href") !== href) icon.setAttribute("href", href);
}

export async function acknowledge(machine) {
  const { since, kind } = machine.alarm;
  const done = await attempt(() => send(`api/machines/${encodeURIComponent(machine.machine)}/acknowledge`, { since, kind }));
  if (done) correct(machine.machine, { alarm: done.alarm });
}

export function AlarmBar({ alarms }) {
  const [, again] = useState(0);
  function hush() {
    alarms.forEach((one) => hushed.add(keyOf(one)));
    again((n) => n + 1);
  }
  const machines = alarms.filter((one) => one.machine);
  return html`
    <p class="hidden" role="status">${alarms.map(textOf).join(". ")}</p>
    ${machines.length > 0 && html`<section class="alarms" aria-label="Alarms">
      <strong>${machines.length === 1 ? "1 alarm" : `${machines.length} alarms`}</strong>
      <ul class="row">
        ${machines.slice(0, 4).map((one) => {
          const where = `m/${encodeURIComponent(one.machine)}`;
          return html`<li key=${keyOf(one)}><a href=${where} onClick=${follow(where)}>${textOf(one)}</a> <span class="number">${duration((now() - Date.parse(one.since)) / 1000)}</span></li>`;
        })}
        ${machines.length > 4 && html`<li>and ${machines.length - 4} more</li>`}
      </ul>
      ${may.do("operate") && machines.length === 1 && html`<button type="button" onClick=${() => acknowledge(plant.machines.find(({ machine }) => machine === machines[0].machine))}>Acknowledge</button>`}
      <button type="button" class="quiet" onClick=${hush}>Silence here</button>
    </section>`}`;
}

export function AlarmButton({ alarms }) {
  const [on, setOn] = useState(choice.sound);
  async function turn() {
    await soundOn(!on);
    setOn(choice.sound);
  }
  return html`<span class="row tight">
    <button type="button" class="quiet iconic" aria-pressed=${on} onClick=${turn}>
      <${Icon} name=${on ? "sound" : "mute"} /><span class="word">Sound ${on ? "on" : "off"}</span>
    </button>
    <button type="button" class="quiet iconic" onClick=${() => dialog("Alarms on this device", (close) => html`<${Choices} close=${close} />`)}>
      <${Icon} name="warning" /><span class="word">Alarms${alarms.length ? ` (${alarms.length})` : ""}</span>
    </button>
  </span>`;
}

function Choices({ close }) {
  const [, again] = useState(0);
  function change(what) {
    what();
    keep();
    again((n) => n + 1);
  }
  const toggled = (list, item) => (list.includes(item) ? list.filter((one) => one !== item) : [...list, item]);
  const box = (word, checked, what) =>
    html`<label class="check"><input type="checkbox" checked=${checked} onChange=${() => change(what)} /> ${word}</label>`;
  async function notes() {
    const allowed = !choice.notes && (await window.Notification?.requestPermission()) === "granted";
    if (allowed) await worker().catch(() => null);
    change(() => (choice.notes = allowed));
  }
  return html`<div class="stack">
    <fieldset class="stack"><legend>Call me for</legend>
      ${Object.entries(KINDS).map(([kind, word]) => box(word, choice.kinds.includes(kind), () => (choice.kinds = toggled(choice.kinds, kind))))}
    </fieldset>
    <fieldset class="stack"><legend>How</legend>
      ${box("Sound, again each minute until somebody acknowledges", choice.sound, () => soundOn(!choice.sound))}
      ${navigator.vibrate && box("Vibration", choice.vibration, () => (choice.vibration = !choice.vibration))}
      ${window.Notification && box("Notifications of this browser", choice.notes, notes)}
    </fieldset>
    <fieldset class="stack"><legend>Never for</legend>
      <div class="row">${plant.machines.map(({ machine }) => box(machine, choice.mute.includes(machine), () => (choice.mute = toggled(choice.mute, machine))))}</div>
    </fieldset>
    <div class="row"><button type="button" onClick=${() => beep()} disabled=${!choice.sound}>Try the sound</button>
    <button type="button" class="main" onClick=${close}>Done</button></div>
  </div>`;
}
