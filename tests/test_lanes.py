"""Is each test in its lane, and is the core's quick?  (CONTRIBUTING.md, "Tests")"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import lanes

TESTS = Path(__file__).parent
MODULES = sorted(TESTS.rglob("test_*.py"))


def write_tests(folder: Path, **texts: str) -> None:
    conftest = (TESTS / "conftest.py").read_text(encoding="utf-8")
    (folder / "conftest.py").write_text(conftest, encoding="utf-8")
    for name, text in texts.items():
        (folder / f"test_{name}.py").write_text(text, encoding="utf-8")


def run_tests(folder: Path, *arguments: str, ci: str = "") -> str:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments],
        cwd=folder,
        env={**os.environ, "CI": ci, "PYTHONPATH": f"{TESTS.parent}{os.pathsep}{TESTS}"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    return done.stdout + done.stderr


def test_the_core_and_the_configuration_are_in_the_lane_of_each_save() -> None:
    core = {path.stem for path in MODULES if lanes.is_core(path)}

    assert {"test_machine", "test_calibration", "test_ini", "test_config", "test_tracker"} <= core
    assert core.isdisjoint({"test_run", "test_history", "test_simulator", "test_serve"})


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ("from motion_tracking.core.machine import Machine", "core"),
        ("from motion_tracking.core import machine", "core"),
        ("import motion_tracking.record.history", "record"),
        ("from motion_tracking import tracker", "tracker"),
        ("    from motion_tracking.cli import cli", "cli"),
        ("from servers import gst", "servers"),
        ("from faults.catalogue import fault", "faults"),
    ],
)
def test_an_import_is_found(tmp_path: Path, line: str, part: str) -> None:
    path = tmp_path / "test_it.py"
    path.write_text(f'"""Does it work?"""\n\nimport os\n\n{line}\n', encoding="utf-8")

    assert lanes.imported(path) == {part}


def test_what_is_too_long_for_the_core_is_there_and_few() -> None:
    """A name that is gone would let another test of that name in."""
    core = {path.name: path.read_text(encoding="utf-8") for path in MODULES if lanes.is_core(path)}
    for name in lanes.LONG:
        module, _, test = name.partition("::")
        assert re.search(rf"\b{test.split('::')[0]}\b", core[module]), name

    assert len(lanes.LONG) <= 10


@pytest.mark.slow
def test_the_core_alone_imports_no_other_tests(tmp_path: Path) -> None:
    write_tests(
        tmp_path,
        pure="import motion_tracking.core.seconds\ndef test_a(): pass\n",
        real="import motion_tracking.record\nraise AssertionError('imported')\n",
    )

    assert "1 passed" in run_tests(tmp_path, "-m", "core")
    assert "1 error" in run_tests(tmp_path)


@pytest.mark.slow
def test_a_long_test_of_the_core_fails_where_people_wait_for_it(tmp_path: Path) -> None:
    busy = (
        "from time import process_time\nimport motion_tracking.core.seconds\n"
        "def test_busy():\n    end = process_time() + 0.4\n    while process_time() < end: pass\n"
    )
    write_tests(tmp_path, busy=busy)

    assert "too long for the core" in run_tests(tmp_path)
    assert "1 passed" in run_tests(tmp_path, ci="true")
