"""Clocks that jump, days of another length, a computer that sleeps: durations stay right."""

import os
import signal
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from datetime import time as daytime
from pathlib import Path
from random import Random
from threading import Event

import pytest

from faults.catalogue import Measured, Rounds, fault
from motion_tracking.commands.status import midnight_before
from motion_tracking.core.changes import Change
from motion_tracking.core.intervals import intervals, totals
from motion_tracking.core.machine import MachineState, Reason
from motion_tracking.record.history import History
from servers.plant import Plant

CORNERS = {"ix": 0, "iy": 0, "ix2": 300, "iy2": 250, "threshold": 300}
STATES = [*MachineState]


def faketime() -> Path:
    """Return the library that sets clocks back for one process."""
    for folder in sorted(Path("/usr/lib").glob("*/faketime")):
        library = folder / "libfaketime.so.1"
        if library.exists():
            return library
    pytest.skip("no libfaketime: apt-get install libfaketime")


def plant_of(folder: Path, scene: str, **environment: str) -> Plant:
    plant = Plant(folder, {"XDG_STATE_HOME": str(folder / "state"), **environment})
    plant.configure({"press1": {"channel": f"simulated:{scene}", **CORNERS}})
    return plant


def changes_of(plant: Plant) -> list[Change]:
    with History(plant.history, read_only=True) as history:
        assert history.verify() == []
        return [change for _, change in history.changes("press1")]


@fault(
    "T01",
    "the clock of the computer is set",
    injected="an hour forward, then two back (libfaketime), while a standing machine is tracked",
    expected="nothing is told; no deep sleep for an hour that did not pass",
    promised="0 false changes, error of a duration <= 1 s, none negative",
)
@pytest.mark.parametrize("first", [3600, -3600])
def test_a_clock_that_is_set_changes_no_duration(
    measured: Measured, tmp_path: Path, first: int
) -> None:
    """Seen to fail with `at` of `system_now` taken from the wall clock."""
    offset = tmp_path / "offset"
    offset.write_text("+0")
    plant = plant_of(
        tmp_path / "plant",
        "press?run=0",
        LD_PRELOAD=str(faketime()),
        FAKETIME_TIMESTAMP_FILE=str(offset),
        FAKETIME_NO_CACHE="1",
        FAKETIME_DONT_FAKE_MONOTONIC="1",
    )
    with plant.tracking("press1") as tracker:
        tracker.wait_for("stopped")
        for seconds in (first, -first):
            offset.write_text(f"{seconds:+d}")
            Event().wait(6)
        assert tracker.stop() == 0
    with History(plant.history, read_only=True) as history:
        beat = history.heartbeats()["press1"]
    [stop] = changes_of(plant)
    assert stop.to_state is MachineState.STOPPED
    # as the clock stands at the end, the stop began this long ago; it was some 20 s
    began = (stop.occurred_at - beat.since).total_seconds() - first
    measured("s of error", abs(began), at_most=1.0)
    measured("lasted s", stop.lasted, at_least=0.0)
    measured.note(f"{first:+d} s, then {-2 * first:+d} s")


@fault(
    "T02",
    "nights on which clocks change",
    injected="every day of 2025 to 2027 in six time zones; random changes; each day added up",
    expected="a day has 23, 24 or 25 hours, and its states add up to that",
    promised="error 0 s",
)
@pytest.mark.skipif(not hasattr(time, "tzset"), reason="Windows has one zone a computer")
@pytest.mark.parametrize(
    ("zone", "lengths"),
    [
        ("Europe/Berlin", {23, 24, 25}),
        ("Africa/Cairo", {23, 24, 25}),  # where midnight itself is skipped
        ("Asia/Kolkata", {24}),
        ("America/Sao_Paulo", {24}),
        ("Australia/Lord_Howe", {23.5, 24, 24.5}),
        ("America/Havana", {23, 24, 25}),  # where midnight comes twice
    ],
)
def test_each_day_adds_up(
    measured: Measured, monkeypatch: pytest.MonkeyPatch, zone: str, lengths: set[float]
) -> None:
    """Seen to fail with midnight made by `replace(hour=0)`: an hour off on two days a year."""
    with local_zone(monkeypatch, zone):
        random = Random(7)
        seen, worst = set(), timedelta()
        for day in range(3 * 365):
            at = datetime(2025, 1, 1) + timedelta(days=day)
            # asked at any time of the day, it began at the same moment
            starts = {
                midnight_before((at + timedelta(hours=hour)).astimezone(UTC))
                for hour in (1.6, 3.5, 12, 23.9)
            }
            [start] = starts
            assert start.date() == at.date()
            end = midnight_before((at + timedelta(days=1, hours=12)).astimezone(UTC))
            start_utc, end_utc = start.astimezone(UTC), end.astimezone(UTC)
            length = end_utc - start_utc
            seen.add(length.total_seconds() / 3600)
            tiles = intervals(some_changes(random, start_utc, end_utc), start_utc, end_utc)
            worst = max(worst, abs(totals(tiles).whole - length))
            assert all(tile.duration > timedelta() for tile in tiles)
    assert seen == lengths
    measured("s of error", worst.total_seconds(), at_most=0.0)
    measured.note(f"{zone}: days of {sorted(seen)} h")


class local_zone:  # noqa: N801 - it is used as a statement
    """Be in a time zone for a while."""

    def __init__(self, patch: pytest.MonkeyPatch, zone: str) -> None:
        self._patch, self._zone = patch, zone

    def __enter__(self) -> None:
        self._patch.setenv("TZ", self._zone)
        time.tzset()
        midsummer = datetime.combine(date(2026, 7, 1), daytime())
        if midsummer.astimezone().tzname() == "UTC":
            pytest.skip("no data of time zones here")

    def __exit__(self, *_: object) -> None:
        self._patch.undo()
        time.tzset()


def some_changes(random: Random, start: datetime, end: datetime) -> Iterator[Change]:
    """Yield changes from before a day to after it, some of them dated back or out of order."""
    at, state = start - timedelta(hours=2), MachineState.UNKNOWN
    while at < end + timedelta(hours=1):
        becomes = random.choice([other for other in STATES if other is not state])
        occurred = at - timedelta(seconds=random.choice([0, 17, 5000]))
        reason = Reason.LOST if becomes is MachineState.NO_SIGNAL else None
        yield Change("press1", state, becomes, reason, occurred, at, occurred - timedelta(hours=1))
        at, state = at + timedelta(seconds=random.uniform(0, 9000)), becomes


@fault(
    "T03",
    "the computer sleeps, or we are stopped",
    injected="SIGSTOP for 12 s (long: 30 min) while a running machine is tracked, then SIGCONT",
    expected="no signal: not tracking, from the moment we were stopped; then running again",
    promised="the gap is recorded, nothing else is",
)
@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="Windows cannot stop a process so")
@pytest.mark.timeout(2400)
def test_time_in_which_we_were_stopped_is_not_tracked(
    measured: Measured, rounds: Rounds, tmp_path: Path
) -> None:
    """Seen to fail without `Tracker.away`: lost, as if the camera had been silent."""
    seconds = rounds(12, long=1800)
    plant = plant_of(tmp_path, "press?stop=0")
    with plant.tracking("press1") as tracker:
        tracker.wait_for("running")
        stopped_at = datetime.now(UTC)
        os.kill(tracker.process.pid, signal.SIGSTOP)
        Event().wait(seconds)
        os.kill(tracker.process.pid, signal.SIGCONT)
        tracker.wait_for("no_signal")
        tracker.wait_for("running")
        assert tracker.stop() == 0
    told = changes_of(plant)
    assert [c.to_state for c in told] == ["running", "no_signal", "unknown", "running"]
    gap, back = told[1:3]
    assert gap.reason is Reason.NOT_TRACKING
    error = abs((gap.occurred_at - stopped_at).total_seconds())
    measured("s stopped", seconds)
    measured("s of error at its beginning", error, at_most=1.5)
    lasted = (back.occurred_at - gap.occurred_at).total_seconds()
    measured("s of error of its length", abs(lasted - seconds), at_most=3.0)
