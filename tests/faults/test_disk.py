"""Full, read-only and slow disks, and a year of history: tracking goes on, nothing is lost."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from time import monotonic, perf_counter

import numpy as np
import pytest

from faults.catalogue import Measured, Rounds, fault
from motion_tracking.capture.clock import system_now
from motion_tracking.core.changes import Change
from motion_tracking.core.loglines import parse_line
from motion_tracking.core.machine import MachineState, Reason
from motion_tracking.record.history import Heartbeat, History
from motion_tracking.record.motion import MotionSpan
from motion_tracking.record.spill import Spill
from motion_tracking.record.textlogs import TextLogs
from motion_tracking.record.writer import Writer
from motion_tracking.simulator.camera import Camera, Channel
from motion_tracking.tracker import Scored
from servers.watcher import Watcher

START = datetime(2025, 1, 1, tzinfo=UTC)
CYCLE = (
    (MachineState.RUNNING, MachineState.STOPPED),
    (MachineState.STOPPED, MachineState.RUNNING),
)


def change(n: int) -> Change:
    was, becomes = CYCLE[n % 2]
    at = START + timedelta(minutes=14.4 * n)
    return Change("press1", was, becomes, None, at, at, START, at, score=n)


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """Mount a disk of its own, if we may."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(folder)]
    if sys.platform != "linux" or shutil.which("mount") is None or os.geteuid() != 0:
        pytest.skip("only root on Linux can mount a small disk")
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    if done.returncode:
        pytest.skip(f"a small disk cannot be mounted here: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False)


def fill(disk: Path) -> Path:
    """Leave no byte free."""
    ballast = disk / "ballast"
    with suppress(OSError), ballast.open("ab", buffering=0) as file:
        for size in (65536, 4096, 1):
            with suppress(OSError):
                while file.write(bytes(size)):
                    pass
    return ballast


class Clock:
    at = 0.0

    def __call__(self) -> float:
        return self.at


@fault(
    "D01",
    "the disk of the history is full",
    injected="a disk of 32 MB, filled up between 200 changes and freed again, 3 times (long: 40);"
    " killed in the midst of it each time",
    expected="changes wait on another disk, text lines are dropped and counted, then all is stored",
    promised="0 lost, 0 doubled, record sound",
)
def test_a_full_disk_loses_nothing(measured: Measured, rounds: Rounds, tmp_path: Path) -> None:
    """Seen to fail without the spill: 140 of 200 changes went with the process."""
    with small_disk(tmp_path / "disk", "32m") as disk:
        path, clock, sent = disk / "history.sqlite3", Clock(), 0
        waited = 0
        for _ in range(rounds(3, long=40)):
            spill = Spill([tmp_path / "spill"], ["press1"])
            logs = TextLogs(disk / "press1", "press1", clock, UTC)
            # one that is never closed is as good as killed: nothing of it is written later
            writer = Writer(lambda: History(path), {"press1": logs}, clock, spill=spill)
            writer.start()
            for n in range(200):
                if n == 60:
                    ballast = fill(disk)
                writer.change(change(sent), ["webhook"])
                writer.sample("press1", START.timestamp() + sent, sent, True)
                sent += 1
                clock.at += 20.0
                writer._news.acquire()
                writer._news.release()
            deadline = monotonic() + 60
            while len(safe(path, spill)) < sent:
                assert monotonic() < deadline, (len(safe(path, spill)), sent)
                Event().wait(0.05)
                clock.at += 1.0  # it tries again after a pause
            waited = max(waited, len(spill.read()))
            # dead: it never gets to the history or to the spill again
            writer._open_history, writer._spill = refuse, Spill((), ())
            ballast.unlink()
        last = Writer(
            lambda: History(path), {}, clock, spill=Spill([tmp_path / "spill"], ["press1"])
        )
        last.start()
        assert last.close(60) == []
        with History(path, read_only=True) as history:
            scores = [c.score for _, c in history.changes("press1")]
            assert history.verify() == []
            (sound,) = history._connection.execute("PRAGMA integrity_check").fetchone()
    assert sound == "ok"
    assert waited > 10
    measured("changes", sent)
    measured("waited elsewhere", waited)
    measured("lost", len(set(range(sent)) - {*scores}), at_most=0)
    measured("doubled", len(scores) - len({*scores}), at_most=0)
    assert scores == sorted(scores, key=lambda score: score or 0)


def refuse() -> History:
    raise OSError(5, "it is dead")


def safe(path: Path, spill: Spill) -> set[int | None]:
    """Return the changes that are on one disk or the other."""
    spilt = {entry.change.score for entry in spill.read()}
    try:
        with History(path, read_only=True) as history:
            return spilt | {change.score for _, change in history.changes("press1")}
    except OSError:
        return spilt


@fault(
    "D02",
    "a year of history",
    injected="a simulated year of one machine: a sample every half second, 100 changes a day",
    expected="old motion is thinned, the start stays quick",
    promised="<= 50 MB a camera and year, start <= 1 s",
)
@pytest.mark.timeout(1800)
def test_a_year_stays_small_and_starts_quickly(measured: Measured, tmp_path: Path) -> None:
    """Seen to fail without `thin_motion`: 124 MB.  `tests/test_year.py` lives through all of it."""
    days = 365
    path = tmp_path / "history.sqlite3"
    random = np.random.default_rng(4)
    with History(path) as history:
        connection = history._connection
        for day in range(days):
            start = int(START.timestamp()) + 86400 * day
            highest = random.integers(100, 90_000, 8640)
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute("BEGIN")
            connection.executemany(
                "INSERT INTO motion VALUES ('press1', ?, 20, 11, ?, ?, ?)",
                [
                    (start + 10 * n, int(high) // 3, int(high), int(high) * 10)
                    for n, high in enumerate(highest)
                ],
            )
            connection.execute("COMMIT")
            history.thin_motion("press1", START + timedelta(days=day - 60))
            _append_quickly(history, range(100 * day, 100 * day + 100))
        for _ in range(10):  # thinning goes on by itself, a day at a time
            history.thin_motion("press1", START + timedelta(days=days - 60))
        assert history.verify() == []
    began = perf_counter()
    with History(path) as history:
        list(history.changes("press1", newest_first=True, limit=50))
        history.heartbeats()
        history.append(change(100 * days), ["webhook"])
        history.gathered("webhook", ["press1"], (START + timedelta(days=days)).timestamp())
    took = perf_counter() - began
    size = path.stat().st_size / 1e6
    measured("MB", size, at_most=50.0)
    measured("s to start", took, at_most=1.0)


def _append_quickly(history: History, numbers: range) -> None:
    """Append as ever, without waiting for the disk of the test."""
    writing = history._writing
    history._writing = lambda **_: writing(durable=False)  # type: ignore[method-assign]
    try:
        for n in numbers:
            history.append(change(n), ["webhook"])
        history._connection.execute(
            "UPDATE outbox SET state = 'delivered', ended = ? WHERE state = 'pending'",
            (change(numbers[-1]).detected_at.timestamp(),),
        )
    finally:
        history._writing = writing  # type: ignore[method-assign]


@fault(
    "D04",
    "a disk that is slow or read-only",
    injected="each write takes 5 s, then each is refused, while a real camera is tracked",
    expected="detection goes on; changes wait elsewhere",
    promised="age of the judged picture p99 <= 0.5 s",
)
@pytest.mark.parametrize("fault_of_disk", ["slow", "read-only"])
def test_detection_does_not_wait_for_the_disk(
    measured: Measured, rounds: Rounds, tmp_path: Path, fault_of_disk: str
) -> None:
    """Seen to fail with heartbeats stored while others hand over: 3.5 s of age."""
    path, over = tmp_path / "history.sqlite3", Event()

    class Slow(History):
        def append(self, *args: object, **options: object) -> int:
            over.wait(5.0)
            return super().append(*args, **options)  # type: ignore[arg-type]

        def beat(self, heartbeat: Heartbeat) -> None:
            over.wait(5.0)
            super().beat(heartbeat)

        def add_motion(self, span: MotionSpan) -> None:
            over.wait(5.0)
            super().add_motion(span)

    History(path).close()
    spill = Spill([tmp_path / "spill"], ["press1"])
    open_history = {"slow": lambda: Slow(path), "read-only": lambda: History(path, read_only=True)}
    writer = Writer(open_history[fault_of_disk], {}, lambda: system_now().at, spill=spill)
    ages: list[float] = []

    class Keeper:
        def scored(self, scored: Scored) -> None:
            writer.sample(scored.machine, scored.utc, scored.score, scored.moving)
            at = datetime.fromtimestamp(scored.utc, UTC)
            writer.beat(Heartbeat("press1", at, 1, MachineState.RUNNING, None, at))
            if len(ages) % 4 == 0:
                writer.change(change(len(ages) // 4))
            # only now: who waited for the disk finds a fresh picture in the mailbox again
            ages.append(system_now().at - scored.at)

        def changed(self, change: Change) -> None:
            writer.change(change)

    writer.start()
    with Camera([Channel(802, "flywheel")]) as camera, Watcher.of(camera) as watcher:
        watcher.wait_for_score()
        watcher.tracker._subscribers = [watcher, Keeper()]
        watcher.wait_for_score(rounds(30, long=1200))
    over.set()
    left = writer.close(10)
    measured("samples", len(ages))
    measured("s of age, p99", float(np.quantile(ages, 0.99)), at_most=0.5)
    if fault_of_disk == "read-only":
        assert left == []
        measured("changes put aside", len(spill.read()), at_least=len(ages) // 4)


@fault(
    "D06",
    "logs of the old tool that are damaged",
    injected="20,000 lines (long: 1,000,000) cut, mixed, with garbage, CRLF, UTF-16",
    expected="a line is read or left out",
    promised="0 exceptions",
)
def test_no_line_breaks_the_reader_of_logs(measured: Measured, rounds: Rounds) -> None:
    random = np.random.default_rng(6)
    lines = [
        "2023/09/30 14:05:06 812",
        "2023/09/30 14:05:06 - Stopped_State press1",
        "2023/09/30 14:05:06 - Moving_State press1 - was stopped for 12 min",
        "2023/09/30 14:05:06 - Deep_Sleep: press1 - stopped 20 mins ago",
        "2023/09/30 14:05:06 - Woke_Up: press1 - Idle time: 47 min",
    ]
    read, count = 0, rounds(20_000, long=1_000_000)
    encodings = ("utf-8", "utf-16", "utf-16-le", "cp1252", "utf-7")
    for n in range(count):
        data = bytearray(lines[n % 5].encode(encodings[n % 7 % 5]))
        for _ in range(int(random.integers(0, 4))):
            place = int(random.integers(0, len(data) + 1))
            match int(random.integers(0, 5)):
                case 0:
                    del data[place:]
                case 1:
                    data[place:place] = random.bytes(3)
                case 2:
                    data[place:place] = b"\r\n"
                case 3:
                    data[place:place] = data[: place // 2]
                case _:
                    data[place : place + 1] = bytes([int(random.integers(0, 256))])
        found = parse_line(data.decode("utf-8", "replace"))
        read += found is not None
        assert found is None or found.at.year < 10_000
    measured("lines", count)
    measured("read all the same", read, at_least=count / 10)


def test_the_reasons_that_are_kept_are_those_there_are() -> None:
    """A change for each reason goes into the spill and comes out the same."""
    from motion_tracking.record.spill import Entry, _line, parse

    for reason in Reason:
        lost = Change(
            "press1", MachineState.RUNNING, MachineState.NO_SIGNAL, reason, START, START, START
        )
        entry = parse(_line(Entry(lost), "boot")[:-1])
        assert entry is not None
        assert entry.change == lost
