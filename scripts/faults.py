#!/usr/bin/env python3
"""
What goes wrong, and does motion-track hold what it promises then?

`python3 scripts/faults.py [--long] [ID ...]` injects the faults of `tests/faults/`, all or those
named, and writes what was measured to docs/fault-report.md.  `--long` takes the form for a long
night: hours.  Needs what `scripts/test.py` has installed; as root on Linux it can do the most.
"""

from __future__ import annotations

import datetime
import importlib.util
import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

import bootstrap
from bootstrap import ROOT, say

REPORT = ROOT / "docs" / "fault-report.md"
TESTS = ROOT / "tests"
HEAD = """\
# Fault report

What goes wrong with cameras, clocks, processes, disks and receivers; what is promised then, and
what was measured. Written by `python3 scripts/faults.py`; do not edit. `python3 scripts/faults.py
S01 P10` measures two rows again, `--long` takes the form for a long night. How a row is made:
`tests/faults/__init__.py`.

"""
COLUMNS = ("id", "fault", "injected how", "expected", "promised", "measured", "verdict", "when")


def files() -> list[str]:
    """List the files that hold tests of rows, without importing them."""
    elsewhere = (TESTS / "faults" / "elsewhere.py").read_text(encoding="utf-8")
    named = [path for path in sorted(TESTS.glob("test_*.py")) if f'"{path.name}::' in elsewhere]
    return [str(TESTS / "faults"), *map(str, named)]


def inject(rows: list[str], is_long: bool, outcomes: Path) -> int:
    """Run the tests of the rows; return pytest's exit code."""
    command = [python(), "-m", "pytest", "-q", "-p", "faults.outcomes", "--outcomes", str(outcomes)]
    command += ["--rows", ",".join(rows), *(["--long", "--timeout", "0"] if is_long else [])]
    path = os.pathsep.join(filter(None, (str(TESTS), os.environ.get("PYTHONPATH", ""))))
    environment = {**os.environ, "PYTHONPATH": path}
    return subprocess.run([*command, *files()], cwd=ROOT, env=environment, check=False).returncode


def python() -> str:
    """Return the Python that has pytest."""
    return (
        sys.executable if importlib.util.find_spec("pytest") else str(bootstrap.program("python"))
    )


def line(row: dict, when: str) -> str:
    """Write a row of the table."""
    said = row["said"]
    measured = [note["text"] for note in said if note["outcome"] == "measured" and note["text"]]
    ran = [note for note in said if note["outcome"] in ("passed", "failed")]
    skipped = [note["text"] for note in said if note["outcome"] == "skipped"]
    failed = [note["text"] for note in ran if note["outcome"] == "failed"]
    if row["because"]:
        verdict, measured = "does not apply", [row["because"]]
    elif failed:
        verdict, measured = "**fails**", [*measured, *failed]
    elif ran:
        verdict = "holds"
        measured = measured or [f"{len(ran)} of {len(ran)} cases"]
    else:
        verdict, measured = "skipped", skipped or ["was not run"]
    cells = (
        row["id"],
        row["title"],
        row["injected"],
        row["expected"],
        row["promised"],
        "; ".join(dict.fromkeys(measured)),
        verdict,
        when if ran else "",
    )
    return "| " + " | ".join(" ".join(cell.replace("|", "\\|").split()) for cell in cells) + " |"


def before() -> dict[str, str]:
    """Return the rows of the report as it is."""
    if not REPORT.exists():
        return {}
    lines = REPORT.read_text(encoding="utf-8").splitlines()
    return {row.split("|")[1].strip(): row for row in lines if row.startswith("| ")}


def write(outcomes: list[dict], when: str) -> None:
    """Write the report; rows that were not run now stay as they were."""
    old = before()
    rows = [
        line(row, when) if row["said"] or row["because"] or row["id"] not in old else old[row["id"]]
        for row in outcomes
    ]
    table = ["| " + " | ".join(COLUMNS) + " |", "|" + "---|" * len(COLUMNS), *rows]
    REPORT.write_text(HEAD + "\n".join(table) + "\n", encoding="utf-8")


def machine() -> str:
    """Name the kind of this machine."""
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"


def main(arguments: list[str]) -> int:
    """Inject, and write the report."""
    rows = [argument.upper() for argument in arguments if not argument.startswith("-")]
    is_long = "--long" in arguments
    unknown = [word for word in arguments if word.startswith("-") and word != "--long"]
    if unknown:
        say(f"error: {unknown[0]} is unknown\nhint:  python3 scripts/faults.py [--long] [ID ...]")
        return 2
    with tempfile.TemporaryDirectory() as folder:
        outcomes = Path(folder) / "outcomes.json"
        code = inject(rows, is_long, outcomes)
        if not outcomes.exists():
            return code
        found = json.loads(outcomes.read_text(encoding="utf-8"))
    lacking = set(rows) - {row["id"] for row in found}
    if lacking:
        say(f"error: no fault is called {', '.join(sorted(lacking))}")
        return 2
    form = "long" if is_long else "short"
    today = datetime.datetime.now(tz=datetime.UTC).date()
    write(found, f"{today}, {form}; {machine()}")
    say(f"written: {REPORT.relative_to(ROOT)}")
    return code


if __name__ == "__main__":
    sys.exit(bootstrap.guarded(main, sys.argv[1:]))
