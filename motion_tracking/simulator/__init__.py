"""
Simulator: machines and cameras of our own, so that the truth is known and faults come on order.

`scenes` draws machines and `schedule` says when they run; `source` hands their pictures out
directly, `camera` as an RTSP server that can be told to fail, also as a process of its own
(`python -m motion_tracking.simulator SPEC.json`).  To add a machine, write a `Scene` and one line
in `MACHINES`; `tests/test_simulator.py` finds it.
"""
