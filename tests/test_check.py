"""Does `motion-track check` find what would keep tracking from working?"""

import json
import os
import shutil
import sqlite3
from collections import namedtuple
from datetime import UTC, datetime
from pathlib import Path

import cv2
import pytest

from motion_tracking.commands.configuration import spill_folders
from motion_tracking.config import load
from motion_tracking.core.changes import Change, Event
from motion_tracking.core.machine import MachineState
from motion_tracking.record.history import History
from motion_tracking.record.spill import Entry, Spill
from motion_tracking.simulator.camera import Camera, Channel
from motion_tracking.simulator.faults import Fault, Kind
from servers.desk import PRESS, STREAM, Desk
from servers.plant import Plant, area

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
STOP = Change("press1", MachineState.RUNNING, MachineState.STOPPED, None, NOON, NOON, NOON, NOON)


@pytest.fixture
def plant(desk: Desk) -> Desk:
    desk.configure({"press1": PRESS}, stream=STREAM)
    return desk


def findings(desk: Desk, *arguments: str) -> list[tuple[str, str, str]]:
    """Each finding that is not ok and was not skipped: subject, result, text."""
    listed = json.loads(desk.run("check", "--json", *arguments).stdout)["findings"]
    found = [(each["subject"], each["result"], each["text"]) for each in listed]
    return [each for each in found if each[1] in ("warn", "fail")]


def test_a_sound_plant_has_a_line_for_each_subject(plant: Desk) -> None:
    done = plant.run("check", "--offline")

    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    begun = [line.split()[0] for line in lines if not line.startswith(" ")]
    assert begun == ["Config", "Cameras", "Display", "Notify", "Disk", "0"]
    assert lines[0].split()[1] == "ok"
    assert "1 camera, 1 to track" in lines[0]
    assert lines[-1] == "0 problems, 0 warnings"


def test_offline_connects_to_nothing(plant: Desk) -> None:
    done = plant.run("check", "--offline")

    assert "skip  press1: not asked for" in done.stdout


def test_each_mistake_is_told_with_its_place_and_a_hint(plant: Desk) -> None:
    (plant.config / "config_cam.ini").write_text(
        "[press1]\nchannel=802\nix=1\niy=1\nix2=9\niy2=9\nthreshold=3oo\n\n"
        "[gate]\nchannel=902\nthreshhold=300\n"
    )
    done = plant.run("check", "--offline")

    assert (done.returncode, done.stderr) == (1, "")
    lines = done.stdout.splitlines()
    wrong = next(n for n, line in enumerate(lines) if "threshold = 3oo" in line)
    assert "config_cam.ini:7 [press1] threshold = 3oo" in lines[wrong]
    assert "FAIL" in lines[wrong]
    assert lines[wrong + 1].startswith(" ")
    assert "warn" in next(line for line in lines if "threshhold" in line)
    assert lines[-1] == "2 problems, 1 warning"


def test_json_holds_the_findings_of_the_lines(plant: Desk) -> None:
    (plant.config / "config_cam.ini").write_text("[gate]\nchannel=902\n")

    [(subject, result, text)] = findings(plant, "--offline")

    assert (subject, result) == ("Config", "fail")
    assert "1 camera, 0 to track" in text


def test_a_camera_without_an_area_is_sent_to_init(plant: Desk) -> None:
    (plant.config / "config_cam.ini").write_text("[gate]\nchannel=902\n")

    assert "motion-track init gate" in plant.run("check", "--offline").stdout
    tracked = plant.run("run", "gate")
    assert (tracked.returncode, "hint:  motion-track init gate" in tracked.stderr) == (2, True)


def test_a_mask_that_is_not_there_is_found_without_a_camera(desk: Desk) -> None:
    desk.configure({"press1": {**PRESS, "mask_file": "press1.png"}}, stream=STREAM)

    [(subject, result, text)] = findings(desk, "--offline")

    assert (subject, result) == ("Cameras", "fail")
    assert "[press1] mask_file" in text


def test_only_the_cameras_that_were_named_are_looked_at(desk: Desk) -> None:
    desk.configure({"press1": PRESS, "press2": PRESS}, stream=STREAM)
    done = desk.run("check", "--offline", "press2")

    assert "press2: not asked for" in done.stdout
    assert "press1" not in done.stdout


def test_a_recorder_that_is_not_there_is_found(plant: Desk) -> None:
    [(subject, result, text)] = findings(plant)

    assert (subject, result) == ("Cameras", "fail")
    assert text.startswith("press1: nothing answers at rtsp://127.0.0.1:1/")
    assert "hunter2" not in text


def test_a_history_as_recorded_is_ok(plant: Desk) -> None:
    with History(plant.history) as history:
        history.append(STOP)

    done = plant.run("check", "--offline", "--history")

    assert done.returncode == 0
    assert "History    ok    the changes of 1 machine are as recorded" in done.stdout


def test_without_a_history_there_is_nothing_to_prove(plant: Desk) -> None:
    done = plant.run("check", "--offline", "--history")

    assert done.returncode == 0
    assert "History    skip" in done.stdout
    assert not plant.logs.exists()


def test_a_row_that_somebody_altered_is_found(plant: Desk) -> None:
    with History(plant.history) as history:
        history.append(STOP)
    connection = sqlite3.connect(plant.history)
    for (trigger,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
        connection.execute(f"DROP TRIGGER {trigger}")
    connection.execute("UPDATE transition SET occurred_ms = occurred_ms + 60000")
    connection.commit()
    connection.close()

    assert findings(plant, "--offline") == []
    [(subject, result, text)] = findings(plant, "--offline", "--history")
    assert (subject, result) == ("History", "fail")
    assert "press1" in text
    assert "altered" in text
    assert plant.run("check", "--offline", "--history").returncode == 1


def test_a_history_that_is_none_is_found(plant: Desk) -> None:
    plant.logs.mkdir(parents=True)
    plant.history.write_text("this is no database", encoding="utf-8")

    subjects = [subject for subject, *_ in findings(plant, "--offline", "--history")]

    assert subjects == ["Notify", "History"]


def test_messages_that_were_refused_are_a_warning(plant: Desk) -> None:
    with History(plant.history) as history:
        history.append(STOP, ["webhook"])
        [delivery] = history.due(["press1"], NOON.timestamp())
        history.given_up(delivery.id, NOON.timestamp(), "404")

    done = plant.run("check", "--offline")

    assert done.returncode == 0
    assert "warn  1 message refused for good" in done.stdout
    assert "notify --outbox" in done.stdout
    assert delivery.announcement.event is Event.STOP


@pytest.mark.skipif(os.name == "nt", reason="Windows tells no mode")
def test_passwords_that_everybody_may_read_are_a_warning(plant: Desk) -> None:
    (plant.config / "config_stream.ini").chmod(0o644)
    (plant.config / "config_cam.ini").chmod(0o644)

    [(subject, result, text)] = findings(plant, "--offline")

    assert (subject, result) == ("Config", "warn")
    assert "config_stream.ini: every user" in text
    assert plant.run("check", "--offline").returncode == 0


def test_changes_that_wait_for_the_history_are_a_warning(plant: Desk) -> None:
    spill = Spill(spill_folders(load(plant.config, {})), ["press1"])
    spill.add([Entry(STOP)])
    spill.clear()
    assert "wait" not in plant.run("check", "--offline").stdout

    spill.add([Entry(STOP)])
    done = plant.run("check", "--offline")
    assert done.returncode == 0
    assert f"warn  1 change waits in {spill.where}" in done.stdout


def test_a_disk_that_is_nearly_full_is_a_warning(
    plant: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**12, 10**12, 5 * 10**8))

    assert [found[:2] for found in findings(plant, "--offline")] == [("Disk", "warn")]


def test_a_file_where_logs_should_go_is_found(plant: Desk) -> None:
    (plant.folder / "logs").write_text("", encoding="utf-8")

    assert findings(plant, "--offline") == [("Disk", "fail", "logs: cannot be written to")]


@pytest.mark.slow
def test_each_way_in_which_a_camera_fails_is_told_apart(tmp_path: Path) -> None:
    """Against a recorder with a password, over the network, as a user meets it."""
    said = {
        "right": "352x288",
        "gone": "no such channel",
        "full": "no session left",
        "silent": "nothing comes",
        "small": "leaves the picture of 176x144",
        "redrawn": "the area was drawn on another size",
    }
    faults = {
        "gone": Fault(Kind.REFUSE),
        "full": Fault(Kind.LIMIT, amount=0),
        "silent": Fault(Kind.SILENCE),
        "small": Fault(Kind.SIZE, size=(176, 144)),
    }
    channels = {
        name: Channel(102 + 100 * n, "flywheel", faults=(faults[name],) if name in faults else ())
        for n, name in enumerate(said)
    }
    sections = {
        name: {"channel": each.number, "threshold": 300, **area(each.roi)}
        for name, each in channels.items()
    }
    sections["redrawn"]["frame"] = "704x576"
    plant = Plant(tmp_path)
    with Camera(channels.values(), username="viewer", password="c@nary/") as camera:
        stream = {"ip_address": "127.0.0.1", "port": camera.port, "username": "viewer"}
        plant.configure(sections, stream=stream | {"password": "c@nary/"})
        pictures = tmp_path / "pictures"
        done = plant.run("check", "--pictures", str(pictures), "--json")
        plant.configure(sections, stream=stream | {"password": "wrong"})
        refused = plant.run("check", "right")

    assert done.returncode == 1
    texts = [each["text"] for each in json.loads(done.stdout)["findings"]]
    for name, text in said.items():
        assert any(each.startswith(f"{name}: ") and text in each for each in texts), (name, texts)
    saved = sorted(path.name for path in pictures.iterdir())
    assert saved == ["redrawn.jpg", "right.jpg", "small.jpg"]
    assert cv2.imread(str(pictures / "right.jpg")).shape == (288, 352, 3)
    assert "user or password refused" in refused.stdout
    assert "c@nary" not in done.stdout + done.stderr + refused.stdout + refused.stderr
