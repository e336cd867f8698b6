"""
Which script makes a shell complete commands and camera names?
"""

import os
from pathlib import Path

import click
from click.shell_completion import get_completion_class

from motion_tracking.console import Failure, say

VARIABLE = "_MOTION_TRACK_COMPLETE"


def completion(cli: click.Command, shell: str | None) -> None:
    """Print the completion script of a shell; without one, of the shell that is used."""
    name = shell or Path(os.environ.get("SHELL", "")).name
    completer = get_completion_class(name)
    if completer is None:
        raise Failure(
            f"no completion for the shell {name or 'of this terminal'!r}",
            "name one of bash, zsh, fish, powershell",
        )
    say(completer(cli, {}, "motion-track", VARIABLE).source())
