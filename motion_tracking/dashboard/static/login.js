// Who is it that wants in?

import { toast } from "./dialog.js";
import { titled } from "./place.js";
import { send } from "./talk.js";
import { html, useEffect, useState } from "./vendor/preact-htm.js";

export function Login({ trouble, kiosk, done }) {
  const [said, setSaid] = useState(trouble);
  const [busy, setBusy] = useState(false);
  useEffect(() => titled("Sign in"), []);

  async function enter(event) {
    event.preventDefault();
    const { user, password } = Object.fromEntries(new FormData(event.target));
    setBusy(true);
    try {
      await send("api/session", { user, password });
      await done();
    } catch (error) {
      setSaid(`${error.message}${error.hint ? `; ${error.hint}` : ""}`);
      setBusy(false);
    }
  }
  return html`<main class="alone">
    <form class="card stack" onSubmit=${enter}>
      <h1>motion-track</h1>
      ${kiosk && html`<p>This screen has no link that is valid. An admin makes one in Setup, under Kiosks.</p>`}
      <label class="field">Name <input name="user" autocomplete="username" autocapitalize="none" spellcheck=${false} required /></label>
      <label class="field">Password <input name="password" type="password" autocomplete="current-password" required /></label>
      <p role="alert" class="refused">${said}</p>
      <button type="submit" class="main" disabled=${busy}>Sign in</button>
      <p class="hint">No account? Whoever runs motion-track makes one: <code>motion-track users add NAME</code></p>
    </form>
  </main>`;
}

// The body of a dialog.
export function Password({ user, close }) {
  const [said, setSaid] = useState("");
  async function change(event) {
    event.preventDefault();
    const { old, fresh } = Object.fromEntries(new FormData(event.target));
    try {
      await send("api/session/password", { old, new: fresh });
      close();
      toast("Your password is changed. Other browsers are signed out.");
    } catch (error) {
      setSaid(`${error.message}${error.hint ? `; ${error.hint}` : ""}`);
    }
  }
  return html`<form class="stack" onSubmit=${change}>
    <input hidden autocomplete="username" value=${user} />
    <label class="field">Password so far <input name="old" type="password" autocomplete="current-password" required /></label>
    <label class="field">New password, at least 12 characters
      <input name="fresh" type="password" autocomplete="new-password" minlength="12" required /></label>
    <p role="alert" class="refused">${said}</p>
    <div class="row"><button type="button" class="quiet" onClick=${close}>Cancel</button><button type="submit" class="main">Change</button></div>
  </form>`;
}
