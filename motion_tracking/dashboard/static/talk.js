// How does a page talk to the program that serves it?

const PATIENCE = 5000; // milliseconds without a sign of life, then the page says so

export class Refusal extends Error {
  constructor(status, answer) {
    super(answer.error ?? `the program answered ${status}`);
    this.status = status;
    this.hint = answer.hint ?? "";
  }
}

async function answered(response) {
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refusal(response.status, answer);
  return answer;
}

export async function ask(path) {
  return answered(await fetch(path, { cache: "no-store" }));
}

// Fetch a file that is saved; return {name, content}.
export async function fetched(path, signal) {
  const response = await fetch(path, { cache: "no-store", signal });
  if (!response.ok) return answered(response);
  const name = /filename\*=UTF-8''([^;]+)/.exec(response.headers.get("Content-Disposition") ?? "");
  return { name: name ? decodeURIComponent(name[1]) : "report", content: await response.blob() };
}

export async function send(path, wish = {}) {
  const headers = { "Content-Type": "application/json" };
  return answered(await fetch(path, { method: "POST", headers, body: JSON.stringify(wish) }));
}

export async function remove(path) {
  return answered(await fetch(path, { method: "DELETE" }));
}

// Exchange the token of the link for a cookie, and take it out of the address bar.
export async function enter(path = "session") {
  const token = location.hash.slice(1);
  if (!token) return;
  history.replaceState(null, "", location.pathname + location.search);
  await send(path, { token });
}

// Call `hear` with every message, for as long as the page is open; `contact` with whether there
// is any.
export function listen(path, hear, contact) {
  let tries = 0;
  let over = false;
  let socket;
  let silent;

  function connect() {
    const url = new URL(path, location.href);
    url.protocol = url.protocol.replace("http", "ws");
    socket = new WebSocket(url);
    socket.onopen = () => {
      tries = 0;
      clearTimeout(silent);
      contact(true);
    };
    socket.onmessage = (event) => hear(JSON.parse(event.data));
    socket.onclose = () => {
      if (over) return;
      if (tries === 0) silent = setTimeout(() => contact(false), PATIENCE / 2);
      tries += 1;
      setTimeout(connect, Math.min(250 * 2 ** tries, PATIENCE));
    };
  }
  connect();
  return () => {
    over = true;
    clearTimeout(silent);
    socket.close();
  };
}
