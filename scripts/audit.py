#!/usr/bin/env python3
"""
Is a vulnerability known in what is installed?

Asks pip-audit about the packages beside the Python that runs this.  Where the service that knows
cannot be reached, it says so and that is all: a computer without a network is no reason to stop.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

PATIENCE = 120
"""Seconds; a network that swallows packets must not hold up the checks."""


def found(report: dict[str, Any]) -> list[str]:
    """Name the vulnerabilities of a report of pip-audit, one a line."""
    return [
        f"{package['name']} {package['version']}: {flaw['id']},"
        f" fixed in {', '.join(flaw['fix_versions']) or 'no version yet'}"
        for package in report["dependencies"]
        for flaw in package.get("vulns", ())
    ]


def audit() -> dict[str, Any] | None:
    """Return the report of pip-audit; None where it could not ask."""
    options = ["--format", "json", "--progress-spinner", "off", "--timeout", "5", "--skip-editable"]
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pip_audit", *options],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=PATIENCE,
            check=False,
        )
        report: dict[str, Any] = json.loads(done.stdout)
    except (subprocess.TimeoutExpired, ValueError):
        return None
    return report


def verdict(report: dict[str, Any] | None) -> tuple[str, int]:
    """Return what to say of a report, and the exit code."""
    packages = [] if report is None else report["dependencies"]
    known = [package for package in packages if "skip_reason" not in package]
    if report is None or not known:
        return "not audited: the service that knows of vulnerabilities cannot be reached", 0
    flaws = found(report)
    counted = f"{len(known)} of {len(packages)} packages audited, {len(flaws)} flaws"
    return "\n".join([*flaws, counted]), 1 if flaws else 0


def main() -> int:
    """Say it; return 1 if a flaw is known."""
    text, code = verdict(audit())
    print(text)
    return code


if __name__ == "__main__":
    sys.exit(main())
