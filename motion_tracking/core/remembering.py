"""
What does a machine remember that was tracked before, going by its history?
"""

from collections.abc import Iterable

from motion_tracking.core.machine import KNOWN, MachineState, Memory, Transition


def recall(transitions: Iterable[Transition], seen_at: float | None) -> Memory | None:
    """
    Rebuild the memory from the transitions so far, newest first; None where there are none.

    `seen_at` is the last moment at which the machine was known to be watched.
    """
    newest: Transition | None = None
    decided_at, stopped_since, asleep = None, None, False
    for transition in transitions:
        if newest is None:
            newest = transition
            decided_at = seen_at if newest.to_state in KNOWN else None
        if decided_at is None and transition.from_state in KNOWN:
            decided_at = transition.occurred_at
        if transition.to_state is MachineState.RUNNING:
            break
        if stopped_since is None and transition.to_state in KNOWN:
            stopped_since = transition.stopped_since
        asleep = asleep or transition.to_state is MachineState.DEEP_SLEEP
    if newest is None:
        return None
    return Memory(
        newest.to_state,
        newest.reason,
        newest.occurred_at,
        seen_at,
        decided_at,
        stopped_since,
        asleep and stopped_since is not None,
    )
