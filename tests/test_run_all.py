"""Does `run --all` go on where a process cannot even be started?"""

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
