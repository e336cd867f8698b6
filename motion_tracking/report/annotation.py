"""
What did the tracker see in a video, drawn into the video itself?

Words, shapes and a dark plate carry everything; colour only repeats it.  So it can be read on dark
and on light pictures, and with any colour vision.
"""

from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

from motion_tracking.core.intervals import Interval
from motion_tracking.core.machine import MachineState
from motion_tracking.report.appearance import LOOKS, clock_text

if TYPE_CHECKING:
    from av.container import OutputContainer

    from motion_tracking.core.masking import Ignored
    from motion_tracking.core.motion import Roi

Picture = NDArray[np.uint8]
Colour = tuple[int, int, int]

WHITE: Colour = (255, 255, 255)
PLATE: Colour = (29, 24, 21)
FONT = 0  # cv2.FONT_HERSHEY_SIMPLEX

BEFORE = 0.45
"""Seconds between the pictures whose difference is drawn: about as between two samples."""

LEAST_WIDTH = 640
"""Pixels; smaller pictures are drawn larger, so that there is room for words."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """
    One judged picture, in seconds of the video; `share` is the moving part of the window.

    `contours` go around what has changed, in pixels of the area.
    """

    at: float
    score: int
    moving: bool
    share: float | None
    contours: Sequence[NDArray[np.int32]] = ()


@dataclass(frozen=True, slots=True)
class Watched:
    """
    The machine that is drawn; `samples` and `tiles` in order of time.

    With `started` the time of day is drawn too, with `pixel_threshold` the contours of what
    changed by more grey levels than that; what is `ignored` is striped.
    """

    name: str
    roi: "Roi"
    threshold: int
    samples: Sequence[Drawn]
    tiles: Sequence[Interval[float]]
    started: datetime | None = None
    pixel_threshold: int | None = None
    ignored: "Ignored | None" = None


def annotate(
    pictures: Iterable[tuple[float, Picture]],
    fps: Fraction,
    watched: Watched,
    output: Path,
    progress: Callable[[float], None] = lambda _: None,
) -> None:
    """
    Write an H.264 MP4 of `pictures` (seconds, (height, width, 3) blue first) with notes drawn in.

    It is written whole or not at all; raises `OSError` where it cannot be.
    """
    import av

    draft = output.with_name(f"{output.name}.draft")
    try:
        with av.open(str(draft), "w", format="mp4", options={"movflags": "faststart"}) as film:
            _write(film, pictures, fps, watched, progress)
        draft.replace(output)
    except av.error.FFmpegError as error:
        raise OSError(error.errno, error.strerror) from None
    finally:
        draft.unlink(missing_ok=True)


def _write(
    film: "OutputContainer",
    pictures: Iterable[tuple[float, Picture]],
    fps: Fraction,
    watched: Watched,
    progress: Callable[[float], None],
) -> None:
    import av

    stream = film.add_stream("libx264", rate=fps)
    stream.pix_fmt, stream.options = "yuv420p", {"crf": "23", "preset": "veryfast"}
    stream.codec_context.time_base = stream.time_base = tick = Fraction(1, 90_000)
    ends = [sample.at for sample in watched.samples]
    last = -1
    changes = Changes(watched)
    for n, (seconds, picture) in enumerate(pictures):
        if n == 0:
            size = picture.shape
            grown = max(1, -(-LEAST_WIDTH // size[1]))
            height, width = (side * grown - side * grown % 2 for side in size[:2])
            stream.width, stream.height = width, height
        if picture.shape != size:
            continue  # another size in the middle: the film cannot change, and nothing is judged
        number = bisect_right(ends, seconds) - 1
        sample = watched.samples[number] if number >= 0 else None
        contours = changes.since_before(seconds, picture)
        sample = replace(sample, contours=contours) if sample is not None else None
        drawn = draw(picture, seconds, watched, sample, grown)
        frame = av.VideoFrame.from_ndarray(drawn[:height, :width], format="bgr24")
        last = max(last + 1, round(seconds / tick))
        frame.pts, frame.time_base = last, tick
        film.mux(stream.encode(frame))
        progress(seconds)
    if last >= 0:
        film.mux(stream.encode(None))


class Changes:
    """Finds the contours of what changed in the area within the time between two samples."""

    def __init__(self, watched: Watched) -> None:
        self._roi = watched.roi
        self._ignored = watched.ignored
        self._threshold = watched.pixel_threshold
        self._kept: deque[tuple[float, Picture]] = deque()

    def since_before(self, seconds: float, picture: Picture) -> Sequence[NDArray[np.int32]]:
        """Return the contours, each (points, 1, 2); none where nobody asked for them."""
        if self._threshold is None:
            return ()
        import cv2
        import imutils

        grey = cast(Picture, cv2.cvtColor(self._roi.cut(picture), cv2.COLOR_BGR2GRAY))
        if self._ignored is not None and self._ignored.key:
            size = (picture.shape[1], picture.shape[0])
            grey[self._roi.cut(self._ignored.pixels(size))] = 0
        self._kept.append((seconds, grey))
        while len(self._kept) > 2 and seconds - self._kept[1][0] >= BEFORE:
            self._kept.popleft()
        delta = cv2.absdiff(self._kept[0][1], grey)
        mask = cv2.threshold(delta, self._threshold, 255, cv2.THRESH_BINARY)[1]
        mask = cv2.dilate(mask, None, iterations=2)  # type: ignore[call-overload]
        found = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        return cast(Sequence[NDArray[np.int32]], imutils.grab_contours(found))


def draw(
    picture: Picture, seconds: float, watched: Watched, sample: Drawn | None, grown: int = 1
) -> Picture:
    """
    Return the picture, `grown` times as large, with the area, what was judged last, and a strip.

    The strip shows the states of the whole video, and where in it this picture is.
    """
    import cv2

    from motion_tracking.core.masking import hatched

    if watched.ignored is not None and watched.ignored.key:
        picture = picture.copy()
        hatched(picture, watched.ignored.pixels((picture.shape[1], picture.shape[0])))
    drawn = cast(Picture, cv2.resize(picture, None, fx=grown, fy=grown))
    scale = max(0.5, min(drawn.shape[0], drawn.shape[1] * 0.75) / 720)
    tile = next((t for t in watched.tiles if t.start <= seconds < t.end), watched.tiles[-1])
    look = LOOKS[tile.state]
    roi = watched.roi
    area = replace(
        roi,
        x=roi.x * grown,
        y=roi.y * grown,
        width=roi.width * grown,
        height=roi.height * grown,
    )
    moving = sample is not None and sample.moving
    for contour in sample.contours if sample is not None else ():
        outline = np.add(contour, (roi.x, roi.y)) * grown
        for colour, thickness in ((PLATE, 4), (WHITE, 2)):
            cv2.drawContours(drawn, [outline], -1, colour, thickness)
    _area(drawn, area, _bgr(look.fill), round((6 if moving else 2) * scale))
    reason = f" ({tile.reason.replace('_', ' ')})" if tile.reason else ""
    lines = [f"{look.word}{reason} since {clock_text(tile.start)}", *_evidence(sample, watched)]
    if watched.started is not None:
        lines[0] = f"{look.word}{reason}"
        lines.append(f"{watched.started + timedelta(seconds=seconds):%Y-%m-%d %H:%M:%S}")
    _plate(drawn, lines, tile.state, scale, area)
    _strip(drawn, seconds, watched, scale)
    return drawn


def _evidence(sample: Drawn | None, watched: Watched) -> list[str]:
    if sample is None:
        return [watched.name]
    sign, word = (">", "moving") if sample.moving else ("<=", "still")
    share = "" if sample.share is None else f"{sample.share:.0%} of the window moved"
    return [f"{watched.name}: score {sample.score} {sign} {watched.threshold} {word}", share]


def _area(picture: Picture, area: "Roi", fill: Colour, thickness: int) -> None:
    """Draw the outline of the area within lines of white and black; it is thick while it moves."""
    import cv2

    corners = (area.x, area.y), (area.x + area.width - 1, area.y + area.height - 1)
    for colour, more in ((PLATE, 4), (WHITE, 2), (fill, 0)):
        cv2.rectangle(picture, *corners, colour, max(2, thickness) + more)


def _plate(
    picture: Picture, lines: Sequence[str], state: MachineState, scale: float, area: "Roi"
) -> None:
    """Write lines at the left edge, above or below the area; the first in the state's colours."""
    import cv2

    size, thickness = scale * 0.8, max(1, round(scale * 1.6))
    lines = [line for line in lines if line]
    boxes = [cv2.getTextSize(line, FONT, size, thickness)[0] for line in lines]
    height = round(boxes[0][1] * 2)
    width = max(box[0] for box in boxes) + height
    covers = area.x < width and area.y < height * len(lines)
    top = picture.shape[0] - height * len(lines) - _strip_height(scale) if covers else 0
    look = LOOKS[state]
    cv2.rectangle(picture, (0, top), (width, top + height * len(lines)), PLATE, cv2.FILLED)
    cv2.rectangle(picture, (0, top), (width, top + height), _bgr(look.fill), cv2.FILLED)
    for n, line in enumerate(lines):
        place = (height // 2, top + round(height * (n + 0.75)))
        colour = _bgr(look.text) if n == 0 else WHITE
        cv2.putText(picture, line, place, FONT, size, colour, thickness, cv2.LINE_AA)


def _strip_height(scale: float) -> int:
    return max(8, round(18 * scale)) + 2


def _strip(picture: Picture, seconds: float, watched: Watched, scale: float) -> None:
    """Draw the states of the whole video along the lower edge, and where this picture is in it."""
    import cv2

    height, width = picture.shape[:2]
    top, length = height - _strip_height(scale), watched.tiles[-1].end
    cv2.rectangle(picture, (0, top), (width, height), PLATE, cv2.FILLED)
    for tile in watched.tiles:
        left, right = (round(at / length * width) for at in (tile.start, tile.end))
        look = LOOKS[tile.state]
        # running stands out by height too, so that no state is told by colour alone
        lowered = 2 if tile.state is MachineState.RUNNING else (height - top) // 2
        cv2.rectangle(picture, (left, top + lowered), (right, height), _bgr(look.fill), cv2.FILLED)
    here = round(seconds / length * width)
    cv2.line(picture, (here, top), (here, height), PLATE, 5)
    cv2.line(picture, (here, top), (here, height), WHITE, 2)


def _bgr(colour: str) -> Colour:
    red, green, blue = (int(colour[n : n + 2], 16) for n in (1, 3, 5))
    return blue, green, red
