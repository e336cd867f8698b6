"""The light is switched on and off: that is no movement of a machine, nor the end of one."""

from collections.abc import Iterator

import numpy as np
import pytest

from faults.catalogue import Measured, Rounds, fault
from motion_tracking.core.changes import Change
from motion_tracking.core.detectors.difference import Difference
from motion_tracking.core.machine import Machine, MachineState
from motion_tracking.core.motion import Frame
from motion_tracking.core.sampling import Sampler
from motion_tracking.core.sight import Sight, open_watches
from motion_tracking.simulator.nuisances import Setting, build_nuisance
from motion_tracking.simulator.scenes import MACHINES, Noise
from motion_tracking.simulator.schedule import Schedule
from motion_tracking.tracker import Scored, Tracker, play

FPS = 6
UTC = 1_700_000_000.0


class Log:
    def __init__(self) -> None:
        self.scores: list[Scored] = []
        self.changes: list[Change] = []

    def scored(self, scored: Scored) -> None:
        self.scores.append(scored)

    def changed(self, change: Change) -> None:
        self.changes.append(change)


@fault(
    "S23",
    "lights are switched on and off",
    injected="drawn lamps and rows of lamps, 20 min (long: 8 h), a machine that stands or runs",
    expected="the state stays",
    promised="0 transitions; <= 1 false flag a switch",
)
@pytest.mark.parametrize("runs", [False, True], ids=["stopped", "running"])
@pytest.mark.parametrize("light", ["light_steps", "lamp"])
def test_light_is_no_movement(light: str, runs: bool, measured: Measured, rounds: Rounds) -> None:
    """Seen to fail with a window of 1 s: each switch was a start and a stop."""
    seconds = rounds(1200, long=8 * 3600)
    scene, noise = MACHINES["flywheel"]((352, 288), 0), Noise((352, 288), 0)
    setting = Setting(scene.size, scene.roi, 0.0, float(seconds))
    lamps = build_nuisance(light, setting, np.random.default_rng(5))
    schedule = Schedule(running=runs)

    def frames() -> Iterator[Frame]:
        for n in range(seconds * FPS):
            at = n / FPS
            picture = noise.add(scene.draw(schedule.ran(at)))
            yield Frame(lamps.change(picture, at), at, UTC + at)

    log = Log()
    tracker = Tracker(
        "press1",
        scene.roi,
        scene.threshold,
        Difference(scene.roi),
        Machine(0.0),
        [log],
        sight=Sight(open_watches()),
    )
    play(frames(), [tracker], Sampler(0.0))
    state = MachineState.RUNNING if runs else MachineState.STOPPED
    assert log.changes[0].to_state is state
    expected = 1 if runs else 2 if seconds > 1200 else 1  # a long stop becomes a deep sleep
    switches = 2 * len(lamps.spans)
    false = sum(scored.moving is not runs for scored in log.scores)
    measured("switches", switches, at_least=2)
    measured("false flags a switch", false / switches, at_most=1.0)
    measured("transitions", len(log.changes) - expected, at_most=0)
