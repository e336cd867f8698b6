"""
What is configured for one camera, and does it make sense as a whole?
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from motion_tracking.config.address import HIKVISION_PATH, Address, doubt, is_number, source_address
from motion_tracking.config.problems import Problem
from motion_tracking.config.recorder import NoAddressError, Recorder
from motion_tracking.config.settings import Meaning
from motion_tracking.core.clips import Trigger

if TYPE_CHECKING:
    from motion_tracking.core.motion import Roi

CORNERS = ("ix", "iy", "ix2", "iy2")

Corners = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Camera:
    """
    One section of config_cam.ini: a machine, and the channel on which it is seen.

    `corners` are (ix, iy, ix2, iy2) as they were drawn, in any order.  `failrate` and `share` are
    parts of one; `frame` is (width, height).  `calibration` is the id of the profile that threshold
    and share go with; None goes with any.  `clips` are the events of which
    video is kept, None being those of the plant; `mask` are shapes to ignore, `mask_file` is a
    picture of them.  `line` is where the section begins in the file.
    """

    name: str
    address: Address
    corners: Corners | None = None
    threshold: int | None = None
    failrate: float | None = None
    machineid: int = 0
    share: float = 0.5
    window_seconds: float = 30.0
    deep_sleep_minutes: float = 20.0
    frame: tuple[int, int] | None = None
    pixel_threshold: int = 50
    detector: str = "difference"
    sampling: str = "auto"
    calibration: str | None = None
    enabled: bool = True
    clips: frozenset[Trigger] | None = None
    mask: tuple[tuple[tuple[int, int], ...], ...] | None = None
    mask_file: str | None = None
    line: int | None = None

    @property
    def roi(self) -> "Roi | None":
        """The area to watch; None where there is none yet."""
        if self.corners is None:
            return None
        # brings OpenCV along, which listing cameras should not have to wait for
        from motion_tracking.core.motion import Roi

        return Roi.from_corners(*self.corners)

    @property
    def trackable(self) -> bool:
        """Whether it has an area and a threshold; the others are for viewing only."""
        return self.corners is not None and self.threshold is not None

    def watching(self, source: str) -> "Camera":
        """Return the same machine, seen in another source; raise `ValueError` if it is none."""
        return replace(self, address=source_address(source))


def make_camera(
    name: str, line: int | None, meaning: Meaning, recorder: Recorder, nowhere: Problem
) -> tuple[Camera | None, list[Problem]]:
    """
    Return the camera, or None when an error is among the problems, and the problems.

    `nowhere` is the problem of having no channel.
    """
    problems = [
        *meaning.problems,
        *_doubts(name, meaning, recorder),
        *_area_problems(name, meaning),
    ]
    address = None
    if not any(problem.key in ("channel", "url") for problem in meaning.errors):
        try:
            address = recorder.address(meaning, nowhere)
        except NoAddressError as error:
            problems += error.problems
    if address is None or any(problem.fatal for problem in problems):
        return None, problems
    values = meaning.values
    fields = {field: values[field] for field in Camera.__dataclass_fields__ if field in values}
    corners = _corners(meaning)
    return Camera(name, address, corners, line=line, **fields), problems


def _corners(meaning: Meaning) -> Corners | None:
    ix, iy, ix2, iy2 = (meaning.values[key] for key in CORNERS)
    # all zero is what some old files hold before anything was drawn
    if None in (ix, iy, ix2, iy2) or not any((ix, iy, ix2, iy2)):
        return None
    return ix, iy, ix2, iy2


def _area_problems(name: str, meaning: Meaning) -> Iterator[Problem]:
    hint = f"motion-track init {name}"
    given = [meaning.settings[key] for key in CORNERS if key in meaning.settings]
    if not given or any(problem.key in CORNERS for problem in meaning.errors):
        return
    absent = [key for key in CORNERS if key not in meaning.settings]
    if absent:
        yield given[0].problem(
            f"an area needs all of ix, iy, ix2 and iy2; not set: {', '.join(absent)}", hint
        )
        return
    corners = _corners(meaning)
    if corners is None:
        yield given[0].warning("no area is drawn yet: all four corners are 0", hint)
        return
    ix, iy, ix2, iy2 = corners
    frame = meaning.values["frame"]
    if ix == ix2 or iy == iy2:
        yield given[0].problem("the area is empty: two opposite edges are the same", hint)
    elif frame and (max(ix, ix2) > frame[0] or max(iy, iy2) > frame[1]):
        yield given[0].problem(
            f"the area ends outside of the picture, which is {frame[0]}x{frame[1]}", hint
        )


def _doubts(name: str, meaning: Meaning, recorder: Recorder) -> Iterator[Problem]:
    """Warn of what is allowed, but hardly meant."""
    given, values = meaning.settings, meaning.values
    hint = f"motion-track init {name}"
    channel, url = given.get("channel"), given.get("url")
    if channel and values["channel"] and is_number(values["channel"]):
        doubtful = doubt(values["channel"])
        if doubtful and recorder.stream.values["path"] == HIKVISION_PATH:
            yield channel.warning(doubtful)
    if channel and url and channel.from_environment == url.from_environment:
        yield channel.warning("is ignored, since `url` is set")
    if _corners(meaning) is None:
        return
    if "threshold" not in given:
        yield given["ix"].warning("an area without a threshold is not tracked", hint)
    elif values["threshold"] == 0:
        yield given["threshold"].warning("is 0, so everything counts as moving", hint)
    if "failrate" in given and values["failrate"] is None:
        yield given["failrate"].warning("is not known: not calibrated", hint)
