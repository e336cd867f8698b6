"""
What must a plant be able to say and do, to be shown in the browser?

Each method blocks, and is called in a thread.  What it returns is in the words of `docs/api.md`,
without `schema`.  One that cannot do what it is asked raises `RefusedError`, or `NotThereError`
for what there is not; the text is for people and is shown as it is.  `machine` is always one of
`names()`.  Times are aware, in UTC.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from motion_tracking.dashboard.calibration import Calibration

Json = Any


@dataclass(frozen=True, slots=True)
class Range:
    """A span of time that is asked for, from `start` on and before `end`."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class File:
    """
    Something to download; `path` where it is large, else `content`.

    The folder `passing` is to be removed when the file was sent, or cannot be.
    """

    media_type: str
    name: str
    content: bytes = b""
    path: Path | None = None
    passing: Path | None = None


class Plant(Protocol):
    """All machines of a site."""

    @property
    def site(self) -> str: ...

    def names(self) -> Sequence[str]: ...

    def ready(self) -> None:
        """Raise `RefusedError` where the history cannot be read."""

    def tiles(self) -> Sequence[dict[str, Json]]:
        """Say how each machine is, without its alarm; asked twice a second while anybody looks."""

    def machine(self, machine: str) -> dict[str, Json]:
        """Say how a machine is set up."""

    def timeline(self, machines: Sequence[str], span: Range) -> Sequence[Json]: ...

    def shifts(self, span: Range) -> dict[str, Json]:
        """List the shifts of the plant that have something of a time, each whole."""

    def motion(self, machine: str, span: Range, points: int) -> dict[str, Json]: ...

    def stops(self, machine: str, span: Range) -> Sequence[Json]:
        """List the stops that have something of a time, each whole, newest first."""

    def reasons(self) -> dict[str, Json]:
        """List the reasons that a stop can have."""

    def give_reason(self, machine: str, start: datetime, said: Mapping[str, str]) -> Json:
        """Note why it stopped then: `said` has `reason`, empty to take it back, `note`, `by`."""

    def labels(self, machine: str) -> Sequence[Json]: ...

    def add_label(self, machine: str, span: Range, said: Mapping[str, str]) -> Json:
        """Note what it really was: `said` has `state`, `note` and `by`."""

    def clips(self, machine: str, span: Range) -> dict[str, Json]: ...

    def clip(self, machine: str, number: str) -> File: ...

    def playable(self, machine: str, number: str) -> File:
        """Return a clip as H.264; takes its time where it is not."""

    def around(self, machine: str, at: datetime, seconds: float) -> dict[str, Json]:
        """List what was seen from so many seconds before a moment to as many after it."""

    def delete_clips(self, machine: str) -> int: ...

    def delete_clip(self, machine: str, number: str) -> None: ...

    def snapshots(self, machine: str) -> Sequence[Json]: ...

    def snapshot(self, machine: str, number: str) -> File: ...

    def take_snapshot(self, machine: str) -> Json: ...

    def reports(self) -> dict[str, Json]:
        """Say which `formats` and `shifts` there are, and whether there is `trouble`."""

    def report(self, form: str, machines: Sequence[str], period: Mapping[str, str]) -> File:
        """
        Make a report of some machines, or of all if none is named; takes its time.

        `period` is in the words of `motion-track report`: day, week, month, shift, from, to.
        """

    def look(self, machine: str, wish: Mapping[str, Json]) -> tuple[Mapping[str, Json], bytes]:
        """
        Look at a machine, through its tracker; `RefusedError` where none answers.

        Of `wish` count `picture`, `moving_only`, `after`, `width`, `quality` and `contours`.  What
        is said has `state`, `reason`, `since`, `score`, `threshold`, `moving`, `trouble`, `size`,
        `roi` and `paused`, and with a picture `frame` and `at`.
        """

    def set_threshold(self, machine: str, threshold: int) -> Json: ...

    def pause(self, machine: str, seconds: float, reason: str, by: str) -> Json: ...

    def resume(self, machine: str) -> None: ...

    def record(self, machine: str, on: bool) -> None: ...

    def keep(self, machine: str, at: datetime) -> None:
        """Keep what a machine's camera sent around a moment that was just now."""

    def restart(self, machine: str) -> None: ...

    def calibration(
        self, machine: str, place: Mapping[str, str]
    ) -> AbstractContextManager["Calibration"]:
        """
        Open the camera of a machine, to calibrate it; here it may be one that is not known yet.

        Of such a one `place` has the `channel` or the `source`.
        """

    def cameras(self) -> dict[str, Json]: ...

    def check(self) -> Sequence[Json]:
        """Look whether all is well; takes its time."""

    def notifiers(self) -> dict[str, Json]: ...

    def test_notifiers(self) -> Sequence[Json]: ...
