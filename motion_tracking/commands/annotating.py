"""
What was found in a clip, drawn into a copy of it?
"""

from datetime import datetime, timedelta
from pathlib import Path

from motion_tracking.capture.recording import describe, pictures
from motion_tracking.commands.configuration import chosen, history_file
from motion_tracking.commands.replaying import Unreadable, progress_bar, replayed
from motion_tracking.commands.tracking import known_of
from motion_tracking.config import Config
from motion_tracking.console import Failure
from motion_tracking.core.clips import Clip
from motion_tracking.core.intervals import Interval, intervals
from motion_tracking.record.history import History
from motion_tracking.report.annotation import Drawn, Watched, annotate


def annotated(config: Config, clip: Clip, path: Path, machine: str, output: Path) -> None:
    """
    Write a copy with area, contours, score, state and clock drawn in; raise `OSError`.

    Scores are those that the machine's settings give now, states those of the history.
    """
    if not machine:
        raise Failure(f"clip {clip.id} shows {', '.join(clip.machines)}", "name one of them")
    [camera] = chosen(config, [machine])
    if camera.roi is None or camera.threshold is None:
        raise Failure(f"{machine} has no area to watch", f"motion-track init {machine}")
    if output.suffix.lower() != ".mp4":
        raise Failure(f"{output.name}: the name must end in .mp4")
    known = known_of(config.directory, camera)
    try:
        with progress_bar(path, "judging") as progress:
            [found] = replayed(path, [known], progress)
    except Unreadable as error:
        raise Failure(str(error), error.hint, error.code) from None
    watched = Watched(
        machine,
        camera.roi,
        camera.threshold,
        [Drawn(s.at, s.score, s.moving, s.share) for s in found.samples],
        _states(config, clip, machine, found.length),
        clip.start.astimezone(),
        camera.pixel_threshold,
        known.ignored,
    )
    with progress_bar(path, "drawing") as progress:
        annotate(pictures(str(path)), describe(str(path)).fps, watched, output, progress)


def _states(config: Config, clip: Clip, machine: str, length: float) -> list[Interval[float]]:
    """Return what the history knows of the time of a clip, in seconds of it."""
    end = clip.start + timedelta(seconds=length)

    def seconds(at: datetime) -> float:
        return (at - clip.start).total_seconds()

    with History(history_file(config), config.site, read_only=True) as history:
        tiles = intervals(history.past(machine, clip.start, end), clip.start, end)
    return [Interval(t.state, t.reason, seconds(t.start), seconds(t.end), t.open) for t in tiles]
