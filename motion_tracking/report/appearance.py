"""
How do states, times and totals look and read, in every kind of report?
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from motion_tracking.core.changes import human_duration
from motion_tracking.core.intervals import Interval, Moment, totals
from motion_tracking.core.machine import MachineState


@dataclass(frozen=True, slots=True)
class Look:
    """
    A state's word, the colour it is filled with, and the colour of text on it.

    `hatch` is a stroke, as both matplotlib and plotly know them: no state is told by colour alone.
    """

    word: str
    fill: str
    text: str
    hatch: str = ""


# told apart under every kind of colour blindness; never change one without the others
LOOKS = {
    MachineState.RUNNING: Look(MachineState.RUNNING.word, "#327176", "#FFFFFF"),
    MachineState.STOPPED: Look(MachineState.STOPPED.word, "#F5B51F", "#15181D"),
    MachineState.DEEP_SLEEP: Look(MachineState.DEEP_SLEEP.word, "#DA292A", "#FFFFFF", "/"),
    MachineState.NO_SIGNAL: Look(MachineState.NO_SIGNAL.word, "#D5D7DA", "#15181D", "x"),
    MachineState.UNKNOWN: Look(MachineState.UNKNOWN.word, "#FFFFFF", "#15181D"),
}

OUTLINE = "#4B5563"
MOTION = "#7C8FA1"
THRESHOLD = "#D9480F"


def period_in_words(start: datetime, end: datetime) -> str:
    """Say from when to when: 30 Sep 2023, 06:00 – 14:00."""
    day = "" if start.date() == end.date() else f"{_day(end)}, "
    return f"{_day(start)}, {start:%H:%M} – {day}{end:%H:%M}"


def _day(at: datetime) -> str:
    return f"{at.day} {at:%b} {at.year}"


def clock_text(seconds: float) -> str:
    """Say a moment of a video as players show it: 1:05, 2:10:33."""
    minutes, s = divmod(int(seconds + 0.5), 60)
    hours, m = divmod(minutes, 60)
    return f"{hours}:{m:02}:{s:02}" if hours else f"{m}:{s:02}"


def totals_in_words(tiles: Iterable[Interval[Moment]]) -> str:
    """Say how long the machine was in which state; empty where nothing is known."""
    sums = totals(tiles)
    if not sums.seen:
        return ""
    stops = "1 stop" if sums.stops == 1 else f"{sums.stops} stops"
    parts = [
        f"running {human_duration(sums.running.total_seconds())}",
        f"stopped {human_duration(sums.stopped.total_seconds())} in {stops}",
    ]
    blind = sums.times[MachineState.NO_SIGNAL]
    if blind:
        parts.append(f"not seen {human_duration(blind.total_seconds())}")
    parts.append(f"utilisation {sums.utilisation:.1%}")
    return " · ".join(parts)
