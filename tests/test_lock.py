"""A machine is tracked once, and a tracker that was killed is in nobody's way."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from motion_tracking.record.lock import AlreadyTracked, hold, holder
from servers.child import Child

HOLDER = """
import os, sys
from pathlib import Path
from motion_tracking.record.lock import hold

with hold(Path(sys.argv[1]), os.getpid()):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "motion_tracking" / "press1"


@pytest.fixture
def other(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that tracks the machine."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_who_comes_second_is_told_who_was_first(folder: Path) -> None:
    with hold(folder, os.getpid()):
        with pytest.raises(AlreadyTracked, match=f"press1 .* process {os.getpid()}") as caught:
            hold(folder, 4711, patience=0.0).__enter__()
        assert (caught.value.machine, caught.value.pid) == ("press1", os.getpid())
        assert holder(folder) == os.getpid()


def test_a_machine_that_was_let_go_can_be_held_again(folder: Path) -> None:
    for _ in range(3):
        with hold(folder, os.getpid()):
            pass
        assert holder(folder) is None
        assert not (folder / "tracker.pid").exists()


def test_a_failure_inside_lets_go_too(folder: Path) -> None:
    with pytest.raises(ZeroDivisionError), hold(folder, os.getpid()):
        _ = 1 / 0
    assert holder(folder) is None


def test_machines_do_not_disturb_each_other(folder: Path) -> None:
    with hold(folder, os.getpid()), hold(folder.with_name("saw"), os.getpid()):
        assert holder(folder) == holder(folder.with_name("saw")) == os.getpid()


@pytest.mark.parametrize("note", ["", "111111111111", "no number", "99999999", "\0\0"])
def test_a_note_that_is_no_good_is_not_believed(folder: Path, note: str) -> None:
    with hold(folder, os.getpid()):
        (folder / "tracker.pid").write_text(note)
        assert holder(folder) is None
        with pytest.raises(AlreadyTracked, match="by another process") as caught:
            hold(folder, os.getpid(), patience=0.0).__enter__()
        assert caught.value.pid is None


def test_asking_who_tracks_a_machine_leaves_no_trace(folder: Path) -> None:
    assert holder(folder) is None
    assert not folder.exists()


@pytest.mark.slow
def test_another_process_holds_the_machine_while_it_lives(
    folder: Path, other: subprocess.Popen[str]
) -> None:
    assert holder(folder) == other.pid
    with pytest.raises(AlreadyTracked) as caught:
        hold(folder, os.getpid()).__enter__()
    assert caught.value.pid == other.pid


@pytest.mark.slow
def test_a_killed_holder_is_in_nobodys_way(folder: Path, other: subprocess.Popen[str]) -> None:
    other.kill()
    other.wait()
    assert (folder / "tracker.pid").read_text() == str(other.pid)  # it could not clean up
    assert holder(folder) is None
    with hold(folder, os.getpid()):
        assert holder(folder) == os.getpid()


@pytest.mark.slow
def test_asking_all_the_time_keeps_nobody_from_starting(folder: Path) -> None:
    folder.mkdir(parents=True)
    asking = (
        "import sys; from pathlib import Path; from motion_tracking.record.lock import holder\n"
    )
    asking += "print('asking', flush=True)\nwhile True: holder(Path(sys.argv[1]))"
    with Child(
        [sys.executable, "-c", asking, str(folder)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        for _ in range(100):
            with hold(folder, os.getpid()):
                pass
        process.kill()
