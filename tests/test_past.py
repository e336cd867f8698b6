"""Is the past of a machine, imported and own, read as it was kept?"""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from motion_tracking.core.changes import Change
from motion_tracking.core.intervals import intervals
from motion_tracking.core.machine import MachineState, Reason
from motion_tracking.core.reasons import Assignment
from motion_tracking.record.history import History, HistoryError
from motion_tracking.record.schema import SCHEMA_VERSION, to_ms
from servers.schemas import SCHEMAS

RUNNING, STOPPED = MachineState.RUNNING, MachineState.STOPPED
DEEP_SLEEP, NO_SIGNAL = MachineState.DEEP_SLEEP, MachineState.NO_SIGNAL
START = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "history.sqlite3"


@pytest.fixture
def history(path: Path) -> Iterator[History]:
    with History(path) as history:
        yield history


def own(history: History, since: float, old: MachineState, when: float, new: MachineState) -> None:
    reason = Reason.LOST if new is NO_SIGNAL else None
    history.append(Change("saw", old, new, reason, at(when), at(when), at(since)))


def imported(path: Path, when: float, old: MachineState, new: MachineState) -> None:
    connection = sqlite3.connect(path)
    connection.execute(
        "INSERT INTO imported VALUES ('saw', ?, ?, ?, NULL, 'log')", (to_ms(at(when)), old, new)
    )
    connection.commit()
    connection.close()


def told(history: History, since: float, until: float) -> list[str]:
    minute = timedelta(minutes=1)
    steps = history.past("saw", at(since), at(until))
    return [f"{(step.occurred_at - START) / minute:g} {step.to_state}" for step in steps]


def test_the_past_begins_where_the_machine_last_ran_before(history: History) -> None:
    own(history, -9, MachineState.UNKNOWN, -8, RUNNING)
    own(history, -8, RUNNING, 0, STOPPED)
    own(history, 0, STOPPED, 10, RUNNING)
    own(history, 10, RUNNING, 20, STOPPED)
    own(history, 20, STOPPED, 40, DEEP_SLEEP)
    own(history, 40, DEEP_SLEEP, 60, RUNNING)

    assert told(history, 30, 60) == ["10 running", "20 stopped", "40 deep_sleep"]
    assert told(history, -20, 5) == ["-8 running", "0 stopped"]
    assert told(history, 99, 100) == ["60 running"]
    tiles = intervals(history.past("saw", at(30), at(60)), at(30), at(60))
    assert [tile.state for tile in tiles] == [STOPPED, DEEP_SLEEP]


def test_a_step_tells_as_much_as_the_change_it_was_made_of(history: History) -> None:
    own(history, 0, RUNNING, 5, NO_SIGNAL)
    [step] = history.past("saw", at(0), at(9))
    [(_, change)] = history.changes("saw")

    fields = ("from_state", "to_state", "reason", "occurred_at", "since")
    assert [getattr(step, name) for name in fields] == [getattr(change, name) for name in fields]


def test_what_was_imported_counts_only_before_the_first_own_change(
    history: History, path: Path
) -> None:
    for when, old, new in ((0, STOPPED, RUNNING), (10, RUNNING, STOPPED), (50, STOPPED, RUNNING)):
        imported(path, when, old, new)
    assert told(history, 20, 99) == ["0 running", "10 stopped", "50 running"]

    own(history, 40, MachineState.UNKNOWN, 41, RUNNING)

    assert told(history, -5, 99) == ["0 running", "10 stopped", "41 running"]
    assert told(history, 45, 99) == ["41 running"]
    assert told(history, 5, 8) == ["0 running"]


def test_a_damaged_row_of_the_past_is_named(history: History, path: Path) -> None:
    own(history, 0, RUNNING, 5, STOPPED)
    connection = sqlite3.connect(path)
    connection.execute("DROP TRIGGER transition_is_never_updated")
    connection.execute("UPDATE transition SET to_state = 'dancing'")
    connection.commit()
    connection.close()

    with pytest.raises(HistoryError, match=r"transition 1 of saw is damaged: .*dancing"):
        list(history.past("saw", at(0), at(9)))


def test_a_history_of_the_second_version_is_read_as_it_is_and_brought_up_to_date(
    path: Path,
) -> None:
    connection = sqlite3.connect(path)
    connection.executescript(f"{SCHEMAS[2]} PRAGMA user_version = 2;")
    connection.close()

    with History(path, read_only=True) as history:
        assert list(history.past("saw", at(0), at(9))) == []
        assert history.assignments("saw") == []
    with History(path) as history:
        own(history, 0, RUNNING, 5, STOPPED)
        history.assign(Assignment("saw", at(5), "jam", "", "ann", at(9)))
        assert history.verify() == []
        assert history._schema_version() == SCHEMA_VERSION


def test_reasons_are_kept_in_the_order_in_which_they_were_said(history: History) -> None:
    said = [
        Assignment("saw", at(5), "jam", "belt 2", "ann", at(9)),
        Assignment("saw", at(5), "", "", "bob", at(10)),
        Assignment("saw", at(50), "bearing", "", "ann", at(60)),
    ]
    for assignment in said:
        history.assign(assignment)

    assert history.assignments("saw") == said
    assert history.assignments("saw", at(6), at(51)) == said[2:]
    assert history.assignments("press") == []


@pytest.mark.parametrize("statement", ["DELETE FROM stop_reason", "UPDATE stop_reason SET who=''"])
def test_what_was_said_is_never_unsaid(history: History, path: Path, statement: str) -> None:
    history.assign(Assignment("saw", at(5), "jam", "", "ann", at(9)))
    connection = sqlite3.connect(path)
    with pytest.raises(sqlite3.IntegrityError, match="only ever added"):
        connection.execute(statement)
    connection.close()
