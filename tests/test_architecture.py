"""Do the walls of the house stand?  (CONTRIBUTING.md, "The house")"""

import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from servers.plant import Plant

PROJECT = Path(__file__).parents[1]
PACKAGE = PROJECT / "motion_tracking"
MODULES = sorted(PACKAGE.rglob("*.py"))
LONGEST = 400
"""Lines of a module; one of 300 gets a hard look."""

LINT_IMPORTS = "from importlinter.cli import lint_imports_command; lint_imports_command()"
PLOTS = {"matplotlib", "plotly", "PIL", "pandas"}
WEB = {"requests", "starlette", "uvicorn", "websockets", "anyio", "flask", "fastapi", "apprise"}
PICTURES = {"cv2", "av", "numpy", "imutils"}
NOT_TO_RUN = PLOTS | WEB | {"rich", "click.testing"}
BUDGET = {
    # rich draws the help
    ("--help",): PLOTS | WEB | PICTURES | {"sqlite3", "filelock", "psutil", "platformdirs"},
    ("--version",): PLOTS | WEB | PICTURES | {"rich", "sqlite3"},
    ("cameras", "--names"): PLOTS | WEB | PICTURES | {"rich", "sqlite3"},
    ("completion", "bash"): PLOTS | WEB | PICTURES | {"rich", "sqlite3"},
    ("status",): PLOTS | WEB | PICTURES,
    ("notify", "--outbox"): PLOTS | WEB | PICTURES | {"rich"},
    ("run", "press1", "--duration", "0.1"): NOT_TO_RUN | {"imutils", "requests", "http.client"},
}
"""What each command must do without: a tracker on a small PC pays for no plots."""

COMMAND = """
import sys
from motion_tracking.cli import cli
from motion_tracking.commands.ending import guarded
assert guarded(cli, sys.argv[1:]) == 0
"""

# in pieces, so that this file is not found
ADDRESSES = ["py" + "pi.org", "python" + "hosted.org", "npm" + "js.org", "npm" + "js.com"]
ADDRESSES += ["debian" + ".org/debian", "npm" + "mirror"]
FOLDERS = re.compile(r"(?<![\w.$}/-])/(?:root|home|work)/(?!\.\.\.)\w")


def named(module: Path) -> str:
    return module.relative_to(PROJECT).as_posix()


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", LINT_IMPORTS],
        cwd=folder,
        env={"PYTHONPATH": str(folder), "PATH": ""},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the package, to plant violations in."""
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(PACKAGE, tmp_path / "motion_tracking", ignore=ignored)
    shutil.copy(PROJECT / "pyproject.toml", tmp_path)
    return tmp_path


@pytest.mark.slow
def test_arrows_go_down_only() -> None:
    done = lint_imports(PROJECT)

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ("module", "planted"),
    [
        ("core/machine.py", "import time"),
        ("core/machine.py", "from motion_tracking import config"),
        ("notify/log.py", "from motion_tracking import config"),
        ("dashboard/feed.py", "from motion_tracking.fleet import asking"),
        ("notify/log.py", "def late():\n    from motion_tracking.record import history"),
        ("capture/reader.py", "from motion_tracking import tracker"),
    ],
)
def test_a_planted_import_is_found(copy: Path, module: str, planted: str) -> None:
    with (copy / "motion_tracking" / module).open("a", encoding="utf-8") as file:
        file.write(f"\n\n{planted}\n")

    done = lint_imports(copy)

    assert done.returncode == 1
    assert module.removesuffix(".py").replace("/", ".") in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    "planted",
    [
        "import time\n\ntime.sleep(1)",
        "import time\n\ntime.monotonic()",
        "from datetime import datetime\n\ndatetime.now()",
        "from threading import Thread\n\nThread()",
        "print('here')",
    ],
)
def test_a_planted_clock_sleep_thread_or_print_is_found(copy: Path, planted: str) -> None:
    path = copy / "motion_tracking" / "tracker.py"
    path.write_text(f'"""Planted."""\n\n{planted}\n', encoding="utf-8")

    done = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--no-cache", "--output-format=concise", path],
        cwd=copy,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )

    assert done.returncode == 1
    assert re.search("TID251|T201", done.stdout)


def test_a_module_is_short_and_says_which_question_it_answers() -> None:
    found = []
    for module in MODULES:
        text = module.read_text(encoding="utf-8")
        begin = re.match(r'"""\s*(.*)', text)
        first_line = begin[1] if begin else ""
        if len(text.splitlines()) > LONGEST or len(first_line.split()) < 3:
            found.append(f"{named(module)}: {len(text.splitlines())} lines, {first_line!r}")

    assert found == []


def test_no_module_is_called_after_what_it_does_not_say() -> None:
    vague = {"utils", "util", "helpers", "common", "const", "constants", "types", "base", "misc"}

    assert [named(module) for module in MODULES if module.stem in vague] == []


def modules(program: str, folder: Path, *arguments: str) -> set[str]:
    """Run a program in a folder; return the packages and modules that it imported."""
    told = "\nimport json, sys; print(json.dumps([*sys.modules]), file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", program + told, *arguments],
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    names: list[str] = json.loads(done.stderr.splitlines()[-1])
    assert "motion_tracking" in names
    return {*names, *(name.partition(".")[0] for name in names)}


@pytest.mark.slow
@pytest.mark.parametrize("arguments", BUDGET, ids=" ".join)
def test_a_command_imports_only_what_it_needs(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    camera = {"channel": "simulated:press", "threshold": 300, "ix": 0, "iy": 0, "ix2": 9, "iy2": 9}
    Plant(tmp_path).configure({"press1": camera}, stream={})

    assert modules(COMMAND, tmp_path, *arguments) & BUDGET[arguments] == set()


@pytest.mark.slow
@pytest.mark.parametrize("command", ["init", "snapshot"])
def test_windows_can_be_seen_since_opencv_is_there_before_pyav(command: str) -> None:
    """Where PyAV's libraries come first, those of OpenCV's windows fall out with them on Linux."""
    program = (
        f"import json, sys, motion_tracking.commands.{command}; print(json.dumps([*sys.modules]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, encoding="utf-8", check=True
    )
    order: list[str] = json.loads(done.stdout)
    assert order.index("cv2") < order.index("av")


@pytest.mark.slow
def test_what_a_tracker_may_need_brings_no_plots_and_no_web_framework(tmp_path: Path) -> None:
    """
    Whatever the camera and the notifiers are: each file of these rooms, imported.

    But for one: notify/deadline.py is imported by the thread that sends over HTTP, when it does.
    """
    rooms = ("core", "capture", "config", "record", "notify", "fleet")
    names = [
        ".".join(module.relative_to(PROJECT).with_suffix("").parts)
        for module in MODULES
        if module.relative_to(PACKAGE).parts[0] in rooms and module.stem != "deadline"
    ]
    program = "\n".join(f"import {name}" for name in ("motion_tracking.commands.run", *names))

    assert len(names) > 50
    assert modules(program, tmp_path) & NOT_TO_RUN == set()


@pytest.mark.slow
def test_the_dashboard_does_without_decoders_and_plots(tmp_path: Path) -> None:
    """They are two thirds of what a tracker takes; it gets pictures ready made."""
    loaded = modules("import motion_tracking.commands.serve", tmp_path)

    assert loaded & (PLOTS | PICTURES | {"requests", "rich"}) == set()


@pytest.mark.slow
def test_help_comes_at_once() -> None:
    """Six to seven times a bare Python, 120 ms here; rich, which draws it, is half of that."""
    done = subprocess.run(
        [sys.executable, PROJECT / "benchmarks" / "startup.py", "--runs", "3"],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )

    found = re.search(r"^motion-track --help +\d+ +([\d.]+)$", done.stdout, re.M)
    assert found is not None, done.stdout + done.stderr
    assert float(found[1]) < 12


def test_no_committed_file_names_a_registry_or_a_folder_of_one_machine() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=PROJECT,
        capture_output=True,
        encoding="utf-8",
        check=True,
    ).stdout
    paths = [PROJECT / name for name in listed.split("\0") if name]
    found = []
    for path in paths:
        if not path.is_file():
            continue
        for number, line in enumerate(path.read_bytes().decode("utf-8", "replace").splitlines(), 1):
            if any(address in line for address in ADDRESSES) or FOLDERS.search(line):
                found.append(f"{named(path)}:{number}: {line.strip()[:80]}")

    assert paths
    assert found == []


def test_every_room_is_in_the_contract() -> None:
    text = (PROJECT / "pyproject.toml").read_text(encoding="utf-8")
    contracts = tomllib.loads(text)["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    walled = {name.strip() for layer in layers for name in layer.split("|")}

    paths = [*PACKAGE.glob("[!_]*.py"), *(path.parent for path in PACKAGE.glob("*/__init__.py"))]
    rooms = {f"motion_tracking.{path.stem}" for path in paths}
    assert rooms == walled


def test_every_room_and_every_file_with_a_thread_is_in_the_design() -> None:
    """And none that is gone."""
    text = (PROJECT / "docs" / "design" / "structure.md").read_text(encoding="utf-8")
    rooms = {
        f"{path.parent.relative_to(PACKAGE).as_posix()}/" for path in PACKAGE.glob("*/__init__.py")
    }
    tables = {f"core/{path.parent.name}/" for path in PACKAGE.glob("core/*/__init__.py")}
    modules = {path.name for path in PACKAGE.glob("[!_]*.py")}
    named = set(re.findall(r"^\| `([\w/.]+)` \|", text, re.M))
    assert named == rooms | tables | modules

    starts = {
        module.relative_to(PACKAGE).as_posix()
        for module in MODULES
        if re.search(r"\bThread\(", module.read_text(encoding="utf-8"))
    }
    threads = text.partition("## Threads")[2].partition("## Processes")[0]
    assert starts == set(re.findall(r"`(\w+/\w+\.py)`", threads))


def test_every_room_is_named_where_people_begin() -> None:
    text = (PROJECT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    house = text.partition("## The house")[2].partition("```\n\n")[0]

    rooms = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert rooms == set(re.findall(r"(\w+)/", house))
