"""
The heart: pure functions and small state machines that decide.

Nothing in this room reads a clock, a file or the configuration, starts a thread, or logs.
Time is an argument.  So a recorded log replays to exactly what the live camera saw, and
tests need no sleep.  A new rule of deciding comes in here; everything it needs comes in as
an argument.
"""
