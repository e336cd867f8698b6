"""Is a stream of too few pictures told, once, and no other?"""

import pytest

from motion_tracking.core.pace import TOO_FEW, Pace, wanted

BEAT = 5.0


def told(pace: Pace, spans: list[tuple[float, float]], at: float = 100.0) -> list[float]:
    """Let pictures come at so many a second for so long, one span after the other; when is told?"""
    frames, found = 0.0, []
    for fps, seconds in spans:
        for _ in range(int(seconds / BEAT)):
            at, frames = at + BEAT, frames + fps * BEAT
            if pace.take(at, int(frames)):
                found.append(at - 100.0)
    return found


@pytest.mark.parametrize("fps", [0.2, 0.5, 1.0, 1.5])
def test_too_few_pictures_are_told_once(fps: float) -> None:
    pace = Pace()
    [at] = told(pace, [(fps, 3600)])
    assert at <= 45
    assert pace.trouble.startswith(f"{TOO_FEW}: {fps:.1f} a second come, 2.0 are needed")


@pytest.mark.parametrize("fps", [2.0, 5.0, 25.0])
def test_enough_pictures_are_not_told(fps: float) -> None:
    pace = Pace()
    assert told(pace, [(fps, 3600)]) == []
    assert pace.trouble == ""


def test_it_is_told_again_only_after_there_were_enough() -> None:
    pace = Pace()
    wavering = [(1.65, 60), (1.8, 60)] * 10
    assert len(told(pace, [(12, 60), *wavering])) == 1
    assert len(told(pace, [(12, 60), (1, 60), (12, 60)], at=5_000.0)) == 1
    assert pace.trouble == ""


def test_a_lost_stream_and_a_night_asleep_are_not_too_few_pictures() -> None:
    pace = Pace()
    assert told(pace, [(5, 60), (0, 15)]) == []
    pace.forget()
    assert told(pace, [(5, 60)], at=200.0) == []
    assert told(pace, [(5, 60)], at=30_000.0) == []


def test_a_short_lag_needs_more_pictures() -> None:
    assert wanted([1.0]) == 2.0
    assert wanted([0.08, 1.0]) == pytest.approx(3.03, abs=0.01)
    assert told(Pace([0.08]), [(2.0, 60)]) != []
