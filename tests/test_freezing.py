"""A frozen picture is told from a live one by the noise that the stream has shown before."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np
import pytest

from motion_tracking.core.machine import Reason
from motion_tracking.core.motion import Frame, Grey
from motion_tracking.core.sampling import Sampler
from motion_tracking.core.sight import Blindness, Doubt
from motion_tracking.core.sight.freezing import Freezing
from motion_tracking.core.sight.stirring import KEYS_RARE, Stirring

FPS = 2
SIZE = (96, 64)
GRAIN = np.random.default_rng(9).normal(0, 1, (SIZE[1] + 64, SIZE[0] + 64))

Said = list[tuple[float, Blindness | Doubt | None]]


@pytest.fixture(scope="module")
def hall() -> Grey:
    return cv2.resize(
        np.random.default_rng(5).integers(40, 200, (14, 18), dtype=np.uint8), SIZE
    ).astype(np.uint8)


def noisy(picture: Grey, n: int, deviation: float = 2.0) -> Grey:
    x, y = n * 37 % 64, n * 23 % 61
    noise = deviation * GRAIN[y : y + SIZE[1], x : x + SIZE[0]]
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


def watch(
    seconds: float, draw: Callable[[int], Grey], freezing: Freezing, start: float = 0.0
) -> Said:
    """Return what is said of each sample; `draw(n)` draws picture `n`; a key every two seconds."""
    sampler = Sampler(start)
    return [
        (sample.at, freezing.look(sample))
        for frame in _frames(seconds, draw, start)
        if (sample := sampler.pick(frame))
    ]


def _frames(seconds: float, draw: Callable[[int], Grey], start: float) -> Iterator[Frame]:
    for n in range(int(seconds * FPS)):
        at = start + n / FPS
        yield Frame(draw(n), at, at, key=n % (2 * FPS) == 0)


def frozen(said: Said) -> list[float]:
    return [at for at, found in said if isinstance(found, Blindness)]


def doubtful(said: Said) -> list[float]:
    return [at for at, found in said if isinstance(found, Doubt)]


def test_a_frozen_picture_is_doubted_before_it_passes_for_a_stop_and_then_found(
    hall: Grey,
) -> None:
    said = watch(120, lambda n: noisy(hall, min(n, 60 * FPS)), Freezing())

    assert 60 < doubtful(said)[0] < 67, "early enough for a short window too"
    first = frozen(said)[0]
    assert 80 < first < 110
    found = dict(said)[first]
    assert isinstance(found, Blindness)
    assert found.reason is Reason.FROZEN
    assert 55 < found.since <= 60, "dated back to when it was seen to live"
    assert dict(said)[said[-1][0]] is not None, "for as long as it is frozen"


def test_a_clock_that_ticks_on_a_frozen_picture_does_not_prove_life(hall: Grey) -> None:
    def draw(n: int) -> Grey:
        picture = noisy(hall, min(n, 60 * FPS))
        cv2.putText(picture, f"{n // FPS:03}", (2, 10), cv2.FONT_HERSHEY_PLAIN, 0.8, 255)
        return picture

    assert frozen(watch(120, draw, Freezing()))


def test_one_part_that_moves_proves_life_where_the_rest_shows_no_noise_any_more(
    hall: Grey,
) -> None:
    def draw(n: int) -> Grey:
        picture = noisy(hall, min(n, 60 * FPS))
        x = n * 7 % 50
        picture[20:44, x : x + 30] = noisy(hall, n, 60)[20:44, x : x + 30]
        return picture

    assert not frozen(watch(150, draw, Freezing()))


def test_a_picture_that_thaws_is_seen_again_and_its_next_freeze_is_found(hall: Grey) -> None:
    freezing = Freezing()

    def draw(n: int) -> Grey:
        for start, end in ((60, 120), (150, 999)):
            if start * FPS <= n < end * FPS:
                n = start * FPS
        return noisy(hall, n)

    said = watch(210, draw, freezing)

    assert [at for at in frozen(said) if 110 < at < 120]
    assert not [at for at, found in said if found and 128 < at < 150]
    assert [at for at in frozen(said) if at > 190]


def test_live_noise_of_any_strength_is_never_doubted(hall: Grey) -> None:
    for deviation in (0.8, 2.0, 6.0):
        said = watch(200, lambda n, d=deviation: noisy(hall, n, d), Freezing())  # type: ignore[misc]
        assert not [found for _, found in said if found]


def test_of_a_stream_without_noise_nothing_is_said(hall: Grey) -> None:
    freezing = Freezing()
    said = watch(200, lambda _: hall, freezing)

    assert not [found for _, found in said if found]
    assert freezing.usual is None


def test_lights_out_is_not_frozen_although_black_has_no_noise(hall: Grey) -> None:
    def draw(n: int) -> Grey:
        return noisy(hall, n) if n < 60 * FPS else np.full_like(hall, 16)

    assert not [found for _, found in watch(200, draw, Freezing()) if found]


def test_less_noise_from_now_on_is_doubted_for_seconds_only(hall: Grey) -> None:
    said = watch(200, lambda n: noisy(hall, n, 2.0 if n < 60 * FPS else 0.8), Freezing())

    assert not frozen(said)
    assert 60 < max(doubtful(said)) < 76


def test_noise_that_comes_and_goes_is_not_doubted_for_longer_than_a_stop_may_take(
    hall: Grey,
) -> None:
    def draw(n: int) -> Grey:
        return noisy(hall, n, 2.0 if n < 60 * FPS else (1.3, 0.6, 0.9)[n // 2 // FPS % 3])

    said = watch(140, draw, Freezing())

    assert not frozen(said)
    sure = [at for at, found in said if not found]
    assert max(after - before for before, after in pairwise(sure)) < 25


def test_a_key_is_not_compared_with_a_sample_that_is_none(hall: Grey) -> None:
    stirring = Stirring()
    key = Frame(noisy(hall, 1), 0.0, 0.0, key=True)
    keyed = [stirring.take(Frame(hall, n / 2, n / 2, newest_key=key)) for n in range(40)]

    assert stirring.still is not None
    first, *more = [stir for stir in keyed if stir is not None]
    assert first.before > KEYS_RARE
    assert not [stir for stir in more if stir.before <= KEYS_RARE]


def test_a_stream_that_comes_back_frozen_after_a_gap_is_found_too(hall: Grey) -> None:
    freezing = Freezing()
    watch(60, lambda n: noisy(hall, n), freezing)
    freezing.forget()
    said = watch(60, lambda _: noisy(hall, 7), freezing, start=90.0)

    assert frozen(said)


def test_where_keyframes_are_unknown_samples_are_compared(hall: Grey) -> None:
    freezing, sampler, said = Freezing(), Sampler(0.0), []
    for n in range(150 * FPS):
        frame = Frame(noisy(hall, min(n, 80 * FPS)), n / FPS, n / FPS)
        sample = sampler.pick(frame)
        if sample:
            said.append((sample.at, freezing.look(sample)))

    assert 80 < frozen(said)[0] < 140


def test_a_key_from_before_a_gap_is_not_compared_with_one_after_it(hall: Grey) -> None:
    """Seen to fail without it: a placard's last key made a freeze behind it a new picture."""
    stirring, placard = Stirring(), np.full_like(hall, 40)
    before = Frame(placard, 8.0, 8.0, key=True)
    keys = [Frame(noisy(hall, n), 12.0 + 4 * n, 12.0 + 4 * n, key=True) for n in range(2)]
    stirring.forget()
    assert stirring.take(replace(keys[0], at=9.0, newest_key=before)) is None
    assert stirring.take(replace(keys[0], newest_key=keys[0])) is None
    stir = stirring.take(replace(keys[1], newest_key=keys[1]))
    assert stir is not None
    assert stir.typical < 5.0
