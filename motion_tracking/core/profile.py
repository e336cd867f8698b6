"""
What is known of a machine after it was watched running and standing?

For each of one or two lags: how loud the noise of each pixel is, which pixels the machine moves,
and how strong its movement is.  Everything is in units of the noise at calibration, so that it
can be carried over to a picture that is louder, or paler.
"""

from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np

from motion_tracking.core.motion import Grey, Roi
from motion_tracking.core.patches import Mask, Patch, Texture

VERSION = 1

CLIP = 6.0
"""Times the noise: more than that counts no more, so that a bright part does not outweigh all."""


LEAST_STATIC = 50
"""Pixels of a patch below which nothing is said of its contrast."""

LEAST_CONTRAST = 1.0
"""Grey levels of deviation, likewise: a blank wall is not pale, it is blank."""


@dataclass(frozen=True, slots=True, eq=False)
class Lag:
    """
    What is known of differences to the picture `seconds` before.

    `noise` is their deviation while standing, in grey levels; `weights` say which pixels the
    machine moves, 0 to 1; both are textures.  `ring` are pixels around the ROI that it does not
    move, and `ring_level` their mean squared difference in units of the noise; `usual_loudness`
    is how loud they get while it runs.  The strength of movement is `still` at the median of
    standing, with deviation `spread`, rarely above `still_high`, and `moving` at its strongest,
    once a cycle at least, while running; `power` is the latter before it was clipped.
    """

    seconds: float
    noise: Texture
    weights: Texture
    ring: Mask
    ring_level: float
    usual_loudness: float = 1.0
    still: float = 1.0
    still_high: float = 1.0
    spread: float = 1.0
    moving: float = 1.0
    power: float = 1.0

    def strength(self, difference: Texture) -> tuple[float, float]:
        """
        Return how strong the movement of the machine is, 0 to `CLIP` squared, and the loudness.

        Loudness is the power of the noise around the ROI as a multiple, 1 or more, of that at
        calibration; strength is measured in units of it.
        """
        amount = np.abs(difference) / self.noise
        around = amount[self.ring]
        loudness = 1.0
        if around.size:
            for _ in range(2):  # once to know where to clip
                level = float(np.mean(np.minimum(around, CLIP * loudness**0.5) ** 2))
                loudness = max(1.0, level / self.ring_level)
        power = np.minimum(amount * amount / loudness, CLIP * CLIP)
        return float(np.vdot(self.weights, power)), loudness

    def unclipped(self, difference: Texture) -> float:
        """Return the strength as it would be if nothing were clipped."""
        amount = difference / self.noise
        return float(np.vdot(self.weights, amount * amount))


def slopes(texture: Texture) -> Texture:
    """Return how steep a texture is across and down, (2, height, width): what movement shows."""
    return np.stack(
        [
            cv2.Sobel(texture, cv2.CV_32F, 1, 0, ksize=3) / 8,
            cv2.Sobel(texture, cv2.CV_32F, 0, 1, ksize=3) / 8,
        ]
    )


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """
    What `calibration.learn` found out about a machine.

    `size` is (width, height) of the pictures that `roi` was drawn in.  `threshold` is in pixels
    of the ROI, `share` the part of the window that must move.  `texture` is the patch while
    standing, `static` its pixels that look the same while running, and `least_contrast` the least
    contrast that they had.  `margin` is the logarithm of how many times larger than standing the
    movement is; `expected_error` the share of windows that held-back calibration got wrong.
    `running` and `stopped` are pictures of the patch, for people.
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

    @property
    def patch(self) -> Patch:
        """The part of the picture that it is about."""
        return Patch(self.roi, self.size)

    def contrast(self, texture: Texture) -> float:
        """Return the contrast of a picture's still parts as a multiple of that at calibration."""
        known = self.texture[self.static]
        if known.size < LEAST_STATIC or np.std(known) < LEAST_CONTRAST:
            return 1.0
        known, now = slopes(self.texture)[:, self.static], slopes(texture)[:, self.static]
        return float(np.vdot(known, now)) / float(np.vdot(known, known)) / self.least_contrast

    def pixels(self, lag: Lag, strength: float) -> float:
        """Return a strength as pixels of the ROI that are moved as strongly as can be."""
        moved = np.count_nonzero(lag.weights) * self.patch.factor**2
        return strength / CLIP**2 * cast(int, moved)
