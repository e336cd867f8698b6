// How are states, times and durations said to people?

export const WORDS = {
  running: "RUNNING",
  stopped: "STOPPED",
  deep_sleep: "DEEP SLEEP",
  no_signal: "NO SIGNAL",
  paused: "PAUSED",
  unknown: "STARTING",
};

export const REASONS = {
  lost: "no picture comes",
  frozen: "the picture is frozen",
  covered: "the camera is covered",
  moved: "the camera was moved",
  geometry: "the picture has another size",
  placard: "the recorder shows its own picture",
  not_tracking: "nothing tracks it",
};

// Worst first: what one should look at before what.
const ORDER = ["deep_sleep", "no_signal", "stopped", "unknown", "paused", "running"];

// How a machine is shown: a pause that somebody asked for is none of the states.
export function look(machine) {
  return machine.paused ? "paused" : machine.state;
}

export function worstFirst(machines) {
  const begun = (machine) => (machine.since ? Date.parse(machine.since) : 0);
  return [...machines].sort(
    (a, b) =>
      ORDER.indexOf(look(a)) - ORDER.indexOf(look(b)) ||
      Number(Boolean(a.alarm?.acknowledged)) - Number(Boolean(b.alarm?.acknowledged)) ||
      begun(a) - begun(b) ||
      a.machine.localeCompare(b.machine, "en", { numeric: true }),
  );
}

// 48s, 6m 02s, 2h 14m, 3d 4h
export function duration(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (number) => String(number).padStart(2, "0");
  const [minutes, hours, days] = [60, 3600, 86400].map((unit) => Math.floor(whole / unit));
  if (days) return `${days}d ${hours % 24}h`;
  if (hours) return `${hours}h ${two(minutes % 60)}m`;
  if (minutes) return `${minutes}m ${two(whole % 60)}s`;
  return `${whole}s`;
}

const clockOf = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const exactOf = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const dayOf = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });

export const clock = (at) => clockOf.format(at);
export const exact = (at) => exactOf.format(at);
export const day = (at) => dayOf.format(at);

// The day is said where it is not today.
export function moment(at, now = Date.now(), how = exact) {
  const same = new Date(at).toDateString() === new Date(now).toDateString();
  return same ? how(at) : `${day(at)}, ${how(at)}`;
}

export function count(number) {
  return number === null || number === undefined ? "–" : number.toLocaleString("en", { maximumFractionDigits: 0 });
}

export function percent(share) {
  return share === null || share === undefined ? "–" : `${Math.round(share * 100)} %`;
}
