"""What the history refuses survives a kill, and is stored once when the history takes it again."""

import json
import logging
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from time import monotonic
from zlib import crc32

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from motion_tracking.core.changes import Change
from motion_tracking.core.machine import MachineState, Reason
from motion_tracking.record import spill as spilling
from motion_tracking.record.history import History
from motion_tracking.record.spill import Entry, Spill, parse
from motion_tracking.record.textlogs import TextLogs
from motion_tracking.record.writer import Writer
from waiting import until

RUNNING, STOPPED = MachineState.RUNNING, MachineState.STOPPED
START = datetime(2024, 3, 1, 6, 0, tzinfo=UTC)


def change(n: int, machine: str = "press1") -> Change:
    at = START + timedelta(minutes=n)
    return Change(
        machine,
        RUNNING,
        MachineState.NO_SIGNAL,
        Reason.LOST,
        at,
        at,
        START,
        monotonic=123456789.123456 + n,
        score=n,
        moving_share=1 / 3,
    )


def entry(n: int, machine: str = "press1") -> Entry:
    return Entry(change(n, machine), ("log", "webhook"), 7, "192.168.1.64")


def brief(entries: list[Entry]) -> list[int | None]:
    return [entry.change.score for entry in entries]


@pytest.fixture
def spill(tmp_path: Path) -> Spill:
    return Spill([tmp_path / "disk", tmp_path / "temp"], ["press1", "saw"])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "disk" / "press1.jsonl"


def test_what_is_spilt_comes_back_in_order(spill: Spill) -> None:
    spill.add([entry(n) for n in range(5)] + [entry(9, "saw")])
    [first, *_] = found = spill.read("press1")
    assert brief(found) == [0, 1, 2, 3, 4]
    assert first.change == change(0)
    assert (first.notifiers, first.machineid, first.recorder) == (
        *(("log", "webhook"), 7),
        "192.168.1.64",
    )
    assert brief(spill.read()) == [0, 1, 2, 3, 4, 9]
    spill.clear()
    assert spill.read() == []


def test_reading_makes_nothing(spill: Spill, tmp_path: Path) -> None:
    assert spill.read() == []
    spill.clear()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_takes_nothing_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "full").write_text("not a folder")
    folders = [tmp_path / "full" / "x", tmp_path / "second"]
    spill = Spill(folders, ["press1"])
    spill.add([entry(0)])
    assert spill.where == str(tmp_path / "second")
    (tmp_path / "full").unlink()
    spill.add([entry(1)])
    again = Spill(folders, ["press1"])
    assert brief(again.read()) == [0, 1]  # from two folders, and yet in order
    again.add([entry(2)])
    assert brief(again.read()) == [0, 1, 2]


def test_if_nothing_takes_it_the_caller_is_told(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="no folder"):
        Spill([], ["press1"]).add([entry(0)])


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="Windows gives each user a folder")
def test_the_folder_of_somebody_else_is_not_trusted(
    spill: Spill, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who may write to the temporary folder could put changes into the record."""
    spill.add([entry(0)])
    me = os.geteuid()
    assert file.stat().st_mode & 0o077 == 0
    assert file.parent.stat().st_mode & 0o077 == 0
    monkeypatch.setattr(os, "geteuid", lambda: me + 1)
    assert spill.read() == []
    with pytest.raises(PermissionError):
        spill.add([entry(1)])


def test_a_link_is_not_followed(spill: Spill, file: Path, tmp_path: Path) -> None:
    file.parent.mkdir()
    (tmp_path / "precious").write_text("")
    file.symlink_to(tmp_path / "precious")
    spill.add([entry(0)])
    assert (tmp_path / "precious").read_text() == ""
    assert spill.where.endswith("temp")


@pytest.mark.slow
def test_cut_zeroed_or_scribbled_over_at_any_byte_the_whole_lines_are_recovered(
    spill: Spill, file: Path
) -> None:
    """Seen to fail without the CRC: a score with other digits is read as whole."""
    written = [change(n) for n in range(2)]
    spill.add([entry(n) for n in range(2)])
    whole = file.read_bytes()
    ends = [n + 1 for n, byte in enumerate(whole) if byte == ord("\n")]
    logging.disable()
    try:
        for place in range(len(whole)):
            before = [n for n, end in enumerate(ends) if end <= place]
            line = len(before)
            for damaged, left in (
                (whole[:place], before + ([line] if place + 1 == ends[line] else [])),
                (whole[:place] + bytes(len(whole) - place), None),
                (whole[:place] + b"\xff\xfe{}\x00" + whole[place:], None),
                (whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :], None),
            ):
                file.write_bytes(damaged)
                found = [entry.change for entry in spill.read("press1")]
                scores = [found_change.score for found_change in found]
                assert all(found_change in written for found_change in found)
                assert scores[: len(before)] == before
                assert scores == sorted(set(scores))
                assert left is None or scores == left
                if place % 50 == 0:
                    spill.add([entry(8)])  # what comes after the damage is not lost with it
                    assert brief(spill.read("press1"))[-1] == 8
    finally:
        logging.disable(logging.NOTSET)


@given(st.binary(max_size=200))
@settings(max_examples=200)
def test_garbage_is_no_line(data: bytes) -> None:
    assert parse(data) is None


@given(st.none() | st.integers() | st.text(max_size=9) | st.floats() | st.lists(st.integers()))
@settings(max_examples=50)
def test_json_of_another_kind_with_a_sum_that_fits_is_no_line(value: object) -> None:
    text = json.dumps({"number": value, "machine": value, "occurred_ms": value}).encode()
    assert parse(b"%08x %s" % (crc32(text), text)) is None


def test_a_bomb_of_brackets_is_no_line() -> None:
    text = b"[" * 100_000
    assert parse(b"%08x %s" % (crc32(text), text)) is None


class Clock:
    at = 100.0

    def __call__(self) -> float:
        return self.at


class Refusing:
    """A disk that refuses until told otherwise."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.well = False
        self.tries = 0

    def __call__(self) -> History:
        self.tries += 1
        if not self.well:
            raise OSError(28, "No space left on device")
        return History(self.path)


@pytest.fixture
def disk(tmp_path: Path) -> Refusing:
    return Refusing(tmp_path / "history.sqlite3")


def scores(path: Path, machine: str = "press1") -> list[int | None]:
    with History(path, read_only=True) as history:
        assert history.verify() == []
        return [stored.score for _, stored in history.changes(machine)]


def test_what_was_spilt_before_a_kill_is_stored_by_who_comes_next(
    spill: Spill, disk: Refusing, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Seen to fail without the spill: both changes are gone with the process."""
    clock = Clock()
    killed = Writer(disk, {}, clock, spill=spill)
    killed.start()
    killed.change(change(0), ["webhook"], 7, "nvr")
    until(lambda: len(spill.read()) == 1)
    killed.change(change(1), ["webhook"])  # within the pause between two tries
    until(lambda: len(spill.read()) == 2)
    assert f"1 changes wait in {tmp_path / 'disk'}" in caplog.text

    next_disk = Refusing(disk.path)
    next_disk.well = True
    logs = TextLogs(tmp_path / "press1", "press1", clock, UTC)
    again = Spill([tmp_path / "disk", tmp_path / "temp"], ["press1", "saw"])
    writer = Writer(next_disk, {"press1": logs}, clock, spill=again)
    writer.change(change(2), ["webhook"])
    writer.start()
    assert writer.close(30) == []
    assert scores(disk.path) == [0, 1, 2]
    assert again.read() == []
    with History(disk.path) as history:
        assert history.outbox_counts()["pending"] == 3
        [first] = history.due(["press1"], 0.0)
        assert (first.announcement.seq, first.announcement.machineid) == (1, 7)

    disk.well = True  # the killed one was not quite dead, say: it stores nothing twice
    clock.at += 60
    assert killed.close(30) == []
    assert scores(disk.path) == [0, 1, 2]


def test_killed_between_storing_and_forgetting_nothing_is_doubled(
    spill: Spill, disk: Refusing, tmp_path: Path
) -> None:
    """Seen to fail with `append` comparing only with the last row: 0 1 2 0 1 2."""
    spill.add([entry(n) for n in range(3)])
    with History(disk.path) as history:
        for n in range(3):
            history.append(change(n), ["log", "webhook"], 7, "192.168.1.64")
    disk.well = True
    logs = TextLogs(tmp_path / "press1", "press1", monotonic, UTC)
    stored: list[int] = []
    writer = Writer(
        disk,
        {"press1": logs},
        monotonic,
        lambda seq, _: stored.append(seq),
        Spill([tmp_path / "disk"], ["press1"]),
    )
    writer.start()
    writer.change(change(3))
    assert writer.close(30) == []
    assert scores(disk.path) == [0, 1, 2, 3]
    assert stored == [4]
    assert spill.read() == []


def test_a_disk_that_heals_gets_what_was_spilt_and_the_spill_is_emptied(
    spill: Spill, disk: Refusing
) -> None:
    clock = Clock()
    writer = Writer(disk, {}, clock, spill=spill)
    writer.start()
    for n in range(20):
        writer.change(change(n))
    until(lambda: len(spill.read()) == 20)
    disk.well = True
    clock.at += 60
    writer.change(change(20))
    assert writer.close(30) == []
    assert scores(disk.path) == [*range(21)]
    assert spill.read() == []


def test_closing_while_the_history_hangs_puts_the_rest_aside(spill: Spill, disk: Refusing) -> None:
    reached, go_on = Event(), Event()

    def hangs() -> History:
        reached.set()
        go_on.wait(30)
        raise OSError(5, "Input/output error")

    writer = Writer(hangs, {}, monotonic, spill=spill)
    writer.start()
    writer.change(change(0))
    assert reached.wait(10)
    writer.change(change(1))
    assert writer.close(0.1) == []
    assert brief(spill.read()) == [0, 1]
    go_on.set()
    until(lambda: not writer.alive)


def test_where_no_folder_takes_anything_the_memory_does(
    disk: Refusing, caplog: pytest.LogCaptureFixture
) -> None:
    writer = Writer(disk, {}, Clock(), spill=Spill([], ["press1"]))
    writer.start()
    writer.change(change(0))
    until(lambda: "cannot be written" in caplog.text)
    assert "1 changes wait in memory, 0 of them on disk too" in caplog.text
    disk.well = True
    assert writer.close(30) == []
    assert scores(disk.path) == [0]


def test_a_short_write_leaves_no_half_line(
    spill: Spill, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spill.add([entry(0)])
    whole = os.write
    monkeypatch.setattr(
        spilling.os, "write", lambda handle, data: whole(handle, data[: len(data) // 2])
    )
    with pytest.raises(OSError, match="No space"):
        Spill([file.parent], ["press1"]).add([entry(1)])
    monkeypatch.undo()
    assert file.read_bytes().count(b"\n") == 1
    assert brief(spill.read()) == [0]
