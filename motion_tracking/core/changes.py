"""
What is told of a transition: when on the wall clock, of which machine, and in which words?
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from motion_tracking.core.clips import Clip
from motion_tracking.core.machine import MachineState, Reason


class Event(StrEnum):
    """What people may want to be told of; each can be switched per notifier."""

    STOP = "stop"
    START = "start"
    DEEP_SLEEP = "deep_sleep"
    WAKE_UP = "wake_up"
    NO_SIGNAL = "no_signal"
    SIGNAL_BACK = "signal_back"
    CLIP = "clip"  # video of one of these, or of what was asked for, is on the disk

    @property
    def in_words(self) -> str:
        return self.value.replace("_", " ")


@dataclass(frozen=True, slots=True)
class Change:
    """
    One transition on the wall clock.  All times are aware, in UTC.

    `since` is when `from_state` began, `stopped_since` when the stop began that this change
    starts, prolongs or ends.  `monotonic` is when it was detected, in seconds of the clock of the
    process.  `score`, `threshold` and `moving_share` are the evidence at that moment.
    """

    machine: str
    from_state: MachineState
    to_state: MachineState
    reason: Reason | None
    occurred_at: datetime
    detected_at: datetime
    since: datetime
    stopped_since: datetime | None = None
    woke: bool = False
    monotonic: float = 0.0
    score: int | None = None
    threshold: int | None = None
    moving_share: float | None = None

    @property
    def lasted(self) -> float:
        """Seconds spent in `from_state`."""
        return (self.occurred_at - self.since).total_seconds()

    @property
    def stopped_for(self) -> float | None:
        """Seconds from the beginning of the stop to this change; None where there is no stop."""
        if self.stopped_since is None:
            return None
        return (self.occurred_at - self.stopped_since).total_seconds()

    @property
    def event(self) -> Event | None:
        """
        What to tell; None for what nobody should be woken for.

        The first decision after a warm-up is no event: nobody saw the machine change.  One
        exception: who was told of a deep sleep is told that it ended, though it ended unseen.
        """
        if self.woke:
            return Event.WAKE_UP
        if self.to_state is MachineState.NO_SIGNAL:
            return Event.NO_SIGNAL if self.from_state is not MachineState.NO_SIGNAL else None
        if self.from_state is MachineState.NO_SIGNAL:
            return Event.SIGNAL_BACK
        if self.from_state is MachineState.UNKNOWN:
            return None
        return {
            MachineState.RUNNING: Event.START,
            MachineState.STOPPED: Event.STOP,
            MachineState.DEEP_SLEEP: Event.DEEP_SLEEP,
        }.get(self.to_state)


def human_duration(seconds: float) -> str:
    """Say a duration as people read it: 48s, 6m 02s, 2h 14m, 3d 4h."""
    whole = max(0, int(seconds))
    minutes, s = divmod(whole, 60)
    hours, m = divmod(minutes, 60)
    days, h = divmod(hours, 24)
    if days:
        return f"{days}d {h}h"
    if hours:
        return f"{hours}h {m:02}m"
    if minutes:
        return f"{minutes}m {s:02}s"
    return f"{s}s"


def human_limit(seconds: float) -> str:
    """Say a length that somebody has set, which is a round one: 15 s, 5 min, 1 h."""
    for unit, word in ((3600, "h"), (60, "min")):
        if seconds and seconds % unit == 0:
            return f"{seconds / unit:g} {word}"
    return f"{seconds:g} s"


@dataclass(frozen=True, slots=True)
class Announcement:
    """
    One message to one notifier about one change.

    `key` is the same however often the message is sent, so that a receiver can drop repeats.
    `machineid` is the number of the machine in the plant's own system; 0 means it has none.
    `others` are told in the same message, oldest first: of the same machine, earlier ones; of
    other machines, what happened to their signal at the same time.  A `clip` that tells of itself
    comes with the change that it shows; where it shows none, `seq` is 0 and the change is from a
    state to the same.  `pictures` show the change, oldest first, as far as there are any by now.
    `dashboard` is the address of the plant in the browser; empty where nobody said it.
    """

    site: str
    seq: int
    change: Change
    event: Event
    machineid: int = 0
    others: tuple["Announcement", ...] = ()
    clip: Clip | None = None
    pictures: tuple[Clip, ...] = ()
    dashboard: str = ""

    @property
    def link(self) -> str:
        """Where its moment is looked at in the browser; empty where there is no such place."""
        at = round(self.change.occurred_at.timestamp() * 1000)
        base = self.dashboard.rstrip("/")
        return f"{base}/m/{self.change.machine}?at={at}" if base else ""

    @property
    def key(self) -> str:
        of = self.seq if self.clip is None else f"clip/{self.clip.id}"
        return f"{self.site}/{self.change.machine}/{of}"

    @property
    def machines(self) -> list[str]:
        """Whom the message is about: this machine, then the others with the same event."""
        newest = {other.change.machine: other for other in self.others}
        named = self.change.machine
        return [named] + [
            name for name, other in newest.items() if name != named and other.event is self.event
        ]

    @property
    def whose(self) -> str:
        """The machines, in few words."""
        first, *more = self.machines
        return f"{first} and {len(more)} more" if more else first

    @property
    def title(self) -> str:
        """The headline, as the old tool worded it."""
        machine = self.whose
        return {
            Event.STOP: f"Stopped_State {machine}",
            Event.START: f"Moving_State {machine}",
            Event.DEEP_SLEEP: f"Deep_Sleep: {machine}",
            Event.WAKE_UP: f"Woke_Up: {machine}",
            Event.NO_SIGNAL: f"No_Signal: {machine}",
            Event.SIGNAL_BACK: f"Signal_Back: {machine}",
            Event.CLIP: f"Clip: {machine}",
        }[self.event]

    @property
    def message(self) -> str:
        """The second line, as the old tool worded it; empty for a plain stop."""
        return "; ".join(filter(None, (self._told, self.besides)))

    @property
    def _told(self) -> str:
        change = self.change
        minutes = int((change.stopped_for or 0.0) // 60)
        match self.event:
            case Event.START:
                return f"was stopped for {minutes} min"
            case Event.DEEP_SLEEP:
                return f"stopped {minutes} mins ago"
            case Event.WAKE_UP:
                return f"Idle time: {minutes} min"
            case Event.NO_SIGNAL:
                return f"cannot see it: {change.reason}"
            case Event.SIGNAL_BACK:
                return f"not seen for {human_duration(change.lasted)}"
            case Event.CLIP if self.clip is not None:
                return f"{human_duration(self.clip.seconds)} of {self.clip.triggers}"
            case _:
                return ""

    @property
    def besides(self) -> str:
        """What else the message brings: the other machines, their news, and earlier changes."""
        _, *more = self.machines
        newest = {other.change.machine: other for other in self.others}
        about = {*self.machines}
        news = [f"{name}: {o.event.in_words}" for name, o in newest.items() if name not in about]
        earlier = len(self.others) - len(news) - len(about) + 1
        counted = {0: [], 1: ["1 earlier change"]}.get(earlier, [f"{earlier} earlier changes"])
        return "; ".join([f"so {', '.join(more)}"] * bool(more) + news + counted)

    @property
    def machinestatus(self) -> int | None:
        """The plant's own number: 10 stopped, 20 started, 0 not known; None where it has none."""
        return {
            Event.NO_SIGNAL: 0,
            Event.STOP: 10,
            Event.DEEP_SLEEP: 10,
            Event.START: 20,
            Event.WAKE_UP: 20,
        }.get(self.event)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One row of the outbox: an announcement that one notifier has yet to deliver."""

    id: int
    notifier: str
    announcement: Announcement
    tries: int = 0
