"""
How is a machine calibrated, whoever asks: the page, the terminal or a script?

A `Calibration` watches one channel.  It collects samples of the machine running and standing in
one area, learns from both, and writes what it learned.  It knows neither terminal nor browser.
"""

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import inf

import numpy as np

from motion_tracking.capture import SourceError
from motion_tracking.capture.clock import system_now
from motion_tracking.capture.reader import Mailbox, Reader
from motion_tracking.capture.thrift import PacketHeads
from motion_tracking.commands.ignoring import ignored_of
from motion_tracking.commands.opening import opened
from motion_tracking.commands.outcomes import Outcome, changes, keep, outcome
from motion_tracking.commands.rehearsing import rehearsed
from motion_tracking.config import Camera, Config
from motion_tracking.core.calibration import (
    CANDIDATES,
    Observation,
    Observer,
    learn,
)
from motion_tracking.core.detectors import Detector, open_detector
from motion_tracking.core.doubts import doubts
from motion_tracking.core.heads import Attention, Group, Heads, Wanted
from motion_tracking.core.machine import MachineState
from motion_tracking.core.masking import Ignored, hatched, written
from motion_tracking.core.motion import Frame, Grey, Polygon, Roi
from motion_tracking.core.patches import Texture
from motion_tracking.core.profile import Profile
from motion_tracking.core.proposals import Proposal, propose, reduced
from motion_tracking.core.splitting import Split, Watch

LOOKED = 8.0
"""Seconds over which areas are looked for."""

PATIENCE = 20.0
"""Seconds that the first picture may take."""

EITHER = (MachineState.RUNNING, MachineState.STOPPED)


class CameraError(OSError):
    """No pictures come; the text is for people."""


@dataclass(frozen=True, slots=True)
class Live:
    """What a sample scored; `at` in monotonic seconds, the rest in pixels of the area."""

    at: float
    score: int
    threshold: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a recording is, 0 to 1, and what its newest sample scored."""

    part: float
    live: Live | None


class View:
    """The samples of one channel, as they come."""

    def __init__(self, camera: Camera) -> None:
        self._mailbox = Mailbox()
        watching = Attention()
        watching.ask(inf)  # all is decoded; how key frames come is found out besides
        self._heads: PacketHeads = Heads(Wanted(CANDIDATES[0]), watching)
        open_source = partial(opened, camera.address, heads=self._heads)
        self._reader = Reader(camera.name, open_source, self._mailbox, system_now, CANDIDATES)
        self._reader.start()

    @property
    def group(self) -> Group | None:
        """How key frames come, as far as it is known."""
        return None if self._heads.reason else self._heads.group

    @property
    def oddity(self) -> str:
        """Why heads will not do in this stream, whatever it shows; empty if they may."""
        return self._heads.reason

    def want(self, lags: Sequence[float]) -> None:
        """Let samples bring the pictures so many seconds before them from now on."""
        self._reader.want(lags)

    def sample(self, timeout: float = 1.0) -> Frame | None:
        """Return the next sample, None if none comes in time; raise `CameraError`."""
        self._reader.watch(system_now().at)
        for news in self._mailbox.take(timeout).values():
            if isinstance(news, SourceError):
                raise CameraError(str(news))
            return news
        return None

    @property
    def keys_apart(self) -> float:
        """Longest time without a key frame so far, seconds; 0 where the source cannot tell."""
        return self._reader.keys_apart

    def first(self) -> Frame:
        """Wait for a picture; raise `CameraError`."""
        start = system_now().at
        while system_now().at - start < PATIENCE:
            sample = self.sample()
            if sample is not None:
                return sample
        raise CameraError(self._reader.trouble or "no picture came")

    def close(self) -> None:
        """Let go of the camera."""
        self._reader.close(0.3)


class Calibration:
    """The calibration of one machine on a channel, and of others on the same after it."""

    def __init__(self, config: Config, camera: Camera, view: View) -> None:
        """Wait for the first picture; raise `CameraError`."""
        self._config = config
        self._view = view
        self.size = view.first().size
        self.machine = camera.name
        self._masks: dict[str, Ignored] = {}
        self._ignored = self._mask_of(camera)
        self.machines: dict[str, Roi | None] = {
            other.name: other.roi
            for other in config.cameras.values()
            if other.address == camera.address
        }
        self.roi = camera.roi if camera.roi and camera.roi.fits(*self.size) else None
        self._samples: dict[MachineState, Sequence[Observation]] = {}
        self._pictures: dict[MachineState, Grey] = {}
        self._seconds: dict[MachineState, float] = {}
        self._profile: Profile | None = None
        self._detector: Detector | None = None
        self._group: Group | None = None

    @property
    def recorded(self) -> Mapping[MachineState, float]:
        """Seconds recorded in each state, for the chosen area."""
        return self._seconds

    def take_up(self, machine: str) -> None:
        """Set up another machine of the channel."""
        if machine not in self.machines:
            raise ValueError(f"{machine} is not on this channel")
        self._ignored = self._mask_of(self._config.cameras[machine])
        self.machine, self.roi = machine, self.machines[machine]
        self._forget()

    def picture(self) -> Frame:
        """Return the newest picture, what is ignored striped; raise `CameraError`."""
        frame = self._view.first()
        if not self._ignored.key:
            return frame
        luma = np.array(frame.luma)
        hatched(luma, self._ignored.pixels(frame.size))
        return replace(frame, luma=luma)

    def proposals(self) -> Sequence[Proposal]:
        """Watch for some seconds, then return the areas where something moves, best first."""
        pictures: list[Texture] = []
        for _, sample in self._coming(LOOKED):
            if sample is not None:
                pictures.append(reduced(sample.luma))
        return propose(pictures, self.size)

    def choose(self, roi: Roi) -> None:
        """Watch this area; recordings of another are dropped."""
        if not roi.fits(*self.size):
            raise ValueError(
                "the area ends outside of the picture, which is {}x{}".format(*self.size)
            )
        self.roi = self.machines[self.machine] = roi
        self._forget()

    @property
    def ignored(self) -> Sequence[Polygon]:
        """Shapes of the picture that are not looked at."""
        return tuple(self._ignored.shapes)

    def ignore(self, shapes: Sequence[Polygon]) -> None:
        """Look at none of these shapes; recordings are dropped."""
        width, height = self.size
        if not all(0 <= x <= width and 0 <= y <= height for shape in shapes for x, y in shape):
            raise ValueError(f"a corner lies outside of the picture, which is {width}x{height}")
        self._ignored = self._masks[self.machine] = replace(self._ignored, shapes=tuple(shapes))
        self._forget()

    def live(self) -> Live | None:
        """Wait for the next sample, and score it."""
        sample = self._view.sample()
        return None if sample is None else self._scored(self._ignored.hide(sample))

    def record(self, state: MachineState, seconds: float) -> Generator[Progress, None, None]:
        """Record the machine in a state; one that is left early is dropped."""
        self._group = self._group or self._view.group
        more = () if self._group is None else self._group.lags
        self._view.want((*CANDIDATES, *more))
        observer = Observer(self._area, self.size, more)
        samples: list[Observation] = []
        for part, sample in self._coming(seconds):
            live = None
            if sample is not None:
                samples.append(observer.observe(sample))
                live = self._scored(sample)
            yield Progress(part, live)
        if not samples:
            raise CameraError("no picture came while it was recorded")
        self._samples[state], self._pictures[state] = samples, observer.picture
        self._seconds[state] = seconds
        self._profile = self._detector = None
        yield Progress(1.0, None)

    def watch(self, seconds: float) -> Generator[Progress, None, Split]:
        """
        Watch the machine do as it likes, and return when it is supposed to have run and stood.

        Both count as recorded then; nothing does where it did one thing only: `CalibrationError`.
        """
        watch = Watch(self._area, self.size)
        for part, sample in self._coming(seconds):
            if sample is not None:
                watch.take(sample)
            yield Progress(part, None)
        self._forget()
        split = watch.split()
        self._samples = dict(zip(EITHER, (split.running, split.stopped), strict=True))
        self._pictures = dict(zip(EITHER, split.pictures, strict=True))
        self._seconds = dict(zip(EITHER, (end - start for start, end in split.spans), strict=True))
        return split

    def judge(self, threshold: int | None = None) -> Outcome:
        """Learn from both recordings; a `threshold` of the person's counts more than ours."""
        if any(state not in self._samples for state in EITHER):
            raise ValueError("record the machine running, and standing, first")
        running, stopped = (self._samples[state] for state in EITHER)
        patch = Observer(self._area, self.size).patch
        pictures = (self._pictures[MachineState.RUNNING], self._pictures[MachineState.STOPPED])
        learned = learn(patch, running, stopped, pictures)
        window = self._config.cameras[self.machine].window_seconds
        warnings = doubts(learned, running, stopped, window, self._view.keys_apart)
        heads = rehearsed(learned, running, stopped, self._group, self._view.oddity)
        found = outcome(learned, list(warnings), threshold, heads.words)
        mask = self._ignored.key
        self._profile = replace(heads.profile, threshold=found.threshold, mask=mask)
        self._detector = None
        return found

    def diff(self) -> str:
        """Say what `save` would change in config_cam.ini."""
        return changes(self._config, self.machine, self._judged, self._more)

    def save(self, force: bool = False) -> None:
        """Write what was judged; raise `ValueError` for what does not separate, unless forced."""
        keep(self._config, self.machine, self._judged, force, self._more)

    @property
    def _more(self) -> Mapping[str, str]:
        """The keys to write beside those of the profile."""
        before = self._config.cameras[self.machine].mask or ()
        return {} if self.ignored == before else {"mask": written(self.ignored)}

    @property
    def _area(self) -> Roi:
        if self.roi is None:
            raise ValueError("choose an area first")
        return self.roi

    @property
    def _judged(self) -> Profile:
        if self._profile is None:
            raise ValueError("nothing has been learned yet")
        return self._profile

    def _coming(self, seconds: float) -> Iterator[tuple[float, Frame | None]]:
        """Yield how far the time is, 0 to 1, with each sample or where none comes in time."""
        start = system_now().at
        while (passed := system_now().at - start) < seconds:
            sample = self._view.sample(0.5)
            fits = sample if sample is not None and sample.size == self.size else None
            yield min(passed / seconds, 1.0), None if fits is None else self._ignored.hide(fits)

    def _scored(self, sample: Frame) -> Live | None:
        if self.roi is None or sample.size != self.size:
            return None
        if self._detector is None:
            name = "difference" if self._profile is None else "calibrated"
            self._detector = open_detector(name, self.roi, 50, self._profile)
        score = self._detector.score(sample)
        threshold = self.roi.area // 50 if self._profile is None else self._profile.threshold
        return None if score is None else Live(sample.at, score, threshold)

    def _mask_of(self, camera: Camera) -> Ignored:
        if camera.name not in self._masks:
            self._masks[camera.name] = ignored_of(self._config.directory, camera)
        return self._masks[camera.name]

    def _forget(self) -> None:
        self._samples, self._pictures, self._seconds = {}, {}, {}
        self._profile = self._detector = None
