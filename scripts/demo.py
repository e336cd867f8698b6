#!/usr/bin/env python3
"""
How does one see motion-track at work with nothing at hand but Python?

`python3 scripts/demo.py [--duration SECONDS] [--machines N] [--no-open]` installs into `.venv`
and goes on as `motion-track demo`, with the same arguments and the same exit code.
"""

import sys

import bootstrap


def main(arguments: list) -> int:
    """Install where needed, then become the demo."""
    bootstrap.make_ready()
    return bootstrap.hand_over([str(bootstrap.program("motion-track")), "demo", *arguments])


if __name__ == "__main__":
    sys.exit(bootstrap.guarded(main, sys.argv[1:]))
