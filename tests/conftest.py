"""What do all tests share?  The rule that CI skips nothing, and the real servers."""

import os
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TypeVar

import hypothesis
import pytest

from servers import gst
from servers.desk import Desk

Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)
IN_CI = os.environ.get("CI", "").lower() not in ("", "0", "false")

# before any test imports numpy or OpenCV; the tests run in parallel already
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "OPENCV_FOR_THREADS_NUM"):
    os.environ.setdefault(_name, "1")

# fewer examples between two edits, other ones each time; CI tries as many as is usual
hypothesis.settings.register_profile("here", deadline=None, max_examples=20)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True)
hypothesis.settings.load_profile("ci" if IN_CI else "here")


def _fail_if_skipped(report: Report) -> Report:
    if IN_CI and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, and CI must not skip: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    return _fail_if_skipped((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    return _fail_if_skipped((yield))


@pytest.fixture
def desk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Desk:
    """A folder to be in, and commands to run there."""
    return Desk(tmp_path, monkeypatch, capsys)


@pytest.fixture(scope="session")
def clip_folder(tmp_path_factory: pytest.TempPathFactory) -> gst.ClipFolder:
    """The encoded clips of the test cameras, shared by the processes of one test run."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "clips"
    folder.mkdir(exist_ok=True)
    return gst.ClipFolder(folder)


@pytest.fixture
def start_gst_camera(
    tmp_path: Path, clip_folder: gst.ClipFolder
) -> Iterator[Callable[..., gst.GstCamera]]:
    """Start a recorder of your own making: `start_gst_camera(password=…, channels=…)`."""
    if gst.interpreter() is None:
        pytest.skip("no gst-rtsp-server: apt-get install gir1.2-gst-rtsp-server-1.0 python3-gi")
    with ExitStack() as cameras:

        def start(**options: object) -> gst.GstCamera:
            return cameras.enter_context(gst.GstCamera(tmp_path, clip_folder, **options))

        yield start


@pytest.fixture
def gst_camera(start_gst_camera: Callable[..., gst.GstCamera]) -> gst.GstCamera:
    """A real recorder with digest auth and channels 802, 801 and 702 (see servers/gst.py)."""
    return start_gst_camera()
