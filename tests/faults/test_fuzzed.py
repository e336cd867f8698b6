"""No input breaks a parser: looked for by coverage, a few seconds each, hours by flag."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from faults.catalogue import Measured, Rounds, fault

FUZZING = Path(__file__).parents[1] / "fuzzing.py"
SECONDS = 5


@fault(
    "C03",
    "input that nobody thought of",
    injected="inputs found by coverage (atheris), 5 s each (long: 20 min): INI file, configuration,"
    " log line, spill, address, damaged history",
    expected="a value, or the one kind of error that callers know",
    promised="0 exceptions",
)
@pytest.mark.skipif(sys.platform != "linux", reason="atheris is for Linux")
@pytest.mark.parametrize("target", ["ini", "config", "log", "spill", "url", "history"])
@pytest.mark.timeout(1500)
def test_no_input_breaks_a_parser(
    measured: Measured, rounds: Rounds, tmp_path: Path, target: str
) -> None:
    """Seen to fail with a damaged name of a column in the history, which was an IndexError."""
    if find_spec("atheris") is None:
        pytest.skip("no atheris for this Python")
    seconds = rounds(SECONDS, long=1200)
    done = subprocess.run(
        [sys.executable, FUZZING, target, str(seconds)],
        cwd=tmp_path,  # where an input that breaks it is left
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=seconds + 120,
        check=False,
    )
    measured("s", seconds)
    measured("exceptions", done.stderr.count("Uncaught Python exception"), at_most=0)
    assert done.returncode == 0, done.stderr[-3000:]
