// Which signs are drawn, and how do they look?

import { html } from "./vendor/preact-htm.js";

const PATHS = {
  running: "M4 2.500v11l9-5.500z",
  stopped: "M3 3h10v10H3z",
  deep_sleep: "M10.800 1.500a6.800 6.800 0 1 0 3.700 9.300A5.600 5.600 0 0 1 10.800 1.500z",
  no_signal: "M2.300 1.200 14.800 13.700l-1.100 1.100L9.600 10.700 6.500 15l.8-5H3.500l1.900-3.500L1.200 2.300zM6.600 4.200 8.500 1h3.400L10 5.200h3.200l-1.600 2.900z",
  paused: "M3 2.500h3.500v11H3zM9.500 2.500H13v11H9.500z",
  unknown: "M2 6.500h3v3H2zM6.500 6.500h3v3h-3zM11 6.500h3v3h-3z",
  floor: "M1.500 1.500h5.500v5.500H1.500zM9 1.500h5.500v5.500H9zM1.500 9h5.500v5.500H1.500zM9 9h5.500v5.500H9z",
  timeline: "M1 2h8v3H1zM5 6.500h10v3H5zM2 11h7v3H2z",
  reports: "M3 1h7l3 3v11H3zm2 6v1.500h6V7zm0 3v1.500h6V10z",
  setup: "M1 3.200h7.300a2 2 0 0 1 3.900 0H15v1.600h-2.800a2 2 0 0 1-3.900 0H1zM1 11.200h2.800a2 2 0 0 1 3.900 0H15v1.600H7.700a2 2 0 0 1-3.900 0H1z",
  sound: "M1 5.500h3L8 2v12l-4-3.500H1zM10 5a4 4 0 0 1 0 6zM10 1.800a6.500 6.500 0 0 1 0 12.400v-1.700a5 5 0 0 0 0-9z",
  mute: "M1 5.500h3L8 2v12l-4-3.500H1zM10 6.100 11.100 5 12.500 6.400 13.900 5 15 6.100 13.600 7.500 15 8.900 13.900 10 12.500 8.600 11.100 10 10 8.900 11.400 7.500z",
  warning: "M8 1 15.500 15H.5zM7.200 6v4.500h1.600V6zm0 5.700v1.600h1.600v-1.600z",
  good: "m2 8.600 1.500-1.500 3 3 6-6.400L14 5.200 6.500 13z",
  camera: "M1 4h3.500L6 2h4l1.500 2H15v10H1zM8 6a3 3 0 1 0 0 6 3 3 0 0 0 0-6z",
  record: "M8 2.500a5.500 5.500 0 1 0 0 11 5.500 5.500 0 0 0 0-11z",
  theme: "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1zm0 1.600v10.800a5.400 5.400 0 0 0 0-10.800z",
  person: "M8 1.500a3.200 3.200 0 1 0 0 6.400 3.200 3.200 0 0 0 0-6.400zM1.500 14.500c0-4 3-5.600 6.500-5.600s6.500 1.600 6.500 5.600z",
};

export function Icon({ name }) {
  return html`<svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false"><path fill-rule="evenodd" d=${PATHS[name]} /></svg>`;
}
