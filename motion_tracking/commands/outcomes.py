"""
What did calibration find, in bars and words for people, and in keys for the configuration?
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np

from motion_tracking.commands.tracking import corners_of, profile_file
from motion_tracking.config import Config, WriteError
from motion_tracking.config.schema import CAMERA_FILE
from motion_tracking.config.writing import changed_bytes, difference, read_bytes, write_values
from motion_tracking.core.calibration import CalibrationError, Learned
from motion_tracking.core.doubts import Doubt, foretold_error, separable, verdict
from motion_tracking.core.profile import Profile, fingerprint
from motion_tracking.record.profiles import put_back, save_profile

NONE: Mapping[str, str] = MappingProxyType({})

BINS = 20
"""Bars of a histogram."""


class CalibrationNotKeptError(OSError):
    """The configuration could not be written; the text and `hint` are for people."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Outcome:
    """
    What was learned, as people want to see it.

    `expected_error` is None where both states look alike, since it means nothing there.  `edges`
    part the scores into bins, in pixels of the area; `running` and `stopped` count the samples in
    each.  `decoded` says how much of the video will be.
    """

    threshold: int
    share: float
    margin: float
    expected_error: float | None
    separable: bool
    verdict: str
    warnings: Sequence[Doubt]
    edges: Sequence[float]
    running: Sequence[int]
    stopped: Sequence[int]
    decoded: str = ""


def outcome(
    learned: Learned,
    warnings: Sequence[Doubt],
    threshold: int | None = None,
    decoded: str = "",
) -> Outcome:
    """Put what was learned into the words and bars that people see."""
    profile = learned.profile
    scores = np.concatenate([learned.running, learned.stopped])
    edges = np.linspace(0, max(float(scores.max()), 1.5 * profile.threshold, 1.0), BINS + 1)
    return Outcome(
        threshold=profile.threshold if threshold is None else threshold,
        share=profile.share,
        margin=profile.margin,
        expected_error=foretold_error(profile),
        separable=separable(profile),
        verdict=verdict(profile),
        warnings=warnings,
        edges=[float(edge) for edge in edges],
        running=[int(count) for count in np.histogram(learned.running, edges)[0]],
        stopped=[int(count) for count in np.histogram(learned.stopped, edges)[0]],
        decoded=decoded,
    )


def settings(profile: Profile) -> dict[str, str]:
    """Return the keys of config_cam.ini that a profile sets."""
    error = foretold_error(profile)
    corners = dict(zip(("ix", "iy", "ix2", "iy2"), map(str, corners_of(profile.roi)), strict=True))
    return corners | {
        "threshold": str(profile.threshold),
        "failrate": "??" if error is None else f"{100 * error:.1f}%",
        "frame": "{}x{}".format(*profile.size),
        "share": f"{profile.share:.2f}",
        "detector": "calibrated",
        "calibration": fingerprint(profile),
    }


def changes(config: Config, machine: str, profile: Profile, more: Mapping[str, str] = NONE) -> str:
    """Return what a profile would change in config_cam.ini, as a unified diff; raise `OSError`."""
    path = config.directory / CAMERA_FILE
    try:
        before = read_bytes(path)
        after = changed_bytes(path, before, machine, _section(config, machine, profile, more))
    except WriteError as error:
        raise CalibrationNotKeptError(str(error), error.hint) from None
    return difference(Path(CAMERA_FILE), before, after)


def keep(
    config: Config,
    machine: str,
    profile: Profile,
    force: bool = False,
    more: Mapping[str, str] = NONE,
) -> None:
    """
    Write a profile, then the configuration that names it, with `more` keys.

    Killed in between, the old configuration goes on with the old detector, or names another
    calibration than the profile's, which is told when it is used.  Where the configuration cannot
    be written, the profile is as it was.  Raise `ValueError` for what does not separate, `OSError`.
    """
    if not separable(profile) and not force:
        raise CalibrationError("running and standing look alike here: nothing was written")
    path = profile_file(config.directory, machine)
    before = path.read_bytes() if path.exists() else None
    save_profile(path, profile)
    try:
        values = _section(config, machine, profile, more)
        write_values(config.directory / CAMERA_FILE, machine, values)
    except WriteError as error:
        put_back(path, before)
        raise CalibrationNotKeptError(str(error), error.hint) from None


def _section(
    config: Config, machine: str, profile: Profile, more: Mapping[str, str]
) -> dict[str, str]:
    """Return the keys to write; of a camera that is new, where it is seen comes first."""
    return {**config.added.get(machine, {}), **settings(profile), **more}
