"""
Which tests run on each save, which before a commit, and which only when all are run?

Three lanes.  `core`: what a test module imports of motion-track is pure, so it needs no patience;
all of them together take less than five seconds.  `slow`: marked by hand, starts real servers or
processes.  The rest is between.
"""

import re
from pathlib import Path

PURE = {"core", "config", "tracker"}
"""Parts of motion-track that know no disk but that of the configuration, no network, no thread."""

LIMIT = 0.3
"""Seconds of processor time in which a test of the core is through, on a slow day too."""

LONG = {
    "test_config_secrets.py::test_any_slip_of_the_keyboard_gives_a_config_and_named_problems",
    "test_machine_properties.py::TestAnyDay::runTest",
    "test_machine_properties.py::test_the_frame_rate_does_not_move_the_transitions",
    "test_oldtool.py::test_the_changes_make_the_same_tiles_again_and_are_in_order",
    "test_passers_by.py::test_a_person_before_a_running_machine_does_not_stop_it",
    "test_passers_by.py::test_a_person_before_a_standing_machine_does_not_start_it",
}
"""Tests of the core that take longer, and so are in the lane behind it; keep it short."""


_IMPORT = re.compile(
    r"^\s*(?:from|import) (?:(servers|faults)\b|motion_tracking(?:\.(\w+)| import (\w+)))", re.M
)


def imported(path: Path) -> set[str]:
    """Return what a test module itself imports: `core`, `config`, ... and `servers`, `faults`."""
    found = _IMPORT.findall(path.read_text(encoding="utf-8"))
    return {real or part or module for real, part, module in found}


def is_core(path: Path) -> bool:
    """Whether the tests of a module, but for its slow ones, are those of the core."""
    return bool(parts := imported(path)) and parts <= PURE
