"""What a tracker finds is kept, or the program says that it is not."""

import threading
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from motion_tracking.capture.clock import system_now
from motion_tracking.commands.keeping import Keeper
from motion_tracking.config import load
from motion_tracking.core.changes import Change
from motion_tracking.core.machine import MachineState
from servers.plant import Plant

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
STOP = Change(
    machine="press1",
    from_state=MachineState.RUNNING,
    to_state=MachineState.STOPPED,
    reason=None,
    occurred_at=NOON,
    detected_at=NOON,
    since=NOON,
    stopped_since=NOON,
)


@pytest.fixture
def keeper(tmp_path: Path) -> Keeper:
    plant = Plant(tmp_path)
    corners = {"ix": 0, "iy": 0, "ix2": 9, "iy2": 9, "threshold": 300}
    section = {"channel": 802, **corners}
    recorder = {"ip_address": "127.0.0.1", "port": 554}
    plant.configure({"press1": section}, stream=recorder, storage={"logs": tmp_path / "logs"})
    config = load(plant.config, {})
    return Keeper(config, [config.cameras["press1"]], system_now)


def test_what_was_kept_is_remembered(keeper: Keeper) -> None:
    with keeper:
        assert keeper.memory("press1") is None
        keeper.changed(STOP)
        assert not keeper.failed

    memory = keeper.memory("press1")
    assert memory is not None
    assert memory.state is MachineState.STOPPED


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_fault_of_ours_that_ends_the_keeping_is_noticed(keeper: Keeper) -> None:
    """Then `run` ends with exit code 70, and is started again: better than to track for nobody."""
    tick = threading.Event()
    with keeper:
        keeper.changed(replace(STOP, occurred_at=NOON.replace(tzinfo=None)))
        for _ in range(500):
            if keeper.failed:
                break
            tick.wait(0.02)
        assert keeper.failed
