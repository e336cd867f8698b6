"""
Does something pass before the machine that is no part of it, and what does a sample say then?

A machine moves where and as it did at calibration.  What moves around it more than it ever did is
a person, a truck or a shake: it can neither start the machine nor stop it, unless it stays.
"""

STIRRED = 0.15
"""Part of the surroundings that moves when something passes; a machine alone stirs a twentieth."""

DISTURBED = 2.0
"""Times the quiet loudness above which the whole picture is disturbed, as by a shake."""

BEYOND = 1.5
"""Times what the running machine itself does to its surroundings, above which it is not alone."""

PATIENCE = 20.0
"""Samples, 10 s, that may be passed over; what stays longer is judged as it comes."""

REGAINED = 0.2
"""Of these, with each sample that counts."""


def passes(stirred: float, disturbance: float, stirs: float = 0.0, disturbs: float = 0.0) -> bool:
    """
    Say whether something is to be seen that the machine is not.

    `stirred` is the part of the surroundings that moves, `disturbance` how much louder than quiet
    they are; `stirs` and `disturbs` are what the machine itself hardly exceeds while it runs.
    """
    return stirred > max(STIRRED, BEYOND * stirs) or disturbance > max(DISTURBED, BEYOND * disturbs)


class PassersBy:
    """Leaves out what would change the state of one machine while something passes."""

    def __init__(self) -> None:
        self._patience = PATIENCE

    def judged(self, moving: bool | None, running: bool, passing: bool) -> bool | None:
        """Return what a sample says of a machine that is running or not; None for nothing."""
        if passing and moving is not None and moving is not running and self._patience >= 1.0:
            self._patience -= 1.0
            return None
        self._patience = min(PATIENCE, self._patience + REGAINED)
        return moving
