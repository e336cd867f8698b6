"""
Was it right, what was supposed of a machine that nobody labelled?

Only a person can say: a change of light or a busy passage looks like a machine too.  So both
times are named and a picture of each is shown, and without a yes nothing is written.
"""

import os
import sys
import webbrowser
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import click
import cv2
import imutils
import numpy as np

from motion_tracking.capture.clock import system_now
from motion_tracking.commands.calibrating import Calibration
from motion_tracking.commands.learning import parse_duration
from motion_tracking.commands.terminal import Options, conclude, followed
from motion_tracking.console import Failure, say
from motion_tracking.core.changes import human_duration
from motion_tracking.core.motion import Grey
from motion_tracking.core.splitting import Span, Split

TALL = 320
"""Pixels: the height of the pictures that are shown."""


def check_learning(options: Options) -> None:
    """Raise `Failure` for a way to learn in which nobody would look at what is supposed."""
    if options.yes:
        raise Failure(
            "--learn only supposes when the machine ran: a person has to look, so no --yes",
            "--calibrate-running A-B --calibrate-stopped C-D with --snapshot need nobody",
        )


def learn_by_watching(calibration: Calibration, picture: Path, options: Options) -> None:
    """Watch for as long as was asked for, ask whether what is supposed is right, and go on."""
    if not sys.stdin.isatty() and not options.dry_run:
        raise Failure("--learn asks at the end, and there is no terminal", "--dry-run asks nothing")
    seconds = parse_duration(options.learn or "")
    say(f"watching for {human_duration(seconds)}; let the machine run and stand as it does")
    split = followed(calibration.watch(seconds), calibration.machine)
    at, utc = system_now()

    def in_words(moment: float) -> str:
        return datetime.fromtimestamp(utc - (at - moment), UTC).astimezone().strftime("%H:%M:%S")

    if confirmed(split, in_words, picture, options):
        conclude(calibration, options)


def confirmed(
    split: Split, in_words: Callable[[float], str], picture: Path, options: Options
) -> bool:
    """Show what is supposed, and return whether the person says that it is right."""
    for doing, (start, end) in zip(("running", "stopped"), split.spans, strict=True):
        say(f"{doing}: {in_words(start)} to {in_words(end)} ({human_duration(end - start)})")
    if options.dry_run:
        return True
    if not sys.stdin.isatty():
        running, stopped = (_short(span) for span in split.spans)
        raise Failure(
            "nobody is there to say whether that is right: nothing was written",
            f"if it is, say so instead of --learn:"
            f" --calibrate-running {running} --calibrate-stopped {stopped}",
        )
    save_pair(picture, *split.pictures)
    say(f"left while it is supposed to run, right while it is to stand: {picture}")
    if options.opens and not os.environ.get("SSH_CONNECTION"):
        webbrowser.open(picture.resolve().as_uri())
    right = click.confirm("Is that right?", default=False, err=True)
    if not right:
        say("nothing was written")
    return right


def save_pair(path: Path, running: Grey, stopped: Grey) -> None:
    """Save two pictures of one size side by side as a JPEG."""
    path.parent.mkdir(parents=True, exist_ok=True)
    halves = [
        _titled(picture, title) for picture, title in ((running, "RUNNING?"), (stopped, "STOPPED?"))
    ]
    # imwrite cannot open paths with other than ASCII letters on Windows
    path.write_bytes(cv2.imencode(".jpg", np.hstack(halves))[1].tobytes())


def _titled(picture: Grey, title: str) -> Grey:
    large = imutils.resize(picture, height=TALL, inter=cv2.INTER_CUBIC)
    framed = cv2.copyMakeBorder(large, 30, 8, 8, 8, cv2.BORDER_CONSTANT, value=255)
    cv2.putText(framed, title, (8, 22), cv2.FONT_HERSHEY_SIMPLEX, 0.6, 0, 2)
    return cast(Grey, framed)


def _short(span: Span) -> str:
    """Return the middle minute of a span, as the options take it."""
    middle, half = (span[0] + span[1]) / 2, min(30.0, (span[1] - span[0]) / 2)
    return f"{middle - half:.1f}-{middle + half:.1f}"
