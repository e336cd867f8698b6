"""Is what was imported kept in order, once, and apart from our own record?"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from motion_tracking.core.machine import MachineState, Reason
from motion_tracking.core.oldtool import Step
from motion_tracking.record.history import History

START = datetime(2023, 9, 30, 6, tzinfo=UTC)
NUMBERS = count(1)
FOREVER = (START - timedelta(days=9999), START + timedelta(days=9999))


def step(second: int, state: MachineState) -> Step:
    reason = Reason.LOST if state is MachineState.NO_SIGNAL else None
    at = START + timedelta(seconds=second)
    return Step(MachineState.UNKNOWN, state, reason, at, at)


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Iterator[History]:
    path: Path = tmp_path_factory.mktemp("imported") / "history.sqlite3"
    with History(path) as history:
        yield history


steps = st.dictionaries(st.integers(0, 100), st.sampled_from(MachineState), max_size=12).map(
    lambda found: [step(second, state) for second, state in sorted(found.items())]
)


@settings(max_examples=30)
@given(st.lists(steps, min_size=1, max_size=4))
def test_each_import_takes_the_place_of_what_was_there_and_twice_is_once(
    history: History, imports: list[list[Step]]
) -> None:
    machine = f"press{next(NUMBERS)}"
    kept: list[Step] = []
    for changes in imports:
        history.add_imported(machine, changes, "log")
        assert history.add_imported(machine, changes, "log") == 0
        if changes:
            first, last = changes[0].occurred_at, changes[-1].occurred_at
            kept = [k for k in kept if not first <= k.occurred_at <= last] + changes
    kept.sort(key=lambda k: k.occurred_at)

    rows = history._connection.execute(
        "SELECT occurred_ms, to_state FROM imported WHERE machine = ? ORDER BY occurred_ms",
        (machine,),
    )
    assert [tuple(row) for row in rows] == [
        (round(k.occurred_at.timestamp() * 1000), k.to_state) for k in kept
    ]


def test_it_says_how_many_rows_are_other_than_before(history: History) -> None:
    running, stopped = step(0, MachineState.RUNNING), step(60, MachineState.STOPPED)

    assert history.add_imported("a", [running, stopped], "log") == 2
    assert history.add_imported("a", [running, step(30, MachineState.STOPPED), stopped], "log") == 1
    assert history.add_imported("a", [running, stopped], "log") == 1
    assert history.add_imported("a", [], "log") == 0
    assert len(list(history.past("a", *FOREVER))) == 2
    assert history.began("a") is None
