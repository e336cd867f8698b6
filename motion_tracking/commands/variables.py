"""
Which variable of the environment stands for which option?
"""

import click


def name_variables(command: click.Command, prefix: str = "MOTION_TRACK") -> None:
    """Give each option a variable: `run --dry-run` has MOTION_TRACK_RUN_DRY_RUN."""
    for option in command.params:
        if isinstance(option, click.Option) and option.expose_value:
            name = max(option.opts, key=len).lstrip("-")
            option.envvar = f"{prefix}_{name}".upper().replace("-", "_")
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            name_variables(inner, f"{prefix}_{name}")
