"""Do the benchmarks of what watching costs run through?  Not one of their figures is judged."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from servers import gst

pytestmark = pytest.mark.slow

PROJECT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where they find the films that one of them made."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "films"
    folder.mkdir(exist_ok=True)
    return folder


def told(films: Path, name: str, *arguments: str) -> dict[str, Any]:
    """Run a benchmark; return what it prints."""
    if gst.interpreter() is None:
        pytest.skip("no gst-rtsp-server: apt-get install gir1.2-gst-rtsp-server-1.0 python3-gi")
    done = subprocess.run(
        [sys.executable, str(PROJECT / "benchmarks" / name), *arguments, "--json"],
        env=os.environ | {"TMPDIR": str(films), "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        encoding="utf-8",
        timeout=250,
        check=False,
    )
    assert done.stdout, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_live_compares_with_whoever_is_there(films: Path) -> None:
    """`motion` has a test of its own, since it may not be installed."""
    others = "auto,old,opencv,demux"
    asked = ("--seconds", "3", "--rounds", "1", "--formats", "small", "--only", others)
    rows = told(films, "live.py", *asked)["rows"]["small"]

    assert set(rows) == {*others.split(","), "server"}
    assert all(row["cpu"] > 0 for row in rows.values())
    assert 0 <= rows["auto"]["age_median"] < 3


def test_live_says_how_much_of_motions_cost_ours_is(films: Path) -> None:
    if shutil.which("motion") is None:
        pytest.skip("no motion: apt-get install --no-install-recommends motion")
    asked = ("--seconds", "3", "--rounds", "1", "--formats", "small", "--only", "auto,motion")

    assert told(films, "live.py", *asked)["ratios"]["small"] > 0


def test_scale_watches_several_channels_in_one_process_and_in_more(films: Path) -> None:
    loads = told(
        films, "scale.py", "--cameras", "2", "--each", "1,2", "--format", "small", "--seconds", "3"
    )["loads"]

    assert [(load["cameras"], load["each"], load["seen"]) for load in loads] == [
        (2, 1, 2),
        (2, 2, 2),
    ]


def test_sharing_compares_one_machine_with_more(films: Path) -> None:
    asked = ("--machines", "2", "--format", "small", "--seconds", "3", "--rounds", "1")

    assert told(films, "sharing.py", *asked)["ratio"] > 0


def test_offline_replays_a_file(films: Path) -> None:
    """With nothing in the place of dvr-scan, which has an environment of its own."""
    asked = ("--dvr-scan", shutil.which("true") or "", "--runs", "1", "--formats", "small")

    assert told(films, "offline.py", *asked)["cpu_s_per_hour"]["small"]["dvr-scan"] >= 0
