"""What a tracker finds is kept, or the program says that it is not."""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from motion_tracking.capture.clock import system_now
from motion_tracking.commands.keeping import Keeper
from motion_tracking.config import load
from motion_tracking.core.changes import Change
from motion_tracking.core.machine import MachineState, Reason
from motion_tracking.record.history import History
from motion_tracking.record.spill import Entry, Spill
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


def keeper_of(tmp_path: Path) -> Keeper:
    plant = Plant(tmp_path)
    corners = {"ix": 0, "iy": 0, "ix2": 9, "iy2": 9, "threshold": 300}
    section = {"channel": 802, **corners}
    recorder = {"ip_address": "127.0.0.1", "port": 554}
    storage = {"logs": tmp_path / "logs", "spill": tmp_path / "spill"}
    plant.configure({"press1": section}, stream=recorder, storage=storage)
    config = load(plant.config, {})
    return Keeper(config, [config.cameras["press1"]], system_now)


@pytest.fixture
def keeper(tmp_path: Path) -> Keeper:
    return keeper_of(tmp_path)


def test_what_was_kept_is_remembered(keeper: Keeper) -> None:
    with keeper:
        assert keeper.memory("press1") is None
        keeper.changed(STOP)
        assert not keeper.failed

    memory = keeper.memory("press1")
    assert memory is not None
    assert memory.state is MachineState.STOPPED


def test_what_waits_in_the_spill_is_remembered_too(tmp_path: Path, keeper: Keeper) -> None:
    """Else a restart while the disk is full resumes an old state, and sees a false change."""
    with keeper:
        keeper.changed(STOP)
    start = replace(
        STOP,
        from_state=MachineState.STOPPED,
        to_state=MachineState.RUNNING,
        occurred_at=NOON + timedelta(minutes=5),
        detected_at=NOON + timedelta(minutes=5),
    )
    spill = Spill([tmp_path / "spill"], ["press1"])
    spill.add([Entry(STOP), Entry(start)])

    memory = keeper.memory("press1")
    assert memory is not None
    assert memory.state is MachineState.RUNNING
    with keeper_of(tmp_path) as again:  # which stores it, once
        again.changed(replace(STOP, occurred_at=NOON + timedelta(minutes=9)))
    with History(tmp_path / "logs" / "motion_tracking" / "history.sqlite3") as history:
        assert [change.to_state for _, change in history.changes("press1")] == [
            MachineState.STOPPED,
            MachineState.RUNNING,
            MachineState.STOPPED,
        ]
    assert spill.read() == []


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


def test_nobody_is_alerted_of_a_gap_that_was_asked_for(tmp_path: Path, keeper: Keeper) -> None:
    gap, unknown, no_signal = timedelta(minutes=5), MachineState.UNKNOWN, MachineState.NO_SIGNAL
    lost = replace(STOP, to_state=no_signal, reason=Reason.NOT_TRACKING)
    back = replace(STOP, from_state=no_signal, to_state=unknown, occurred_at=NOON + gap)
    again = [replace(one, occurred_at=one.occurred_at + 2 * gap) for one in (lost, back)]

    with keeper:
        keeper.hushed.add("press1")
        for change in (lost, back, *again):
            keeper.changed(change)

    with History(tmp_path / "logs" / "motion_tracking" / "history.sqlite3") as history:
        told = history.outbox_counts()
        kept = [change.to_state for _, change in history.changes("press1")]
    assert kept == [no_signal, unknown] * 2
    assert sum(told.values()) == 2, "of the gap that was not asked for"
