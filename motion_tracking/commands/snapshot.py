"""
How is a machine calibrated from a recording?
"""

from dataclasses import replace
from itertools import islice
from pathlib import Path

from motion_tracking.commands.configuration import machine_folder
from motion_tracking.commands.ignoring import ignored_of
from motion_tracking.commands.labels import Spans
from motion_tracking.commands.learning import (
    Recorded,
    covers,
    parse_duration,
    parse_span,
    recorded,
    samples,
)
from motion_tracking.commands.outcomes import changes, keep, outcome
from motion_tracking.commands.rehearsing import rehearsed
from motion_tracking.commands.supposing import check_learning, confirmed
from motion_tracking.commands.terminal import Options, chosen_proposal, finish, show
from motion_tracking.commands.window import draw_area
from motion_tracking.config import Camera, Config
from motion_tracking.console import Failure
from motion_tracking.core.doubts import doubts
from motion_tracking.core.masking import Ignored
from motion_tracking.core.motion import Roi
from motion_tracking.core.patches import Texture
from motion_tracking.core.proposals import propose, reduced
from motion_tracking.core.splitting import Split, Watch
from motion_tracking.report.appearance import clock_text

LOOKED = 240
"""Samples, two minutes, in which areas are looked for where nobody said when it ran."""


def from_clip(
    config: Config, camera: Camera, roi: Roi | None, clip: Path, options: Options
) -> None:
    """Learn from spans of a clip that the person names, or confirms; show, ask and write."""
    spans, ignored = _spans(options), ignored_of(config.directory, camera)
    roi = _area(camera.roi if roi is None else roi, clip, spans, options)
    if spans is not None:
        found = recorded(clip, roi, spans, ignored)
    else:
        split = _split(clip, roi, parse_duration(options.learn or ""), ignored)
        picture = machine_folder(config, camera.name) / "supposed.jpg"
        if not confirmed(split, clock_text, picture, options):
            return
        found = Recorded(
            split.patch,
            list(split.running),
            list(split.stopped),
            list(split.pictures),
            ignored.key,
        )
    learned = found.learn()
    warnings = list(doubts(learned, found.running, found.stopped, camera.window_seconds))
    heads = rehearsed(learned, found.running, found.stopped, found.group, found.reason)
    learned = replace(learned, profile=heads.profile)
    result = outcome(learned, warnings, decoded=heads.words)
    show(result)
    finish(
        changes(config, camera.name, learned.profile),
        lambda: keep(config, camera.name, learned.profile, options.force),
        result.separable,
        options,
    )


def _spans(options: Options) -> Spans | None:
    """Return the spans that were named; None where they are to be found."""
    running, stopped = options.calibrate_running, options.calibrate_stopped
    if options.learn is not None:
        if running or stopped:
            raise Failure("--learn finds out by itself when it ran: name no spans")
        check_learning(options)
        return None
    if running is None or stopped is None:
        raise Failure(
            "--snapshot needs to know when the machine ran, and when it stood",
            "--calibrate-running A-B --calibrate-stopped C-D, in seconds or MM:SS of the clip;"
            " or --learn 30m supposes it, and asks you",
        )
    return Spans(parse_span(running), parse_span(stopped))


def _area(roi: Roi | None, clip: Path, spans: Spans | None, options: Options) -> Roi:
    """Return the area: drawn in a window, as it is known, or the best that can be proposed."""
    if options.window:
        return draw_area(next(samples(clip)).luma, roi)
    if roi is not None:
        return roi
    moving: list[Texture] = []
    standing: list[Texture] = []
    size = (0, 0)
    for sample in islice(samples(clip), LOOKED if spans is None else None):
        size = sample.size
        if spans is None or covers(spans.running, sample.at):
            moving.append(reduced(sample.luma))
        elif covers(spans.stopped, sample.at):
            standing.append(reduced(sample.luma))
    return chosen_proposal(propose(moving, size, standing))


def _split(clip: Path, roi: Roi, seconds: float, ignored: Ignored) -> Split:
    """Watch a clip, up to so many seconds of it, and suppose when it ran and when it stood."""
    watch: Watch | None = None
    for sample in samples(clip, seconds, ignored):
        if watch is None:
            if not roi.fits(*sample.size):
                raise ValueError("the area leaves the picture of {}x{}".format(*sample.size))
            watch = Watch(roi, sample.size)
        watch.take(sample)
    if watch is None:
        raise ValueError(f"{clip} holds nothing to learn from")
    return watch.split()
