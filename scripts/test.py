#!/usr/bin/env python3
"""
How are all tests run, on a machine that has nothing but Python?

`python3 scripts/test.py [--core | --fast] [PYTEST ARGUMENTS]` installs into `.venv`, installs the
real servers and the browser that the tests talk to where it may (apt-get as root, npm), says which
it could not, and goes on as `scripts/check`.  `--core` and `--fast` leave the servers out.  In CI
(CI=true) nothing may lack.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import bootstrap
from bootstrap import ROOT, say

IN_CI = os.environ.get("CI", "").lower() not in ("", "0", "false")
TOOLS = ROOT / ".tools"
NODE_PACKAGES = (("pm2", "pm2", "7.0.4"), ("axe", "axe-core", "4.14.1"))
"""Folder in `.tools`, name, and the version that the tests were written for."""


@dataclass(frozen=True)
class Part:
    """A real thing that tests need: how to tell that it is there, and what brings it."""

    name: str
    probe: list[str]
    packages: tuple[str, ...] = ()

    def works(self) -> bool:
        """Try it."""
        try:
            done = subprocess.run(
                self.probe,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                check=False,
            )
        except OSError:
            return False
        return done.returncode == 0


def parts(python: str) -> list[Part]:
    """List what apt-get may bring; `python` is that of the virtual environment."""
    return [
        Part("OpenCV's libraries", [python, "-c", "import cv2"], ("libgl1", "libglib2.0-0")),
        Part(
            "gst-rtsp-server",
            [python, str(ROOT / "tests" / "servers" / "gst.py")],
            (
                "gir1.2-gst-rtsp-server-1.0",
                "python3-gi",
                "gstreamer1.0-plugins-base",
                "gstreamer1.0-plugins-good",
            ),
        ),
        Part(
            "Chromium",
            [python, str(ROOT / "tests" / "servers" / "browser.py")],
            ("chromium", "fonts-dejavu-core"),
        ),
        Part(
            "a desktop",
            [python, str(ROOT / "tests" / "servers" / "desktop.py")],
            ("xvfb", "openbox", "xdotool"),
        ),
        Part(
            "iptables",
            [python, str(ROOT / "tests" / "servers" / "network.py")],
            ("iptables", "iproute2"),
        ),
        Part("Node.js", [shutil.which("npm") or "npm", "--version"], ("nodejs", "npm")),
        Part(
            "libfaketime",
            [python, "-c", "import glob; assert glob.glob('/usr/lib/*/faketime/libfaketime.so.1')"],
            ("libfaketime",),
        ),
        Part(
            "motion, to be compared with",
            [python, "-c", "import shutil; assert shutil.which('motion')"],
            ("motion",),
        ),
        Part("systemd-analyze", ["systemd-analyze", "--version"], ("systemd",)),
    ]


def run_quietly(command: list[str], cwd: Path = ROOT) -> bool:
    """Run an installer; show the end of what it said if it fails."""
    done = subprocess.run(
        command,
        cwd=cwd,
        # at run level 1 no package starts its service
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if done.returncode:
        say(f"  {' '.join(command[:2])} failed:")
        for line in done.stdout.splitlines()[-10:]:
            say(f"    {line}")
    return done.returncode == 0


def may_use_apt() -> bool:
    """Say whether Debian packages can be installed without asking anyone."""
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    return root and shutil.which("apt-get") is not None


def bring_packages(python: str) -> list[str]:
    """Install Debian packages for the parts that do not work; return what still lacks, named."""
    lacking = [part for part in parts(python) if not part.works()]
    wanted = [package for part in lacking for package in part.packages]
    if wanted and may_use_apt():
        say(f"installing {' '.join(wanted)} ...")
        if run_quietly(["apt-get", "update"]):
            run_quietly(["apt-get", "install", "-y", "--no-install-recommends", *wanted])
    return [
        f"{part.name} (apt-get install {' '.join(part.packages)})"
        for part in lacking
        if not part.works()
    ]


def has_node_package(folder: Path, name: str, version: str) -> bool:
    """Say whether a package is there, in that version."""
    try:
        about = (folder / "node_modules" / name / "package.json").read_text(encoding="utf-8")
        return json.loads(about)["version"] == version
    except (OSError, ValueError, KeyError):
        return False


def bring_node_packages() -> list[str]:
    """Install them into folders of their own, that git does not see; return what still lacks."""
    npm = shutil.which("npm")
    lacking = []
    for place, name, version in NODE_PACKAGES:
        folder = TOOLS / place
        if not has_node_package(folder, name, version) and npm is not None:
            say(f"installing {name} {version} ...")
            folder.mkdir(parents=True, exist_ok=True)
            (TOOLS / ".gitignore").write_text("*\n", encoding="utf-8")
            (folder / "package.json").write_text('{"private": true}\n', encoding="utf-8")
            options = ["--no-audit", "--no-fund", "--ignore-scripts"]
            run_quietly([npm, "install", *options, f"{name}@{version}"], folder)
        if not has_node_package(folder, name, version) or shutil.which("node") is None:
            lacking.append(f"{name} {version} (install Node.js 18 or newer, with npm)")
    return lacking


def main(arguments: list[str]) -> int:
    """Install, say what lacks, then become scripts/check."""
    python = str(bootstrap.make_ready("test"))
    pure = {"--core", "--fast"} & {*arguments}
    lacking = [] if pure else [*bring_packages(python), *bring_node_packages()]
    for name in lacking:
        say(f"{'error' if IN_CI else 'not there, so its tests are skipped'}: {name}")
    if lacking and IN_CI:
        return 1
    return bootstrap.hand_over([python, str(ROOT / "scripts" / "check"), *arguments])


if __name__ == "__main__":
    sys.exit(bootstrap.guarded(main, sys.argv[1:]))
