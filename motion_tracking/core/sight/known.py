"""
How is the view known to look, by day and by night, and how does that knowledge grow?

What is there follows slowly, block by block.  What stays otherwise for long, as under other light
or with a pallet put down, becomes another appearance beside the first; but nothing smooth ever
does, since what covers a lens is close to it and out of focus.
"""

from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from motion_tracking.core.motion import Grey
from motion_tracking.core.patches import Mask
from motion_tracking.core.sight.displacement import Place, shifted
from motion_tracking.core.sight.likeness import (
    LEAST_POWER,
    Blocks,
    Likeness,
    Look,
    Reference,
)

FIRST = 30
"""Looks, a minute, out of which the view is learned where nothing is known of it."""

FOLLOWED = 1 / 300
"""Part of the way that a look moves the reference: ten minutes."""

RECENT = 1 / 60
"""Likewise of what the picture looked like lately."""

REFRESHED = 30
"""Looks after which the reference is brought up to date."""

CHANGED = 0.12
"""Part of the view that must be gone for another appearance to be worth learning."""

SETTLED = 300
"""Looks, ten minutes, for which it has to be so."""

MOST_APPEARANCES = 5

SMOOTH = 0.25
"""Part of a block's first power below which what is there instead is smooth."""

EXPLAINED = 0.75
"""
Times what is gone that may be gone in another place too, for the camera to have moved there, and
not just the largest thing before it.
"""

NOTHING_LEFT = 0.8
"""Part of the view that is gone when something else altogether is seen."""

UNCOVERED = 3.0
"""Times the structure of what was learned first: then that was a cover, or out of focus."""

SHARPER = 0.9
"""Slope from which on it is the same that was learned, but out of focus then."""

SLOW = 0.05
"""Part of the way that a look moves the estimate of contrast."""


@dataclass(eq=False)
class _Appearance:
    """One way the view looks, as it is followed, and the power that its blocks began with."""

    reference: Reference
    first: Blocks
    place: Place


def _appearance(reference: Reference, first: Blocks | None = None) -> _Appearance:
    return _Appearance(reference, reference.power if first is None else first, Place(reference))


class KnownView:
    """All that is known of the view of one camera."""

    def __init__(self, looks: list[Look]) -> None:
        """Begin with looks of calibration, all of one size; the newest last."""
        self._given = bool(looks)
        self._appearances = [_appearance(Reference(look.field, look.fine)) for look in looks[-3:]]
        self._first: _Appearance | None = None
        self._now: _Appearance | None = self._appearances[-1] if looks else None
        self._recent: Reference | None = None
        self._steady: Blocks | None = None
        self._contrast = 1.0
        self._age = self._otherwise = 0

    def take(self, look: Look, trusted: bool) -> Likeness | None:
        """
        Hold a look against the appearance that it is most like; None while learning the first.

        Only from looks that are `trusted` something is learned.
        """
        if self._now is None:
            self._learn(look)
            return None
        if self._steady is None:
            self._steady = np.ones_like(look.power)
        likeness = self._best(look)
        gone = likeness.gone
        if trusted and gone is not None and gone < 0.3 and likeness.sharpness > 0.6:
            self._follow(look, likeness, gone)
        return likeness

    def shifted(self, look: Look, gone: float, least: float) -> bool:
        """Whether the view is there, but at least so many pixels of the field away."""
        assert self._now is not None
        if not gone or self._now.place.held(look.field):
            return False  # found out at a tenth of the price
        shift = self._now.place.shift(look.field)
        if not shift.sure or shift.far < least:
            return False
        return self._explained(shifted(self._now.reference, shift), look, gone)

    def turned(self, look: Look, gone: float) -> bool:
        """Whether the view is there, but turned by some degrees."""
        assert self._now is not None
        turned = self._now.place.turned(look.field)
        return turned is not None and self._explained(turned, look, gone)

    def _explained(self, displaced: Reference, look: Look, gone: float) -> bool:
        """Whether most of what is gone is there if the view is displaced like that."""
        assert self._steady is not None
        left = displaced.likeness(look, self._contrast, self._steady).gone
        return left is not None and left < EXPLAINED * gone

    def elsewhere(self, look: Look, gone: float) -> bool:
        """Whether nothing is left of the view, though there is as much to be seen as ever."""
        assert self._now is not None
        usual = self._now.reference.total * self._contrast**2
        return gone > NOTHING_LEFT and float(np.vdot(look.field, look.field)) > 0.6 * usual

    def begin_anew(self, look: Look, likeness: Likeness) -> bool:
        """
        Learn the view again if what was learned first was hidden itself; say whether it was.

        So it is where far more is to be seen now than then: something else, or the same sharper.
        """
        if self._given or self._now is None or likeness.gone is None:
            return False
        if look.power.mean() < UNCOVERED * self._now.first.mean():
            return False
        if likeness.gone < NOTHING_LEFT and likeness.slope < SHARPER:
            return False
        self._now, self._recent, self._steady = None, None, None
        self._appearances, self._contrast, self._otherwise = [], 1.0, 0
        return True

    def _learn(self, look: Look) -> None:
        """Take up one of the first looks; their mean is the view."""
        if self._first is None:
            self._first = _appearance(Reference(look.field, look.fine))
            self._age = 0
        first, part = self._first, 1 / (self._age + 1)
        self._age += 1
        _blend(first.reference, look, part)
        first.first = first.first + part * (look.power - first.first)
        if self._age >= FIRST:
            reference = Reference(first.reference.field, first.reference.fine)
            self._now = _appearance(reference, first.first)
            self._appearances, self._first = [self._now], None

    def _best(self, look: Look) -> Likeness:
        """Compare with the present appearance, and with the others where that does not fit."""
        assert self._now is not None
        assert self._steady is not None
        likeness = self._now.reference.likeness(look, self._contrast, self._steady)
        if likeness.gone is not None and likeness.gone < CHANGED:
            return likeness
        for other in self._appearances:
            if other is not self._now:
                found = other.reference.likeness(look, self._contrast, self._steady)
                if found.gone is not None and found.gone < 0.8 * (likeness.gone or 0.0):
                    self._now, likeness = other, found
        return likeness

    def _follow(self, look: Look, likeness: Likeness, gone: float) -> None:
        now = self._now
        assert now is not None
        assert self._steady is not None
        self._contrast += SLOW * (min(max(likeness.slope, 0.05), 2.0) - self._contrast)
        self._steady += FOLLOWED * (np.clip(1.2 - 2 * likeness.unlike, 0, 1) - self._steady)
        there = (likeness.unlike < 0.5) & (look.power > SMOOTH * self._contrast**2 * now.first)
        _blend(now.reference, look, FOLLOWED, there)
        if self._recent is None:
            self._recent = Reference(look.field.copy(), look.fine.copy())
        _blend(self._recent, look, RECENT)
        self._age += 1
        if self._age % REFRESHED == 0:
            now.reference = Reference(now.reference.field, now.reference.fine)
            now.place = Place(now.reference)
        self._otherwise = self._otherwise + 1 if gone > CHANGED else max(0, self._otherwise - 2)
        if self._otherwise >= SETTLED:
            self._learn_anew(likeness)

    def _learn_anew(self, likeness: Likeness) -> None:
        """Add an appearance: the present one, with what is there instead and is not smooth."""
        now, recent = self._now, self._recent
        assert now is not None
        assert recent is not None
        own = Reference(recent.field, recent.fine)
        sharp = own.power > np.maximum(SMOOTH * self._contrast**2 * now.first, LEAST_POWER)
        other = (likeness.unlike > 0.3) & sharp
        reference = Reference(now.reference.field.copy(), now.reference.fine.copy())
        for held, new in ((reference.field, own.field), (reference.fine, own.fine)):
            where = _spread(other, held) > 0
            held[where] = new[where]
        self._now = _appearance(Reference(reference.field, reference.fine), now.first)
        kept = self._appearances[1:][2 - MOST_APPEARANCES :]
        self._appearances = [self._appearances[0], *kept, self._now]
        self._otherwise = 0


def _blend(held: Reference, look: Look, part: float, where: Mask | None = None) -> None:
    """Move a reference so far towards a look, in place; only these blocks, if they are named."""
    for old, new in ((held.field, look.field), (held.fine, look.fine)):
        cv2.accumulateWeighted(new, old, part, mask=None if where is None else _spread(where, old))


def _spread(blocks: Mask, over: NDArray[np.float32]) -> Grey:
    """Return which pixels belong to some blocks, shape as that of `over`: 1, others 0."""
    size = over.shape[1::-1]
    return cast(Grey, cv2.resize(blocks.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST))
