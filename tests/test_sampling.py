"""At which instants is the picture looked at?"""

import pytest

from motion_tracking.core.sampling import Sampler, instant


def taken(fps: float, seconds: float, start: float = 0.0) -> list[float]:
    sampler = Sampler(start)
    return [at for n in range(int(seconds * fps)) if sampler.take(at := start + n / fps)]


def test_instants_never_go_back_and_come_twice_a_second() -> None:
    instants = [instant(n) for n in range(1000)]

    assert instants == sorted(instants)
    assert instants[-1] == pytest.approx(500, abs=1)


@pytest.mark.parametrize("fps", [12.0, 25.0, 60.0])
def test_two_frames_a_second_are_sampled(fps: float) -> None:
    assert len(taken(fps, 100)) == pytest.approx(200, abs=2)


@pytest.mark.parametrize("fps", [0.5, 1.0])
def test_every_frame_of_a_slow_stream_is_sampled(fps: float) -> None:
    assert len(taken(fps, 100)) == int(100 * fps)


@pytest.mark.parametrize("period", [0.25, 0.5, 1.0, 2.0])
def test_no_machine_can_hide_in_the_phase(period: float) -> None:
    """At a fixed 2 Hz each of these periods shows at most four phases, for ever."""
    phases = {int(at % period / period * 10) for at in taken(25.0, 120)}

    assert len(phases) >= 6


def test_after_a_stall_the_past_is_not_made_up_for() -> None:
    sampler = Sampler(0.0)
    sampler.take(0.0)
    burst = [sampler.take(600.0 + n * 0.001) for n in range(100)]

    assert sum(burst) <= 2
