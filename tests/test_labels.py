"""Is what people say of a machine kept, and is it what `evaluate` reads?  (record/labels.py)"""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from motion_tracking.commands.labels import read_labels
from motion_tracking.core.machine import MachineState
from motion_tracking.record.labels import NAME, Label, add_label, as_truth, labels

START = datetime(2026, 1, 5, 10, tzinfo=UTC)
RUNNING, STOPPED = MachineState.RUNNING, MachineState.STOPPED


def label(first: float, last: float, state: MachineState = STOPPED, note: str = "") -> Label:
    start, end = (START + timedelta(seconds=at) for at in (first, last))
    return Label(start, end, state, note, "anna", START)


def test_labels_are_kept_in_order_whatever_is_written_in_them(tmp_path: Path) -> None:
    said = [label(0, 5, note='"\n</script>é'), label(5, 9, RUNNING)]
    for one in said:
        add_label(tmp_path / "press1", one)
    assert labels(tmp_path / "press1") == said
    assert labels(tmp_path / "other") == []


def test_half_a_line_costs_itself_only(tmp_path: Path) -> None:
    add_label(tmp_path, label(0, 5))
    with (tmp_path / NAME).open("ab") as file:
        file.write(b'{"start": "20\xff')
    add_label(tmp_path, label(5, 9))
    assert labels(tmp_path) == [label(0, 5), label(5, 9)]


def test_beside_a_clip_they_are_what_evaluate_reads(tmp_path: Path) -> None:
    said = [label(-100, 20, RUNNING), label(20, 50), label(30, 40, RUNNING), label(500, 600)]
    truth = as_truth(said, "press1", (1, 2, 30, 40), (START, START + timedelta(seconds=60)))
    (tmp_path / "clip.json").write_text(json.dumps(truth))
    (area,) = read_labels(tmp_path / "clip.json")
    assert (area.name, area.corners) == ("press1", (1, 2, 30, 40))
    assert [(span.state, span.start, span.end) for span in area.truth] == [
        (RUNNING, 0, 20),
        (STOPPED, 20, 30),
        (RUNNING, 30, 40),
        (STOPPED, 40, 50),
    ]


def test_of_a_clip_of_which_nothing_was_said_there_are_no_labels() -> None:
    span = (START + timedelta(hours=1), START + timedelta(hours=2))
    assert as_truth([label(0, 5)], "press1", (0, 0, 9, 9), span) is None
