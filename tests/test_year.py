"""Does a year of one machine stay small, and does a start on it stay quick?"""

import runpy
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import process_time
from types import MethodType

import numpy as np
import pytest

from motion_tracking.core.changes import Change
from motion_tracking.core.machine import MachineState
from motion_tracking.record.history import History
from motion_tracking.record.textlogs import TextLogs
from motion_tracking.record.writer import KEEP_DELIVERED, KEEP_TENS

BENCHMARK = Path(__file__).parents[1] / "benchmarks" / "report.py"
Life = runpy.run_path(str(BENCHMARK))["Life"]

pytestmark = pytest.mark.slow

START = datetime(2025, 11, 1, tzinfo=UTC)
DAYS = 365
MACHINE = "hall2-press14"
"""Each row has the name."""

NOTIFIERS = ["log", "toast", "ifttt", "webhook", "email"]


def by_day(changes: Iterator[Change]) -> Iterator[list[Change]]:
    """Yield the changes of each day of the year."""
    held = next(changes)
    for day in range(1, DAYS + 1):
        today = []
        while held is not None and held.occurred_at < START + timedelta(days=day):
            today.append(held)
            held = next(changes, None)
        yield today


def hurry(history: History) -> None:
    """Write as ever, without waiting for the disk of the test."""
    writing = history._writing
    history._writing = MethodType(lambda _self, **_: writing(durable=False), history)  # type: ignore[method-assign]


def add_motion(history: History, start: datetime, random: np.random.Generator) -> None:
    first = int(start.timestamp())
    rows = [
        (MACHINE, first + 10 * n, high // 3, high, high * 10)
        for n, high in enumerate(random.integers(100, 90_000, 8640).tolist())
    ]
    with history._writing(durable=False) as connection:
        connection.executemany("INSERT INTO motion VALUES (?, ?, 20, 11, ?, ?, ?)", rows)


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Live through it: every change to five notifiers, ten-second motion, all that is pruned."""
    path = tmp_path_factory.mktemp("year") / "history.sqlite3"
    random = np.random.default_rng(4)
    life = Life(MACHINE, START, START + timedelta(days=DAYS), 1)
    with History(path) as history:
        hurry(history)
        for day, changes in enumerate(by_day(life.changes())):
            now = START + timedelta(days=day + 1)
            for change in changes:
                history.append(change, NOTIFIERS, 7, "192.0.2.1")
            with history._writing() as connection:
                connection.execute(
                    "UPDATE outbox SET state = 'delivered', tries = 1, ended = ?, leader = id"
                    " WHERE state = 'pending'",
                    (now.timestamp(),),
                )
            add_motion(history, START + timedelta(days=day), random)
            history.thin_motion(MACHINE, now - KEEP_TENS)
            history.forget_delivered(MACHINE, (now - KEEP_DELIVERED).timestamp())
    return path


def text_megabytes(folder: Path, days: int) -> float:
    """Write motion lines for so long that full files go, and the lines of a year's changes."""
    logs = TextLogs(folder, MACHINE, lambda: 0.0, UTC)
    for second in range(86400 * days):
        logs.sample(START.timestamp() + second, 100 + second % 90_000)
    for change in Life(MACHINE, START, START + timedelta(days=DAYS), 1).changes():
        logs.change(change)
    logs.close()
    return sum(file.stat().st_size for file in folder.iterdir()) / 1e6


def test_history_and_text_logs_of_a_year_are_below_fifty_megabytes(
    year: Path, tmp_path: Path
) -> None:
    history = year.stat().st_size / 1e6
    text = text_megabytes(tmp_path, days=9)

    assert history + text <= 50.0, (history, text)


def test_every_change_of_the_year_is_still_there_and_its_motion_by_the_minute(year: Path) -> None:
    changes = Life(MACHINE, START, START + timedelta(days=DAYS), 1).changes()
    told = sum(len(today) for today in by_day(changes))
    with History(year, read_only=True) as history:
        assert history.verify() == []
        assert sum(1 for _ in history.changes(MACHINE)) == told
        spans = list(history.motion(MACHINE, START, START + timedelta(days=DAYS)))

    assert sum(span.seconds for span in spans) == DAYS * 86400
    assert sum(span.samples for span in spans) == DAYS * 8640 * 20
    tens = [span for span in spans if span.seconds == 10]
    assert timedelta(seconds=10 * len(tens)) == KEEP_TENS


def test_a_start_on_it_takes_less_than_a_second(year: Path) -> None:
    began = process_time()
    with History(year) as history:
        history.last(MACHINE)
        history.heartbeats()
        for name in NOTIFIERS:
            history.gathered(name, [MACHINE], (START + timedelta(days=DAYS)).timestamp())
        history.due([MACHINE], START.timestamp())
        changed = next(history.changes(MACHINE, newest_first=True, limit=1))[1]
    assert changed.machine == MACHINE
    assert changed.to_state in MachineState
    assert process_time() - began <= 1.0
