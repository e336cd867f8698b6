"""The three text logs read as the old tool wrote them, whatever Excel, disks and kills do."""

import logging
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from motion_tracking.core.changes import Change
from motion_tracking.core.loglines import parse_line
from motion_tracking.core.machine import MachineState
from motion_tracking.record.rotating import RotatingLog
from motion_tracking.record.textlogs import TextLogs

RUNNING, STOPPED, DEEP_SLEEP, NO_SIGNAL, UNKNOWN = (
    MachineState.RUNNING,
    MachineState.STOPPED,
    MachineState.DEEP_SLEEP,
    MachineState.NO_SIGNAL,
    MachineState.UNKNOWN,
)
NOON = datetime(2024, 1, 15, 11, 0, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")  # noon there


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
def logs(tmp_path: Path, clock: Clock) -> Iterator[TextLogs]:
    logs = TextLogs(tmp_path / "press1", "press1", clock, BERLIN)
    yield logs
    logs.close()


def content(tmp_path: Path, kind: str) -> bytes:
    return (tmp_path / "press1" / f"log_{kind}_press1.log").read_bytes()


def lines(*texts: str) -> bytes:
    return "".join(text + os.linesep for text in texts).encode()


def change(minutes: float, before: MachineState, after: MachineState, **more: object) -> Change:
    """A change `minutes` after noon, seen 20 s later, of a machine that stopped at noon."""
    occurred_at = NOON + timedelta(minutes=minutes)
    made = Change(
        machine="press1",
        from_state=before,
        to_state=after,
        reason=None,
        occurred_at=occurred_at,
        detected_at=occurred_at + timedelta(seconds=20),
        since=NOON,
        stopped_since=NOON,
    )
    return replace(made, **more)  # type: ignore[arg-type]


def test_a_second_has_one_line_with_its_highest_score(tmp_path: Path, logs: TextLogs) -> None:
    utc = NOON.timestamp()
    for after, score in ((0.0, 5), (0.6, 812), (0.9, 30), (1.2, 7), (4.999, 9), (5.0, 1)):
        logs.sample(utc + after, score)
    written = lines("2024/01/15 12:00:00 812", "2024/01/15 12:00:01 7", "2024/01/15 12:00:04 9")
    assert content(tmp_path, "motion") == written
    logs.close()
    assert content(tmp_path, "motion") == written + lines("2024/01/15 12:00:05 1")


def test_the_last_second_before_a_silence_is_written_after_a_while(
    tmp_path: Path, logs: TextLogs, clock: Clock
) -> None:
    logs.sample(NOON.timestamp(), 5)
    clock.at += 1.0
    logs.settle()
    assert not (tmp_path / "press1").exists()
    clock.at += 1.5
    logs.settle()
    assert content(tmp_path, "motion") == lines("2024/01/15 12:00:00 5")
    logs.sample(NOON.timestamp() + 0.9, 900)  # too late: a second has one line
    logs.close()
    assert content(tmp_path, "motion") == lines("2024/01/15 12:00:00 5")


def test_starts_stops_and_sleeps_have_the_old_lines(tmp_path: Path, logs: TextLogs) -> None:
    logs.change(change(0, RUNNING, STOPPED))
    logs.change(change(12.9, STOPPED, RUNNING))
    logs.change(change(20, STOPPED, DEEP_SLEEP))
    logs.change(change(47.5, DEEP_SLEEP, RUNNING, woke=True))
    assert content(tmp_path, "globalstatechange") == lines(
        "2024/01/15 12:00:20 - Stopped_State press1",
        "2024/01/15 12:13:14 - Moving_State press1 - was stopped for 12 min",
        "2024/01/15 12:47:50 - Moving_State press1 - was stopped for 47 min",
    )
    assert content(tmp_path, "deepsleep") == lines(
        "2024/01/15 12:20:20 - Deep_Sleep: press1 - stopped 20 mins ago",
        "2024/01/15 12:47:50 - Woke_Up: press1 - Idle time: 47 min",
    )


def test_each_start_after_a_stop_has_its_stop_before_it(tmp_path: Path, logs: TextLogs) -> None:
    """Also where a stop is first seen after a warm-up, or goes on behind a lost picture."""
    logs.change(change(0, UNKNOWN, STOPPED))
    logs.change(change(3, STOPPED, NO_SIGNAL))
    logs.change(change(4, NO_SIGNAL, UNKNOWN))
    logs.change(change(5, UNKNOWN, STOPPED))
    logs.change(change(6, STOPPED, NO_SIGNAL))
    logs.change(change(7, NO_SIGNAL, UNKNOWN))
    logs.change(change(8, UNKNOWN, RUNNING))
    assert content(tmp_path, "globalstatechange") == lines(
        "2024/01/15 12:00:20 - Stopped_State press1",
        "2024/01/15 12:08:20 - Moving_State press1 - was stopped for 8 min",
    )


@pytest.mark.parametrize(
    ("before", "after"), [(RUNNING, NO_SIGNAL), (NO_SIGNAL, UNKNOWN), (UNKNOWN, RUNNING)]
)
def test_what_the_old_tool_did_not_know_has_no_line(
    tmp_path: Path, logs: TextLogs, before: MachineState, after: MachineState
) -> None:
    logs.change(change(0, before, after, stopped_since=None))
    assert not (tmp_path / "press1").exists()


def test_the_default_zone_is_that_of_the_computer(tmp_path: Path, clock: Clock) -> None:
    logs = TextLogs(tmp_path / "press1", "press1", clock)
    logs.sample(NOON.timestamp(), 5)
    logs.change(change(0, RUNNING, STOPPED))
    logs.close()
    local = NOON.astimezone().strftime("%Y/%m/%d %H:%M:%S 5")
    assert content(tmp_path, "motion") == lines(local)
    assert content(tmp_path, "globalstatechange").startswith(local[:17].encode())


def test_half_a_line_of_a_killed_process_gets_its_end(tmp_path: Path, logs: TextLogs) -> None:
    file = tmp_path / "press1" / "log_globalstatechange_press1.log"
    file.parent.mkdir()
    file.write_bytes(b"2024/01/15 11:59:02 - Stopped_Sta")
    logs.change(change(0, RUNNING, STOPPED))
    assert content(tmp_path, "globalstatechange") == lines(
        "2024/01/15 11:59:02 - Stopped_Sta", "2024/01/15 12:00:20 - Stopped_State press1"
    )


def test_a_log_that_somebody_deleted_is_begun_anew(tmp_path: Path, logs: TextLogs) -> None:
    logs.change(change(0, RUNNING, STOPPED))
    (tmp_path / "press1" / "log_globalstatechange_press1.log").unlink()
    logs.change(change(5, STOPPED, RUNNING))
    assert content(tmp_path, "globalstatechange").count(b"\n") == 1


def test_lines_that_cannot_be_written_are_counted_and_warned_of_once_a_minute(
    tmp_path: Path, logs: TextLogs, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    in_the_way = tmp_path / "press1"
    in_the_way.write_text("a file where the folder should be")
    for second in range(121):
        clock.at += 1.0
        logs.sample(NOON.timestamp() + second, 5)
    assert logs.dropped == 120
    assert [record.levelname for record in caplog.records] == ["WARNING", "WARNING"]
    assert "60 lines dropped" in caplog.messages[1] or "61 lines dropped" in caplog.messages[1]
    in_the_way.unlink()
    logs.sample(NOON.timestamp() + 121, 5)
    assert "can be written again; 120 lines dropped" in caplog.messages[-1]
    assert content(tmp_path, "motion") == lines("2024/01/15 12:02:00 5")


def test_a_disk_that_fails_on_and_off_does_not_flood_the_log(
    tmp_path: Path, logs: TextLogs, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    folder = tmp_path / "press1"
    for n in range(20):
        if n % 2:
            folder.unlink()
            folder.mkdir()
        else:
            logs.close()
            (folder / "log_motion_press1.log").unlink(missing_ok=True)
            if folder.exists():
                folder.rmdir()
            folder.write_text("in the way")
        logs.sample(NOON.timestamp() + n, 5)
    assert len(caplog.records) <= 2


def numbered(count_of_lines: int) -> list[str]:
    return [f"line {n:04}" for n in range(count_of_lines)]


def test_full_logs_are_set_aside_and_the_oldest_goes(tmp_path: Path) -> None:
    log = RotatingLog(tmp_path / "x.log", limit=10 * len(lines("line 0000")), kept=2)
    for line in numbered(45):
        log.write(line)
    log.close()
    assert (tmp_path / "x.log").read_bytes() == lines(*numbered(45)[40:])
    assert (tmp_path / "x.log.1").read_bytes() == lines(*numbered(45)[30:40])
    assert (tmp_path / "x.log.2").read_bytes() == lines(*numbered(45)[20:30])
    assert not (tmp_path / "x.log.3").exists()


def test_years_of_another_program_are_set_aside_and_never_go(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(b"old\n" * 1000)
    log = RotatingLog(path, limit=100, kept=2)
    for number in range(60):
        log.write(f"line {number:02}")
    log.close()

    assert (tmp_path / "a.log.before").read_bytes() == b"old\n" * 1000
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        "a.log",
        "a.log.1",
        "a.log.2",
        "a.log.before",
    ]


@pytest.mark.parametrize("held", ["x.log", "x.log.1", "x.log.2", "x.log.3"])
def test_a_log_that_is_open_in_excel_loses_no_line(tmp_path: Path, held: str) -> None:
    """Windows refuses to rename an open file, from or to its name."""
    excel = {held}

    def rename(source: Path, target: Path) -> None:
        if {source.name, target.name} & excel:
            raise PermissionError(13, "in use by another process", str(source))
        source.replace(target)

    limit = 10 * len(lines("line 0000"))
    log = RotatingLog(tmp_path / "x.log", limit, kept=99, rename=rename)
    for n, line in enumerate(numbered(150)):
        if n == 100:
            excel.clear()
        log.write(line)
    log.close()
    files = sorted(tmp_path.iterdir(), key=lambda file: -int(file.suffix[1:].replace("log", "0")))
    written = b"".join(file.read_bytes() for file in files)
    assert written == lines(*numbered(150))
    assert (tmp_path / "x.log").stat().st_size <= limit


def test_waiting_for_excel_costs_no_older_log(tmp_path: Path) -> None:
    def rename(source: Path, target: Path) -> None:
        if source.name == "x.log.1" and waiting:
            raise PermissionError(13, "in use by another process", str(source))
        source.replace(target)

    waiting = False
    log = RotatingLog(tmp_path / "x.log", 10 * len(lines("line 0000")), kept=4, rename=rename)
    for n, line in enumerate(numbered(200)):
        waiting = n >= 50
        log.write(line)
    log.close()
    # the oldest made room once, and no other while nothing moves up
    older = [(tmp_path / f"x.log.{n}").read_bytes() for n in (4, 3, 1)]
    assert b"".join(older) == lines(*numbered(40)[10:])


def test_a_nearly_full_disk_leaves_no_torn_line(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource", reason="Windows has no limit on file sizes")
    import signal

    log = RotatingLog(tmp_path / "x.log", limit=10_000, kept=2)
    line = len(lines("line 0000"))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    former = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (2 * line + 4, before[1]))
        refused = 0
        for text in numbered(5):
            try:
                log.write(text)
            except OSError:
                refused += 1
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, former)
    assert refused == 3
    log.write("line 0005")
    log.close()
    assert (tmp_path / "x.log").read_bytes() == lines("line 0000", "line 0001", "line 0005")


def test_every_line_is_one_that_the_parser_reads(tmp_path: Path, clock: Clock) -> None:
    for hours in (-3.5, 0, 5.75):
        folder = tmp_path / str(hours) / "press1"
        logs = TextLogs(folder, "press1", clock, timezone(timedelta(hours=hours)))
        for n, score in zip(count(), (0, 1, 999_999), strict=False):
            logs.sample(NOON.timestamp() + n, score)
        logs.change(change(30, DEEP_SLEEP, RUNNING, woke=True))
        logs.close()
        for file in folder.iterdir():
            for line in file.read_text(encoding="utf-8").splitlines():
                parsed = parse_line(line)
                assert parsed is not None
                assert parsed.machine in (None, "press1")
