"""What do all tests share?  Lanes, the rule that CI skips nothing, and the real servers."""

import os
import sys
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import hypothesis
import pytest

import lanes
from servers import gst
from servers.desk import Desk

if TYPE_CHECKING:
    from playwright.sync_api import Browser

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


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Say at once what failed, for a run that is cut off before its summary."""
    if report.failed and "PYTEST_XDIST_WORKER" not in os.environ:
        sys.stdout.write(f"\nFAILED {report.nodeid} ({report.when})\n{report.longreprtext}\n")
        sys.stdout.flush()


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    return _fail_if_skipped((yield))


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Import nothing of the other lanes where the core alone is asked for."""
    if config.option.markexpr != "core" or not collection_path.match("test_*.py"):
        return None
    return not lanes.is_core(collection_path) or None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put each test into its lane, and files with slow tests first, lest one process ends alone."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)
    core = {path: lanes.is_core(path) for path in {item.path for item in items}}
    for item in items:
        name = item.nodeid.rpartition("/")[2].partition("[")[0]
        if core[item.path] and name not in lanes.LONG and not item.get_closest_marker("slow"):
            item.add_marker("core")


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """Fail a test that is too long for the core, where somebody waits for it.

    One of many examples is let off: the first of these prepares tables.
    """
    begin = time.process_time()
    result = yield
    took = time.process_time() - begin
    by_chance = hasattr(pyfuncitem.obj, "hypothesis")
    too_long = took > lanes.LIMIT and pyfuncitem.get_closest_marker("core")
    if too_long and not by_chance and not IN_CI:
        pytest.fail(f"{took:.2f} s: too long for the core; name it in tests/lanes.py", False)
    return result


@pytest.fixture
def desk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Desk:
    """A folder to be in, and commands to run there."""
    return Desk(tmp_path, monkeypatch, capsys)


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """A real browser, without a window."""
    from servers.browser import chromium, chromium_program

    if chromium_program() is None:
        pytest.skip("no Chromium: apt-get install chromium")
    with chromium() as browser:
        yield browser


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
