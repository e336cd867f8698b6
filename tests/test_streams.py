"""Does `check` find out what a stream lacks?"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from motion_tracking.capture import SourceError, Trouble
from motion_tracking.commands.streams import BRIEF, LONG, look
from motion_tracking.core.motion import Frame


def stream(fps: float, noise: float, keys_apart: float = 1.0, seconds: float = 300) -> list[Frame]:
    """Pictures of an empty hall; every so many seconds a whole one."""
    random = np.random.default_rng(1)
    hall = random.integers(60, 200, (96, 128)).astype(np.float32)
    every = round(fps * keys_apart)
    return [
        Frame(
            np.clip(hall + random.normal(0, noise, hall.shape), 0, 255).astype(np.uint8),
            n / fps,
            n / fps,
            key=n % every == 0,
        )
        for n in range(int(fps * seconds))
    ]


def test_a_brief_look_tells_the_frame_rate_only() -> None:
    first, *frames = stream(5, 2.0, seconds=10)
    seen = look(iter(frames), first, BRIEF)
    assert seen.fps == pytest.approx(5.0)
    assert seen.noiseless is None


@pytest.mark.parametrize(("noise", "noiseless"), [(0.0, True), (2.0, False)])
def test_a_long_look_tells_whether_a_frozen_picture_could_be_told(
    noise: float, noiseless: bool
) -> None:
    first, *frames = stream(3, noise, seconds=60)
    seen = look(iter(frames), first, LONG)
    assert seen.noiseless is noiseless
    assert seen.keys_apart == pytest.approx(1.0, abs=0.4)


def test_what_the_library_read_at_the_start_is_no_rate() -> None:
    """Seen to fail without `BURST`: 2.0 a second."""
    first, *frames = stream(1, 2.0, seconds=10)
    burst = [replace(first, at=0.01 * n) for n in range(1, 4)]
    assert look(iter([*burst, *frames]), first, BRIEF).fps == pytest.approx(1.0, abs=0.02)


def test_a_long_look_ends_when_all_is_known() -> None:
    first, *frames = stream(3, 2.0, seconds=100)
    left = iter(frames)
    look(left, first, LONG)
    assert 150 < len(list(left)) < 250


def test_a_recording_that_ends_is_no_mishap_and_a_stream_that_breaks_off_is() -> None:
    first, *frames = stream(5, 2.0, seconds=1)

    def until(trouble: Trouble) -> Iterator[Frame]:
        yield from frames
        raise SourceError(trouble, "over")

    assert look(until(Trouble.ENDED), first, BRIEF).fps == pytest.approx(5.0)
    assert look(iter(()), first, BRIEF).fps > 0
    with pytest.raises(SourceError):
        look(until(Trouble.BROKEN), first, BRIEF)
