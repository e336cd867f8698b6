"""
Who is told, and what is kept, when a machine's calibration no longer fits?
"""

import logging
from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np

from motion_tracking.core.changes import Change
from motion_tracking.core.detectors.calibrated import Calibrated
from motion_tracking.core.drift import Condition, Drift, Finding, Misfit
from motion_tracking.core.machine import MachineState
from motion_tracking.core.motion import Grey, grey
from motion_tracking.core.profile import Profile, fingerprint
from motion_tracking.record.degraded import (
    Degraded,
    degraded,
    forget_degraded,
    keep_degraded,
)
from motion_tracking.tracker import Scored

log = logging.getLogger(__name__)

GAP = 6
"""Pixels between the pictures of then and now."""


class DriftWatch:
    """Follows the scores of one calibrated machine; says once, over restarts too, what drifted."""

    def __init__(
        self, profile: Profile, detector: Calibrated, state: MachineState, folder: Path
    ) -> None:
        """`state` is that of the machine now, `folder` where its logs are."""
        self._profile = profile
        self._detector = detector
        self._state = state
        self._folder = folder
        said = degraded(folder)
        if said is not None and said.calibration != fingerprint(profile):
            self._forget()
            said = None
        self._drift = None if said else Drift(profile)

    def scored(self, scored: Scored) -> None:
        condition = self._detector.condition
        if self._drift is None or condition is None:
            return
        finding = self._drift.take(scored.at, scored.score, self._state, condition, scored.of_head)
        if finding is not None:
            self._drift = None
            self._say(scored, finding, condition)

    def changed(self, change: Change) -> None:
        self._state = change.to_state

    def _say(self, scored: Scored, finding: Finding, condition: Condition) -> None:
        machine, profile = scored.machine, self._profile
        when = datetime.fromtimestamp(scored.utc, UTC).isoformat(timespec="seconds")
        then = profile.running if finding.misfit is Misfit.RUNNING else profile.stopped
        jpeg = _beside(then, grey(condition.frame, profile.patch.outer))
        note = Degraded(fingerprint(profile), finding.misfit, finding.words, when)
        kept = ""
        try:
            kept = f"; then and now: {keep_degraded(self._folder, note, jpeg)}"
        except OSError as error:
            log.warning("%s: the pictures of it cannot be written: %s", machine, error)
        log.warning(
            "%s: the calibration no longer fits: %s%s; calibrate again: motion-track init %s",
            *(machine, finding.words, kept, machine),
        )

    def _forget(self) -> None:
        try:
            forget_degraded(self._folder)
        except OSError as error:
            log.warning("an old note of drift cannot be removed: %s", error)


def _beside(then: Grey, now: Grey) -> bytes:
    """Return both pictures side by side as a JPEG."""
    height = max(then.shape[0], now.shape[0])
    gap = np.full((height, GAP), 255, np.uint8)
    tall = [np.pad(one, ((0, height - one.shape[0]), (0, 0))) for one in (then, now)]
    both = np.hstack([tall[0], gap, tall[1]])
    return bytes(cv2.imencode(".jpg", both)[1].tobytes())
