"""
How is a machine calibrated, whoever asks: the page, the terminal or a script?

A `Calibration` watches one channel.  It collects samples of the machine running and standing in
one area, learns from both, and writes what it learned.  It knows neither terminal nor browser.
"""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from motion_tracking.capture import SourceError
from motion_tracking.capture.clock import system_now
from motion_tracking.capture.reader import Mailbox, Reader
from motion_tracking.commands.opening import opened
from motion_tracking.commands.tracking import corners_of, profile_file
from motion_tracking.config import Camera, Config, WriteError
from motion_tracking.config.schema import CAMERA_FILE
from motion_tracking.config.writing import changed_bytes, difference, read_bytes, write_values
from motion_tracking.core.calibration import (
    CANDIDATES,
    CalibrationError,
    Learned,
    Observation,
    Observer,
    learn,
)
from motion_tracking.core.detectors import Detector, open_detector
from motion_tracking.core.doubts import SEPARABLE, Doubt, doubts, separable, verdict
from motion_tracking.core.machine import MachineState
from motion_tracking.core.motion import Frame, Grey, Roi
from motion_tracking.core.profile import Profile
from motion_tracking.core.proposals import Proposal, propose
from motion_tracking.record.profiles import save_profile

BINS = 20
"""Bars of a histogram."""

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


@dataclass(frozen=True, slots=True)
class Outcome:
    """
    What was learned, as people want to see it.

    `edges` part the scores into bins, in pixels of the area; `running` and `stopped` count the
    samples in each.
    """

    threshold: int
    share: float
    margin: float
    expected_error: float
    separable: bool
    verdict: str
    warnings: Sequence[Doubt]
    edges: Sequence[float]
    running: Sequence[int]
    stopped: Sequence[int]


class View:
    """The samples of one channel, as they come."""

    def __init__(self, camera: Camera) -> None:
        self._mailbox = Mailbox()
        open_source = partial(opened, camera.address)
        self._reader = Reader(camera.name, open_source, self._mailbox, system_now, CANDIDATES)
        self._reader.start()

    def sample(self, timeout: float = 1.0) -> Frame | None:
        """Return the next sample, None if none comes in time; raise `CameraError`."""
        self._reader.watch(system_now().at)
        for news in self._mailbox.take(timeout).values():
            if isinstance(news, SourceError):
                raise CameraError(str(news))
            return news
        return None

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
        self.machines: dict[str, Roi | None] = {
            other.name: other.roi
            for other in config.cameras.values()
            if other.address == camera.address
        }
        self.roi = camera.roi if camera.roi and camera.roi.fits(*self.size) else None
        self._samples: dict[MachineState, list[Observation]] = {}
        self._pictures: dict[MachineState, Grey] = {}
        self._seconds: dict[MachineState, float] = {}
        self._profile: Profile | None = None
        self._detector: Detector | None = None

    @property
    def recorded(self) -> Mapping[MachineState, float]:
        """Seconds recorded in each state, for the chosen area."""
        return self._seconds

    def take_up(self, machine: str) -> None:
        """Set up another machine of the channel."""
        if machine not in self.machines:
            raise ValueError(f"{machine} is not on this channel")
        self.machine, self.roi = machine, self.machines[machine]
        self._forget()

    def picture(self) -> Frame:
        """Return the newest picture; raise `CameraError`."""
        return self._view.first()

    def proposals(self) -> Sequence[Proposal]:
        """Watch for some seconds, then return the areas where something moves, best first."""
        pictures: list[Grey] = []
        start = system_now().at
        while system_now().at - start < LOOKED:
            sample = self._view.sample()
            if sample is not None and sample.size == self.size:
                pictures.append(sample.luma.copy())
        return propose(pictures)

    def choose(self, roi: Roi) -> None:
        """Watch this area; recordings of another are dropped."""
        if not roi.fits(*self.size):
            raise ValueError(
                "the area ends outside of the picture, which is {}x{}".format(*self.size)
            )
        self.roi = self.machines[self.machine] = roi
        self._forget()

    def live(self) -> Live | None:
        """Wait for the next sample, and score it."""
        sample = self._view.sample()
        return None if sample is None else self._scored(sample)

    def record(self, state: MachineState, seconds: float) -> Generator[Progress, None, None]:
        """Record the machine in a state; one that is left early is dropped."""
        observer = Observer(self._area, self.size)
        samples: list[Observation] = []
        start = system_now().at
        while (passed := system_now().at - start) < seconds:
            sample = self._view.sample(0.5)
            live = None
            if sample is not None and sample.size == self.size:
                samples.append(observer.observe(sample))
                live = self._scored(sample)
            yield Progress(min(passed / seconds, 1.0), live)
        if not samples:
            raise CameraError("no picture came while it was recorded")
        self._samples[state], self._pictures[state] = samples, observer.picture
        self._seconds[state] = seconds
        self._profile = self._detector = None
        yield Progress(1.0, None)

    def judge(self, threshold: int | None = None) -> Outcome:
        """Learn from both recordings; a `threshold` of the person's counts more than ours."""
        if any(state not in self._samples for state in EITHER):
            raise ValueError("record the machine running, and standing, first")
        running, stopped = (self._samples[state] for state in EITHER)
        patch = Observer(self._area, self.size).patch
        pictures = (self._pictures[MachineState.RUNNING], self._pictures[MachineState.STOPPED])
        learned = learn(patch, running, stopped, pictures)
        window = self._config.cameras[self.machine].window_seconds
        found = outcome(learned, list(doubts(learned, running, stopped, window)), threshold)
        self._profile = replace(learned.profile, threshold=found.threshold)
        self._detector = None
        return found

    def diff(self) -> str:
        """Say what `save` would change in config_cam.ini."""
        return changes(self._config, self.machine, self._judged)

    def save(self, force: bool = False) -> None:
        """Write what was judged; raise `ValueError` for what does not separate, unless forced."""
        keep(self._config, self.machine, self._judged, force)

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

    def _scored(self, sample: Frame) -> Live | None:
        if self.roi is None or sample.size != self.size:
            return None
        if self._detector is None:
            name = "difference" if self._profile is None else "calibrated"
            self._detector = open_detector(name, self.roi, 50, self._profile)
        score = self._detector.score(sample)
        threshold = self.roi.area // 50 if self._profile is None else self._profile.threshold
        return None if score is None else Live(sample.at, score, threshold)

    def _forget(self) -> None:
        self._samples, self._pictures, self._seconds = {}, {}, {}
        self._profile = self._detector = None


def outcome(learned: Learned, warnings: Sequence[Doubt], threshold: int | None = None) -> Outcome:
    """Put what was learned into the words and bars that people see."""
    profile = learned.profile
    scores = np.concatenate([learned.running, learned.stopped])
    edges = np.linspace(0, max(float(scores.max()), 1.5 * profile.threshold, 1.0), BINS + 1)
    return Outcome(
        threshold=profile.threshold if threshold is None else threshold,
        share=profile.share,
        margin=profile.margin,
        expected_error=profile.expected_error,
        separable=separable(learned),
        verdict=verdict(learned),
        warnings=warnings,
        edges=[float(edge) for edge in edges],
        running=[int(count) for count in np.histogram(learned.running, edges)[0]],
        stopped=[int(count) for count in np.histogram(learned.stopped, edges)[0]],
    )


def settings(profile: Profile) -> dict[str, str]:
    """Return the keys of config_cam.ini that a profile sets."""
    corners = dict(zip(("ix", "iy", "ix2", "iy2"), map(str, corners_of(profile.roi)), strict=True))
    return corners | {
        "threshold": str(profile.threshold),
        "failrate": f"{100 * profile.expected_error:.1f}%",
        "frame": "{}x{}".format(*profile.size),
        "share": f"{profile.share:.2f}",
        "detector": "calibrated",
    }


def changes(config: Config, machine: str, profile: Profile) -> str:
    """Return what a profile would change in config_cam.ini, as a unified diff; raise `OSError`."""
    path = config.directory / CAMERA_FILE
    try:
        before = read_bytes(path)
        after = changed_bytes(path, before, machine, settings(profile))
    except WriteError as error:
        raise CalibrationNotKeptError(str(error), error.hint) from None
    return difference(Path(CAMERA_FILE), before, after)


def keep(config: Config, machine: str, profile: Profile, force: bool = False) -> None:
    """
    Write a profile, then the configuration that names it.

    Killed in between, the old configuration goes on with the old detector, or says that the area
    is another than the profile's.  Raise `ValueError` for what does not separate, `OSError`.
    """
    if profile.margin < SEPARABLE and not force:
        raise CalibrationError("running and standing look alike here: nothing was written")
    save_profile(profile_file(config.directory, machine), profile)
    try:
        write_values(config.directory / CAMERA_FILE, machine, settings(profile))
    except WriteError as error:
        raise CalibrationNotKeptError(str(error), error.hint) from None


class CalibrationNotKeptError(OSError):
    """The configuration could not be written; the text and `hint` are for people."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint
