"""Do the walls of the house stand?  (CONTRIBUTING.md, "The house")"""

import ast
import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
PACKAGE = PROJECT / "motion_tracking"
MODULES = sorted(PACKAGE.rglob("*.py"))
LONGEST = 400
"""Lines of a module; one of 300 gets a hard look."""

LINT_IMPORTS = "from importlinter.cli import lint_imports_command; lint_imports_command()"
HEAVY = {"matplotlib", "plotly", "requests", "cv2", "av", "numpy", "PIL", "pandas"}
NOT_TO_RUN = {"matplotlib", "plotly", "starlette", "uvicorn", "flask", "fastapi", "apprise"}

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


@pytest.mark.parametrize("module", MODULES, ids=named)
def test_a_module_is_short_and_says_which_question_it_answers(module: Path) -> None:
    text = module.read_text(encoding="utf-8")

    assert len(text.splitlines()) <= LONGEST
    first_line = (ast.get_docstring(ast.parse(text)) or "").partition("\n")[0]
    assert len(first_line.split()) >= 3


def test_no_module_is_called_after_what_it_does_not_say() -> None:
    vague = {"utils", "util", "helpers", "common", "const", "constants", "types", "base", "misc"}

    assert [named(module) for module in MODULES if module.stem in vague] == []


@pytest.mark.slow
def test_help_imports_nothing_heavy() -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "motion_tracking", "--help"],
        cwd=PROJECT,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )

    imported = {
        line.rpartition("|")[2].strip().partition(".")[0]
        for line in done.stderr.splitlines()
        if line.startswith("import time:")
    }
    assert "motion_tracking" in imported
    assert imported & HEAVY == set()


@pytest.mark.slow
def test_run_imports_no_plots_and_no_web_framework() -> None:
    asked = "import json, sys, motion_tracking.commands.run; print(json.dumps([*sys.modules]))"
    done = subprocess.run(
        [sys.executable, "-c", asked],
        cwd=PROJECT,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )

    imported = {name.partition(".")[0] for name in json.loads(done.stdout)}
    assert "motion_tracking" in imported
    assert imported & NOT_TO_RUN == set()


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
