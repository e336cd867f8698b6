"""A calibration that no longer fits is said once, with pictures; night alone is none."""

import json
import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from motion_tracking.commands.drifting import DriftWatch
from motion_tracking.core.detectors.calibrated import Calibrated
from motion_tracking.core.drift import MINUTES, Condition, Drift, Finding, Misfit
from motion_tracking.core.machine import MachineState
from motion_tracking.core.motion import Frame, Roi
from motion_tracking.core.patches import Patch
from motion_tracking.core.profile import Lag, Profile, fingerprint
from motion_tracking.record.degraded import NOTE, PICTURE, Degraded, degraded, keep_degraded
from motion_tracking.record.profiles import save_profile
from motion_tracking.tracker import Scored
from servers.desk import STREAM, Desk

SIZE = (200, 160)
PATCH = Patch(Roi(40, 30, 100, 80), SIZE)
RUNNING, STOPPED = MachineState.RUNNING, MachineState.STOPPED


def hall(seed: int = 1) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(0, 60, SIZE[::-1]).astype(np.float32)
    return np.clip(120 + cv2.GaussianBlur(noise, (0, 0), 3) * 4, 0, 255).astype(np.uint8)


HALL = hall()


def texture(picture: np.ndarray) -> np.ndarray:
    return PATCH.texture(Frame(picture, 0, 0))


@pytest.fixture(scope="module")
def profile() -> Profile:
    """Standing scores a tenth of the threshold, running ten times it."""
    weights = PATCH.inside.astype(np.float32) / np.count_nonzero(PATCH.inside)
    noise = np.full(PATCH.shape, 1.0, np.float32)
    lag = Lag(0.5, noise, weights, ~PATCH.inside, 1.0, 1.0, 0.3, 0.35, 30.0, 30.0)
    picture = PATCH.outer.cut(HALL).copy()
    static = np.ones(PATCH.shape, np.bool_)
    numbers = (400, 0.5, 2.0, 0.0)
    return Profile(SIZE, PATCH.roi, (lag,), *numbers, texture(HALL), static, 1.0, picture, picture)


Feed = Callable[..., Finding | None]


@pytest.fixture
def feed(profile: Profile) -> Feed:
    """Feed minutes of one score, and return what is said of it first."""
    drift, clock = Drift(profile), [0.0]

    def fed(
        minutes: float,
        times: float,
        state: MachineState = STOPPED,
        picture: np.ndarray = HALL,
        quiet: float = 1.0,
        contrast: float = 1.0,
        heads: bool = False,
    ) -> Finding | None:
        frame = Frame(picture, 0, 0)
        condition = Condition(frame, quiet, contrast, PATCH.texture(frame))
        score = round(times * profile.threshold)
        found = None
        apart = 4.04 if heads else 0.505
        for _ in range(round(minutes * 60.6 / apart)):
            clock[0] += apart
            found = drift.take(clock[0], score, state, condition, heads) or found
        return found

    return fed


def test_heads_of_groups_of_pictures_tell_it_too(feed: Feed) -> None:
    assert feed(MINUTES + 2, 0.1, heads=True) is None
    assert feed(MINUTES + 2, 0.1, contrast=0.1, heads=True) is not None


def test_a_group_that_nobody_asked_for_spoils_no_minute_of_heads(feed: Feed) -> None:
    found = [
        feed(0.07 if n % 2 else 1.5, 0.1, contrast=0.1, heads=n % 2 == 0)
        for n in range(2 * MINUTES)
    ]

    assert any(found)


def test_what_fits_is_never_said(feed: Feed) -> None:
    assert feed(45, 0.11) is None
    assert feed(45, 9.0, RUNNING) is None
    assert feed(45, 0.3, contrast=0.35, quiet=9.0) is None, "a night that is followed is no drift"
    assert feed(45, 3.0, RUNNING, contrast=0.35, quiet=9.0) is None


def test_insects_now_and_then_are_no_drift(profile: Profile) -> None:
    drift = Drift(profile)
    condition = Condition(Frame(HALL, 0, 0), 1.0, 1.0, texture(HALL))
    scores = (40, 1200, 40, 1200, 40, 40, 40, 40)
    found = [drift.take(0.505 * n, scores[n % 8], STOPPED, condition) for n in range(5000)]
    assert not any(found)


def test_standing_that_creeps_up_to_the_threshold_is_said_once(feed: Feed) -> None:
    found = feed(40, 0.9)
    assert found is not None
    assert found.misfit is Misfit.STANDING
    assert "90%" in found.words
    assert feed(60, 0.9) is None


def test_running_that_sinks_to_the_threshold_is_said(feed: Feed) -> None:
    found = feed(40, 1.2, RUNNING)
    assert found is not None
    assert found.misfit is Misfit.RUNNING


def test_it_has_to_last_for_half_an_hour(feed: Feed) -> None:
    assert feed(MINUTES - 5, 0.9) is None
    assert feed(20, 0.1) is None
    assert feed(MINUTES - 10, 0.9) is None


@pytest.mark.parametrize(("far", "slipped"), [(0, False), (2, False), (6, True), (9, True)])
def test_an_area_beside_its_place_is_said(far: int, slipped: bool, feed: Feed) -> None:
    found = feed(40, 0.1, picture=np.roll(HALL, far, 1))
    assert (found is not None) is slipped
    if found is not None:
        assert found.misfit is Misfit.SLIPPED
        assert found.amount == pytest.approx(far, abs=1.5)


def test_another_picture_is_no_slip(feed: Feed) -> None:
    assert feed(40, 0.1, picture=hall(7)) is None


def test_noise_and_contrast_beyond_help_are_said(feed: Feed, profile: Profile) -> None:
    found = feed(40, 0.1, quiet=100.0)
    assert found is not None
    assert (found.misfit, found.amount) == (Misfit.NOISE, 10.0)


def test_contrast_beyond_help_is_said(feed: Feed) -> None:
    found = feed(40, 0.1, contrast=0.1)
    assert found is not None
    assert "10%" in found.words


def watched(profile: Profile, folder: Path, minutes: float = 40) -> None:
    """Track for a while with the scores of a drifted machine."""
    detector = Calibrated(profile)
    detector.score(Frame(HALL, 0.0, 0.0))
    watch = DriftWatch(profile, detector, STOPPED, folder)
    for n in range(round(minutes * 120)):
        watch.scored(Scored("press1", 0.505 * n, 1.7e9 + 0.505 * n, 380, False))


def test_it_is_said_once_over_restarts_until_calibrated_anew(
    profile: Profile, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    watched(profile, tmp_path)
    [said] = caplog.messages
    assert said.startswith("press1: the calibration no longer fits: standing scores reach")
    assert said.endswith("motion-track init press1")
    picture = cv2.imdecode(np.fromfile(tmp_path / PICTURE, np.uint8), 0)
    assert picture.shape[1] == 2 * PATCH.outer.width + 6
    note = degraded(tmp_path)
    assert note is not None
    assert (note.calibration, note.misfit) == (fingerprint(profile), "standing")

    watched(profile, tmp_path)
    assert len(caplog.messages) == 1
    other = replace(profile, texture=profile.texture + 1)
    watched(other, tmp_path, minutes=1)
    assert degraded(tmp_path) is None, "another calibration has not drifted yet"
    watched(other, tmp_path)
    assert len(caplog.messages) == 2


def test_check_shows_what_was_said_of_this_calibration(profile: Profile, desk: Desk) -> None:
    roi = profile.roi
    area = {"ix": roi.x, "iy": roi.y, "ix2": roi.x + roi.width, "iy2": roi.y + roi.height}
    section = {"channel": 802, "detector": "calibrated", "threshold": 400, **area}
    desk.configure({"press1": section}, stream=STREAM)
    save_profile(desk.config / "calibration" / "press1.npz", profile)
    assert "no longer fits" not in desk.run("check", "--offline").stdout

    note = Degraded(
        fingerprint(profile), "slipped", "the area is elsewhere", "2026-01-02T03:04:05+00:00"
    )
    (desk.logs / "press1").mkdir(parents=True)
    keep_degraded(desk.logs / "press1", note, b"jpeg")
    told = desk.run("check", "--offline").stdout
    assert "press1: the calibration no longer fits: the area is elsewhere" in told
    keep_degraded(desk.logs / "press1", replace(note, calibration="other"), b"jpeg")
    assert "no longer fits" not in desk.run("check", "--offline").stdout


def test_a_damaged_note_is_none(tmp_path: Path) -> None:
    assert degraded(tmp_path) is None
    (tmp_path / NOTE).write_text(json.dumps({"misfit": "x"}), encoding="utf-8")
    assert degraded(tmp_path) is None
    (tmp_path / NOTE).write_bytes(b"\xff{")
    assert degraded(tmp_path) is None


def test_a_folder_that_cannot_be_written_to_is_told_and_survived(
    profile: Profile, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    watched(profile, tmp_path / "absent")
    assert "cannot be written" in caplog.messages[0]
    assert "no longer fits" in caplog.messages[1]
