"""Does `run --all` go on where a process cannot be started, or was asked to start anew?"""

import sys
from pathlib import Path

import pytest

from motion_tracking.commands.run_all import _Channel, _look_after


def test_a_tracker_that_cannot_be_started_is_tried_again_ever_more_slowly(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    channel, nothing = _Channel(["press1"], 0.0), [str(tmp_path / "python")]

    dues = []
    for _ in range(4):
        assert channel.due is not None
        _look_after(channel, nothing, channel.due)
        dues.append(channel.due)

    assert dues == [0.5, 2.5, 10.5, 25.5]
    assert not channel.over
    assert "press1: cannot be started" in caplog.text


@pytest.mark.parametrize(
    ("endless", "code", "over"),
    [
        (True, 0, False),  # the dashboard asked it to start anew
        (False, 0, True),  # its film, or its time, is over
        (True, 70, False),
        (False, 70, False),
        (True, 2, True),
    ],
)
def test_who_ends_well_without_an_end_is_started_again(
    endless: bool, code: int, over: bool
) -> None:
    channel = _Channel(["press1"], 0.0, endless)
    _look_after(channel, [sys.executable, "-c", f"raise SystemExit({code})"], 0.0)
    assert channel.process is not None
    channel.process.wait(30)

    _look_after(channel, [], 0.1)

    assert channel.over is over
