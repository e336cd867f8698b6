"""
Simulator: machines and cameras of our own, so that the truth is known and faults come on order.

`scenes` draws the demo's machines and `schedule` says when they run; `source` hands their pictures
out directly, `camera` as an RTSP server that can be told to fail, also as a process of its own
(`python -m motion_tracking.simulator SPEC.json`).  To add one, write a `Scene` and one line in its
`MACHINES`; `tests/test_simulator.py` finds it.

`scenarios` lists what accuracy is measured by: `machines` that are hard to see, and `nuisances`.
`staging` draws them by lot, and `filming` makes labelled films of them.  `tests/test_scenarios.py`
finds whatever is added.
"""
