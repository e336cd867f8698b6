"""Reports and reasons, as the dashboard gives them: the same as those of the command line."""

import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic

import pytest

from motion_tracking.capture.clock import Moment
from motion_tracking.commands import making
from motion_tracking.commands.errands import Errands
from motion_tracking.commands.overseeing import Overseen
from motion_tracking.config import load
from motion_tracking.core.changes import Change
from motion_tracking.core.machine import MachineState
from motion_tracking.dashboard.plant import Range
from motion_tracking.dashboard.refusals import NotThereError, RefusedError
from motion_tracking.record.history import History
from servers.plant import Plant

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
CAMERA = {"channel": 802, "ix": 30, "iy": 0, "ix2": 0, "iy2": 20, "threshold": 300}
UNKNOWN, RUNNING, STOPPED = MachineState.UNKNOWN, MachineState.RUNNING, MachineState.STOPPED
SHIFTS = "[plant]\ntimezone = UTC\n[shift early]\nstart = 06:00\nend = 14:00\n"
SHIFTS += "[reasons]\nbearing = failure\n"


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


@pytest.fixture
def plant(tmp_path: Path) -> Plant:
    plant = Plant(tmp_path)
    storage = {"logs": tmp_path / "logs"}
    names = {"press1": CAMERA, "press2": CAMERA}
    plant.configure(names, stream={"ip_address": "127.0.0.1"}, storage=storage)
    plant.logs.mkdir(parents=True)
    (plant.config / "config_shifts.ini").write_text(SHIFTS)
    steps = [(-90, UNKNOWN, RUNNING), (10, RUNNING, STOPPED), (30, STOPPED, RUNNING)]
    steps += [(45, RUNNING, STOPPED)]
    with History(plant.history) as history:
        for name in ("press1", "press2"):
            since = at(-100)
            for minute, before, after in steps:
                stop = at(minute) if after is STOPPED else None
                moment = at(minute)
                history.append(Change(name, before, after, None, moment, moment, since, stop))
                since = moment
    return plant


@pytest.fixture
def overseen(plant: Plant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Overseen]:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    overseen = Overseen(load(plant.config, {}), lambda: Moment(1000.0, at(60).timestamp()))
    yield overseen
    overseen.close()


def test_a_stop_is_given_a_reason_and_it_is_taken_back(plant: Plant, overseen: Overseen) -> None:
    known = {each["reason"]: each["category"] for each in overseen.reasons()["reasons"]}
    assert (known["bearing"], known["changeover"]) == ("failure", "changeover")
    newest, first = overseen.stops("press1", Range(at(0), at(60)))
    assert (first["reason"], first["source"], newest["open"]) == (None, "nobody", True)
    said = {"reason": "Bearing", "note": "=1+1", "by": "otto"}
    given = overseen.give_reason("press1", at(10), said)
    assert (given["reason"], given["category"], given["by"]) == ("bearing", "failure", "otto")
    assert {**given, "before": False} == overseen.stops("press1", Range(at(0), at(60)))[1]
    overseen.give_reason("press1", at(45), {**said, "reason": "material"})
    assert [s["reason"] for s in overseen.stops("press2", Range(at(0), at(60)))] == [None, None]
    taken = overseen.give_reason("press1", at(10), {"reason": "", "note": "", "by": "anna"})
    assert (taken["reason"], taken["seq"]) == (None, 2)
    with History(plant.history, read_only=True) as history:
        assert [word.who for word in history.assignments("press1")] == ["otto", "otto", "anna"]


def test_a_reason_needs_a_stop_and_a_word_of_the_list(overseen: Overseen) -> None:
    said = {"reason": "failure", "note": "", "by": "otto"}
    for minute in (0, 10.1, 20, 59, 600):
        with pytest.raises(NotThereError):
            overseen.give_reason("press1", at(minute), said)
    with pytest.raises(RefusedError, match="no such reason"):
        overseen.give_reason("press1", at(10), {**said, "reason": "</script>"})


def test_with_a_wrong_calendar_nothing_is_reported_and_what_was_said_still_is(
    plant: Plant, overseen: Overseen
) -> None:
    said = {"reason": "failure", "note": "", "by": "otto"}
    overseen.give_reason("press1", at(10), said)
    (plant.config / "config_shifts.ini").write_text("[shift early]\nstart = 25:00\nend = 14:00\n")
    (plant.config / "config_shifts.ini").write_text("[rule x]\nreason = material\n")
    assert overseen.stops("press1", Range(at(0), at(60)))[0]["reason"] == "material"
    wrong = "[rule x]\nreason = material\n[shift early]\nstart = 25:00\nend = 14:00\n"
    (plant.config / "config_shifts.ini").write_text(wrong)
    newest, first = overseen.stops("press1", Range(at(0), at(60)))
    assert (newest["reason"], first["reason"]) == (None, "failure")
    assert "time of day" in overseen.reasons()["trouble"]
    assert "time of day" in overseen.reports()["trouble"]
    with pytest.raises(RefusedError, match="time of day"):
        overseen.give_reason("press1", at(10), said)


@pytest.mark.slow
@pytest.mark.parametrize("form", ["html", "csv", "intervals", "json", "xlsx"])
def test_a_report_is_the_one_of_the_command_line(
    plant: Plant, overseen: Overseen, form: str
) -> None:
    period = {"day": "2026-03-02", "shift": "early"}
    file = overseen.report(form, ["press1"], period)
    assert file.path is not None
    assert file.passing == file.path.parent
    content = file.path.read_bytes()
    begin = {"html": b"<!doctype html>", "xlsx": b"pk", "json": b"{"}.get(form, b"")
    assert content.lower().startswith(begin)
    if form == "json":
        done = plant.run("report", "press1", "--day", "2026-03-02", "--shift", "early", "--json")
        mine, theirs = json.loads(content), json.loads(done.stdout)
        assert mine["machines"] == theirs["machines"]
        assert [machine["machine"] for machine in mine["machines"]] == ["press1"]
    if form in ("csv", "intervals"):
        beside = {path.name for path in file.passing.iterdir()}
        assert len(beside) == 2
        assert ("intervals" in file.name) == (form == "intervals")


@pytest.mark.slow
def test_why_there_is_no_report_is_told(plant: Plant, overseen: Overseen, tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="nothing was recorded") as refused:
        overseen.report("csv", [], {"day": "2020-01-01"})
    assert "Timeline" in refused.value.hint
    with pytest.raises(RefusedError, match="no shift") as refused:
        overseen.report("csv", [], {"shift": "--output=x"})
    assert "--" not in refused.value.hint, "there is no command line before who asks here"
    with pytest.raises(NotThereError):
        overseen.report("csv", ["--email"], {})
    with pytest.raises(NotThereError):
        overseen.report("exe", [], {})
    (plant.config / "config_shifts.ini").write_text("[shift early]\nstart = 25:00\nend = 14:00\n")
    with pytest.raises(RefusedError, match="time of day"):
        overseen.report("csv", [], {"day": "2026-03-02"})


@pytest.mark.slow
def test_a_report_that_takes_too_long_is_given_up_and_leaves_nothing(
    plant: Plant, overseen: Overseen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making, "LONGEST_REPORT", 0.05)
    monkeypatch.setattr(making, "mkdtemp", lambda prefix: str(tmp_path / "made"))
    (tmp_path / "made").mkdir()
    with pytest.raises(RefusedError, match="longer"):
        overseen.report("csv", [], {"day": "2026-03-02"})
    assert not (tmp_path / "made").exists()


@pytest.mark.slow
def test_whoever_works_for_the_dashboard_ends_with_it(plant: Plant) -> None:
    errands, found = Errands(), []

    def work() -> None:
        found.append(errands.done(plant.config, ["run", "press1"], 60))

    thread = threading.Thread(target=work)
    thread.start()
    deadline = monotonic() + 30
    while not errands._running and monotonic() < deadline:
        threading.Event().wait(0.01)
    errands.close()
    thread.join(30)
    assert found
    assert found[0][0] != 0
    with pytest.raises(RefusedError, match="about to end"):
        errands.done(plant.config, ["--version"], 60)


LOADED = """
import sys
import motion_tracking.commands.serve
print(sorted({"numpy", "cv2", "av", "matplotlib", "plotly", "PIL"} & set(sys.modules)))
"""


@pytest.mark.slow
def test_serve_has_no_plots_and_no_numbers_in_its_memory() -> None:
    done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, check=True)
    assert done.stdout.strip() == b"[]"
