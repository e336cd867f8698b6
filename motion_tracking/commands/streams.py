"""
What does a camera send, and is it enough to track by?
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from motion_tracking.capture import SourceError, Trouble
from motion_tracking.capture.clock import system_now
from motion_tracking.commands.finding import Finding, Mark
from motion_tracking.commands.opening import opened
from motion_tracking.config import Camera
from motion_tracking.core.doubts import KEYS_HINT, RARE
from motion_tracking.core.masking import NOTHING, Ignored
from motion_tracking.core.motion import Frame
from motion_tracking.core.pace import RATE_HINT, lacking, wanted
from motion_tracking.core.sampling import Sampler
from motion_tracking.core.sight.freezing import Freezing

BRIEF, LONG = 3.0, 150.0
"""Seconds that a stream is looked at: for its frame rate, or until all is known of it."""

BURST = 0.3
"""Seconds in which the library hands out what it read to get to know the stream."""

FPS_KNOWN = 20.0
"""Seconds of a long look after which the frame rate is known well enough."""

HINTS = {
    Trouble.UNREACHABLE: "is the address right, the recorder on, and RTSP switched on there?",
    Trouble.UNAUTHORIZED: "check username and password in [stream], and that the user may see"
    " this channel; too many tries lock the account for a while",
    Trouble.NOT_FOUND: "channel 802 is camera 8, sub-stream: is there such a camera?",
    Trouble.BUSY: "the recorder allows no more viewers; close one",
    Trouble.SILENT: "does the camera show a picture in the recorder's own page?",
    Trouble.BROKEN: "set the sub-stream to H.264 and switch H.264+ off",
}


@dataclass(frozen=True, slots=True)
class Look:
    """
    What was found in a stream: pictures a second, and the longest time (s) without a whole one.

    `noiseless` is whether it has too little noise to tell a frozen picture; None where that is
    not known yet.
    """

    fps: float
    keys_apart: float
    noiseless: bool | None


def _to_the_end(frames: Iterator[Frame]) -> Iterator[Frame]:
    """Yield frames; the end of a recording is no mishap."""
    try:
        yield from frames
    except SourceError as error:
        if error.trouble is not Trouble.ENDED:
            raise


def look(frames: Iterator[Frame], first: Frame, seconds: float) -> Look:
    """Look at a stream after its `first` picture, until all is known; raise `SourceError`."""
    freezing, sampler = Freezing(), Sampler(first.at)
    count, began, key_at, keys_apart, at = 0, first.at, first.at, 0.0, first.at
    for frame in _to_the_end(frames):
        at = frame.at
        count, began = (count + 1, began) if at - first.at > BURST else (0, at)
        key_at = at if frame.key else key_at
        keys_apart = max(keys_apart, at - key_at)
        sample = sampler.pick(frame)
        if sample is not None:
            freezing.look(sample)
        known = freezing.noiseless is not None and at - first.at >= FPS_KNOWN
        if known or at - first.at >= seconds:
            break
    fps = count / (at - began) if count else wanted(())
    return Look(fps, keys_apart, freezing.noiseless)


def camera_findings(
    camera: Camera, seconds: float, pictures: Path | None = None, ignored: Ignored = NOTHING
) -> Iterator[Finding]:
    """
    Open a camera and look at its first picture; then, for so many seconds, at what else it sends.

    The picture is saved in the folder `pictures`, with what is `ignored` striped.
    """
    start = system_now().at
    source = opened(camera.address)
    try:
        frames = source.frames()
        frame = next(frames)
        took = system_now().at - start
        if pictures is not None:
            from motion_tracking.commands.picture import save_picture

            save_picture(pictures, camera, frame, ignored)
        yield _picture(camera, frame, took)
        yield from _stream(camera, look(frames, frame, seconds))
    except (SourceError, StopIteration) as error:
        hint = HINTS.get(error.trouble, "") if isinstance(error, SourceError) else ""
        yield Finding("Cameras", Mark.FAIL, f"{camera.name}: {error}", hint)
    finally:
        source.close()


def _picture(camera: Camera, frame: Frame, took: float) -> Finding:
    size = f"{frame.size[0]}x{frame.size[1]}"
    roi = camera.roi
    if roi is not None and not roi.fits(*frame.size):
        text = f"{camera.name}: the area {roi.x},{roi.y} {roi.width}x{roi.height} leaves the"
        return Finding("Cameras", Mark.FAIL, f"{text} picture of {size}", "mend ix, iy, ix2, iy2")
    if camera.frame is not None and camera.frame != frame.size:
        text = f"{camera.name}: the picture is {size}, the area was drawn on another size"
        return Finding("Cameras", Mark.FAIL, text, "draw it again, or set the stream back")
    seen = f"{camera.name}: {size}, {took:.1f} s to the first picture"
    return Finding("Cameras", Mark.OK, seen)


def _stream(camera: Camera, seen: Look) -> Iterator[Finding]:
    """Say what a stream lacks; a brief look tells only whether pictures are too few."""
    few = lacking(seen.fps, ())
    if few:
        yield Finding("Cameras", Mark.WARN, f"{camera.name}: {few}", RATE_HINT)
    if seen.keys_apart > RARE:
        text = f"{camera.name}: a whole picture every {seen.keys_apart:.0f} s or less often"
        yield Finding("Cameras", Mark.WARN, text, KEYS_HINT)
    if seen.noiseless:
        text = f"{camera.name}: no noise in the picture: a frozen one could not be told from it"
        hint = "a higher bit rate, or less noise reduction in the camera, would help"
        yield Finding("Cameras", Mark.WARN, text, hint)
    elif seen.noiseless is False:
        text = f"{camera.name}: enough noise in the picture to tell a frozen one"
        yield Finding("Cameras", Mark.OK, text)
