"""
Nothing that was acknowledged is lost and nothing doubled, whenever the process is killed.

Run as a script, this file is the process that gets killed: it hands changes to a writer and
acknowledges on stdout each that was stored.
"""

import os
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from threading import Event
from time import monotonic

import pytest

from motion_tracking.core.changes import Change
from motion_tracking.core.machine import MachineState
from motion_tracking.record.history import Heartbeat, History
from motion_tracking.record.textlogs import TextLogs
from motion_tracking.record.writer import Writer

MACHINES = ("press1", "saw")
NOTIFIERS = ("log", "webhook")
START = datetime(2024, 3, 1, tzinfo=UTC)


def change(machine: str, n: int) -> Change:
    """The n-th change of a machine, unlike all others."""
    states = (MachineState.RUNNING, MachineState.STOPPED)
    at = START + timedelta(seconds=n)
    return Change(machine, states[n % 2], states[1 - n % 2], None, at, at, START, score=n)


def acknowledge(seq: int, stored: Change) -> None:
    os.write(1, f"{stored.machine} {seq} {stored.score}\n".encode())


def write_until_killed(folder: Path, first: int) -> None:
    path = folder / "history.sqlite3"
    logs = {machine: TextLogs(folder / machine, machine, monotonic, UTC) for machine in MACHINES}
    writer = Writer(lambda: History(path), logs, monotonic, acknowledge)
    writer.start()
    for n in range(first, first + 1_000_000):
        for machine in MACHINES:
            at = START + timedelta(seconds=n)
            writer.sample(machine, at.timestamp(), n, True)
            writer.beat(Heartbeat(machine, at, os.getpid(), MachineState.RUNNING, None, START))
            writer.change(change(machine, n), NOTIFIERS)
        Event().wait(0.002)


def killed_after(
    seconds: float, folder: Path, first: int, writing: bool
) -> list[tuple[str, int, int]]:
    """
    Kill a process so long after its start, or after it began `writing`.

    Return machine, number and score of what it acknowledged.
    """
    with subprocess.Popen(
        [sys.executable, __file__, str(folder), str(first)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        text = process.stdout.readline() if writing else ""
        Event().wait(seconds)
        process.kill()
        text += process.stdout.read()
    lines = [line.split() for line in text.splitlines(keepends=True) if line.endswith("\n")]
    return [(machine, int(seq), int(score)) for machine, seq, score in lines]


def killed_once_it_beats(folder: Path, first: int) -> None:
    """Kill a process as soon as the heartbeat of each of its machines is stored."""
    deadline = monotonic() + 60
    with subprocess.Popen(
        [sys.executable, __file__, str(folder), str(first)], stdout=subprocess.DEVNULL
    ) as process:
        beating: set[str] = set()
        while beating != set(MACHINES) and monotonic() < deadline:
            Event().wait(0.01)
            with History(folder / "history.sqlite3", read_only=True) as history:
                beats = history.heartbeats().values()
            beating = {beat.machine for beat in beats if beat.pid == process.pid}
        process.kill()
    assert beating == set(MACHINES)


@pytest.mark.slow
def test_no_kill_loses_or_doubles_an_acknowledged_change(tmp_path: Path) -> None:
    random, rounds = Random(5), 40
    acknowledged: list[tuple[str, int, int]] = []
    for n in range(rounds):
        writing = n % 4 > 0  # the others are killed while they open the history, or before
        seconds = random.uniform(0.0, 0.06) if writing else random.uniform(0.05, 0.25)
        acknowledged += killed_after(seconds, tmp_path, n * 1_000_000, writing)
    assert len(acknowledged) > rounds
    killed_once_it_beats(tmp_path, rounds * 1_000_000)
    with History(tmp_path / "history.sqlite3") as history:
        assert history.verify() == []
        kept = [
            (machine, seq, stored.score)
            for machine in MACHINES
            for seq, stored in history.changes(machine)
        ]
        assert set(acknowledged) <= set(kept)
        assert max(Counter((machine, score) for machine, _, score in kept).values()) == 1
        for machine in MACHINES:
            numbers = [seq for name, seq, _ in kept if name == machine]
            assert numbers == list(range(1, len(numbers) + 1))
        assert history.outbox_counts()["pending"] == len(kept) * len(NOTIFIERS)
        assert len(history.due(MACHINES, 0.0)) == len(MACHINES) * len(NOTIFIERS)
        assert set(history.heartbeats()) == set(MACHINES)


@pytest.mark.slow
def test_trackers_that_start_at_once_make_one_history_and_share_it(tmp_path: Path) -> None:
    appending = (
        "import sys; from pathlib import Path; from test_crash_safety import *\n"
        "name, folder = sys.argv[1:]\n"
        "print('ready', flush=True)\n"
        "sys.stdin.readline()\n"
        "for n in range(30):\n"
        "    with History(Path(folder) / 'history.sqlite3') as history:\n"
        "        history.append(change('both', int(name) * 1000 + n), NOTIFIERS)\n"
        "        history.append(change(name, n), NOTIFIERS)\n"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", appending, str(name), str(tmp_path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=Path(__file__).parent,
        )
        for name in range(6)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        assert process.communicate()[0] == ""
    with History(tmp_path / "history.sqlite3") as history:
        assert history.verify() == []
        assert [len(list(history.changes(machine))) for machine in history.machines()] == [
            *[30] * 6,
            180,
        ]
        assert history.outbox_counts()["pending"] == 2 * 360


if __name__ == "__main__":
    write_until_killed(Path(sys.argv[1]), int(sys.argv[2]))
