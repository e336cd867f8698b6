"""
Has the camera been knocked, covered, or put out of focus?

Every two seconds the structure of the whole picture is held against how the view is known to look:
as it was at calibration, or in the first minute where there is none.  What has been wrong for most
of half a minute is said, dated back to when it began; it is taken back as soon as the view is as
it was.  Until it is said it is a doubt: a machine behind a cover looks stopped after 17 s.  The
known look follows slow changes of light; docs/design/view.md says how far.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from motion_tracking.core.machine import Reason
from motion_tracking.core.motion import Frame, Grey
from motion_tracking.core.sight import Blindness, Doubt
from motion_tracking.core.sight.known import KnownView
from motion_tracking.core.sight.likeness import Likeness, Look, miniature

PERIOD = 1.8
"""Seconds between looks at least; samples are jittered, so that it comes to two."""

HIDDEN, SHOWN = 0.27, 0.18
"""
Parts of the view that are gone when it counts as covered, and as shown again.

What covers 60 % may well hide the plainer parts; people, trucks and machines hide 5 % for as long.
"""

SHARP = 0.5
"""Part of the fine structure that is left, in proportion, below which it is out of focus."""

KNOCKED = 12.0
"""Pixels of the picture, of those 20 that are to be found; a shake reaches a few."""

CLOSELY = 4.5
"""Pixels of the picture along one of the field from which on fine structure is lost in that."""

LEAST_SHIFT = 2.0
"""Pixels of the field; less cannot be told from a shake."""

HELD = 30.0
"""Seconds over which most looks must agree before anything is said."""

MOST = 0.75
"""Of the looks."""

BACK = 8.0
"""Seconds over which most looks must be well before it is taken back."""

CLEARED = 2
"""Looks that must be well, one after the other, for a doubt to clear."""

LONGEST_DOUBT = 45.0
"""Seconds after which what is still not said is doubted no more, until it has cleared."""


@dataclass(frozen=True, slots=True)
class _Verdict:
    at: float
    reason: Reason | None


class View:
    """A watch for moved and covered cameras, of one channel."""

    def __init__(self) -> None:
        self._views: Sequence[Grey] = ()
        self._known: KnownView | None = None
        self._factor = 1.0
        self._likeness: Likeness | None = None
        self._size: tuple[int, int] | None = None
        self._verdicts: deque[_Verdict] = deque()
        self._before: Look | None = None
        self._looked: float | None = None
        self._found: Blindness | None = None
        self._doubted_since: float | None = None

    def recall(self, views: Sequence[Grey]) -> None:
        """Know the view from calibration, by its miniatures; the newest last."""
        self._views = views

    def look(self, frame: Frame) -> Blindness | Doubt | None:
        """Look at a sample now and then; say what was found last."""
        if self._looked is None or not 0 <= frame.at - self._looked < PERIOD:
            self._look(frame)
        since = self._doubted_since
        if self._found is None and since is not None and frame.at - since <= LONGEST_DOUBT:
            return Doubt(since)
        return self._found

    def _look(self, frame: Frame) -> None:
        if frame.size != self._size:
            self._begin(frame)
        look = Look(miniature(frame.luma), self._factor > CLOSELY)
        assert self._known is not None
        if self._before is not None:
            look.compare(self._before)
        reason = self._judge(look, self._known)
        last = frame.at if self._looked is None else self._looked
        self._before, self._looked = look, frame.at
        self._weigh(frame.at, reason)
        self._doubt(last)
        likeness = self._likeness
        if self._found and likeness and self._known.begin_anew(look, likeness):
            self._found = None
            self.forget()

    def forget(self) -> None:
        """Take note of a gap; the view itself is remembered."""
        self._verdicts.clear()
        self._looked = self._doubted_since = None
        self._before = None

    def _begin(self, frame: Frame) -> None:
        small = miniature(frame.luma)
        views = [view for view in self._views if view.shape == small.shape]
        self._factor = max(frame.size) / max(Look(small).field.shape[:2])
        self._known = KnownView([Look(view, self._factor > CLOSELY) for view in views])
        self._size = frame.size
        self._found = None
        self.forget()

    def _judge(self, look: Look, known: KnownView) -> Reason | None:
        """Return what is wrong with a look."""
        likeness = known.take(look, self._found is None and not self._doubtful)
        self._likeness = likeness
        if likeness is None:
            return None
        gone = likeness.gone
        if gone is None:
            return None
        if known.shifted(look, gone, max(LEAST_SHIFT, KNOCKED / self._factor)):
            return Reason.MOVED
        if gone >= (HIDDEN if self._found is None else SHOWN):
            return self._why(look, known, gone)
        return Reason.COVERED if likeness.sharpness < SHARP else None

    def _why(self, look: Look, known: KnownView, gone: float) -> Reason:
        """Say whether a view that is gone is elsewhere, or hidden."""
        if self._found is not None:
            return self._found.reason
        moved = (
            known.shifted(look, gone, LEAST_SHIFT)
            or known.turned(look, gone)
            or known.elsewhere(look, gone)
        )
        return Reason.MOVED if moved else Reason.COVERED

    @property
    def _doubtful(self) -> bool:
        return any(verdict.reason for verdict in self._verdicts)

    def _doubt(self, last: float) -> None:
        """Doubt from the look before the first that is wrong, at `last`, until some are well."""
        verdicts = self._verdicts
        if verdicts and verdicts[-1].reason is not None and self._doubted_since is None:
            self._doubted_since = last
        elif all(v.reason is None for v in list(verdicts)[-CLEARED:]):
            self._doubted_since = None

    def _weigh(self, at: float, reason: Reason | None) -> None:
        """Say what most of the last looks say, or take it back."""
        verdicts = self._verdicts
        verdicts.append(_Verdict(at, reason))
        while verdicts[0].at < at - HELD - PERIOD:
            verdicts.popleft()
        if self._found is not None:
            last = [v for v in verdicts if v.at > at - BACK]
            if len(last) > 2 and sum(v.reason is None for v in last) >= MOST * len(last):
                self._found = None
                verdicts.clear()
            return
        wrong = [v for v in verdicts if v.reason is not None]
        if reason is None or at - verdicts[0].at < HELD or len(wrong) < MOST * len(verdicts):
            return
        reasons = [v.reason for v in wrong]
        most = Reason.MOVED if 2 * reasons.count(Reason.MOVED) > len(reasons) else Reason.COVERED
        self._found = Blindness(most, wrong[0].at)
