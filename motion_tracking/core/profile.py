"""
What is known of a machine after it was watched running and standing?

For each of one or two lags: how loud the noise of each pixel is, which pixels the machine moves,
and how strong its movement is.  Everything is in units of the noise at calibration, so that it
can be carried over to a picture that is louder, or paler.
"""

from dataclasses import dataclass, fields
from hashlib import sha256
from typing import Any, cast

import numpy as np

from motion_tracking.core.motion import Grey, Roi
from motion_tracking.core.patches import Mask, Patch, Texture

VERSION = 2

SMOOTHED = 3
"""Samples whose mean is judged: a second and a half."""

CLIP = 6.0
"""Times the noise: more than that counts no more, so that a bright part does not outweigh all."""


@dataclass(frozen=True, slots=True, eq=False)
class Lag:
    """
    What is known of differences to the picture `seconds` before.

    `noise` is their deviation while standing, in grey levels; `weights` say how much of the
    machine's movement is at each pixel, their sum being 1; both are textures.  `ring` are pixels
    around the ROI that it does not move, and `ring_level` their mean squared difference in units
    of the noise; `usual_loudness` is how loud they get while it runs.  The strength of movement
    is `still` at the median of standing, rarely above `still_high`, and
    `moving` at its strongest, once a cycle at least, while running; `power` is the latter before
    it was clipped.  `shift` is the square of how far the machine mostly moves while running, in
    pixels of the patch, and `shift_still` how far it rarely seems to while standing.  `stirs` is
    the part of the ring that the running machine hardly exceeds in moving, `disturbs` how much
    louder than quiet it hardly makes it.
    """

    seconds: float
    noise: Texture
    weights: Texture
    ring: Mask
    ring_level: float
    usual_loudness: float = 1.0
    still: float = 1.0
    still_high: float = 1.0
    moving: float = 1.0
    power: float = 1.0
    shift_still: float = 1.0
    shift: float = 1.0
    stirs: float = 0.0
    disturbs: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """
    What `calibration.learn` found out about a machine.

    `size` is (width, height) of the pictures that `roi` was drawn in.  `threshold` is in pixels
    of the ROI, `share` the part of the window that must move.  `texture` is the patch while
    standing, `static` its pixels that look the same while running, and `least_contrast` the least
    contrast that they had.  `margin` is the logarithm of how many times larger than standing the
    movement is; `expected_error` the share of windows that held-back calibration got wrong.
    `running` and `stopped` are pictures of the patch, for people.  `id` is that under which it was
    kept, empty where it was not.  `view` is a miniature of the whole picture, None where it is not
    known.  `mask` is the key of what was ignored.  `heads` are lags that do in the heads of groups
    of pictures which begin every `group` seconds; none where those were not shown to do.
    """

    size: tuple[int, int]
    roi: Roi
    lags: tuple[Lag, ...]
    threshold: int
    share: float
    margin: float
    expected_error: float
    texture: Texture
    static: Mask
    least_contrast: float
    running: Grey
    stopped: Grey
    version: int = VERSION
    id: str = ""
    view: Grey | None = None
    mask: str = ""
    heads: tuple[Lag, ...] = ()
    group: float = 0.0

    @property
    def patch(self) -> Patch:
        """The part of the picture that it is about."""
        return Patch(self.roi, self.size)

    def pixels(self, lag: Lag, strength: float) -> float:
        """Return a strength as pixels of the ROI that are moved as strongly as can be."""
        moved = np.count_nonzero(lag.weights) * self.patch.factor**2
        return strength / CLIP**2 * cast(int, moved)


def fingerprint(profile: Profile) -> str:
    """Return what tells a profile from every other, `id` left aside: eight hexadecimal digits."""
    digest = sha256()
    left = ("id", "lags", "heads", "group")  # the last two only make it cheaper
    names = [field.name for field in fields(Profile) if field.name not in left]
    values: list[Any] = [getattr(lag, field.name) for lag in profile.lags for field in fields(lag)]
    for value in (*values, *(getattr(profile, name) for name in names)):
        digest.update(value.tobytes() if isinstance(value, np.ndarray) else repr(value).encode())
    return digest.hexdigest()[:8]
