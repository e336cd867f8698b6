"""What is doubtful about a calibration is told, and what is not is not."""

from dataclasses import replace

import numpy as np
import pytest

from motion_tracking.core.calibration import CANDIDATES, Learned, Observation, Observer
from motion_tracking.core.doubts import doubts, foretold_error, longest_pause, separable, verdict
from test_calibration import ROI, SIZE, drum, film, observed

__all__ = ["drum"]


def texts(learned: Learned, *, samples: list[Observation] | None = None) -> str:
    return " / ".join(doubt.text for doubt in doubts(learned, samples or [], samples or [], 30.0))


def with_margin(learned: Learned, margin: float) -> Learned:
    return replace(learned, profile=replace(learned.profile, margin=margin))


def test_a_good_calibration_raises_no_doubt(drum: Learned) -> None:
    for margin in (1.3, 2.5):
        good = with_margin(drum, margin)
        assert texts(good) == ""
        assert verdict(good.profile) == "Well separated"
        assert foretold_error(good.profile) == 0.0


@pytest.mark.parametrize(
    ("margin", "is_separable", "said"), [(0.9, False, "Not separable"), (1.1, True, "Weak")]
)
def test_a_small_margin_is_told(
    drum: Learned, margin: float, is_separable: bool, said: str
) -> None:
    doubtful = with_margin(drum, margin)
    assert separable(doubtful.profile) is is_separable
    assert said in texts(doubtful)


def test_of_states_that_look_alike_no_error_is_foretold(drum: Learned) -> None:
    alike = with_margin(drum, 0.9)
    assert foretold_error(alike.profile) is None
    profile = replace(alike.profile, expected_error=0.4)
    scores = np.zeros_like(drum.running)
    told = texts(replace(alike, profile=profile, running=scores))
    assert "windows" not in told
    assert "nothing moved" not in told


def test_an_error_to_be_expected_is_told(drum: Learned) -> None:
    profile = replace(drum.profile, expected_error=0.12, margin=2.5)
    assert "12% of the windows" in texts(replace(drum, profile=profile))


def test_a_noisy_picture_is_told(drum: Learned) -> None:
    lag = replace(drum.profile.lags[0], noise=drum.profile.lags[0].noise + 10)
    profile = replace(drum.profile, lags=(lag,), margin=2.5)
    assert "noisy" in texts(replace(drum, profile=profile))


@pytest.mark.parametrize(("keys_apart", "told"), [(0.0, False), (2.0, False), (20.0, True)])
def test_rare_key_frames_are_told(drum: Learned, keys_apart: float, told: bool) -> None:
    found = doubts(with_margin(drum, 2.5), [], [], 30.0, keys_apart)
    assert any("every 20 s" in doubt.text for doubt in found) is told


def test_a_machine_that_pauses_for_longer_than_half_a_window_is_told(drum: Learned) -> None:
    scores = np.full(120, 10 * drum.profile.threshold)
    scores[20:60] = 0
    paused = replace(with_margin(drum, 2.5), running=scores)
    assert longest_pause(paused) == 20.0
    assert "nothing moved for 20 s" in texts(paused)


@pytest.mark.parametrize("ticks", [True, False])
def test_a_clock_in_the_area_is_told(drum: Learned, ticks: bool) -> None:
    samples = observed(Observer(ROI, SIZE), film(12, False, seed=8))
    inside = np.argwhere(drum.profile.patch.inside)[40:52]
    for n, sample in enumerate(samples):
        for lag in CANDIDATES:
            if ticks and n % 2 and lag in sample.differences:
                sample.differences[lag][tuple(inside.T)] += 60
    assert ("as a clock does" in texts(with_margin(drum, 2.5), samples=samples)) is ticks
