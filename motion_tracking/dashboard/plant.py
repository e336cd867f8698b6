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
    """Something to download; `path` where it is large, else `content`."""

    media_type: str
    name: str
    content: bytes = b""
    path: Path | None = None


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

    def motion(self, machine: str, span: Range, points: int) -> dict[str, Json]: ...

    def stops(self, machine: str, span: Range) -> Sequence[Json]: ...

    def labels(self, machine: str) -> Sequence[Json]: ...

    def add_label(self, machine: str, span: Range, said: Mapping[str, str]) -> Json:
        """Note what it really was: `said` has `state`, `note` and `by`."""

    def clips(self, machine: str, span: Range) -> tuple[bool, Sequence[Json]]: ...

    def clip(self, machine: str, number: str) -> File: ...

    def delete_clips(self, machine: str) -> int: ...

    def snapshots(self, machine: str) -> Sequence[Json]: ...

    def snapshot(self, machine: str, number: str) -> File: ...

    def take_snapshot(self, machine: str) -> Json: ...

    def formats(self) -> Sequence[str]: ...

    def report(self, format_: str, machines: Sequence[str], span: Range) -> File: ...

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
