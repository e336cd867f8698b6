"""Do the scripts install what is needed, once, and say clearly what they cannot do?"""

import ast
import importlib
import importlib.util
import os
import re
import subprocess
import sys
from collections.abc import Callable
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType

import pytest

PROJECT = Path(__file__).parents[1]
SCRIPTS = PROJECT / "scripts"
BATCH = PROJECT / "start_motion_tracking.bat"

FAKE_PIP = """
import sys
if __name__ == "__main__":
    print("Collecting numpy")
    with open("pip.calls", "a", encoding="utf-8") as calls:
        print(*sys.argv[1:], file=calls)
    if "[broken]" in sys.argv[-1]:
        sys.exit("ERROR: no such extra")
"""


@pytest.fixture
def bootstrap(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module, as it is in the project."""
    monkeypatch.syspath_prepend(str(SCRIPTS))
    return importlib.import_module("bootstrap")


@pytest.fixture
def load_script(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], ModuleType]:
    """Import a script by its file's name, without running it."""

    def load(file: str) -> ModuleType:
        name = f"scripts_{file.partition('.')[0]}"
        loader = SourceFileLoader(name, str(SCRIPTS / file))
        spec = importlib.util.spec_from_loader(name, loader)
        assert spec is not None
        script = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, name, script)
        monkeypatch.setattr(sys, "dont_write_bytecode", True)
        loader.exec_module(script)
        return script

    return load


@pytest.fixture
def folder(
    bootstrap: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], list[str]]:
    """
    A project of its own, whose virtual environment has a pip that only writes down its calls.

    Calling it returns the targets that pip was asked for so far.
    """
    (tmp_path / "pyproject.toml").write_text("[project]", encoding="utf-8")
    (tmp_path / "constraints.txt").write_text("numpy==2.4.6", encoding="utf-8")
    venv = tmp_path / ".venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(venv)], check=True)
    site = next(venv.rglob("site-packages"))
    (site / "pip.py").write_text(FAKE_PIP, encoding="utf-8")
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    monkeypatch.setattr(bootstrap, "VENV", venv)
    monkeypatch.setattr(bootstrap, "STAMP", venv / "motion-track.json")
    python = bootstrap.program("python", venv)
    monkeypatch.setattr(bootstrap, "program", lambda name: python.with_stem(name))

    def targets() -> list[str]:
        calls = tmp_path / "pip.calls"
        lines = calls.read_text(encoding="utf-8").splitlines() if calls.exists() else []
        return [line.split()[-1] for line in lines if "install" in line]

    return targets


def test_an_old_python_can_read_the_scripts_and_is_told_what_is_needed(
    bootstrap: ModuleType,
) -> None:
    for name in ("bootstrap.py", "demo.py", "test.py", "check"):
        ast.parse((SCRIPTS / name).read_text(encoding="utf-8"), feature_version=(3, 8))

    with pytest.raises(bootstrap.BootstrapError, match=r"3\.10 is too old.*\nhint: "):
        bootstrap.check_python((3, 10))


def test_a_python_without_venv_is_told_what_to_install(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)

    with pytest.raises(bootstrap.BootstrapError, match="apt-get install python3-venv"):
        bootstrap.check_python()


@pytest.mark.slow
def test_nothing_is_installed_twice(bootstrap: ModuleType, folder: Callable[[], list[str]]) -> None:
    for extras in ([], [], ["test"], [], ["test"]):
        bootstrap.make_ready(*extras)

    assert folder() == [".", ".[test]"]


@pytest.mark.slow
def test_a_changed_constraint_is_installed_with_the_extras_that_were_there(
    bootstrap: ModuleType, folder: Callable[[], list[str]]
) -> None:
    bootstrap.make_ready("test")
    (bootstrap.ROOT / "constraints.txt").write_text("numpy==2.4.7", encoding="utf-8")
    bootstrap.make_ready()
    bootstrap.make_ready()

    assert folder() == [".[test]", ".[test]"]


@pytest.mark.slow
def test_a_failed_installation_shows_its_last_lines_and_is_tried_again(
    bootstrap: ModuleType, folder: Callable[[], list[str]]
) -> None:
    for _ in range(2):
        with pytest.raises(bootstrap.BootstrapError, match="ERROR: no such extra"):
            bootstrap.make_ready("broken")

    assert folder() == [".[broken]"] * 2


@pytest.mark.slow
def test_the_exit_code_of_a_program_is_passed_on(bootstrap: ModuleType) -> None:
    assert bootstrap.attend([sys.executable, "-c", "raise SystemExit(5)"]) == 5
    became = (
        "import bootstrap, sys; bootstrap.hand_over([sys.executable, '-c', 'raise SystemExit(5)'])"
    )
    assert subprocess.run([sys.executable, "-c", became], cwd=SCRIPTS, check=False).returncode == 5


@pytest.mark.slow
@pytest.mark.parametrize(("ci", "summary"), [("true", "2 errors"), ("", "2 skipped")])
def test_a_skip_is_a_failure_in_ci(tmp_path: Path, ci: str, summary: str) -> None:
    skips = {
        "test_a.py": "import pytest\n@pytest.fixture\ndef a(): pytest.skip('no server')\n"
        "def test_a(a): pass\n",
        "test_b.py": "import pytest\npytest.importorskip('no_such_module')\n",
    }
    conftest = (PROJECT / "tests" / "conftest.py").read_text(encoding="utf-8")
    for name, text in {"conftest.py": conftest, **skips}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")

    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-p",
            "no:cacheprovider",
            "--continue-on-collection-errors",
            *skips,
        ],
        cwd=tmp_path,
        env={**os.environ, "CI": ci, "PYTHONPATH": str(PROJECT / "tests")},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )

    assert summary in done.stdout.splitlines()[-1]


@pytest.mark.slow
def test_check_ends_at_the_first_step_that_fails(tmp_path: Path) -> None:
    (tmp_path / "scripts").mkdir()
    for name in ("check", "bootstrap.py"):
        (tmp_path / "scripts" / name).write_bytes((SCRIPTS / name).read_bytes())
    (tmp_path / "ugly.py").write_text("x=  1\n", encoding="utf-8")

    done = subprocess.run(
        [sys.executable, str(tmp_path / "scripts" / "check")],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )

    assert done.returncode == 1
    assert "error: format failed" in done.stderr
    assert "--- lint" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "ci", "sessions"),
    [
        ([], False, ["-m core", "all"]),
        (["--core"], False, ["-m core"]),
        (["--fast"], False, ["-m core", "-m not slow and not core"]),
        (["-k", "frozen"], False, ["-k frozen"]),
        (["--fast", "-k", "frozen"], False, ["-m not slow -k frozen"]),
        ([], True, ["all"]),
    ],
)
def test_the_core_is_tested_first_and_ci_has_one_summary(
    load_script: Callable[[str], ModuleType],
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    ci: bool,
    sessions: list[str],
) -> None:
    check = load_script("check")
    monkeypatch.setattr(check, "IN_CI", ci)

    commands = [" ".join(command) for _, command in check.steps("python", arguments)]
    tests = [
        command.removeprefix("python -m pytest") for command in commands if "pytest" in command
    ]
    spread = r" -n \d --max-worker-restart 0 --dist loadfile --no-loadscope-reorder"
    assert [re.sub(spread, "", test).strip() or "all" for test in tests] == sessions


def test_what_cannot_be_installed_is_named_with_what_would_bring_it(
    load_script: Callable[[str], ModuleType], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = load_script("test.py")
    monkeypatch.setattr(script, "TOOLS", tmp_path / "tools")
    monkeypatch.setenv("PATH", str(tmp_path))

    assert script.bring_packages(str(tmp_path / "no python")) == [
        "OpenCV's libraries (apt-get install libgl1 libglib2.0-0)",
        "gst-rtsp-server (apt-get install gir1.2-gst-rtsp-server-1.0 python3-gi"
        " gstreamer1.0-plugins-base gstreamer1.0-plugins-good)",
        "Chromium (apt-get install chromium fonts-dejavu-core)",
        "a desktop (apt-get install xvfb openbox xdotool)",
        "iptables (apt-get install iptables iproute2)",
        "Node.js (apt-get install nodejs npm)",
        "libfaketime (apt-get install libfaketime)",
        "motion, to be compared with (apt-get install motion)",
        "systemd-analyze (apt-get install systemd)",
    ]
    assert script.bring_node_packages() == [
        "pm2 7.0.4 (install Node.js 18 or newer, with npm)",
        "axe-core 4.14.1 (install Node.js 18 or newer, with npm)",
    ]


def test_ci_runs_what_everybody_runs() -> None:
    lines = (PROJECT / ".ci" / "run").read_text(encoding="utf-8").splitlines()

    assert "set -euo pipefail" in lines
    assert lines[-1] == "python3 scripts/test.py"


def test_the_batch_file_is_one_that_windows_can_read() -> None:
    text = BATCH.read_bytes()

    assert text.count(b"\r\n") == text.count(b"\n")
    assert text.isascii()
    lines = text.decode("ascii").split("\r\n")
    labels = {line.removeprefix(":") for line in lines if line.startswith(":")}
    jumps = set(re.findall(r"(?:goto |call :)(\w+)", text.decode("ascii")))
    assert jumps == labels
    assert not re.search(r'(?<!")%MOTION_TRACK%', text.decode("ascii"))


def test_the_batch_file_names_no_camera_and_no_python_of_its_own() -> None:
    text = BATCH.read_text(encoding="ascii")

    assert "cameras --names" in text
    assert "python.exe" not in text


def test_the_batch_file_has_what_crashes_started_again() -> None:
    assert '"%MOTION_TRACK%" run --all' in BATCH.read_text(encoding="ascii")


def test_constraints_hold_versions_and_nothing_else() -> None:
    lines = (PROJECT / "constraints.txt").read_text(encoding="utf-8").splitlines()

    assert [line for line in lines if not re.match(r"[\w.-]+==[\w.]+( ; .+)?$", line)] == []


def test_a_known_flaw_fails_the_audit_and_a_service_out_of_reach_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.syspath_prepend(str(SCRIPTS))
    audit = importlib.import_module("audit")
    sound = {"name": "numpy", "version": "2.4.6", "vulns": []}
    flaw = {"id": "CVE-2026-1", "fix_versions": ["2.33.0"]}
    flawed = {"name": "requests", "version": "2.32.0", "vulns": [flaw]}
    unknown = {"name": "av", "skip_reason": "could not be audited"}

    mirror = {"dependencies": [unknown, unknown]}
    assert audit.verdict({"pypi": mirror, "osv": {"dependencies": [sound, unknown]}}) == (
        "1 of 2 packages audited, 0 flaws; osv does not know av",
        0,
    )
    assert audit.verdict({"pypi": {"dependencies": [sound, flawed]}}) == (
        "requests 2.32.0: CVE-2026-1, fixed in 2.33.0\n2 of 2 packages audited, 1 flaws",
        1,
    )
    text, code = audit.verdict({"pypi": mirror, "osv": None})
    assert text.startswith("NOT AUDITED")
    assert text.endswith("pypi: answers, but knows none of 2 packages; osv: cannot be reached")
    assert code == 0
