"""Does the documentation list what the command line has?  (docs/cli.md, README.md)"""

from pathlib import Path

import click
import pytest

from motion_tracking.cli import cli
from motion_tracking.commands.reference import EXIT_CODES, exit_codes, reference
from motion_tracking.console import Exit

PROJECT = Path(__file__).parents[1]
PAGE = (PROJECT / "docs" / "cli.md").read_text(encoding="utf-8")


def test_the_page_is_that_of_the_commands() -> None:
    assert reference(cli) == PAGE, "run: python -m motion_tracking.commands.reference docs/cli.md"


@pytest.mark.parametrize("name", sorted(cli.commands))
def test_every_option_of_a_command_is_on_the_page(name: str) -> None:
    section = PAGE.partition(f"\n## {name}\n")[2].partition("\n## ")[0]
    assert section
    for option in cli.commands[name].params:
        if isinstance(option, click.Option):
            assert f"`{option.opts[-1]}`" in section
            assert f"`{option.envvar}`" in section
        else:
            assert option.make_metavar(click.Context(cli)) in section


def test_no_variable_means_two_things() -> None:
    variables = [
        option.envvar
        for command in (cli, *cli.commands.values())
        for option in command.params
        if isinstance(option, click.Option) and option.expose_value
    ]

    assert None not in variables
    assert len(set(variables)) == len(variables)


def test_every_exit_code_has_a_meaning_and_the_readme_the_same() -> None:
    readme = (PROJECT / "README.md").read_text(encoding="utf-8")

    assert list(EXIT_CODES) == list(Exit)
    assert "\n".join(exit_codes()) in readme
