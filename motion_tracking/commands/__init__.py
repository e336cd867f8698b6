"""
Commands: one file each, which wires rooms together.

They alone read the configuration, and hand plain arguments to the rooms.  Each takes what
`cli.py` parsed, writes data to stdout, and raises `console.Failure` for what the user can mend.
"""
