"""What nobody labelled is parted in running and standing, and what has no two parts is refused."""

from collections.abc import Iterator

import numpy as np
import pytest

from motion_tracking.core.calibration import CANDIDATES, CalibrationError, learn
from motion_tracking.core.doubts import separable
from motion_tracking.core.motion import Frame, Roi
from motion_tracking.core.sampling import Sampler
from motion_tracking.core.splitting import KEPT, LEAST_RATIO, Watch, parted, settled
from servers.videos import block

ROI, SIZE = Roi(12, 12, 72, 40), (96, 64)
FPS = 4


def energies(*states: tuple[int, float], blocks: int = 30) -> np.ndarray:
    """So many samples each of so much movement in a tenth of the blocks; noise in all."""
    random = np.random.default_rng(2)
    count = sum(length for length, _ in states)
    made = random.normal(0, 0.3, (count, blocks))
    made[:, : blocks // 10] += np.repeat([size for _, size in states], [n for n, _ in states])[
        :, None
    ]
    return made.astype(np.float32)


def watch(*spans: tuple[float, bool]) -> Watch:
    """Watch a block that goes, or not, for so many seconds each."""
    watch, sampler = Watch(ROI, SIZE), Sampler(0.0, CANDIDATES)
    for sample in filter(None, map(sampler.pick, film(spans))):
        watch.take(sample)
    return watch


def film(spans: tuple[tuple[float, bool], ...]) -> Iterator[Frame]:
    random = np.random.default_rng(3)
    grain = random.integers(-2, 3, 16 * SIZE[0] * SIZE[1], np.int8)
    at = 0.0
    for seconds, runs in spans:
        for _ in range(int(seconds * FPS)):
            place = int(random.integers(0, grain.size - SIZE[0] * SIZE[1]))
            noise = grain[place : place + SIZE[0] * SIZE[1]].reshape(SIZE[::-1])
            yield Frame((block(at, runs, SIZE) + noise).astype(np.uint8), at, at)
            at += 1 / FPS


def test_the_louder_part_is_taken_for_running() -> None:
    runs, ratio = parted(energies((200, 3.0), (200, 0.0), (100, 3.0)))
    assert ratio > 10
    changes = np.flatnonzero(np.diff(runs))
    assert len(changes) == 2
    assert changes == pytest.approx([200, 400], abs=12)
    assert runs[0]


def test_a_pause_within_the_cycle_is_no_change() -> None:
    runs, _ = parted(energies((200, 0.0), *[(20, 3.0), (20, 0.0)] * 5))
    assert np.count_nonzero(np.diff(runs)) == 1


@pytest.mark.parametrize("movement", [0.0, 3.0])
def test_one_state_has_no_two_parts(movement: float) -> None:
    assert parted(energies((400, movement)))[1] < LEAST_RATIO


def test_what_is_near_a_change_is_not_settled() -> None:
    ats = np.arange(200) / 2
    runs = ats >= 50
    assert settled(ats, runs) == [((0.0, 34.5), False), ((65.0, 99.5), True)]


def test_a_minute_and_more_of_each_is_learned_from() -> None:
    """Seen to fail, for want of running, when the oldest chunk was dropped instead."""
    split = watch((100, True), (150, False)).split()
    (ran_from, ran_until), (stood_from, stood_until) = split.spans
    assert ran_from < 5
    assert 75 < ran_until < 90
    assert 110 < stood_from < 125
    assert stood_until == pytest.approx(250, abs=1)
    assert all(o.at < 100 for o in split.running)
    assert all(o.at > 100 for o in split.stopped)
    learned = learn(split.patch, split.running, split.stopped, split.pictures)
    assert separable(learned.profile)
    assert learned.profile.expected_error == 0.0


def test_what_is_kept_does_not_grow_with_time() -> None:
    kept = watch((200, False), (60, True)).split()
    assert len(kept.running) + len(kept.stopped) <= 2 * KEPT * 24
    assert len(kept.running) >= 40


@pytest.mark.parametrize(
    ("spans", "said"),
    [
        (((100, False),), "all the time"),
        (((100, True),), "all the time"),
        (((4, True),), "too little"),
        (((100, False), (25, True), (60, False)), "never ran for long enough"),
    ],
)
def test_what_teaches_nothing_is_refused(spans: tuple[tuple[float, bool], ...], said: str) -> None:
    with pytest.raises(CalibrationError, match=said):
        watch(*spans).split()
