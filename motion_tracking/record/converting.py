"""
How does a clip become one that every browser plays?

By being decoded and encoded again, as H.264: each picture stays, at its time.  Only on demand, and
only into a copy; what the camera sent stays as it is.
"""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from motion_tracking.core.footage import TICK

if TYPE_CHECKING:
    from av.container import InputContainer, OutputContainer

_OPTIONS = {"crf": "21", "preset": "veryfast"}


def converted(path: Path, output: Path, progress: Callable[[float], None] = lambda _: None) -> None:
    """
    Write a copy of a clip as H.264; `progress` is told the seconds that are done.

    It is there whole or not at all; raises `OSError` where it cannot be read or written.
    """
    import av

    draft = output.with_name(f"{output.name}.draft")
    try:
        with (
            av.open(str(path)) as film,
            av.open(str(draft), "w", format="mp4", options={"movflags": "faststart"}) as made,
        ):
            _write(film, made, progress)
        draft.replace(output)
    except (av.error.FFmpegError, IndexError) as error:
        number, text = getattr(error, "errno", None), getattr(error, "strerror", "no video")
        raise OSError(number, text) from None
    finally:
        draft.unlink(missing_ok=True)


def _write(film: "InputContainer", made: "OutputContainer", done: Callable[[float], None]) -> None:
    import av

    seen = film.streams.video[0]
    stream = made.add_stream("libx264", rate=seen.average_rate or Fraction(25), options=_OPTIONS)
    stream.width, stream.height = seen.width - seen.width % 2, seen.height - seen.height % 2
    stream.pix_fmt = "yuv420p"
    stream.codec_context.time_base = stream.time_base = seen.time_base or TICK
    last = -1
    for frame in film.decode(seen):
        if frame.pts is None or frame.pts <= last:
            continue  # of a damaged stream; its time is taken already
        last = frame.pts
        # of the same size it is not copied; what kind of picture it was is none of the new one's
        picture = frame.reformat(stream.width, stream.height, "yuv420p")
        picture.pict_type = av.video.frame.PictureType.NONE
        made.mux(stream.encode(picture))
        done(frame.time or 0.0)
    if last >= 0:
        made.mux(stream.encode(None))
