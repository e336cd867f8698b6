// How is somebody asked before something is done, and told what came of it?

import { html, useEffect, useRef, useState } from "./vendor/preact-htm.js";

const TOAST = 10000; // milliseconds that a word stays

let show = () => {};
let toastNow = () => {};

// Ask once, or, where `sure` has words for a second question, twice; return whether it is wanted.
export function confirm({ title, text, yes, sure }) {
  return new Promise((answer) => show({ title, text, yes, sure, answer }));
}

// Open a dialog of one's own: `body` gets `close`.
export function dialog(title, body) {
  show({ title, body, answer: () => {} });
}

// Say something in passing; `action` is {word, does}.
export function toast(text, action = null) {
  toastNow({ text, action });
}

// Do something; say why where it cannot be. Return what came of it, or null.
export async function attempt(what) {
  try {
    return await what();
  } catch (error) {
    toast(`${error.message}${error.hint ? ` · ${error.hint}` : ""}`);
    return null;
  }
}

export function Dialogs() {
  const [asked, setAsked] = useState(null);
  const [told, setTold] = useState(null);
  show = setAsked;
  toastNow = setTold;
  useEffect(() => {
    if (!told) return undefined;
    const timer = setTimeout(() => setTold(null), TOAST);
    return () => clearTimeout(timer);
  }, [told]);
  return html`
    ${asked && html`<${Question} asked=${asked} over=${() => setAsked(null)} />`}
    <div class="toast" role="status">
      ${told && html`<div class="card row">
        <span class="grow">${told.text}</span>
        ${told.action && html`<button type="button" onClick=${() => (setTold(null), told.action.does())}>${told.action.word}</button>`}
        <button type="button" class="quiet" onClick=${() => setTold(null)}>Close</button>
      </div>`}
    </div>`;
}

function Question({ asked, over }) {
  const ref = useRef(null);
  const [again, setAgain] = useState(false);
  useEffect(() => {
    const before = document.activeElement;
    ref.current.showModal();
    return () => before?.focus?.();
  }, []);
  function close(answer) {
    asked.answer(answer);
    over();
  }
  const end = () => close(false);
  return html`<dialog ref=${ref} aria-labelledby="asked" onClose=${end}>
    <div class="stack">
      <h2 id="asked">${asked.title}</h2>
      ${asked.body
        ? asked.body(end)
        : html`<p role=${again ? "alert" : null}>${again ? asked.sure : asked.text}</p>
            <div class=${again ? "row swapped" : "row"}>
              <button type="button" class="quiet" onClick=${end}>Cancel</button>
              ${asked.sure && !again
                ? html`<button type="button" onClick=${() => setAgain(true)}>${asked.yes} …</button>`
                : html`<button type="button" class="main" onClick=${() => close(true)}>${asked.yes}</button>`}
            </div>`}
    </div>
  </dialog>`;
}
