"""
The fault suite: what goes wrong, what is to happen then, and what was measured.

A row is a declaration and the test that injects the fault.  Both are one function of a
`test_*.py` in this folder:

    @fault("S01", "the recorder hangs", injected="...", expected="...", promised="...")
    def test_...(measured: Measured, rounds: Rounds) -> None:
        \"\"\"Seen to fail without ...\"\"\"
        for _ in range(rounds(5, long=100)):
            measured("seconds to no_signal", took, at_most=10.0)

A row that other tests of `tests/` prove already is named, with them, in `elsewhere.py`, as is
one that does not apply, with the reason.  `python3 scripts/faults.py [--long] [ID ...]` runs them
and writes `docs/fault-report.md`; plain pytest runs those of this folder in their short form.
"""
