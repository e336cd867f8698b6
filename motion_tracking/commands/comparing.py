"""
What would other settings have found in the same video?
"""

import shlex
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from motion_tracking.commands.replaying import Replayed
from motion_tracking.config import Camera
from motion_tracking.config.schema import CAMERA
from motion_tracking.config.values import RefusedError
from motion_tracking.console import Failure, say, table
from motion_tracking.core.changes import human_duration
from motion_tracking.core.intervals import Interval
from motion_tracking.core.machine import MachineState
from motion_tracking.report.appearance import LOOKS, clock_text

KEYS = (
    *("threshold", "share", "window_seconds", "deep_sleep_minutes"),
    *("pixel_threshold", "detector", "sampling"),
)
"""Keys of config_cam.ini that change what is found in a video."""

_NICKNAMES = {"window": "window_seconds"}


@dataclass(frozen=True, slots=True)
class Difference:
    """A span, in seconds of the video, of which two settings say different things."""

    start: float
    end: float
    state: MachineState
    other: MachineState


def parse_settings(camera: Camera, text: str) -> Camera:
    """Return the same machine with `KEY=VALUE ...` set; raise `Failure` for what makes no sense."""
    kinds = {key.name: key.kind for key in CAMERA if key.name in KEYS}
    values: dict[str, Any] = {}
    for setting in _words(text):
        key, equals, value = setting.partition("=")
        name = _NICKNAMES.get(key, key)
        if not equals or name not in kinds:
            raise Failure(
                f"--compare: {setting!r} sets nothing",
                f"KEY=VALUE, with KEY one of {', '.join(KEYS)}",
            )
        try:
            values[name] = kinds[name].read(value)
        except RefusedError as error:
            raise Failure(
                f"--compare: {setting}: {str(error) or f'must be {kinds[name].allowed}'}",
                error.hint,
            ) from None
    return replace(camera, **values)


def _words(text: str) -> list[str]:
    try:
        words = shlex.split(text)
    except ValueError:
        words = text.split()
    if not words:
        raise Failure("--compare: nothing to compare with", "KEY=VALUE ..., such as threshold=300")
    return words


def differences(one: Replayed, other: Replayed) -> Iterator[Difference]:
    """Yield where two replays of one video disagree about the state, in order."""
    edges = sorted({edge for tile in (*one.tiles, *other.tiles) for edge in (tile.start, tile.end)})
    last: Difference | None = None
    for start, end in pairwise(edges):
        state, said = _state_at(one.tiles, start), _state_at(other.tiles, start)
        if last is not None and (last.end, last.state, last.other) == (start, state, said):
            last = replace(last, end=end)
            continue
        if last is not None:
            yield last
        last = Difference(start, end, state, said) if state is not said else None
    if last is not None:
        yield last


def _state_at(tiles: tuple[Interval[float], ...], at: float) -> MachineState:
    return next(tile.state for tile in tiles if tile.start <= at < tile.end)


def compared_fields(one: Replayed, other: Replayed, settings: str) -> dict[str, Any]:
    """Return what the JSON says of a comparison, beside the fields of the other replay itself."""
    return {
        "settings": settings,
        "differences": [
            {
                "start_s": round(span.start, 3),
                "end_s": round(span.end, 3),
                "state": span.state,
                "compared": span.other,
            }
            for span in differences(one, other)
        ],
    }


def print_comparison(one: Replayed, other: Replayed, settings: str) -> None:
    """Print two replays side by side, and where they differ."""
    table(["", "as it is", "compared"], _figures(one, other))
    stops, others = one.totals.stops, other.totals.stops
    word = "stop" if others == 1 else "stops"
    spans = list(differences(one, other))
    if not spans:
        say(f"{others} {word} with either: they never differ")
        return
    apart = _whole(sum(span.end - span.start for span in spans))
    say(f"{others} {word} instead of {stops} with {settings}; they differ for {apart}:")
    table(
        ["from", "to", "for", "as it is", "compared"],
        [
            (
                clock_text(span.start),
                clock_text(span.end),
                human_duration(round(span.end) - round(span.start)),
                LOOKS[span.state].word,
                LOOKS[span.other].word,
            )
            for span in spans
        ],
    )


def _figures(one: Replayed, other: Replayed) -> Iterator[tuple[str, ...]]:
    for key in KEYS:
        values = [getattr(found.camera, key) for found in (one, other)]
        if values[0] != values[1]:
            yield (
                key,
                *(f"{value:g}" if isinstance(value, float) else str(value) for value in values),
            )
    sums = (one.totals, other.totals)
    if any(found.decoded is not None for found in (one, other)):
        parts = (1.0 if found.decoded is None else found.decoded for found in (one, other))
        yield "decoded", *(f"{part:.0%}" for part in parts)
    yield "stops", *(str(total.stops) for total in sums)
    yield "running", *(_whole(total.running.total_seconds()) for total in sums)
    yield "stopped", *(_whole(total.stopped.total_seconds()) for total in sums)
    yield "longest stop", *(_whole(found.longest_stop) for found in (one, other))
    shares = (total.utilisation for total in sums)
    yield "utilisation", *("" if share is None else f"{share:.1%}" for share in shares)


def _whole(seconds: float) -> str:
    """Say a duration to the nearest second, as the times beside it are."""
    return human_duration(round(seconds))
