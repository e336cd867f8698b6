"""
At which point is the calibration, and what may be done next?

One sitting is one machine after the other on one camera picture.  What takes time runs in a
thread, one thing at a time, and whoever looks on is told.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import anyio
from anyio import from_thread, to_thread
from anyio.abc import TaskGroup

from motion_tracking.core.machine import MachineState
from motion_tracking.core.motion import Frame, Polygon, Roi
from motion_tracking.dashboard import message
from motion_tracking.dashboard.calibration import Calibration, Outcome, Progress, Proposal
from motion_tracking.dashboard.refusals import RefusedError, said
from motion_tracking.dashboard.watchers import Watcher, Watchers

Json = Any
T = TypeVar("T")

PAUSE = 1.0
"""Seconds until the camera is asked for a score again, when it had none."""


@dataclass(eq=False)
class _Recording:
    state: MachineState
    part: float = 0.0
    cancelled: bool = False


class Sitting:
    """Puts a `Calibration`, which blocks, behind calls that do not; they raise `RefusedError`."""

    def __init__(self, calibration: Calibration, seconds: float) -> None:
        """Record `seconds` of each state."""
        self.saved: list[str] = []
        """The machines that were set up."""
        self.over = anyio.Event()
        """Set when the person is done."""
        self._calibration = calibration
        self._seconds = seconds
        self._watchers = Watchers()
        self._alone = anyio.Lock()
        self._changed = anyio.Event()
        self._tasks: TaskGroup | None = None
        self._number = 0
        self._busy = ""
        self._recording: _Recording | None = None
        self._proposals: list[Proposal] | None = None
        self._outcome: Outcome | None = None
        self._diff = ""
        self._trouble: RefusedError | None = None

    @asynccontextmanager
    async def held(self) -> AsyncIterator[None]:
        """Be there, and follow the live score while somebody looks on."""
        async with anyio.create_task_group() as self._tasks:
            self._tasks.start_soon(self._follow)
            try:
                yield
            finally:
                self.cancel_recording()
                self._tasks.cancel_scope.cancel()

    @contextmanager
    def looking(self) -> Iterator[Watcher]:
        """Look on."""
        with self._watchers.joined(self.state()) as watcher:
            self._stir()
            yield watcher

    @property
    def watched(self) -> bool:
        """Whether anybody looks on."""
        return len(self._watchers) > 0

    def state(self) -> Json:
        """Say all but the live curve; of two, the one with the higher `number` is newer."""
        self._number += 1
        recording = self._recording
        return message.subject(self._calibration) | {
            "number": self._number,
            "seconds": self._seconds,
            "busy": self._busy,
            "recording": recording
            and {"state": recording.state.value, "part": round(recording.part, 3)},
            "proposals": self._proposals and [message.proposal(found) for found in self._proposals],
            "outcome": self._outcome and message.outcome(self._outcome),
            "diff": self._diff,
            "trouble": self._trouble and said(self._trouble),
            "saved": self.saved,
            "over": self.over.is_set(),
        }

    async def picture(self) -> Frame:
        """Return the newest picture."""
        return await self._apart(self._calibration.picture)

    async def choose(self, roi: Roi) -> None:
        """Watch this area."""
        if self._recording:
            raise RefusedError("a recording is going on", "wait for its end, or cancel it")
        if roi != self._calibration.roi:
            await self._apart(self._calibration.choose, roi)
            self._begin_anew()

    async def ignore(self, shapes: Sequence[Polygon]) -> None:
        """Look at none of these shapes."""
        if self._recording:
            raise RefusedError("a recording is going on", "wait for its end, or cancel it")
        await self._apart(self._calibration.ignore, shapes)
        self._begin_anew()

    async def propose(self) -> None:
        """Look for areas worth watching; they are told when they are found."""
        self._start("searching", self._propose)

    async def record(self, state: MachineState) -> None:
        """Begin to record; when both states are there, what is learned is told."""
        if self._calibration.roi is None:
            raise RefusedError("there is no area yet", "draw it into the picture")
        self._start("recording", self._record, state)

    def cancel_recording(self) -> None:
        """End a recording early: nothing of it is kept."""
        if self._recording is not None:
            self._recording.cancelled = True

    async def judge(self, threshold: int | None) -> None:
        """Judge both recordings again, with this threshold or with the best."""
        self._judged()
        await self._judge(threshold)
        self.tell()

    async def take_up(self, machine: str) -> None:
        """Set up another machine on the same picture."""
        self._idle()
        if machine not in self._calibration.machines:
            raise RefusedError("there is no such machine on this picture")
        await self._apart(self._calibration.take_up, machine)
        self._begin_anew()

    async def save(self, force: bool) -> None:
        """Write what was judged; that is the end, if there is no other machine to set up."""
        if not (self._judged().separable or force):
            raise RefusedError("running and stopped cannot be told apart with this")
        await self._apart(self._calibration.save, force)
        machine = self._calibration.machine
        self.saved = [name for name in self.saved if name != machine] + [machine]
        self._diff = ""
        if len(self._calibration.machines) == 1:
            self.over.set()
        self.tell()

    def end(self) -> None:
        """Be done, with what was saved so far."""
        self.over.set()
        self.tell()

    def tell(self) -> None:
        """Show the state to all who look on."""
        self._watchers.tell(self.state())
        self._stir()

    def _stir(self) -> None:
        self._changed.set()
        self._changed = anyio.Event()

    def _idle(self) -> None:
        if self._busy:
            raise RefusedError("something else is going on", "wait for its end, or cancel it")

    def _judged(self) -> Outcome:
        self._idle()
        if self._outcome is None:
            raise RefusedError("nothing was judged yet", "record both states first")
        return self._outcome

    def _begin_anew(self) -> None:
        self._outcome, self._diff, self._trouble = None, "", None
        self._watchers.forget()
        self.tell()

    async def _apart(self, what: Callable[..., T], *arguments: object) -> T:
        """Call something that blocks, in a thread, when nothing else is called."""
        async with self._alone:
            try:
                return await to_thread.run_sync(what, *arguments, abandon_on_cancel=True)
            except (ValueError, OSError) as error:  # how a `Calibration` says no
                raise RefusedError(str(error), getattr(error, "hint", "")) from None

    def _start(self, busy: str, what: Callable[..., Awaitable[None]], *arguments: object) -> None:
        self._idle()
        assert self._tasks is not None, "only while held"
        self._busy, self._trouble = busy, None
        self._tasks.start_soon(self._finish, what, *arguments)
        self.tell()

    async def _finish(self, what: Callable[..., Awaitable[None]], *arguments: object) -> None:
        try:
            await what(*arguments)
        except RefusedError as error:
            self._trouble = error
        finally:
            self._busy, self._recording = "", None
            self.tell()

    async def _propose(self) -> None:
        self._proposals = list(await self._apart(self._calibration.proposals))

    async def _record(self, state: MachineState) -> None:
        self._recording = recording = _Recording(state)
        self._outcome, self._diff = None, ""
        await self._apart(self._collect, recording)
        if not recording.cancelled and len(self._calibration.recorded) == 2:
            self._recording, self._busy = None, "judging"
            self.tell()
            await self._judge(None)

    def _collect(self, recording: _Recording) -> None:
        with closing(self._calibration.record(recording.state, self._seconds)) as steps:
            for progress in steps:
                from_thread.run_sync(self._progressed, recording, progress)
                if recording.cancelled:
                    return

    def _progressed(self, recording: _Recording, progress: Progress) -> None:
        recording.part = progress.part
        if progress.live is not None:
            self._watchers.add(message.point(progress.live))
        self.tell()

    async def _judge(self, threshold: int | None) -> None:
        self._outcome = await self._apart(self._calibration.judge, threshold)
        self._diff = await self._apart(self._calibration.diff)

    @property
    def _followed(self) -> bool:
        return len(self._watchers) > 0 and self._calibration.roi is not None and not self._busy

    async def _follow(self) -> None:
        lost: RefusedError | None = None
        while True:
            if not self._followed:
                await self._changed.wait()
                continue
            live, before = None, lost
            try:
                live, lost = await self._apart(self._calibration.live), None
            except RefusedError as error:
                lost = error
            if lost is not None or (before is not None and self._trouble is before):
                self._trouble = lost
                self._watchers.tell(self.state())
            if live is not None:
                self._watchers.add(message.point(live))
            else:
                with anyio.move_on_after(PAUSE):
                    await self._changed.wait()
