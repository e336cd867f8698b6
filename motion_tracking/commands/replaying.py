"""
What would `run` have found, had it watched this video?

The very engine of `run`, on the time of the video and as fast as it can be decoded: no thread, no
disk, nobody told.  Several machines share one decoding.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from motion_tracking.capture import SourceError, Trouble
from motion_tracking.capture.clock import Moment, cpu_seconds
from motion_tracking.capture.file import FileSource
from motion_tracking.capture.recording import describe
from motion_tracking.capture.thrift import PacketHeads
from motion_tracking.commands.keeping import transition_of
from motion_tracking.commands.progress import shown
from motion_tracking.commands.tracking import Known, heads_of, lags_of, tracker_of, views_of
from motion_tracking.config import Address, Camera
from motion_tracking.console import Exit, Failure
from motion_tracking.core.changes import Change
from motion_tracking.core.doubts import foretold_error
from motion_tracking.core.intervals import Interval, Totals, intervals, totals
from motion_tracking.core.machine import MachineState, Transition
from motion_tracking.core.motion import Frame
from motion_tracking.core.sampling import Sampler
from motion_tracking.core.sight import Sight, open_watches
from motion_tracking.report.appearance import clock_text
from motion_tracking.tracker import Scored, Tracker, play

THRESHOLD = 300
"""The old tool's, for an area that nobody has tuned."""

START = Moment(0.0, 0.0)
"""Both clocks are the video's, so that a second of either is a second of the video."""

FIRST_KNOWN = Transition(MachineState.NO_SIGNAL, MachineState.UNKNOWN, None, 0.0, 0.0, 0.0)
"""What comes before all that is found: from the first picture on somebody looks."""

Progress = Callable[[float], None]
"""Is told now and then how many seconds of the video are done."""


class Unreadable(Exception):  # noqa: N818 - a mishap of the video, not of ours
    """A video of which nothing can be judged; `code` is what the program ends with."""

    def __init__(self, message: str, code: Exit, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Sample:
    """One judged picture; `share` is the moving part of the window just then."""

    at: float
    score: int
    moving: bool
    share: float | None


@dataclass(frozen=True, slots=True)
class Replayed:
    """
    What one machine did in a video.  All times are seconds of the video.

    `tiles` cover it from 0 to `length`.  `cpu_s` is the processor's time for all machines that
    were replayed together.  `damage` says why the video could not be read to its end.  `decoded`
    is the part of the pictures that was decoded; None where all were to be.
    """

    machine: Known
    transitions: tuple[Transition, ...]
    tiles: tuple[Interval[float], ...]
    samples: tuple[Sample, ...]
    length: float
    cpu_s: float
    damage: str = ""
    decoded: float | None = None

    @property
    def camera(self) -> Camera:
        return self.machine.camera

    @property
    def expected_error(self) -> float | None:
        """Part of the windows that calibration itself got wrong; None where that says nothing."""
        profile = self.machine.profile
        return None if profile is None else foretold_error(profile)

    @property
    def totals(self) -> Totals:
        return totals(self.tiles)

    @property
    def longest_stop(self) -> float:
        """Seconds of the longest time without running, as far as it was seen; 0 without any."""
        longest = length = 0.0
        for tile in self.tiles:
            if tile.state in (MachineState.STOPPED, MachineState.DEEP_SLEEP):
                length += tile.end - tile.start
            else:
                length = 0.0
            longest = max(longest, length)
        return longest


@dataclass(slots=True)
class _Notes:
    """Writes down what a tracker tells."""

    tracker: Tracker | None = None
    samples: list[Sample] = field(default_factory=list)
    transitions: list[Transition] = field(default_factory=list)

    def scored(self, scored: Scored) -> None:
        share = self.tracker.machine.moving_share if self.tracker else None
        self.samples.append(Sample(scored.at, scored.score, scored.moving, share))

    def changed(self, change: Change) -> None:
        self.transitions.append(transition_of(change, lambda when: when.timestamp()))


class _Film:
    """The frames of a video, and how far they went."""

    def __init__(self, video: Path, progress: Progress, heads: PacketHeads | None) -> None:
        self._video = video
        self._source = FileSource(str(video), lambda: START, paced=False, heads=heads)
        self._progress = progress
        self._heads = heads
        self.count = 0
        self.last = 0.0
        self.trouble: SourceError | None = None

    def __iter__(self) -> Iterator[Frame]:
        try:
            for frame in self._source.frames():
                self.count, self.last = self.count + 1, frame.at
                if self._heads is not None:
                    self.count, self.last = self._heads.came, self._heads.newest
                if self.count % 25 == 0:
                    self._progress(frame.at)
                yield frame
        except SourceError as error:
            self.trouble = None if error.trouble is Trouble.ENDED else error
        if self._heads is not None and self.count:
            self.count, self.last = self._heads.came, self._heads.newest

    @property
    def length(self) -> float:
        """Seconds: the last picture is shown as long as the others."""
        return self.last + (self.last / (self.count - 1) if self.count > 1 else 1 / 25)

    @property
    def damage(self) -> str:
        """Why not all was seen; a torn file often just ends, long before it says it does."""
        if self.trouble is not None:
            return str(self.trouble)
        try:
            promised = describe(str(self._video)).seconds
        except SourceError as error:
            return str(error)
        if promised is None or promised - self.length <= max(2.0, promised / 50):
            return ""
        return f"{self._video} ends early: it says it lasts {clock_text(promised)}"


def area_camera(
    video: Path, name: str, corners: tuple[int, int, int, int], threshold: int = THRESHOLD
) -> Camera:
    """Make a machine out of an area of a video that no configuration knows."""
    return Camera(name, Address("file", str(video)), corners, threshold)


def replayed(
    video: Path, machines: Sequence[Known], progress: Progress = lambda _: None
) -> list[Replayed]:
    """
    Watch a video as all these machines; raise `Unreadable`, or `Failure` for an area beyond it.
    """
    before = cpu_seconds()
    cameras = [machine.camera for machine in machines]
    notes = [_Notes() for _ in machines]
    sight = Sight(open_watches(views_of(machines)))
    trackers = [tracker_of(m, [n], START, sight) for m, n in zip(machines, notes, strict=True)]
    for tracker, note in zip(trackers, notes, strict=True):
        note.tracker = tracker
    heads = heads_of(machines, trackers)
    film = _Film(video, progress, heads)
    play(_fitting(film, cameras), trackers, Sampler(START.at, lags_of(trackers)))
    if not film.count:
        _refuse(video, film.trouble)
    spent, damage = cpu_seconds() - before, film.damage
    return [
        Replayed(
            machine,
            tuple(note.transitions),
            tuple(intervals([FIRST_KNOWN, *note.transitions], 0.0, film.length)),
            tuple(note.samples),
            film.length,
            spent,
            damage,
            None if heads is None else heads.decoded / heads.came,
        )
        for machine, note in zip(machines, notes, strict=True)
    ]


def _fitting(film: _Film, cameras: Sequence[Camera]) -> Iterator[Frame]:
    """Yield the frames, unless the first shows that an area lies beyond them."""
    for frame in film:
        if film.count == 1:
            for camera in cameras:
                _require_fit(camera, frame.size)
        yield frame


def _require_fit(camera: Camera, size: tuple[int, int]) -> None:
    shown = "{}x{}".format(*size)
    roi = camera.roi
    if roi is None or not roi.fits(*size):
        raise Failure(
            f"the area of {camera.name} is not inside the picture, which is {shown}",
            "an area is X,Y,X2,Y2 in pixels: left, top, right, bottom",
        )
    if camera.frame not in (None, size):
        drawn = "{}x{}".format(*(camera.frame or ()))
        raise Failure(
            f"the area of {camera.name} was drawn in a picture of {drawn}, this one is {shown}",
            "--roi X,Y,X2,Y2 gives the area in this picture",
        )


def _refuse(video: Path, trouble: SourceError | None) -> None:
    if trouble is None or (video.is_file() and video.stat().st_size == 0):
        raise Unreadable(f"there are no pictures in {video}", Exit.NO_DATA)
    hint = "" if trouble.trouble is Trouble.NOT_FOUND else "a video that plays elsewhere is wanted"
    raise Unreadable(str(trouble), Exit.UNREACHABLE, hint)


@contextmanager
def progress_bar(video: Path, what: str) -> Iterator[Progress]:
    """Show how far the work on a video is, on a terminal only."""
    seconds = None
    if sys.stderr.isatty():
        with suppress(SourceError):  # who reads it will say why
            seconds = describe(str(video)).seconds
    with shown(what, seconds) as progress:
        yield progress
