"""
Which inputs break a parser?  `python tests/fuzzing.py TARGET SECONDS` looks for them by coverage.

Ends with 0 if there is none in that time; else it prints the input and how it broke.
"""

import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import atheris

with atheris.instrument_imports(include=["motion_tracking"]):
    from motion_tracking.config import ini
    from motion_tracking.config.address import hidden_in, rtsp_address
    from motion_tracking.config.loading import load
    from motion_tracking.config.values import RefusedError
    from motion_tracking.core.changes import Change
    from motion_tracking.core.loglines import parse_line
    from motion_tracking.core.machine import MachineState, Reason
    from motion_tracking.core.redaction import Redactor
    from motion_tracking.record.history import Heartbeat, History, HistoryError, MotionSpan
    from motion_tracking.record.spill import parse

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LOST = Change("press1", MachineState.RUNNING, MachineState.NO_SIGNAL, Reason.LOST, NOON, NOON, NOON)


def read_ini(data: bytes) -> None:
    """Any file gives a document."""
    ini.scan(data)


def read_config(data: bytes) -> None:
    """Any two files give a configuration, and problems that can be told."""
    with TemporaryDirectory() as folder:
        halves = data.partition(b"\n--\n")
        (Path(folder) / "config_cam.ini").write_bytes(halves[0])
        (Path(folder) / "config_stream.ini").write_bytes(halves[2])
        config = load(Path(folder), {})
        for problem in config.problems:
            assert "\n" not in str(problem)


def read_log(data: bytes) -> None:
    """Any line is one of ours or none."""
    parse_line(data.decode("utf-8", "replace"))


def read_spill(data: bytes) -> None:
    """Any line of a spill is a change or none; also behind a sum that fits."""
    from zlib import crc32

    parse(data)
    parse(b"%08x %s" % (crc32(data), data))


def read_url(data: bytes) -> None:
    """Any text is refused or becomes an address without a password in its location."""
    text = data.decode("utf-8", "replace")
    secrets = hidden_in(text)
    try:
        address = rtsp_address(text)
    except (RefusedError, ValueError):
        return
    parts = urlsplit(address.location)
    assert parts.password is None
    shown = Redactor(secrets).clean(text)
    if address.password and len(address.password) > 3:
        assert address.password not in shown


@cache
def some_history() -> bytes:
    """Return the file of a sound history."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "history.sqlite3"
        with History(path) as history:
            for n in range(3):
                history.append(replace(LOST, occurred_at=NOON + timedelta(n)), ["log", "webhook"])
            history.beat(Heartbeat("press1", NOON, 1, MachineState.RUNNING, None, NOON))
            history.add_motion(MotionSpan.of("press1", NOON.timestamp(), 5, True))
        return path.read_bytes()


def read_history(data: bytes) -> None:
    """Any file is a history or refused, by the one kind of error that its readers know."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "history.sqlite3"
        sound = bytearray(some_history())
        for n in range(0, len(data) - 2, 3):
            sound[int.from_bytes(data[n : n + 2], "big") % len(sound)] = data[n + 2]
        path.write_bytes(sound)
        try:
            with History(path, read_only=True) as history:
                history.verify()
                history.heartbeats()
                list(history.changes("press1"))
                list(history.motion("press1", NOON, NOON + timedelta(days=1)))
                history.outbox_counts()
                history.dead_letters()
            with History(path) as history:
                history.due(["press1"], 0.0)
                history.gathered("webhook", ["press1"], NOON.timestamp() + 60)
                history.append(LOST, ["webhook"])
        except HistoryError:
            return


TARGETS: dict[str, Callable[[bytes], None]] = {
    "ini": read_ini,
    "config": read_config,
    "log": read_log,
    "spill": read_spill,
    "url": read_url,
    "history": read_history,
}

if __name__ == "__main__":
    name, seconds = sys.argv[1:]
    options = [f"-max_total_time={seconds}", "-max_len=4096", "-timeout=10", "-verbosity=0"]
    atheris.Setup([sys.argv[0], *options], TARGETS[name])
    atheris.Fuzz()
