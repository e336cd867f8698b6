"""Detection never waits for the disk, and no change is lost while the disk refuses."""

import logging
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from queue import Queue
from threading import Event, current_thread
from time import monotonic

import pytest

from motion_tracking.core.changes import Change
from motion_tracking.core.machine import MachineState
from motion_tracking.record.history import DeliveryState, Heartbeat, History, MotionSpan
from motion_tracking.record.textlogs import TextLogs
from motion_tracking.record.writer import SAMPLES_HELD, Writer, pause_after
from waiting import until

RUNNING, STOPPED = MachineState.RUNNING, MachineState.STOPPED
START = datetime(2024, 3, 1, 6, 0, tzinfo=UTC)
PROMPT = 2.0
"""Seconds; handing over takes microseconds, and a busy disk takes five."""


def stop(n: int = 0, machine: str = "press1") -> Change:
    """A stop `n` minutes after the start."""
    at = START + timedelta(minutes=n)
    return Change(machine, RUNNING, STOPPED, None, at, at, START, stopped_since=at)


class Clock:
    """Monotonic seconds that pass when told to."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "history.sqlite3"


Stored = Queue[tuple[int, Change]]
Start = Callable[..., tuple[Writer, Stored]]


@pytest.fixture
def start(path: Path, clock: Clock) -> Iterator[Start]:
    """Start a writer that tells of what it stored through a queue."""
    writers: list[Writer] = []

    def start(
        open_history: Callable[[], History] = lambda: History(path),
        **text_logs: TextLogs,
    ) -> tuple[Writer, Stored]:
        stored: Stored = Queue()
        writer = Writer(
            open_history, text_logs, clock, lambda seq, change: stored.put((seq, change))
        )
        writer.start()
        writers.append(writer)
        return writer, stored

    yield start
    for writer in writers:
        writer.close(30)
        assert not writer.alive


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Be another process that does not let go of the history."""
    History(path).close()
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        connection.close()


def changes(path: Path, machine: str = "press1") -> list[tuple[int, Change]]:
    with History(path, read_only=True) as history:
        return list(history.changes(machine))


def test_a_change_is_told_of_when_the_disk_has_it(path: Path, clock: Clock) -> None:
    seen: Queue[tuple[int, str, list[tuple[int, Change]]]] = Queue()
    writer = Writer(
        lambda: History(path),
        {},
        clock,
        lambda seq, _: seen.put((seq, current_thread().name, changes(path))),
    )
    writer.start()
    writer.change(stop(), ["log"], machineid=42)
    assert seen.get(timeout=10) == (1, "writer", [(1, stop())])
    assert writer.close(10) == []
    with History(path) as history:
        [delivery] = history.due(["press1"], 0.0)
    assert (delivery.notifier, delivery.announcement.machineid) == ("log", 42)


def test_several_machines_share_a_writer(path: Path, start: Start) -> None:
    writer, stored = start()
    for n in range(6):
        writer.change(stop(n, f"press{n % 2}"))
    assert [stored.get(timeout=10)[0] for _ in range(6)] == [1, 1, 2, 2, 3, 3]
    assert [seq for seq, _ in changes(path, "press1")] == [1, 2, 3]


def test_closing_writes_all_that_was_handed_over(path: Path, tmp_path: Path, start: Start) -> None:
    logs = TextLogs(tmp_path / "press1", "press1", monotonic, UTC)
    writer, _ = start(press1=logs)
    utc = START.timestamp()
    for after, score in ((0.2, 5), (0.7, 900), (1.1, 8), (10.3, 700)):
        writer.sample("press1", utc + after, score, score > 250)
    writer.sample("saw", utc, 3, False)  # has no text logs
    beats = [
        Heartbeat("press1", START + timedelta(seconds=n), 7, RUNNING, None, START) for n in range(3)
    ]
    for beat in beats:
        writer.beat(beat)
    writer.change(stop())
    assert writer.close(30) == []
    with History(path, read_only=True) as history:
        spans = list(history.motion("press1", START, START + timedelta(minutes=1)))
        assert history.heartbeats()["press1"].at == beats[-1].at
        assert len(list(history.motion("saw", START, START + timedelta(minutes=1)))) == 1
    begin = int(utc)
    assert spans == [
        MotionSpan("press1", begin, 3, 1, 5, 900, 913),
        MotionSpan("press1", begin + 10, 1, 1, 700, 700, 700),
    ]
    folder = tmp_path / "press1"
    assert (folder / "log_motion_press1.log").read_text().splitlines() == [
        "2024/03/01 06:00:00 900",
        "2024/03/01 06:00:01 8",
        "2024/03/01 06:00:10 700",
    ]
    assert (folder / "log_globalstatechange_press1.log").read_text().splitlines() == [
        "2024/03/01 06:00:00 - Stopped_State press1"
    ]


def test_heartbeats_and_motion_have_their_turn_among_changes_without_end(
    path: Path, clock: Clock
) -> None:
    """Seen to fail, with neither stored, while a pass lasted until no change was left."""
    passed, utc = Queue[int](), START.timestamp()

    def hand_over(n: int, _: Change) -> None:
        """Be a plant that changes as fast as the disk can take it, up to a limit."""
        with History(path, read_only=True) as history:
            moved = list(history.motion("press1", START, stop(1).occurred_at))
            if n == 50 or (moved and history.heartbeats()):
                passed.put(n)
            else:
                writer.change(stop(n))

    writer = Writer(lambda: History(path), {}, clock, hand_over)
    for after in (0.0, 10.0):
        writer.sample("press1", utc + after, 5, False)
    writer.beat(Heartbeat("press1", START, 7, RUNNING, None, START))
    writer.change(stop())
    writer.start()
    assert passed.get(timeout=30) < 10
    assert writer.close(30) == []


def test_handing_over_does_not_wait_for_a_busy_disk(path: Path, start: Start) -> None:
    with locked(path):
        writer, stored = start()
        begin = monotonic()
        for n in range(50):
            writer.change(stop(n))
            writer.sample("press1", START.timestamp() + n, 5, False)
            writer.beat(Heartbeat("press1", START, 7, RUNNING, None, START))
        assert monotonic() - begin < PROMPT
        assert stored.empty()
    assert [stored.get(timeout=30) for _ in range(50)] == [(n + 1, stop(n)) for n in range(50)]
    assert len(changes(path)) == 50


def test_closing_does_not_wait_for_a_busy_disk_and_names_what_is_left(
    path: Path, start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    with locked(path):
        writer, _ = start()
        writer.change(stop(0))
        writer.change(stop(1))
        begin = monotonic()
        assert writer.close(0.1) == [stop(0), stop(1)]
        assert monotonic() - begin < 0.1 + PROMPT
    assert "press1: stopped, seen 2024-03-01T06:01:00+00:00, was not stored" in caplog.text


class Disk:
    """Opens histories that cannot be written for as long as it is not well."""

    def __init__(self, path: Path, fault: str) -> None:
        History(path).close()
        self.path = path
        self.fault = fault
        self.well = True

    def __call__(self) -> History:
        if self.well:
            return History(self.path)
        if self.fault == "unmounted":
            return History(self.path / "not" / "there")
        history = History(self.path, read_only=self.fault == "read-only")
        if self.fault == "full":
            pages = history._connection.execute("PRAGMA page_count").fetchone()[0]
            history._connection.execute(f"PRAGMA max_page_count = {pages}")
        return history


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("full", "database or disk is full"),
        ("read-only", "attempt to write a readonly database"),
        ("unmounted", "Not a directory|File exists|cannot find"),
    ],
)
def test_what_a_disk_refuses_waits_and_is_stored_in_order_once_it_heals(
    path: Path,
    start: Start,
    clock: Clock,
    caplog: pytest.LogCaptureFixture,
    fault: str,
    message: str,
) -> None:
    caplog.set_level(logging.INFO)
    disk = Disk(path, fault)
    disk.well = False
    writer, stored = start(disk)
    sent = [stop(n) for n in range(60)]
    for change in sent[:30]:
        writer.change(change, ["log"])
    until(lambda: "cannot be written" in caplog.text)
    assert re.search(message, caplog.text)
    for n, change in enumerate(sent[30:]):
        clock.at += 2.0 if n < 29 else 31.0
        disk.well = n == 29
        writer.change(change, ["log"])
    got = [stored.get(timeout=30) for _ in sent]
    assert [seq for seq, _ in got] == list(range(1, 61))
    assert [change for _, change in got] == sent
    assert [change for _, change in changes(path)] == sent
    with History(path) as history:
        assert history.verify() == []
        assert history.outbox_counts()["pending"] == 60
    until(lambda: "can be written again" in caplog.text)
    told = [record.levelname for record in caplog.records]
    assert told[0] == "WARNING"
    assert told[-1] == "INFO"
    assert 2 <= len(told) <= 4  # at the beginning, once a minute, at the end


def test_a_disk_that_refuses_is_left_alone_for_a_while(
    path: Path, start: Start, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    tries: Queue[None] = Queue()
    disk = Disk(path, "read-only")
    disk.well = False

    def open_history() -> History:
        tries.put(None)
        return disk()

    writer, stored = start(open_history)
    for n in range(20):
        writer.change(stop(n))
        until(lambda: not writer._urgent)
    until(lambda: "cannot be written" in caplog.text)
    disk.well = True
    writer.change(stop(20))
    until(lambda: not writer._urgent)
    clock.at += 1.0
    writer.change(stop(21))
    for _ in range(22):
        stored.get(timeout=30)
    assert tries.qsize() == 2


def test_pauses_between_tries_grow_to_half_a_minute() -> None:
    assert [pause_after(n) for n in (1, 2, 3, 4, 5, 6, 7, 9_999)] == [1, 2, 4, 8, 16, 30, 30, 30]


def test_a_line_is_written_only_of_what_was_stored(
    path: Path, tmp_path: Path, start: Start, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    disk = Disk(path, "read-only")
    disk.well = False
    writer, stored = start(disk, press1=TextLogs(tmp_path / "press1", "press1", clock, UTC))
    writer.change(stop(0))
    until(lambda: "cannot be written" in caplog.text)
    assert not (tmp_path / "press1").exists()
    disk.well = True
    clock.at += 31.0
    writer.change(stop(1))
    for _ in range(2):
        stored.get(timeout=10)
    text = (tmp_path / "press1" / "log_globalstatechange_press1.log").read_text()
    assert [line[:19] for line in text.splitlines()] == [
        "2024/03/01 06:00:00",
        "2024/03/01 06:01:00",
    ]


def test_of_too_many_samples_the_oldest_are_dropped_and_counted(path: Path, clock: Clock) -> None:
    reached, go_on = Event(), Event()

    def block(_seq: int, _change: Change) -> None:
        reached.set()
        go_on.wait(30)

    writer = Writer(lambda: History(path), {}, clock, block)
    writer.start()
    writer.change(stop())
    assert reached.wait(10)
    for n in range(SAMPLES_HELD + 25):
        writer.sample("press1", START.timestamp(), n, True)
    writer.change(stop(1))  # a change is never dropped
    go_on.set()
    assert writer.close(30) == []
    assert writer.dropped == 25
    with History(path, read_only=True) as history:
        [span] = history.motion("press1", START, START + timedelta(minutes=1))
    assert (span.samples, span.lowest) == (SAMPLES_HELD, 25)
    assert len(changes(path)) == 2


def test_closing_tries_once_more(
    path: Path, start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    disk = Disk(path, "read-only")
    disk.well = False
    writer, _ = start(disk)
    writer.change(stop())
    until(lambda: "cannot be written" in caplog.text)
    disk.well = True
    assert writer.close(30) == []
    assert changes(path) == [(1, stop())]


def test_a_heartbeat_that_comes_while_another_is_written_is_written_too(
    path: Path, start: Start
) -> None:
    first, second = (Heartbeat("press1", START, pid, RUNNING, None, START) for pid in (1, 2))

    class Slow(History):
        def beat(self, heartbeat: Heartbeat) -> None:
            super().beat(heartbeat)
            if heartbeat is first:
                writer.beat(second)

    writer, stored = start(lambda: Slow(path))
    writer.beat(first)
    writer.change(stop(0))
    stored.get(timeout=10)
    writer.change(stop(1))
    writer.close(30)
    with History(path, read_only=True) as history:
        assert history.heartbeats()["press1"].pid == 2


def test_old_motion_is_thinned_as_time_goes_on(path: Path, start: Start) -> None:
    writer, _ = start()
    for days in (0, 59, 61, 62):
        for seconds in range(0, 120, 5):
            utc = START + timedelta(days=days, seconds=seconds)
            writer.sample("press1", utc.timestamp(), 5, False)
    writer.close(30)
    with History(path, read_only=True) as history:
        spans = list(history.motion("press1", START, START + timedelta(days=99)))
    assert [(span.seconds, span.samples) for span in spans[:3]] == [(60, 12), (60, 12), (10, 2)]
    assert sum(span.samples for span in spans) == 4 * 24


def test_messages_that_arrived_long_ago_are_forgotten_as_time_goes_on(
    path: Path, start: Start
) -> None:
    with History(path) as history:
        history.append(stop(), ["log"])
        [delivery] = history.due(["press1"], 0.0)
        history.delivered(delivery.id, START.timestamp())
    writer, _ = start()
    for days in (29, 31, 32):
        utc = START + timedelta(days=days)
        writer.sample("press1", utc.timestamp(), 5, False)
    writer.close(30)
    with History(path, read_only=True) as history:
        assert history.outbox_counts()[DeliveryState.DELIVERED] == 0
        assert history.last("press1") is not None


def test_a_writer_that_was_never_started_says_what_it_holds(path: Path, clock: Clock) -> None:
    writer = Writer(lambda: History(path), {}, clock)
    writer.change(stop())
    assert not writer.alive
    assert writer.close() == [stop()]
    assert not path.exists()
