"""
A machine that runs until somebody switches it off.

    switch = Switched()
    with Camera([Channel(802, "flywheel", switch)]) as camera:
        switch.off()
"""

from dataclasses import dataclass, field
from threading import Event

from motion_tracking.simulator.schedule import Schedule


@dataclass(frozen=True, slots=True)
class Switched(Schedule):
    """Runs as long as it is not switched off; at whole seconds, as all simulated machines do."""

    _is_off: Event = field(default_factory=Event)

    def off(self) -> None:
        """Let it stand from now on."""
        self._is_off.set()

    def running_at(self, seconds: float) -> bool:
        return not self._is_off.is_set()
