"""
Which text is set for which key, where does it stand, and what does it mean?

A layer is what one place says of a section: an INI file, `[defaults]`, the environment.  Laid
over each other, the strongest first, they give the values of the section.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from motion_tracking.config.problems import Problem, Severity
from motion_tracking.config.schema import Key
from motion_tracking.config.values import RefusedError

_QUOTED = re.compile(r"""(['"])(?P<inside>.*)\1(?:\s+[;#].*)?""", re.S)
_COMMENT = re.compile(r"(?:^|\s+)[;#]")
_PLACEHOLDER = re.compile(r"YOUR(?:[_ -][A-Z0-9_ -]*)?")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f]")
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Setting:
    """
    The text of one key, and where it stands: a file and a line, or an environment variable.

    A `verbatim` text is taken as it is, with its quotes.
    """

    file: str
    line: int | None
    section: str
    key: str
    text: str = field(repr=False)
    verbatim: bool = False

    @property
    def from_environment(self) -> bool:
        """Whether an environment variable says so."""
        return self.line is None

    def problem(
        self,
        message: str,
        hint: str = "",
        severity: Severity = Severity.ERROR,
        secret: bool = False,
    ) -> Problem:
        """Say what is wrong with this value; a secret one is not quoted."""
        value = None if secret else self.text
        return Problem(severity, self.file, self.line, self.section, self.key, value, message, hint)

    def warning(self, message: str, hint: str = "") -> Problem:
        """Say what looks wrong, without quoting the value."""
        return self.problem(message, hint, Severity.WARNING, secret=True)


@dataclass(slots=True)
class Layer:
    """What one place says of a section, and what is wrong with the way it does."""

    settings: dict[str, Setting] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Meaning:
    """The values of a section, its defaults among them; `settings` holds those that are set."""

    values: dict[str, Any] = field(repr=False)
    settings: dict[str, Setting]
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """What keeps the section from being used."""
        return tuple(problem for problem in self.problems if problem.fatal)


def interpret(keys: Iterable[Key], layers: Sequence[Layer]) -> Meaning:
    """Read the values of a section from its layers, the strongest first."""
    values: dict[str, Any] = {}
    settings: dict[str, Setting] = {}
    problems = [problem for layer in layers for problem in layer.problems]
    for key in keys:
        values[key.name] = key.default
        setting = _strongest(key, layers, problems)
        if setting is None:
            continue
        settings[key.name] = setting
        text = bare(setting, key)
        try:
            if _UNPRINTABLE.search(text) or _SURROGATE.search(text):
                raise RefusedError("holds a character that cannot be printed")
            values[key.name] = key.kind.read(text)
        except RefusedError as error:
            severity = Severity.WARNING if key.lenient else Severity.ERROR
            message = str(error) or f"must be {key.kind.allowed}"
            problems.append(setting.problem(message, error.hint, severity, key.secret))
    return Meaning(values, settings, tuple(problems))


def _strongest(key: Key, layers: Sequence[Layer], problems: list[Problem]) -> Setting | None:
    for setting in _set_for(key, layers):
        if not _PLACEHOLDER.fullmatch(bare(setting, key)):
            return setting
        problems.append(
            setting.warning("is still the example's placeholder, so it counts as not set")
        )
    return None


def _set_for(key: Key, layers: Iterable[Layer]) -> Iterator[Setting]:
    for layer in layers:
        setting = layer.settings.get(key.name)
        if setting is not None and bare(setting, key):
            yield setting


def bare(setting: Setting, key: Key) -> str:
    """Return the text without a comment and one pair of quotes; empty counts as not set."""
    text = setting.text
    if setting.verbatim:
        return text
    if key.kind.tail:
        text = _COMMENT.split(text, maxsplit=1)[0].strip()
    quoted = _QUOTED.fullmatch(text)
    return quoted["inside"] if quoted else text


def texts(key: Key, layers: Iterable[Layer]) -> Iterator[str]:
    """Yield all that is set for a key, placeholders left out, the strongest first."""
    for setting in _set_for(key, layers):
        text = bare(setting, key)
        if not _PLACEHOLDER.fullmatch(text):
            yield text
