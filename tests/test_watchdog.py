"""Is a tracker that hangs ended, and no other?"""

import logging
from threading import Event

import pytest

from motion_tracking.commands.watchdog import PATIENCE, Watchdog

LIMIT = 20.0


def test_a_loop_that_hangs_is_ended_after_what_is_left_was_stored(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    stored, ended = Event(), Event()
    with Watchdog(stored.set, ended.set, look_every=0.001):
        assert ended.wait(LIMIT)
    assert stored.is_set()
    assert "tracking hangs" in caplog.text
    assert "test_a_loop_that_hangs" in capfd.readouterr().err  # where it hangs


def test_it_is_ended_though_nothing_can_be_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("motion_tracking.commands.watchdog.FAREWELL", 0.01)
    ended, never = Event(), Event()
    with Watchdog(never.wait, ended.set, look_every=0.001):
        assert ended.wait(LIMIT)
    never.set()


def test_a_loop_that_turns_is_left_alone() -> None:
    """Looks are counted, so one turn in `PATIENCE` of them is enough."""
    ended, pause = Event(), Event()
    with Watchdog(lambda: None, ended.set, look_every=0.005) as watchdog:
        for _ in range(60):
            watchdog.turned()
            pause.wait(0.005)
        assert not ended.is_set()


def test_a_loop_that_has_ended_is_left_alone() -> None:
    logging.disable()
    ended = Event()
    with Watchdog(lambda: None, ended.set, look_every=0.001):
        pass
    assert not ended.wait(0.001 * PATIENCE * 3)
    logging.disable(logging.NOTSET)
