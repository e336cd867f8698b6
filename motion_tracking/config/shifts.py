"""
When should machines run, and why may they stop, as config_shifts.ini says?

A mistake in it is never passed over: figures of another calendar than the plant's would look
right.  Whoever needs them looks at `errors` first.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta, tzinfo
from pathlib import Path
from typing import Any, TypeVar

from motion_tracking.config.files import IniFile, read_file
from motion_tracking.config.ini import Section
from motion_tracking.config.problems import Problem, Severity, did_you_mean
from motion_tracking.config.schema import Key
from motion_tracking.config.settings import Meaning, interpret
from motion_tracking.config.shift_schema import (
    CATEGORY,
    NAMED,
    NEEDED,
    REASONS,
    SHIFT_FILE,
    SHIFTS,
)
from motion_tracking.config.zone import ComputersZone
from motion_tracking.core.figures import Limits
from motion_tracking.core.reasons import Catalogue, Category, Rule
from motion_tracking.core.shifts import Calendar, PlannedStop, Shift, moment, refuse_overlaps

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class WorkingTime:
    """What the file says, as far as it could be used, and what is wrong with it."""

    file: Path
    exists: bool = False
    calendar: Calendar = field(default_factory=lambda: Calendar(ComputersZone()))
    limits: Limits = field(default_factory=Limits)
    catalogue: Catalogue = field(default_factory=Catalogue)
    rules: tuple[Rule, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def errors(self) -> tuple[Problem, ...]:
        """What keeps figures from being those of the plant."""
        return tuple(problem for problem in self.problems if problem.fatal)


def read_shifts(directory: Path, machines: Collection[str] = ()) -> WorkingTime:
    """
    Read config_shifts.ini; whatever it holds, this does not raise.

    What is said of other machines than these is warned of, where any are given.
    """
    file = read_file(directory / SHIFT_FILE)
    return _Reading(file, machines).result()


class _Reading:
    """One file while it is read."""

    def __init__(self, file: IniFile, machines: Collection[str]) -> None:
        self._file = file
        self._machines = machines
        self._problems = file.general_problems()
        self._sections = {kind: list(self._of(kind)) for kind in (*SHIFTS, REASONS)}

    def result(self) -> WorkingTime:
        self._problems += self._strangers()
        calendar = self._only("calendar")
        limits = self._only("report")
        zone = calendar["zone"] or ComputersZone()
        catalogue = Catalogue(self._own_reasons())
        shifts = self._apart(self._made("shift", lambda name, meaning: _shift(name, meaning)))
        stops = self._made("planned", lambda _, meaning: _planned(meaning, zone))
        names = [shift.name for shift in shifts]
        rules = self._made("rule", lambda _, meaning: self._rule(meaning, catalogue, names))
        return WorkingTime(
            self._file.path,
            self._file.exists,
            Calendar(zone, tuple(shifts), calendar["holidays"], tuple(stops)),
            Limits(
                limits["coverage"],
                timedelta(minutes=limits["micro_stop_minutes"]),
                timedelta(seconds=limits["shortest_stop_seconds"]),
            ),
            catalogue,
            tuple(rules),
            tuple(sorted(dict.fromkeys(self._problems), key=lambda p: (p.line or 0, p.message))),
        )

    def _of(self, kind: str) -> Iterator[Section]:
        for section in self._file.document.sections.values():
            if _kind(section.name) == kind:
                yield section

    def _strangers(self) -> Iterator[Problem]:
        known = [*SHIFTS, REASONS]
        for section in self._file.document.sections.values():
            kind, name = _kind(section.name), _name(section.name)
            if kind not in known:
                hint = did_you_mean(kind, known)
                yield self._about(section, "nobody reads this section", hint, Severity.WARNING)
            elif kind in NAMED and not name:
                hint = f"give it one, as in [{kind} early]"
                yield self._about(section, "the section has no name", hint)
            elif kind not in NAMED and name:
                yield self._about(section, f"the section is called [{kind}] and no more")

    def _only(self, kind: str) -> dict[str, Any]:
        """Return the values of a section that is there once, or not."""
        layers = [self._file.layer(section.name, SHIFTS[kind]) for section in self._sections[kind]]
        meaning = interpret(SHIFTS[kind], layers)
        self._problems += meaning.problems
        return meaning.values

    def _made(self, kind: str, make: Callable[[str, Meaning], Made]) -> list[Made]:
        """Make something of each section of a kind, if nothing is wrong with it."""
        made = []
        for section in self._sections[kind]:
            meaning = interpret(SHIFTS[kind], [self._file.layer(section.name, SHIFTS[kind])])
            self._problems += [*meaning.problems, *self._of_machine(meaning)]
            missing = [key for key in NEEDED[kind] if key not in meaning.settings]
            if missing and not meaning.errors:
                self._problems.append(self._about(section, f"{missing[0]} is not set"))
            if missing or meaning.errors:
                continue
            try:
                made.append(make(_name(section.name), meaning))
            except _WrongError as error:
                self._problems.append(error.problem)
            except ValueError as error:
                self._problems.append(self._about(section, str(error)))
        return made

    def _apart(self, shifts: list[Shift]) -> list[Shift]:
        """Return the shifts if none overlap; else tell of those that do."""
        alone: list[Shift] = []
        for shift in shifts:
            # the last of a name: of two it is the second that is told of
            section = [s for s in self._sections["shift"] if _name(s.name) == shift.name][-1]
            if shift.name in [other.name for other in alone]:
                self._problems.append(self._about(section, "another shift has this name"))
                continue
            try:
                refuse_overlaps([*alone, shift])
            except ValueError as error:
                hint = "at any time a machine has one shift or none"
                self._problems.append(self._about(section, str(error), hint))
            else:
                alone.append(shift)
        return alone

    def _own_reasons(self) -> dict[str, Category]:
        own = {}
        for section in self._sections[REASONS]:
            keys = [Key(name, CATEGORY, "", "") for name in section.entries]
            meaning = interpret(keys, [self._file.layer(section.name, keys)])
            self._problems += meaning.problems
            for name, category in meaning.values.items():
                setting = meaning.settings.get(name)
                if category is None:
                    if setting is None:
                        self._problems.append(
                            self._about(section, f"must be {CATEGORY.allowed}", key=name)
                        )
                    continue
                own[name] = Category(category)
        return own

    def _of_machine(self, meaning: Meaning) -> Iterator[Problem]:
        name, setting = str(meaning.values.get("machine")), meaning.settings.get("machine")
        if setting is not None and self._machines and name not in ("all", *self._machines):
            yield setting.problem(
                "no camera is called so", did_you_mean(name, self._machines), Severity.WARNING
            )

    def _rule(self, meaning: Meaning, catalogue: Catalogue, shifts: Sequence[str]) -> Rule:
        values, settings = meaning.values, meaning.settings
        if values["reason"] not in catalogue:
            hint = did_you_mean(values["reason"], catalogue.reasons)
            message = "there is no such reason"
            raise _WrongError(
                settings["reason"].problem(message, hint or "list it below [reasons]")
            )
        if values["shift"] is not None and values["shift"] not in shifts:
            hint = did_you_mean(values["shift"], shifts)
            raise _WrongError(settings["shift"].problem("there is no such shift", hint))
        return Rule(
            values["reason"],
            None if values["machine"] == "all" else values["machine"],
            values["shift"],
            values["days"],
            values["from"],
            values["to"],
            values["longer_than"],
            values["shorter_than"],
        )

    def _about(
        self,
        section: Section,
        message: str,
        hint: str = "",
        severity: Severity = Severity.ERROR,
        key: str | None = None,
    ) -> Problem:
        line = section.entries[key].line if key else section.line
        return Problem(severity, self._file.name, line, section.name, key, None, message, hint)


class _WrongError(Exception):
    """A section that cannot be used, and why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


def _shift(name: str, meaning: Meaning) -> Shift:
    values = meaning.values
    return Shift(name, values["start"], values["end"], values["days"], values["breaks"])


def _planned(meaning: Meaning, zone: tzinfo) -> PlannedStop:
    values = meaning.values
    start, end = (moment(values[name], zone) for name in ("start", "end"))
    if not start < end:
        raise _WrongError(meaning.settings["end"].problem("must be after the start"))
    machine = None if values["machine"] == "all" else values["machine"]
    return PlannedStop(machine, start, end, values["reason"])


def _kind(section: str) -> str:
    return section.split(maxsplit=1)[0].lower() if section.split() else ""


def _name(section: str) -> str:
    return section.partition(" ")[2].strip()
