"""At which instants is the picture looked at, and which earlier ones come with it?"""

from dataclasses import replace

import numpy as np
import pytest

from motion_tracking.core.motion import Frame
from motion_tracking.core.sampling import Sampler, instant, partner


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


def bundles(fps: float, *lags: float) -> list[Frame]:
    sampler = Sampler(0.0, lags)
    blank = np.zeros((1, 1), np.uint8)
    frames = (Frame(blank, at, at) for n in range(int(20 * fps)) if (at := n / fps) >= 0)
    return [sample for frame in frames if (sample := sampler.pick(frame)) is not None]


@pytest.mark.parametrize("fps", [12.0, 25.0])
@pytest.mark.parametrize("lag", [0.08, 0.25, 0.5, 1.1, 2.0])
def test_a_sample_brings_the_frame_a_lag_before_it(fps: float, lag: float) -> None:
    for sample in bundles(fps, 0.08, 0.25, 0.5, 1.1, 2.0):
        if sample.at > 2.5:
            found = partner(sample, lag)
            assert found is not None
            assert sample.at - found.at == pytest.approx(lag, abs=1.01 / fps)
            assert found.earlier == ()


def test_a_slow_camera_brings_its_last_frame_for_a_short_lag() -> None:
    for sample in bundles(5.0, 0.08)[5:]:
        found = partner(sample, 0.08)
        assert found is not None
        assert sample.at - found.at == pytest.approx(0.2)


def test_no_more_frames_are_held_than_are_asked_for() -> None:
    assert max(len(sample.earlier) for sample in bundles(25.0, 0.25, 2.0)) == 2
    assert all(sample.earlier == () for sample in bundles(25.0))


def test_what_lies_behind_a_gap_is_no_partner() -> None:
    sampler = Sampler(0.0, (0.5,))
    blank = np.zeros((1, 1), np.uint8)
    for n in range(40):
        sampler.pick(Frame(blank, n / 12, 0.0))
    after = sampler.pick(Frame(blank, 30.0, 0.0))
    assert after is not None
    assert partner(after, 0.5) is None


def test_what_is_gone_back_to_is_sampled_as_densely_as_ever() -> None:
    sampler = Sampler(0.0, (0.5,))
    blank = np.zeros((1, 1), np.uint8)
    for n in range(25):
        at = 60.0 + n / 12
        sampler.pick(Frame(blank, at, at, spared=n < 2, ends_head=n == 1))
    again = [Frame(blank, 60.0 + n / 12, 60.0, key=n % 24 == 0) for n in range(48)]
    samples = [sample for frame in again if (sample := sampler.pick(frame)) is not None]

    assert len(samples) == pytest.approx(8, abs=1)
    assert samples[0].at < 60.6
    assert partner(samples[-1], 0.5) is not None


def test_the_end_of_a_head_is_a_sample_with_its_beginning_and_the_head_before() -> None:
    sampler = Sampler(0.0)
    blank = np.zeros((1, 1), np.uint8)
    found = []
    for group in range(3):
        for n in range(3):
            at = 2.0 * group + n / 25
            passed_over = 1.9 if group and not n else 0.0
            frame = Frame(blank, at, at, key=n == 0, spared=True, ends_head=n == 2)
            found.append(sampler.pick(replace(frame, passed_over=passed_over)))
    samples = [sample for sample in found if sample is not None]

    assert [sample.at for sample in samples] == [0.08, 2.08, 4.08]
    assert [frame.at for frame in samples[-1].earlier] == [2.08, 4.0]
    assert samples[-1].passed_over == 1.9
    assert samples[-1].newest_key is not None
    assert samples[-1].newest_key.at == 4.0
