"""What every detector must do, and what the old tool's must do exactly."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from motion_tracking.core.detectors import DETECTORS, Detector, open_detector
from motion_tracking.core.detectors.difference import (
    PIXEL_THRESHOLD,
    Difference,
    changed_pixels,
)
from motion_tracking.core.motion import Frame, Grey, Roi, grey
from motion_tracking.core.patches import Patch
from motion_tracking.core.profile import Lag, Profile

ROI = Roi(10, 20, 60, 40)


def frame(square_at: int | None, full_range: bool = True) -> Frame:
    picture = np.full((100, 120), 60, np.uint8)
    if square_at is not None:
        picture[30:50, square_at : square_at + 12] = 200
    return Frame(picture, at=0.0, utc=0.0, full_range=full_range)


class Watching:
    """Gives a detector frames half a second apart, with the earlier ones that it wants."""

    def __init__(self, detector: Detector) -> None:
        self.detector = detector
        self._seen: list[Frame] = []

    def score(self, square_at: int | None) -> int | None:
        at = 0.5 * len(self._seen)
        sample = replace(frame(square_at), at=at, earlier=tuple(self._seen))
        self._seen.append(replace(sample, earlier=()))
        return self.detector.score(sample)

    def forget(self) -> None:
        self._seen.clear()
        self.detector.forget()


def profile() -> Profile:
    """What is known of a machine that may move anywhere in the ROI."""
    patch = Patch(ROI, (120, 100))
    noise = np.full(patch.shape, 1.0, np.float32)
    weights = patch.inside.astype(np.float32) / np.count_nonzero(patch.inside)
    lag = Lag(0.5, noise, weights, ~patch.inside, 1.0, 1.0, 0.1, 0.2, 10.0, 10.0)
    texture = patch.texture(frame(None))
    picture = np.zeros((1, 1), np.uint8)
    numbers = (100, 0.5, 2.0, 0.0)
    return Profile(patch.size, ROI, (lag,), *numbers, texture, ~patch.inside, 1.0, picture, picture)


@pytest.fixture(params=DETECTORS)
def watching(request: pytest.FixtureRequest) -> Watching:
    return Watching(open_detector(request.param, ROI, PIXEL_THRESHOLD, profile()))


def test_the_first_frame_has_no_score(watching: Watching) -> None:
    assert watching.score(20) is None


def test_a_still_picture_scores_nothing(watching: Watching) -> None:
    watching.score(20)
    assert watching.score(20) == 0


def test_a_moving_square_scores(watching: Watching) -> None:
    watching.score(20)
    assert (watching.score(40) or 0) > 300


def test_motion_outside_the_roi_scores_nothing(watching: Watching) -> None:
    watching.score(None)
    assert watching.score(95) == 0


def test_after_forgetting_there_is_no_past(watching: Watching) -> None:
    watching.score(20)
    watching.forget()
    assert watching.score(40) is None


def test_the_same_frames_score_the_same_twice(watching: Watching) -> None:
    def scores() -> list[int | None]:
        watching.forget()
        return [watching.score(20 + n % 30) for n in range(20)]

    assert scores() == scores()


def test_a_detector_that_must_be_calibrated_says_so() -> None:
    with pytest.raises(ValueError, match="needs a profile"):
        open_detector("calibrated", ROI, PIXEL_THRESHOLD)


def test_the_frame_is_not_kept_as_a_view() -> None:
    """The decoder may write the next picture into the same memory."""
    detector = Difference(ROI)
    first = frame(20)
    detector.score(first)
    first.luma[:] = frame(40).luma
    assert (detector.score(first) or 0) > 0


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), density=st.sampled_from([0.0, 0.001, 0.05, 0.5]))
def test_the_difference_counts_as_the_old_chain_counts(seed: int, density: float) -> None:
    """Grey, absdiff, threshold 50, six dilations, countNonZero, written out as in its README."""
    random = np.random.default_rng(seed)
    before = random.integers(0, 256, (61, 32), np.uint8)
    noise = random.integers(0, 256, before.shape, np.uint8)
    after = np.where(random.random(before.shape) < density, noise, before).astype(np.uint8)

    _, mask = cv2.threshold(cv2.absdiff(before, after), 50, 255, cv2.THRESH_BINARY)
    old = cv2.countNonZero(cv2.dilate(mask, None, iterations=6))  # type: ignore[call-overload]

    assert changed_pixels(before, after) == old


@pytest.mark.parametrize(("change", "counted"), [(50, 0), (51, 13 * 13)])
def test_a_pixel_counts_when_it_changes_by_more_than_fifty(change: int, counted: int) -> None:
    before: Grey = np.full((40, 40), 100, np.uint8)
    after = before.copy()
    after[20, 20] += change

    assert changed_pixels(before, after) == counted


def test_a_slow_machine_is_seen_since_samples_are_compared_not_neighbours() -> None:
    detector = Difference(ROI)
    detector.score(frame(20))
    assert (detector.score(frame(32)) or 0) > 300


def test_limited_luma_is_stretched_to_grey_levels() -> None:
    levels = np.arange(256, dtype=np.uint8).reshape(16, 16)
    roi = Roi(0, 0, 16, 16)

    stretched = grey(Frame(levels, 0.0, 0.0, full_range=False), roi)

    assert stretched[1, 0] == 0
    assert stretched[14, 11] == 255
    assert int(stretched[8, 14]) == round((142 - 16) * 255 / 219)
    assert (grey(Frame(levels, 0.0, 0.0), roi) == levels).all()


@pytest.mark.parametrize(
    "corners", [(10, 20, 70, 60), (70, 60, 10, 20), (70, 20, 10, 60), (10, 60, 70, 20)]
)
def test_a_roi_may_be_drawn_from_any_corner(corners: tuple[int, int, int, int]) -> None:
    assert Roi.from_corners(*corners) == ROI


@pytest.mark.parametrize(
    ("roi", "fits"),
    [
        (Roi(0, 0, 120, 100), True),
        (Roi(1, 0, 120, 100), False),
        (Roi(0, 1, 120, 100), False),
        (Roi(-1, 0, 50, 50), False),
        (Roi(5, 5, 0, 10), False),
    ],
)
def test_a_roi_fits_only_inside_the_picture(roi: Roi, fits: bool) -> None:
    assert roi.fits(120, 100) is fits
