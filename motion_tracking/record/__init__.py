"""
The record: what is kept on disk, and how does it survive a kill, a full disk and a curious Excel?

`history.History` is one SQLite file per site: transitions, the outbox, motion, heartbeats.
`textlogs.TextLogs` writes the three text logs of one machine, as the old tool did.
`writer.Writer` feeds both from one thread, so that detection never waits for a disk, and
`lock.hold` sees to it that a machine is tracked once.  `recorder.Recorder` keeps video, in another
thread.  What is new to be kept is a table in `schema.py`, a file with its statements, and a method
of the writer.
"""
