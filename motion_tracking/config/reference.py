"""
How does the schema become the tables of `docs/configuration.md`?

`python -m motion_tracking.config.reference docs/configuration.md` renews them in the page.
"""

import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from motion_tracking.config.environment import variable
from motion_tracking.config.plant_schema import PLANT
from motion_tracking.config.schema import CAMERA, Key
from motion_tracking.config.shift_schema import SHIFTS
from motion_tracking.config.values import words
from motion_tracking.core.changes import Event

_TABLE = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)", re.S)


def refreshed(page: str) -> str:
    """Return the page with each table between its two marks as the schema has it now."""

    def table(match: re.Match[str]) -> str:
        section = match[2]
        lines = _plain(SHIFTS[section]) if section in SHIFTS else _with_variables(section)
        return match[1] + "\n".join(lines) + "\n" + match[3]

    return _TABLE.sub(table, page)


def _with_variables(section: str) -> Iterator[str]:
    rows = iter(_plain(CAMERA if section == "camera" else PLANT[section]))
    yield f"{next(rows)} variable |"
    yield f"{next(rows)}---|"
    name = "<name>" if section == "camera" else section
    for row, key in zip(rows, CAMERA if section == "camera" else PLANT[section], strict=True):
        yield f"{row} `{variable(name, key.names[-1])}` |"


def _plain(keys: Iterable[Key]) -> Iterator[str]:
    yield "| key | what it means | what is allowed | if not set | example |"
    yield "|---|---|---|---|---|"
    for key in keys:
        names = ", also ".join(f"`{name}`" for name in key.names)
        allowed = key.kind.allowed.replace("|", "\\|")
        example = f"`{key.name} = {key.example}`"
        yield f"| {names} | {key.meaning} | {allowed} | {_written(key)} | {example} |"


def _written(key: Key) -> str:
    default = key.default
    if default is None:
        return "-"
    if isinstance(default, bool):
        return "`yes`" if default else "`no`"
    if isinstance(default, frozenset) and all(isinstance(one, Event) for one in default):
        return f"`{words(default)}`"
    if isinstance(default, frozenset):
        return "every day" if default else "none"
    if default == ():
        return "none"
    return f"`{default:g}`" if isinstance(default, float) else f"`{default}`"


if __name__ == "__main__":
    path = Path(sys.argv[1])
    text = refreshed(path.read_text("utf-8"))
    path.write_text(text, encoding="utf-8", newline="\n")
