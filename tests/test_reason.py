"""Can people say why a machine stopped, and is it kept who said what and when?"""

import getpass
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from motion_tracking.core.changes import Change
from motion_tracking.core.machine import MachineState
from motion_tracking.core.reasons import Assignment
from motion_tracking.record.history import History
from servers.desk import PRESS, STREAM, Desk

RUNNING, STOPPED = MachineState.RUNNING, MachineState.STOPPED
NOW = datetime.now(UTC).replace(microsecond=0)


def ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


@pytest.fixture
def plant(desk: Desk) -> Desk:
    """Two stops of the press: for ten minutes two hours ago, and since half an hour."""
    desk.configure({"press1": PRESS, "press2": PRESS}, stream=STREAM)
    (desk.config / "config_shifts.ini").write_text(
        "[calendar]\nzone = Europe/Berlin\n[reasons]\nbearing = failure\n", encoding="utf-8"
    )
    with History(desk.history) as history:
        for since, old, when, new in (
            (300, MachineState.UNKNOWN, 299, RUNNING),
            (299, RUNNING, 120, STOPPED),
            (120, STOPPED, 110, RUNNING),
            (110, RUNNING, 30, STOPPED),
        ):
            change = Change("press1", old, new, None, ago(when), ago(when), ago(since))
            history.append(change)
    return desk


def stops(plant: Desk) -> list[dict[str, Any]]:
    done = plant.run("reason", "press1", "--list", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    found: list[dict[str, Any]] = json.loads(done.stdout)["stops"]
    return found


def test_without_a_time_the_last_stop_is_meant(
    plant: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(getpass, "getuser", lambda: "ann")

    done = plant.run("reason", "press1", "Bearing", "--note", "left one")

    assert (done.returncode, done.stderr) == (0, "")
    assert "bearing (failure), says ann" in done.stdout
    [before, last] = stops(plant)
    assert (before["reason"], before["category"], before["at_least"]) == (None, "unknown", False)
    assert (last["reason"], last["category"], last["by"]) == ("bearing", "failure", "ann")
    assert (last["note"], last["source"], last["end"], last["at_least"]) == (
        "left one",
        "person",
        None,
        True,
    )
    with History(plant.history) as history:
        [said] = history.assignments("press1")
        assert said.stop_start == ago(30)
        assert NOW <= said.at <= datetime.now(UTC)
        assert history.verify() == []


def test_a_time_within_or_near_a_stop_means_it(plant: Desk) -> None:
    for minutes in (115, 123):
        when = ago(minutes).isoformat()
        done = plant.run("reason", "press1", when, "material", "--by", "bob")
        assert (done.returncode, done.stderr) == (0, "")
    first = stops(plant)[0]

    assert (first["reason"], first["by"]) == ("material", "bob")
    assert datetime.fromisoformat(first["start"]) == ago(120)


def test_a_time_of_day_is_the_last_that_is_past(plant: Desk) -> None:
    clock = ago(115).astimezone(ZoneInfo("Europe/Berlin"))

    done = plant.run("reason", "press1", f"{clock:%H:%M}", "changeover", "--by", "bob")

    assert (done.returncode, done.stderr) == (0, "")
    assert stops(plant)[0]["reason"] == "changeover"


def test_a_time_of_day_that_is_still_to_come_is_that_of_yesterday(plant: Desk) -> None:
    began, ended = ago(23 * 60), ago(23 * 60 - 10)
    with History(plant.history) as history:
        for old, when, new in ((RUNNING, began, STOPPED), (STOPPED, ended, RUNNING)):
            history.append(Change("press2", old, new, None, when, when, ago(9999)))
    clock = ago(23 * 60 - 5).astimezone(ZoneInfo("Europe/Berlin"))

    done = plant.run("reason", "press2", f"{clock:%H:%M}", "changeover", "--by", "bob")

    assert (done.returncode, done.stderr) == (0, "")


def test_a_reason_can_be_changed_and_taken_back(plant: Desk) -> None:
    plant.run("reason", "press1", "bearing", "--by", "ann")
    plant.run("reason", "press1", "material", "--by", "bob")
    assert stops(plant)[-1]["reason"] == "material"

    done = plant.run("reason", "press1", "--clear", "--by", "ann")

    assert done.returncode == 0
    assert "taken back by ann; now no reason" in done.stdout
    assert stops(plant)[-1]["reason"] is None
    with History(plant.history) as history:
        assert [a.who for a in history.assignments("press1")] == ["ann", "bob", "ann"]


def test_a_rule_gives_reasons_by_itself_and_a_person_counts_more(plant: Desk) -> None:
    with (plant.config / "config_shifts.ini").open("a", encoding="utf-8") as file:
        file.write("[rule short]\nreason = material\nshorter_than = 15 min\n")
    assert [(s["reason"], s["source"]) for s in stops(plant)] == [
        ("material", "rule"),
        (None, "nobody"),
    ]

    plant.run("reason", "press1", ago(115).isoformat(), "other", "--by", "ann")

    assert (stops(plant)[0]["reason"], stops(plant)[0]["source"]) == ("other", "person")


def test_the_list_is_a_table_for_people(plant: Desk) -> None:
    plant.run("reason", "press1", "bearing", "--by", "ann", "--note", "left one")

    lines = plant.run("reason", "--list").stdout.splitlines()

    assert lines[0].split() == ["MACHINE", "STOPPED", "FOR", "REASON", "BY", "NOTE"]
    assert "10m 00s" in lines[1]
    assert "or more" in lines[2]
    assert lines[2].split()[-4:] == ["bearing", "ann", "left", "one"]


@pytest.mark.parametrize(
    ("words", "error", "code"),
    [
        (("press1", "berring"), "there is no reason called 'berring'", 2),
        (("press1",), "why did press1 stop?", 2),
        (("press9", "bearing"), "no camera called 'press9'", 2),
        (("press1", "half past", "bearing"), "'half past' is no time", 2),
        (("press1", "25:00", "bearing"), "'25:00' is no time", 2),
        (("press1", "0001-01-01T00:00", "bearing"), "'0001-01-01T00:00' is no time", 2),
        (("press1", "2020-01-01T00:00", "bearing"), "press1 did not stop at 2020-01-01", 4),
        (("press2", "bearing"), "press2 has not stopped yet", 4),
        (("press1", "07:00", "no", "pallets"), "too many words", 2),
        ((), "which machine?", 2),
    ],
)
def test_what_makes_no_sense_is_refused(
    plant: Desk, words: tuple[str, ...], error: str, code: int
) -> None:
    done = plant.run("reason", *words)

    assert (done.returncode, done.stdout) == (code, "")
    assert error in done.stderr
    assert "Traceback" not in done.stderr
    with History(plant.history) as history:
        assert history.assignments("press1") == []


def test_a_note_and_a_name_are_one_line_each_and_steer_no_terminal(plant: Desk) -> None:
    note, name = "left\none \x1b[2J =now() <b>", "Eve\x07\r\nsays"

    done = plant.run("reason", "press1", "bearing", "--note", note, "--by", name)

    assert (done.returncode, len(done.stdout.splitlines())) == (0, 1)
    assert (stops(plant)[-1]["note"], stops(plant)[-1]["by"]) == (
        "left one [2J =now() <b>",
        "Eve says",
    )


def test_a_note_as_long_as_a_book_is_refused(plant: Desk) -> None:
    done = plant.run("reason", "press1", "bearing", "--note", "x" * 501)

    assert (done.returncode, done.stdout) == (2, "")
    assert "--note has 501 characters" in done.stderr
    assert stops(plant)[-1]["reason"] is None


def test_what_is_in_the_history_steers_no_terminal_either(plant: Desk) -> None:
    said = Assignment("press1", ago(30), "bearing", "a\x1b[2Jb", "ann", NOW)
    with History(plant.history) as history:
        history.assign(said)

    listed = plant.run("reason", "--list").stdout

    assert "a [2Jb" in listed


def test_without_a_history_there_is_no_stop(desk: Desk) -> None:
    desk.configure({"press1": PRESS}, stream=STREAM)

    done = desk.run("reason", "press1", "failure")

    assert done.returncode == 4
    assert "nothing was recorded yet" in done.stderr
    assert not desk.history.exists()


def test_with_a_wrong_calendar_no_reason_is_taken(plant: Desk) -> None:
    (plant.config / "config_shifts.ini").write_text("[shift early]\n", encoding="utf-8")

    done = plant.run("reason", "press1", "failure")

    assert done.returncode == 2
    assert "config_shifts.ini:1 [shift early]: start is not set" in done.stderr
