// Is what is shown still true?

import { Icon } from "./icons.js";
import { now, plant, useNow, usePlant } from "./plant.js";
import { duration, exact } from "./words.js";
import { html } from "./vendor/preact-htm.js";

export function Contact() {
  usePlant();
  useNow(1);
  const lost = plant.known && !plant.contact;
  return html`<div role="status">
    ${lost && html`<p class="banner"><${Icon} name="warning" />No contact with motion-track. What is shown is of ${exact(plant.heardAt)}, ${duration((now() - plant.heardAt) / 1000)} ago.</p>`}
    ${plant.known && plant.trouble && html`<p class="banner"><${Icon} name="warning" />The history cannot be read: ${plant.trouble}</p>`}
  </div>`;
}
