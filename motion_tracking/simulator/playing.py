"""
Which picture leaves a channel at which moment?

Frames are numbered from the start of the camera, `fps` a second.  Each whole second is one second
of the film, as the schedule has it, so the machine starts and stops at whole seconds.  Faults
begin at any frame, and end where a second begins, with a keyframe.
"""

from collections.abc import Mapping
from random import Random

from motion_tracking.simulator.damage import damaged
from motion_tracking.simulator.encode import Film
from motion_tracking.simulator.faults import Faults, Kind
from motion_tracking.simulator.rtp import CLOCK, Unit, packetise, parameter_sets
from motion_tracking.simulator.schedule import Schedule

Size = tuple[int, int]


class Reel:
    """A film, cut into packets."""

    def __init__(self, film: Film) -> None:
        self.running = [[packetise(unit) for unit in second] for second in film.running]
        self.stopped = [
            [[packetise(unit) for unit in second] for second in loop] for loop in film.stopped
        ]
        self.sets = parameter_sets(film.running[0][0])


class Player:
    """Goes through a channel's films; call `unit` with growing numbers."""

    def __init__(
        self, reels: Mapping[Size, Reel], size: Size, fps: int, schedule: Schedule, faults: Faults
    ) -> None:
        """Play `reels[size]`, or that of the size a fault asks for."""
        self.fps = fps
        self.faults = faults
        self._reels = dict(reels)
        self._size = size
        self._schedule = schedule
        self._second = -1
        self._ran = 0  # whole seconds of the cycle that have been played
        self._units: list[Unit] = []
        self._key: Unit | None = None
        self._hindered: Kind | None = None

    def add(self, size: Size, reel: Reel) -> None:
        """Have pictures of one more size ready."""
        self._reels[size] = reel

    @property
    def sets(self) -> tuple[bytes, bytes]:
        """The parameter sets of what is shown."""
        return self._shown(max(0, self._second)).sets

    def unit(self, n: int) -> Unit | None:
        """Return what leaves with frame `n`; None where nothing does."""
        second, place = divmod(n, self.fps)
        if second > self._second:
            self._turn(second)
            # who comes late to a second has missed the keyframe that the rest leans on
            self._hindered = Kind.STALL if place else None
        now = n / self.fps
        for kind in (Kind.STALL, Kind.FREEZE, Kind.SLOW):
            if self.faults.active(kind, now):
                self._hindered = kind
                break
        if self._hindered is Kind.STALL:
            return None
        if self._hindered is Kind.FREEZE:
            return self._key or self._units[0]
        unit = self._units[place]
        if unit.key:
            self._key = unit
            if self.faults.strikes(Kind.KEYLESS, n, now):
                return None
        elif self._hindered is Kind.SLOW:
            return None
        if self.faults.strikes(Kind.DAMAGE, n, now):
            return damaged(unit, Random(n))
        return unit

    def ticks(self, n: int) -> int:
        """Return the time stamp of frame `n`, of the clock of RTP."""
        now = n / self.fps
        stood = self.faults.stood_since(now)
        return round(CLOCK * ((now if stood is None else stood) + self.faults.jumped(now)))

    def _turn(self, second: int) -> None:
        """Choose the pictures of a new second."""
        for passed in range(self._second + 1, second):
            self._ran += self._schedule.running_at(passed)
        reel = self._shown(second)
        place = self._ran % len(reel.running)
        if self._schedule.running_at(second):
            self._units = reel.running[place]
            self._ran += 1
        else:
            loop = reel.stopped[place]
            self._units = loop[second % len(loop)]
        self._second = second

    def _shown(self, second: int) -> Reel:
        fault = self.faults.active(Kind.SIZE, second)
        return self._reels[fault.size if fault and fault.size else self._size]
