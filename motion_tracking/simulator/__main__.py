"""
How is a simulated camera run as a process of its own?

    python -m motion_tracking.simulator [--with-parent] SPEC.json

It writes one line to stdout once it serves: `{"ready": true, "port": N, "pid": N, "started": T}`,
`started` being the moment at which its schedules begin, in UTC seconds since 1970.  It ends on
SIGINT and SIGTERM, with exit code 0.  With `--with-parent` it also ends when its standard input
does, so that it never outlives the process that holds the other end.  The spec is in `spec.py`.
"""

import json
import os
import signal
import sys
from pathlib import Path
from threading import Event

from motion_tracking.simulator.camera import Camera
from motion_tracking.simulator.spec import camera

BAD_SPEC, NO_PORT = 2, 3

_FLAG = "--with-parent"


def main(arguments: list[str]) -> int:
    """Serve until told to end; return the exit code."""
    files = [argument for argument in arguments if argument != _FLAG]
    if len(files) != 1:
        return _failed("one SPEC.json is needed", BAD_SPEC)
    try:
        serving = camera(json.loads(Path(files[0]).read_text(encoding="utf-8")), os.environ)
    except (OSError, ValueError) as error:
        return _failed(f"{files[0]}: {_said(error)}", BAD_SPEC)
    for ending in (signal.SIGINT, signal.SIGTERM):  # a shell's background jobs ignore SIGINT
        signal.signal(ending, signal.default_int_handler)
    try:
        with serving:
            _announce(serving)
            _wait(until_stdin_ends=_FLAG in arguments)
    except KeyboardInterrupt:
        return 0
    except OSError as error:
        return _failed(f"port {serving.port} cannot be had: {error.strerror}", NO_PORT)
    return 0


def _announce(serving: Camera) -> None:
    ready = {"ready": True, "port": serving.port, "pid": os.getpid(), "started": serving.started}
    sys.stdout.write(json.dumps(ready) + "\n")
    sys.stdout.flush()


def _wait(until_stdin_ends: bool) -> None:
    if until_stdin_ends:
        while os.read(sys.stdin.fileno(), 4096):
            pass
        return
    never = Event()
    while not never.wait(1.0):  # without a time limit Windows would not notice Ctrl-C
        pass


def _said(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        # its own text is safe, but its `doc` holds the whole file
        return f"line {error.lineno}: {error.msg}"
    return error.strerror or "" if isinstance(error, OSError) else str(error)


def _failed(message: str, code: int) -> int:
    sys.stderr.write(f"error: {message}\n")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
