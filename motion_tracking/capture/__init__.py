"""
Sources: where do pictures come from?

A source opens a stream and yields frames until it ends; `reader.Reader` runs it in a thread,
keeps the newest sample, and opens it again when it breaks.  To add a source, write one file and
one line in `SOURCES`; `tests/test_sources.py` finds it.
"""

from collections.abc import Iterator
from enum import StrEnum
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from motion_tracking.capture.clock import Now

if TYPE_CHECKING:  # it brings OpenCV, and who only wants to know the time has no use for it
    from motion_tracking.core.motion import Frame


class Trouble(StrEnum):
    """Why a source gives no frames."""

    UNREACHABLE = "unreachable"  # no such host, no route, port closed, no such device
    UNAUTHORIZED = "unauthorized"
    NOT_FOUND = "not found"
    BUSY = "busy"  # the recorder has no session left
    SILENT = "silent"  # connected, and nothing comes
    BROKEN = "broken"  # what comes cannot be decoded, or it stopped in between
    ENDED = "ended"  # a file is over


class SourceError(Exception):
    """A source failed; the text is for people and holds no credentials."""

    def __init__(self, trouble: Trouble, message: str) -> None:
        super().__init__(message)
        self.trouble = trouble


class Source(Protocol):
    """
    Built as `Class(location, now, **options)`; opens nothing until `frames` is called.

    `now` gives the moment that each frame is stamped with.
    """

    def frames(self) -> "Iterator[Frame]":
        """Open the stream and yield its frames; raise `SourceError` when it fails or ends."""

    def close(self) -> None:
        """Ask `frames` to end; may be called from another thread, and does not wait."""


SOURCES = {
    "rtsp": "motion_tracking.capture.rtsp:RtspSource",
    "file": "motion_tracking.capture.file:FileSource",
    "webcam": "motion_tracking.capture.webcam:WebcamSource",
    "simulated": "motion_tracking.simulator.source:SimulatedSource",
}


def open_source(kind: str, location: str, now: Now, **options: object) -> Source:
    """Build the source of a kind in `SOURCES`; its module is imported here, not before."""
    module, _, name = SOURCES[kind].partition(":")
    return cast(Source, getattr(import_module(module), name)(location, now, **options))
