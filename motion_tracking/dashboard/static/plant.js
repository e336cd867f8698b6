// How is the plant just now, as far as this page has heard?

import { useEffect, useState } from "./vendor/preact-htm.js";
import { ask } from "./talk.js";

const SILENCE = 12000; // milliseconds without a sign of life, then contact is lost
const GRACE = 2500; // milliseconds in which a broken connection may come back unnoticed
const SLOWEST = 5000; // milliseconds between two tries to connect
const OVER = 4401; // the code a websocket is closed with when the session ended
const FLAG_CONTOURS = 2;

export const plant = {
  site: "",
  trouble: "",
  machines: [],
  known: false, // whether anything was heard yet
  contact: false,
  heardAt: 0, // by the clock of the server, in milliseconds
};

const listeners = new Set();
let told = 0; // how often something was
let ahead = 0; // milliseconds that the clock of the server is ahead of ours
let socket = null;
let watched = null; // {wish, hear}
let tries = 0;
let closed = true;
let ended = () => {};
let silent;

// What time it is at the server, in milliseconds since 1970.
export function now() {
  return Date.now() + ahead;
}

export function usePlant() {
  const [, again] = useState(0);
  const shown = told;
  useEffect(() => {
    if (told !== shown) again((n) => n + 1); // of what came before we listened
    return listen(() => again((n) => n + 1));
  }, []);
  return plant;
}

// Show the component anew every so many seconds; return what time it is at the server.
export function useNow(seconds = 1) {
  const [, again] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => again((n) => n + 1), seconds * 1000);
    return () => clearInterval(timer);
  }, [seconds]);
  return now();
}

// Call with whatever changes; return how to have it no more.
export function listen(hear) {
  listeners.add(hear);
  return () => listeners.delete(hear);
}

function tell() {
  told += 1;
  for (const hear of [...listeners]) hear();
}

// Connect, and stay so until `hangUp`; `over` is called when nobody is signed in any more.
export function connect(over) {
  ended = over;
  if (!closed) return;
  closed = false;
  open();
}

export function hangUp() {
  closed = true;
  clearTimeout(silent);
  plant.contact = plant.known = false;
  plant.machines = [];
  socket?.close();
}

// Watch a machine; `hear` gets each picture and each word about it. Return how to end it.
export function watch(wish, hear) {
  watched = { wish, hear };
  const mine = watched;
  const wishNow = () => say(document.hidden ? { ...wish, mode: "off" } : wish);
  wishNow();
  document.addEventListener("visibilitychange", wishNow);
  return () => {
    document.removeEventListener("visibilitychange", wishNow);
    if (watched !== mine) return;
    watched = null;
    say({ ...wish, mode: "off" });
  };
}

function say(wish) {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ watch: wish }));
}

function open() {
  const url = new URL("api/feed", document.baseURI);
  url.protocol = url.protocol.replace("http", "ws");
  socket = new WebSocket(url);
  socket.binaryType = "arraybuffer";
  silent ??= setTimeout(lost, SILENCE);
  socket.onopen = () => {
    tries = 0;
    if (watched && !document.hidden) say(watched.wish);
  };
  socket.onmessage = ({ data }) => {
    clearTimeout(silent);
    silent = setTimeout(lost, SILENCE);
    if (typeof data === "string") take(JSON.parse(data));
    else picture(data);
  };
  socket.onclose = ({ code }) => {
    if (closed) return;
    if (tries === 0) {
      clearTimeout(silent);
      silent = setTimeout(lost, GRACE);
    }
    tries += 1;
    if (code === OVER || tries === 2) void stillIn();
    setTimeout(() => closed || open(), Math.min(250 * 2 ** tries, SLOWEST));
  };
}

// A websocket that is refused does not say why: ask.
async function stillIn() {
  const session = await ask("api/session").catch(() => null);
  if (session && !session.role && !closed) {
    hangUp();
    ended();
  }
}

function lost() {
  if (!plant.contact) return;
  plant.contact = false;
  tell();
}

function take(message) {
  const at = Date.parse(message.server_time);
  if (at) {
    ahead = at - Date.now();
    plant.heardAt = at;
  }
  const was = plant.contact;
  plant.contact = true;
  if (message.type === "plant") {
    Object.assign(plant, { site: message.site, trouble: message.trouble, machines: message.machines, known: true });
  } else if (message.type === "machines") {
    const news = new Map(message.machines.map((machine) => [machine.machine, machine]));
    plant.machines = plant.machines.map((machine) => news.get(machine.machine) ?? machine);
  } else if (message.type === "live") {
    if (watched?.wish.machine === message.machine) watched.hear(message, null);
  }
  if (message.type === "plant" || message.type === "machines" || !was) tell();
}

function picture(data) {
  const bytes = new DataView(data);
  if (bytes.getUint8(0) !== 1) return;
  const length = bytes.getUint16(2);
  const said = JSON.parse(new TextDecoder().decode(new Uint8Array(data, 4, length)));
  said.sought = Boolean(bytes.getUint8(1) & FLAG_CONTOURS);
  ahead = Date.parse(said.server_time) - Date.now();
  plant.heardAt = Date.parse(said.server_time);
  if (watched?.wish.machine === said.machine) {
    watched.hear(said, new Blob([new Uint8Array(data, 4 + length)], { type: "image/jpeg" }));
  }
}

// Take over what an answer says of a machine, ahead of the feed.
export function correct(name, facts) {
  plant.machines = plant.machines.map((machine) => (machine.machine === name ? { ...machine, ...facts } : machine));
  tell();
}
