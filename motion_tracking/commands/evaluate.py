"""
How right is tracking, compared with what people saw?
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from math import isfinite
from pathlib import Path
from statistics import median
from typing import Any

import click

from motion_tracking import __version__
from motion_tracking.capture.clock import system_now
from motion_tracking.commands.judging import Findings, Judged, evaluated
from motion_tracking.commands.replaying import THRESHOLD
from motion_tracking.console import Exit, Failure, Settings, say, say_warning, table
from motion_tracking.core.scoring import together

HEADS = (
    *("clip", "area", "margin", "settled", "changes", "missed", "false", "per 24 h"),
    *("delay", "edge", "no signal", "falsely running"),
)

LIMITS = (
    "Settled: the balanced share of seconds judged rightly, without the 45 s after each change and",
    "the beginning. Delay: until the change was told. Edge: how far off its time was. A change to",
    "or from a state that lasts less than a window need not be seen, and is counted apart.",
    "`per 24 h` is what the false changes of these hours would make of a day: below a day of",
    "footage it is a rough guess.",
)


def evaluate(
    settings: Settings, folder: Path, report: Path | None, calibrate: bool, as_json: bool
) -> None:
    """Replay every labelled clip of a folder and print how right it was."""
    if report is not None and not report.resolve().parent.is_dir():
        raise Failure(f"--report: there is no folder {report.parent}", "make it first")
    findings = evaluated(folder, calibrate)
    for clip in findings.unlabelled:
        say_warning(f"{clip} has no labels and is skipped", "write them into a .json beside it")
    for clip, why in findings.broken.items():
        say_warning(f"{clip} is skipped: {why}")
    if not findings.judged and not findings.broken:
        raise Failure(
            f"no labelled clips in {folder}",
            "a clip is NAME.mp4 with its labels in NAME.json; docs/replay.md shows the form",
            Exit.NO_DATA,
        )
    if as_json:
        say(json.dumps(_fields(findings), indent=2))
    elif findings.judged:
        table(HEADS, [_row(judged) for judged in findings.judged])
        say(_summary(findings.judged))
    if report is not None:
        _write(report, folder, findings)
    if findings.broken:
        raise click.exceptions.Exit(Exit.FINDINGS)


def _write(report: Path, folder: Path, findings: Findings) -> None:
    """Write what was found as Markdown."""
    day = datetime.fromtimestamp(system_now().utc, UTC)
    rows = [HEADS, ["---"] * len(HEADS), *(_row(judged) for judged in findings.judged)]
    skipped = [f"- {clip}: {why}" for clip, why in findings.broken.items()]
    skipped += [f"- {clip}: no labels" for clip in findings.unlabelled]
    lines = [
        f"# How right tracking is on the clips of {folder.resolve().name}",
        "",
        f"motion-track {__version__}, {day:%Y-%m-%d}. {_summary(findings.judged)}.",
        "",
        *("| " + " | ".join(cell.replace("|", "/") for cell in row) + " |" for row in rows),
        "",
        *LIMITS,
        *(["", "Skipped:", "", *skipped] if skipped else []),
    ]
    try:
        report.write_text("\n".join(lines) + "\n", encoding="utf-8")
    except OSError as error:
        raise Failure(f"cannot write {report}: {error.strerror}") from None


def _row(judged: Judged) -> tuple[str, ...]:
    score, profile = judged.score, judged.found.machine.profile
    short = f" ({score.short_seen} of {score.short_changes} short)" if score.short_changes else ""
    longest = f", max {max(score.delays):.0f}s" if score.delays else ""
    return (
        judged.clip,
        judged.area.name,
        "-" if profile is None else f"{profile.margin:.1f}",
        _percent(score.settled),
        f"{score.changes}{short}",
        str(score.missed),
        str(score.false_changes),
        f"{score.false_per_day:.0f}",
        _seconds(score.delays, 0) + longest,
        _seconds(score.edge_errors, 1),
        _percent(score.no_signal_recall),
        f"{judged.falsely_running:.0f}s",
    )


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.1%}"


def _seconds(times: Sequence[float], digits: int) -> str:
    return f"{median(times):.{digits}f}s" if times else "-"


def _summary(judged: Sequence[Judged]) -> str:
    sums = together(one.score for one in judged)
    settled = (
        f"settled {sums.settled_mean:.1%} in the mean, {sums.settled_least:.1%} at worst; "
        if isfinite(sums.settled_mean)
        else ""
    )
    learned = sum(one.found.machine.profile is not None for one in judged)
    return (
        f"{len(judged)} areas, {sums.watched_s / 3600:.2f} h: {settled}"
        f"{sums.changes - sums.missed} of {sums.changes} changes found, "
        f"{sums.false_changes} false ({sums.false_per_day:.0f} in 24 h); "
        f"{learned} calibrated, the others with threshold {THRESHOLD}"
    )


def _fields(findings: Findings) -> dict[str, Any]:
    sums = together(judged.score for judged in findings.judged)
    return {
        "schema": 1,
        "areas": [_area_fields(judged) for judged in findings.judged],
        "together": {
            "watched_s": round(sums.watched_s, 3),
            "settled_mean": _number(sums.settled_mean),
            "settled_least": _number(sums.settled_least),
            "changes": sums.changes,
            "missed": sums.missed,
            "false_changes": sums.false_changes,
            "false_per_24h": _number(sums.false_per_day),
            "delay_median_s": _number(sums.delay_median),
            "delay_max_s": _number(sums.delay_longest),
            "edge_error_median_s": _number(sums.edge_error_median),
            "no_signal_recall": _number(sums.no_signal_recall),
        },
        "broken": [{"clip": clip, "why": why} for clip, why in findings.broken.items()],
        "unlabelled": findings.unlabelled,
    }


def _area_fields(judged: Judged) -> dict[str, Any]:
    score, camera, profile = judged.score, judged.found.camera, judged.found.machine.profile
    return {
        "clip": judged.clip,
        "area": judged.area.name,
        "calibrated": profile is not None,
        "margin": None if profile is None else _number(profile.margin),
        "expected_error": _number(judged.found.expected_error),
        "threshold": camera.threshold,
        "share": camera.share,
        "watched_s": round(score.watched_s, 3),
        "settled": _number(score.settled),
        "running": _number(score.running),
        "stopped": _number(score.stopped),
        "changes": score.changes,
        "missed": score.missed,
        "short_changes": score.short_changes,
        "short_seen": score.short_seen,
        "false_changes": score.false_changes,
        "false_per_24h": _number(score.false_per_day),
        "delay_median_s": _number(median(score.delays)) if score.delays else None,
        "delay_max_s": _number(max(score.delays)) if score.delays else None,
        "edge_error_median_s": _number(median(score.edge_errors)) if score.edge_errors else None,
        "no_signal_s": score.no_signal_s,
        "no_signal_recall": _number(score.no_signal_recall),
        "false_no_signals": score.false_no_signals,
        "falsely_running_s": _number(judged.falsely_running),
        "falsely_running_settled_s": score.falsely_running_s,
        "unseen_s": score.unseen_s,
        "samples": len(judged.found.samples),
    }


def _number(value: float | None) -> float | None:
    """Return a figure for JSON, which knows neither infinity nor `nan`."""
    return None if value is None or not isfinite(value) else round(value, 4)
