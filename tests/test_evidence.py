"""Power sees all that moves, the shift what is fainter than the noise; the clearer is believed."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from motion_tracking.core.evidence import Evidence
from motion_tracking.core.motion import Frame, Roi
from motion_tracking.core.noise import QUIET, REMEMBERED, Noise
from motion_tracking.core.patches import Patch, Surroundings, Texture, Textures, slopes
from motion_tracking.core.power import Power
from motion_tracking.core.profile import Lag
from motion_tracking.core.shift import Shift

PATCH = Patch(Roi(40, 40, 120, 120), (200, 200))
INSIDE = PATCH.inside


def lag(seconds: float = 0.5, noise: float = 2.0, **known: float) -> Lag:
    """A machine that fills the ROI, and whose noise is alike everywhere."""
    weights = INSIDE.astype(np.float32) / np.count_nonzero(INSIDE)
    deviation = np.full(PATCH.shape, noise, np.float32)
    usual = {"still": 1.0, "still_high": 1.3, "moving": 20.0, "power": 40.0}
    usual |= {"shift_still": 0.02**2, "shift": 0.5**2}
    return Lag(seconds, deviation, weights, ~INSIDE, 1.0, **{**usual, **known})


def view(shift: float = 0.0, noise: float = 0.0, seed: int = 1) -> Texture:
    """A rough wall, whose part inside the ROI is `shift` pixels to the right."""
    rough = np.random.default_rng(7).normal(0, 12, PATCH.shape).astype(np.float32)
    wall = cv2.GaussianBlur(rough, (0, 0), 2)
    moved = cv2.warpAffine(
        wall, np.array([[1, 0, shift], [0, 1, 0]]), wall.shape[::-1], borderMode=cv2.BORDER_REFLECT
    )
    whole = np.where(INSIDE, moved, wall)
    grain = np.random.default_rng(seed).normal(0, noise, PATCH.shape)
    return (whole + grain).astype(np.float32)


@pytest.mark.parametrize("moved", [0.2, 0.4, 0.8])
def test_a_shift_is_measured_in_pixels_below_the_noise(moved: float) -> None:
    noise = 1.5  # the wall's own deviation is 1.7
    found = []
    for seed in range(20):
        now, before = view(moved, noise, seed), view(0.0, noise, seed + 100)
        shift = Shift(lag(noise=noise * 2**0.5))
        found.append(shift.square(now - before, slopes(now), 1.0) ** 0.5)
    assert np.median(found) == pytest.approx(moved, rel=0.35)
    assert np.mean(np.array(found) > 0.45 * moved) > 0.8


def test_noise_alone_is_hardly_a_shift_however_loud() -> None:
    for noise in (1.0, 2.0, 4.0):
        found = []
        for seed in range(8):
            now, before = view(0.0, noise, seed), view(0.0, noise, seed + 50)
            shift = Shift(lag(noise=noise * 2**0.5))
            found.append(shift.square(now - before, slopes(now), 1.0) ** 0.5)
        assert np.median(found) < 0.15


def test_the_shift_of_a_machine_is_that_beyond_the_cameras() -> None:
    """The whole picture is moved by 1.4 pixels, which first order does not bear."""
    now = view(0.0, 0.2, 1)
    off = np.array([[1, 0, 1.4], [0, 1, -0.6]])
    before = cv2.warpAffine(view(0.0, 0.2, 2), off, now.shape[::-1], borderMode=cv2.BORDER_REFLECT)
    surroundings = Surroundings(now, PATCH.ring)
    left = surroundings.difference(before)
    assert np.std(left[INSIDE]) < 0.35 * np.std((now - before)[INSIDE])
    assert Shift(lag(noise=0.3)).square(left, surroundings.slopes, 1.0) ** 0.5 < 0.1


def test_loudness_is_that_of_the_ring_and_a_passer_by_does_not_make_it_quiet() -> None:
    noise = Noise(lag(noise=1.0))
    random = np.random.default_rng(1)
    for _ in range(60):
        noise.hear(random.normal(0, 4, PATCH.shape).astype(np.float32))
    assert noise.loudness == pytest.approx(16.0, rel=0.1)
    assert noise.quiet == pytest.approx(16.0, rel=0.1)
    for _ in range(30):
        noise.hear(random.normal(0, 12, PATCH.shape).astype(np.float32))
    assert noise.disturbance > 3, "loud for a while is a disturbance"
    assert noise.quiet == pytest.approx(16.0, rel=0.1)


def test_the_quiet_level_is_that_of_the_last_two_minutes() -> None:
    noise, random, heard = Noise(lag(noise=1.0)), np.random.default_rng(3), []
    for _ in range(2 * REMEMBERED + 1):
        noise.hear(random.normal(0, random.uniform(1, 9), PATCH.shape).astype(np.float32))
        heard.append(noise.loudness)
    assert noise.quiet == sorted(heard[-REMEMBERED:])[int(QUIET * REMEMBERED)]


def test_a_passer_by_counts_no_more_than_six_times_the_noise() -> None:
    noise, random = Noise(lag(noise=1.0)), np.random.default_rng(3)
    quiet = random.normal(0, 1, PATCH.shape).astype(np.float32)
    noise.hear(quiet)
    without = noise.loudness
    quiet[:12, :20] = 90.0  # on a tenth of the ring
    noise.hear(quiet)
    part = 240 / np.count_nonzero(~INSIDE)
    first = 1 + 35 * part
    assert without == pytest.approx(1.0, abs=0.1)
    assert noise.loudness == pytest.approx(1 - part + 36 * first * part, rel=0.05)


def test_the_texture_of_a_frame_is_made_once_and_that_of_another_anew() -> None:
    textures, random = Textures(PATCH), np.random.default_rng(1)
    frame, other = (
        Frame(random.integers(0, 255, (200, 200)).astype(np.uint8), at, at) for at in (1.0, 1.0)
    )
    texture = textures.of(frame)
    assert textures.of(replace(frame, at=2.0, earlier=(other,))) is texture
    assert (textures.of(other) == PATCH.texture(other)).all()
    for n in range(20):
        textures.of(Frame(frame.luma.copy(), n, n))
    assert (textures.of(frame) == texture).all(), "long forgotten, and made again"


def test_the_end_of_standing_follows_what_is_left_of_running() -> None:
    power = Power(lag())
    by_day, by_night = power.expected(1.0), power.expected(0.05)
    assert by_day == 40.0
    assert 1.0 < by_night < 4.0
    assert power.end_of_still(by_night) < power.end_of_still(by_day)
    assert power.end_of_still(by_night, disturbance=8.0) > power.end_of_still(by_night)


def excess(known: Lag, moved: float, noise: float, contrast: float) -> float:
    evidence = Evidence([known])
    found = 0.0
    for n in range(8):
        now, before = (
            contrast * view(part) + view(0.0, noise, seed) - view()
            for part, seed in ((moved * (n % 2), n), (moved * ((n + 1) % 2), n + 50))
        )
        found = evidence.excess({0.5: now - before}, slopes(now), contrast) or 0.0
    return found


def test_by_night_a_machine_is_seen_by_its_shift_whose_power_is_lost_in_the_noise() -> None:
    known = lag(noise=1.0)
    assert excess(known, 0.5, 0.7, 1.0) > 1
    assert excess(known, 0.0, 0.7, 1.0) < 1
    assert excess(known, 0.5, 1.4, 0.5) > 1
    assert excess(known, 0.0, 1.4, 0.5) < 1
    blind = replace(known, shift=known.shift_still)  # what power alone would say
    assert excess(blind, 0.5, 1.4, 0.5) < 1.6 * excess(blind, 0.0, 1.4, 0.5)


def test_power_is_believed_where_it_is_clearer() -> None:
    """Something that flickers in place has power, and does not shift."""
    known = lag(noise=1.0, power=4000.0)
    evidence = Evidence([known])
    random = np.random.default_rng(3)
    for _ in range(4):
        flicker = np.where(INSIDE, random.normal(0, 9, PATCH.shape), 0).astype(np.float32)
        noise = random.normal(0, 0.7, PATCH.shape).astype(np.float32)
        found = evidence.excess({0.5: flicker + noise}, slopes(view()), 1.0)
    assert found is not None
    assert found > 1


def test_of_several_lags_those_are_asked_that_stand_out() -> None:
    clear, poor = lag(0.5, power=4000.0), lag(2.0, moving=1.5, power=1.5, shift=0.02**2)
    wild = np.full(PATCH.shape, 30.0, np.float32)
    calm = np.zeros(PATCH.shape, np.float32)
    evidence = Evidence([clear, poor])
    found = evidence.excess({0.5: calm, 2.0: np.where(INSIDE, wild, 0)}, slopes(view()), 1.0)
    assert found == 0.0
    assert Evidence([poor]).excess({2.0: np.where(INSIDE, wild, 0)}, slopes(view()), 1.0) > 1


def test_without_a_past_nothing_is_said() -> None:
    assert Evidence([lag()]).excess({}, slopes(view()), 1.0) is None


def test_an_insect_before_a_machine_that_moves_strongly_is_not_the_machine() -> None:
    known = lag(still=0.16, still_high=0.28, moving=29.0, power=3000.0)
    insect = np.zeros(PATCH.shape, np.float32)
    insect[30:51, 30:51] = 60.0  # an eighth of the machine
    share = float(known.weights[insect > 0].sum())
    assert share == pytest.approx(0.125, rel=0.25)
    evidence = Evidence([known])
    for _ in range(3):
        found = evidence.excess({0.5: insect}, slopes(view()), 1.0)
    assert found is not None
    assert found < 1


def test_in_a_shake_a_shift_must_be_larger_but_not_by_more_than_the_machines_is() -> None:
    known = lag(noise=0.02)  # so that it makes no slopes
    now, before = view(0.4), view(0.0)
    found = []
    for loud in (1.0, 3.0, 50.0):
        noise = Noise(known)
        noise.loudness = loud
        found.append(Shift(known).excess(now - before, slopes(now), noise, 1.0))
    assert found[0] > found[1] > found[2] > found[0] / 2
