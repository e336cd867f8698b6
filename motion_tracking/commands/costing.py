"""
How many cameras like this one does this computer carry?

It is watched for a while by the very engine of `run`, which keeps and tells nothing: first with
all of its pictures decoded, then with as few as its machines can do with, if that is fewer.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from motion_tracking.capture.clock import cpu_seconds, system_now
from motion_tracking.capture.reader import Mailbox, Reader
from motion_tracking.capture.thrift import PacketHeads
from motion_tracking.commands.finding import Finding, Mark
from motion_tracking.commands.frugality import be_thrifty
from motion_tracking.commands.opening import opened
from motion_tracking.commands.tracking import Known, heads_of, known_of, tracker_of, views_of
from motion_tracking.config import Camera
from motion_tracking.console import Failure
from motion_tracking.core.heads import Attention
from motion_tracking.core.motion import Frame
from motion_tracking.core.sight import Sight, open_watches
from motion_tracking.tracker import track

LONGEST_WAIT = 15.0
"""Seconds that the first picture may take."""

SETTLING = 1.0
"""Seconds after it that are not counted: the library hands out what it read to know the stream."""

ROOM = 0.7
"""Of all cores; the rest is for whatever else the computer does, and for bad moments."""

ASIDE = 2.0 / 3600
"""Of a core: what a tracker takes to keep and tell, which is not measured here."""

MEGABYTES = 60
"""Of memory for each camera in a process of its own, the libraries that all share left aside."""


@dataclass(frozen=True, slots=True)
class Cost:
    """
    What a camera takes, as parts of a core: now, and were all pictures decoded.

    `carried` is how many such cameras the computer has room for, `carried_all` likewise.  `reason`
    says why all are decoded as it is, if they are; `fps` is of the pictures that come.
    """

    camera: str
    size: tuple[int, int]
    fps: float
    cores: int
    today: float
    all: float
    carried: int
    carried_all: int
    reason: str

    @property
    def facts(self) -> dict[str, Any]:
        """The same for JSON."""
        return asdict(self) | {"today": round(self.today, 4), "all": round(self.all, 4)}


@dataclass(frozen=True, slots=True)
class _Reading:
    """A look at the clocks."""

    at: float
    used: float
    came: int


class _Measuring:
    """Watches one channel, and reads the clocks while it does."""

    def __init__(self, known: Known, seconds: float) -> None:
        self._seconds = seconds
        self._start = system_now()
        sight = Sight(open_watches(views_of([known])))
        self._tracker = tracker_of(known, [], self._start, sight)
        self._heads: PacketHeads | None = heads_of([known], [self._tracker])
        self._tracker.attention = Attention()  # not that of the heads: we say what is decoded
        self._mailbox = Mailbox()
        source = partial(opened, known.camera.address, None, self._heads)
        lags = self._tracker.lags
        self._reader = Reader(known.camera.name, source, self._mailbox, system_now, lags)
        self._phases: list[tuple[_Reading, _Reading]] = []
        self._begun: _Reading | None = None
        self.newest: Frame | None = None

    def run(self) -> list[tuple[float, float]]:
        """Return part of a core and pictures a second: of all, and of heads if they are taken."""
        self._reader.start()
        channel = self._tracker.name
        track(self._mailbox, {channel: [self._tracker]}, system_now, self._over)
        self._reader.close()
        return [
            ((b.used - a.used) / (b.at - a.at), (b.came - a.came) / (b.at - a.at))
            for a, b in self._phases
        ]

    @property
    def trouble(self) -> str:
        """Why nothing came, where it did not."""
        return self._reader.trouble or "no picture came"

    @property
    def reason(self) -> str:
        """Why all is decoded."""
        return "" if self._heads is None else self._heads.reason

    def _over(self, at: float) -> bool:
        newest = self.newest = self._reader.newest
        if newest is None:
            return at - self._start.at > LONGEST_WAIT or self._reader.ended
        heads = self._heads
        if heads is not None and not self._phases:
            heads.attention.ask(at + 1.0)
        if self._begun is None:
            settling = SETTLING
            if self._phases and heads is not None and heads.group is not None:
                settling += 2 * heads.group.seconds  # of what was wanted, a group is left
            before = self._phases[-1][1].at if self._phases else self._start.at + SETTLING
            if at - before >= settling:
                self._begun = self._read(at)
        elif at - self._begun.at >= self._seconds / 2:
            self._phases.append((self._begun, self._read(at)))
            self._begun = None
        fewer = heads is not None and not heads.reason
        return self._reader.ended or len(self._phases) == (2 if fewer else 1)

    def _read(self, at: float) -> _Reading:
        came = self._reader.frames if self._heads is None else self._heads.came
        return _Reading(at, cpu_seconds(), came)


def measured(known: Known, seconds: float) -> Cost | str:
    """Watch a camera for about so many seconds; return what it takes, or why nothing was seen."""
    be_thrifty()
    measuring = _Measuring(known, seconds)
    phases = [(cpu + ASIDE, fps) for cpu, fps in measuring.run()]
    if not phases or measuring.newest is None:
        return measuring.trouble
    cores = os.cpu_count() or 1
    (full, fps), (today, _) = phases[0], phases[-1]
    return Cost(
        known.camera.name,
        measuring.newest.size,
        round(fps, 1),
        cores,
        today,
        full,
        carried(today, cores, _memory()),
        carried(full, cores, _memory()),
        measuring.reason if len(phases) == 1 else "",
    )


def carried(part: float, cores: int, memory: float) -> int:
    """Return how many cameras fit that take a part of a core each; `memory` in MB, free."""
    count = int(min(ROOM * cores / part, memory / MEGABYTES))
    step: int = 10 ** max(0, len(str(count)) - 2)
    return count // step * step


def cost_findings(
    directory: Path, cameras: Sequence[Camera], seconds: float, costs: list[Cost]
) -> Iterator[Finding]:
    """
    Say of each channel, by the first of its machines, what it takes, and add it to `costs`.

    The configuration is in `directory`; what has no area yet is left out.
    """
    channels = {camera.address: camera for camera in reversed(cameras) if camera.trackable}
    for camera in reversed(channels.values()):
        try:
            cost = measured(known_of(directory, camera), seconds)
        except Failure as error:
            yield Finding("Cost", Mark.SKIP, str(error), error.hint)
            continue
        if isinstance(cost, str):
            yield Finding("Cost", Mark.SKIP, f"{camera.name}: {cost}")
            continue
        costs.append(cost)
        yield from _said(cost)


def _said(cost: Cost) -> Iterator[Finding]:
    size = f"{cost.size[0]}x{cost.size[1]}, {cost.fps:.0f} pictures a second"
    many = f"this computer carries about {cost.carried} such cameras"
    cores = f"{cost.cores} cores" if cost.cores != 1 else "1 core"
    text = f"{cost.camera} ({size}) takes {cost.today:.1%} of a core; {many} ({cores})"
    yield Finding("Cost", Mark.OK, text)
    if cost.today < cost.all:
        more = f"{cost.camera}: with sampling = all it would take {cost.all:.1%} of a core"
        yield Finding("Cost", Mark.OK, f"{more}, which makes about {cost.carried_all} cameras")
        return
    why = cost.reason or "that is how its machines are set up"
    yield Finding("Cost", Mark.OK, f"{cost.camera}: all pictures are decoded: {why}")


def _memory() -> float:
    """Return MB that are free."""
    import psutil

    return float(psutil.virtual_memory().available) / 1e6
