#!/usr/bin/env python3
"""
Is a vulnerability known in what is installed?

Asks pip-audit about the packages beside the Python that runs this: PyPI's list first, and where
that gives nothing, as behind a mirror of files only, that of OSV.  Where neither tells, it says
so and that is all: a computer without a network is no reason to stop.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

SERVICES = ("pypi", "osv")

PATIENCE = 120
"""Seconds for each; a network that swallows packets must not hold up the checks."""


def found(report: dict[str, Any]) -> list[str]:
    """Name the vulnerabilities of a report of pip-audit, one a line."""
    return [
        f"{package['name']} {package['version']}: {flaw['id']},"
        f" fixed in {', '.join(flaw['fix_versions']) or 'no version yet'}"
        for package in report["dependencies"]
        for flaw in package.get("vulns", ())
    ]


def audit(service: str) -> dict[str, Any] | None:
    """Return the report of pip-audit, of what a service knows; None where it could not ask."""
    options = ["--format", "json", "--progress-spinner", "off", "--timeout", "5", "--skip-editable"]
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pip_audit", "--vulnerability-service", service, *options],
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


def known(report: dict[str, Any] | None) -> list[dict[str, Any]]:
    """Return the packages of a report that the service knows."""
    packages = [] if report is None else report["dependencies"]
    return [package for package in packages if "skip_reason" not in package]


def verdict(reports: dict[str, dict[str, Any] | None]) -> tuple[str, int]:
    """Return what to say of the reports of the services, and the exit code."""
    service, report = max(reports.items(), key=lambda asked: len(known(asked[1])))
    if report is None or not known(report):
        reasons = [f"{name}: {_silence(report)}" for name, report in reports.items()]
        return f"NOT AUDITED, no flaw would have been found: {'; '.join(reasons)}", 0
    flaws = found(report)
    counted = f"{len(known(report))} of {len(report['dependencies'])} packages audited"
    unknown = [package["name"] for package in report["dependencies"] if "skip_reason" in package]
    besides = f"; {service} does not know {', '.join(unknown)}" if unknown else ""
    return "\n".join([*flaws, f"{counted}, {len(flaws)} flaws{besides}"]), 1 if flaws else 0


def _silence(report: dict[str, Any] | None) -> str:
    if report is None:
        return "cannot be reached"
    return f"answers, but knows none of {len(report['dependencies'])} packages"


def main() -> int:
    """Say it; return 1 if a flaw is known."""
    reports = {}
    for service in SERVICES:
        reports[service] = audit(service)
        if known(reports[service]):
            break
    text, code = verdict(reports)
    print(text)
    return code


if __name__ == "__main__":
    sys.exit(main())
