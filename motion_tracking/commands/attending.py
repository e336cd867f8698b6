"""
Who goes along with trackers that are to be kept: what is stored, recorded, answered, watched over?
"""

import os
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from motion_tracking.capture.clock import Moment, Now
from motion_tracking.capture.reader import Reader
from motion_tracking.capture.ring import Ring
from motion_tracking.commands.clipping import Clipper
from motion_tracking.commands.keeping import Keeper
from motion_tracking.commands.steering import Steering
from motion_tracking.commands.supervisor import Supervisor
from motion_tracking.commands.watchdog import Watchdog
from motion_tracking.config import Address, Camera, Config
from motion_tracking.core.machine import Memory
from motion_tracking.tracker import Subscriber, Tracker


class Attendants:
    """History and messages, video, the link to the dashboard, watchdogs; a context manager."""

    def __init__(self, config: Config, cameras: Sequence[Camera], now: Now) -> None:
        self._now = now
        self._keeper = Keeper(config, cameras, now)
        self._clipper = Clipper(config, cameras, now, self._keeper.wake)
        self._steering = Steering(config, cameras, now, self._keeper, self._clipper)
        self._watchdog = Watchdog(self._keeper.close)
        self._supervisor = Supervisor(os.environ)
        self._stack = ExitStack()
        self._trackers: Mapping[str, Sequence[Tracker]] = {}
        self._readers: Mapping[str, Reader] = {}

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            for attendant in (self._keeper, self._clipper, self._steering, self._watchdog):
                stack.enter_context(attendant)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._supervisor.stopping()
        self._stack.close()

    @property
    def subscribers(self) -> list[Subscriber]:
        """Who is told of samples and changes."""
        return [self._keeper, self._clipper, self._steering]

    def memory(self, machine: str) -> Memory | None:
        """Return what is known of a machine from before; None where that is nothing."""
        return self._keeper.memory(machine)

    def folder(self, machine: str) -> Path:
        """Return where what is found out of a machine is put."""
        return self._keeper.folder(machine)

    def tap(self, address: Address) -> Ring | None:
        """Return who is to be given what a channel sends; None where nobody is."""
        return self._clipper.tap(address)

    def begin(
        self, trackers: Mapping[str, Sequence[Tracker]], readers: Mapping[str, Reader]
    ) -> None:
        """Go along with these from now on."""
        self._trackers, self._readers = trackers, readers
        self._steering.take(trackers, readers)

    def turn(self, at: float) -> bool:
        """
        Do what is due at a turn of the loop, `at` monotonic seconds; return whether to end.

        To be called twice a second or more, for as long as the loop does not hang.  Raise
        `RuntimeError` where nothing can be kept any more, so that the process is started again.
        """
        moment = Moment(at, self._now().utc)
        self._watchdog.turned()
        self._supervisor.turned(at)
        if self._keeper.failed:
            raise RuntimeError("the writer died: restarted, we keep things again")
        self._keeper.beat(moment, self._trackers, self._readers)
        self._steering.work(moment)
        return self._steering.ending

    def finish(self) -> None:
        """Store what the trackers know at their end."""
        self._keeper.finish(self._trackers)
