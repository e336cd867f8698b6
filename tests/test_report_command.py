"""Does `report` write what was asked for, where it was asked for, and say what went wrong?"""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from motion_tracking.core.changes import Change
from motion_tracking.core.machine import MachineState
from motion_tracking.record.history import History
from servers.desk import PRESS, STREAM, Desk
from servers.mail import Mailbox

RUNNING, STOPPED, UNKNOWN = MachineState.RUNNING, MachineState.STOPPED, MachineState.UNKNOWN
NOW = datetime.now(UTC)


@pytest.fixture
def plant(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A plant without shifts: the press ran for two days, but for an hour four hours ago."""
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    desk.configure({"press1": PRESS, "belt": PRESS}, stream=STREAM, site={"name": "Hall 3"})
    Path("config", "config_shifts.ini").write_text("[calendar]\nzone=UTC\n", encoding="utf-8")
    with History(desk.history) as history:
        for old, new, hours, since in (
            (UNKNOWN, RUNNING, 48, 48.1),
            (RUNNING, STOPPED, 4, 48),
            (STOPPED, RUNNING, 3, 4),
        ):
            at, before = (NOW - timedelta(hours=back) for back in (hours, since))
            history.append(Change("press1", old, new, None, at, at, before))
    return desk


def test_json_is_printed_alone(plant: Desk) -> None:
    done = plant.run("report", "press1", "--json")

    assert (done.returncode, done.stderr) == (0, "")
    made = json.loads(done.stdout)
    assert (made["schema"], made["site"], made["zone"]) == (1, "Hall 3", "UTC")
    [machine] = made["machines"]
    assert machine["figures"]["utilisation"] == pytest.approx(23 / 24, abs=0.001)
    assert machine["figures"]["stops"] == 1
    assert machine["figures"]["availability"] is None
    assert list(Path().glob("report*")) == []


def test_all_machines_are_reported_where_none_is_named(plant: Desk) -> None:
    made = json.loads(plant.run("report", "--json").stdout)

    assert sorted(machine["machine"] for machine in made["machines"]) == ["belt", "press1"]


def test_a_page_is_left_in_this_folder_and_its_name_printed(plant: Desk) -> None:
    yesterday = f"{NOW - timedelta(days=1):%Y-%m-%d}"
    done = plant.run("report", "press1", "--day", "yesterday")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"report_{yesterday}.html\n"
    assert "<h1>" in Path(done.stdout.strip()).read_text(encoding="utf-8")


def test_a_file_or_a_folder_can_be_named_and_several_forms(plant: Desk) -> None:
    assert plant.run("report", "-o", "new/my.json").stdout == f"{Path('new', 'my.json')}\n"
    assert json.loads(Path("new", "my.json").read_text(encoding="utf-8"))["schema"] == 1

    done = plant.run("report", "--week", "this", "-o", "out", "--format", "csv", "--format", "json")

    names = [Path(line).name for line in done.stdout.splitlines()]
    week = f"{NOW:%G-W%V}"
    assert names == [f"report_{week}.csv", f"report_{week}_intervals.csv", f"report_{week}.json"]
    assert all(Path("out", name).exists() for name in names)


def test_excel_gets_its_bom(plant: Desk) -> None:
    assert plant.run("report", "--bom", "-o", "x.csv").returncode == 0
    assert Path("x.csv").read_bytes().startswith(b"\xef\xbb\xbfmachine")
    assert plant.run("report", "--bom", "-o", "x.json").returncode == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("-o", "x.doc"), "the name must end in .html"),
        (("-o", "x.csv", "--format", "json"), "x.csv is not json"),
        (("--json", "-o", "x.json"), "--json prints"),
        (("--json", "--email"), "--json prints"),
        (("--day", "tomorrow"), "no such day"),
        (("--day", "2020-01-01", "--week", "last"), "several times"),
        (("--shift", "early"), "there are no shifts"),
        (("--day", "2999-01-01"), "still to come"),
        (("press7",), "no camera called 'press7'"),
        (("-o", "taken/x.json"), "cannot write"),
        (("--email",), "no e-mail is set up"),
    ],
)
def test_what_cannot_be_done_is_said(plant: Desk, arguments: tuple[str, ...], message: str) -> None:
    Path("taken").write_text("", encoding="utf-8")

    done = plant.run("report", *arguments)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: ")
    assert message in done.stderr
    assert "hint:" in done.stderr


def test_time_in_which_nobody_looked_is_no_data(plant: Desk) -> None:
    done = plant.run("report", "--day", "2020-01-01", "--json")

    assert (done.returncode, done.stdout) == (4, "")
    assert "nothing was recorded Wed 1 Jan 2020, 00:00" in done.stderr
    assert plant.run("report", "belt").returncode == 4


def test_without_a_history_there_is_no_data(desk: Desk) -> None:
    desk.configure({"press1": PRESS}, stream=STREAM)

    assert desk.run("report").returncode == 4


def test_an_extra_that_is_missing_is_named_before_the_work(
    plant: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("motion_tracking.commands.report.find_spec", lambda _: None)

    done = plant.run("report", "-o", "x.xlsx")

    assert (done.returncode, done.stdout) == (6, "")
    assert 'pip install "motion-track[excel]"' in done.stderr
    assert not Path("x.xlsx").exists()


@pytest.mark.slow
def test_a_report_is_sent_with_its_picture_and_its_page(plant: Desk) -> None:
    with Mailbox() as mailbox:
        mail = mailbox.section("lead@plant.example")
        plant.configure({"press1": PRESS}, stream=STREAM, site={"name": "Hall 3"}, email=mail)
        done = plant.run("report", "press1", "--email", timeout=60)

    assert (done.returncode, done.stdout) == (0, "sent to lead@plant.example\n")
    [letter] = mailbox.letters
    message = letter.message
    assert message["Subject"].startswith("Machine report · Hall 3: ")
    body = message.get_body(("plain",))
    assert body is not None
    assert "press1 ran 95." in body.get_content()
    [page] = message.iter_attachments()
    assert page.get_filename().startswith("report_")
    assert page.get_content_type() == "text/html"
    assert [part for part in message.walk() if part.get_content_type() == "image/png"]
    assert list(Path().glob("report*")) == []


@pytest.mark.slow
def test_a_report_that_nobody_takes_is_said(plant: Desk) -> None:
    mail = {
        "host": "127.0.0.1",
        "port": 1,
        "security": "none",
        "sender": "mt@plant.example",
        "recipients": "lead@plant.example",
    }
    plant.configure({"press1": PRESS}, stream=STREAM, email=mail)

    done = plant.run("report", "press1", "--email", "-o", "kept.json", timeout=60)

    assert done.returncode == 3
    assert "error: the report was not sent" in done.stderr
    assert Path("kept.json").exists()


def test_a_name_that_no_disk_takes_is_a_mistake(plant: Desk) -> None:
    done = plant.run("report", "press1", "-o", "x" * 300 + ".csv")

    assert (done.returncode, done.stdout) == (2, "")
    assert "hint:  choose" in done.stderr


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a disk that is always full")
def test_a_full_disk_behind_stdout_is_no_fault_of_ours(plant: Desk) -> None:
    command = [sys.executable, "-m", "motion_tracking", "report", "--json"]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)

    assert done.returncode == 70
    assert done.stderr.startswith("error: No space left on device\nhint:  free the disk\n")
