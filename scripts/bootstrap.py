#!/usr/bin/env python3
"""
How does this folder get a virtual environment with motion-track in it?

`python3 scripts/bootstrap.py [--test]` makes `.venv` and installs; where nothing has changed
since the last time, it does nothing.  Standard library only, and no syntax newer than Python 3.8,
so that an old Python gets to hear what is wrong with it.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import time
from collections import deque
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / "motion-track.json"
NEEDED = (3, 11)
NEWS = 10.0
"""Seconds between two lines of news while pip works."""

ABOUT = "import json, sys, pip; print(json.dumps([sys.version, list(sys.version_info[:2])]))"


class BootstrapError(Exception):
    """Nothing could be installed; the text says why, and has a hint."""


def say(text: str) -> None:
    """Tell the person, who may have redirected the output that counts."""
    print(text, file=sys.stderr, flush=True)


def fail(error: str, hint: str) -> BootstrapError:
    """Put an error and its hint into one exception."""
    return BootstrapError(f"error: {error}\nhint:  {hint}")


def program(name: str, venv: Path = VENV) -> Path:
    """Return the path of a program of the virtual environment."""
    if os.name == "nt":
        return venv / "Scripts" / f"{name}.exe"
    return venv / "bin" / name


def check_python(version: tuple[int, ...] = sys.version_info[:2]) -> None:
    """Refuse a Python that is too old, or that cannot make virtual environments."""
    if version < NEEDED:
        raise fail(
            f"Python {version[0]}.{version[1]} is too old: motion-track needs 3.11 or newer",
            "install a newer Python, and start this script with it: python3.12 scripts/...",
        )
    missing = [name for name in ("venv", "ensurepip") if importlib.util.find_spec(name) is None]
    if missing:
        raise fail(
            f"this Python cannot make virtual environments: it has no {' and no '.join(missing)}",
            "on Debian and Ubuntu: apt-get install python3-venv;"
            " elsewhere install Python from its makers, with pip",
        )


def about(python: Path) -> str | None:
    """Return the version of a virtual environment's Python; None where it is of no use."""
    try:
        asked = subprocess.run(
            [str(python), "-c", ABOUT], capture_output=True, encoding="utf-8", check=True
        )
        version, pair = json.loads(asked.stdout)
    except (OSError, subprocess.CalledProcessError, ValueError):
        return None
    return version if tuple(pair) >= NEEDED else None


def wish(version: str) -> dict[str, str]:
    """Say what an installation depends on: these files, this folder, this Python."""
    digest = hashlib.sha256()
    for name in ("pyproject.toml", "constraints.txt"):
        digest.update((ROOT / name).read_bytes())
    return {"files": digest.hexdigest(), "folder": str(ROOT), "python": version}


def stamped() -> dict:
    """Return what was installed last; empty where nothing was, or not to the end."""
    try:
        return json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def make_venv() -> str:
    """Make the virtual environment unless there is a good one; return its Python's version."""
    version = about(program("python"))
    moved = stamped().get("folder", str(ROOT)) != str(ROOT)
    if version is not None and not moved:
        return version
    say(f"making {VENV} ...")
    if VENV.exists():
        try:
            shutil.rmtree(VENV)
        except OSError as error:
            raise fail(
                f"{VENV} is of no use, and cannot be removed: {error}",
                "stop what runs from it, or remove it by hand",
            ) from None
    made = subprocess.run(
        [sys.executable, "-m", "venv", str(VENV)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    version = about(program("python"))
    if made.returncode or version is None:
        raise fail(
            f"{VENV} cannot be made:\n{made.stdout.strip()}",
            "on Debian and Ubuntu: apt-get install python3-venv",
        )
    return version


def install(extras: list[str]) -> None:
    """Install the project, editable, with these extras; tell how it goes."""
    target = f".[{','.join(extras)}]" if extras else "."
    command = [str(program("python")), "-m", "pip", "install", "--no-input", "--progress-bar=off"]
    command += ["--disable-pip-version-check", "-c", "constraints.txt", "-e", target]
    say("installing motion-track and what it needs; the first time takes some minutes ...")
    tail: deque[str] = deque(maxlen=15)
    collected, told_at = 0, time.monotonic()
    with subprocess.Popen(
        command,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    ) as pip:
        assert pip.stdout is not None
        for line in pip.stdout:
            tail.append(line.rstrip())
            collected += line.startswith(("Collecting ", "Processing "))
            last_step = line.startswith("Installing collected packages")
            if last_step or time.monotonic() - told_at > NEWS:
                told_at = time.monotonic()
                say(f"  {'installing ' if last_step else ''}{collected} packages ...")
    if pip.returncode:
        raise fail(
            "pip could not install motion-track:\n  " + "\n  ".join(tail),
            "without a network, point pip's own configuration to a folder of wheels",
        )


def make_ready(*extras: str) -> Path:
    """Make and fill the virtual environment where needed; return its Python."""
    check_python()
    wanted = wish(make_venv())
    before = stamped()
    held = set(before.get("extras", ()))
    same = all(before.get(key) == value for key, value in wanted.items())
    if not same or not held.issuperset(extras):
        STAMP.unlink(missing_ok=True)
        install(sorted(held.union(extras)))
        draft = STAMP.with_suffix(".draft")
        stamp = {**wanted, "extras": sorted(held.union(extras))}
        draft.write_text(json.dumps(stamp), encoding="utf-8")
        draft.replace(STAMP)
        say("installed.")
    return program("python")


def hand_over(command: list[str]) -> int:
    """Go on as another program; where that is not possible, run it and return its exit code."""
    sys.stdout.flush()
    sys.stderr.flush()
    if os.name == "posix":
        os.execv(command[0], command)
    return attend(command)


def attend(command: list[str]) -> int:
    """Run a program to its end; Ctrl-C reaches it from the terminal, and it decides."""
    process = subprocess.Popen(command)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue


def guarded(main, *arguments) -> int:
    """Call `main`; turn what stops it into an exit code, without a traceback."""
    try:
        return main(*arguments)
    except BootstrapError as error:
        say(str(error))
        return 2
    except KeyboardInterrupt:
        return 130


def main(arguments: list[str]) -> int:
    """Make ready, and say how to go on."""
    unknown = [argument for argument in arguments if argument != "--test"]
    if unknown:
        raise fail(f"unknown argument {unknown[0]}", "bootstrap.py [--test]")
    make_ready(*(["test"] if arguments else []))
    say(f"ready: {program('motion-track').relative_to(ROOT)} --help")
    return 0


if __name__ == "__main__":
    sys.exit(guarded(main, sys.argv[1:]))
