"""
Does something pass before the machine that is no part of it?

A machine moves where and as it did at calibration.  What moves around it too, where it never did,
is a person or a truck: for as long as that passes, nothing is known of the machine behind it.
"""

STIRRED = 0.15
"""Part of the surroundings that moves when something passes; a machine alone stirs a twentieth."""

PATIENCE = 24.0
"""Samples, 12 s, that may be passed over; who stays longer is judged as it comes."""

REGAINED = 0.2
"""Of these, with each sample in which nothing passes."""


class PassersBy:
    """Follows one machine's samples."""

    def __init__(self) -> None:
        self._patience = PATIENCE

    def take(self, stirred: float) -> bool:
        """Take the part of the surroundings that moves; say whether the sample says nothing."""
        if stirred <= STIRRED:
            self._patience = min(PATIENCE, self._patience + REGAINED)
            return False
        passing = self._patience >= 1.0
        self._patience = max(0.0, self._patience - 1.0)
        return passing
