"""
What does each INI file of the configuration say?
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from motion_tracking.config import ini
from motion_tracking.config.plant_schema import PLANT
from motion_tracking.config.problems import Problem, Severity, did_you_mean
from motion_tracking.config.schema import Key
from motion_tracking.config.settings import Layer, Setting

_KNOWN = {name for keys in PLANT.values() for key in keys for name in key.names}


@dataclass(frozen=True, slots=True)
class IniFile:
    """
    One file.  `trouble` says why it could not be read; `exists` is False where there is none.

    Of a `confidential` file only known keys are quoted: a slip may have made half a password
    part of another.
    """

    path: Path
    document: ini.Document
    confidential: bool = False
    exists: bool = True
    trouble: Problem | None = None

    @property
    def name(self) -> str:
        """How messages call it."""
        return str(self.path)

    def line(self, section: str | None) -> int | None:
        """Return the line in which a section begins; None where there is none."""
        known = None if section is None else self.document.sections.get(section)
        return known.line if known else None

    def general_problems(self) -> list[Problem]:
        """Return what is wrong outside of all sections."""
        if self.trouble is not None:
            return [self.trouble]
        return [self._problem(fault) for fault in self.document.faults if fault.section is None]

    def called(self, name: str) -> str | None:
        """Return the section of this name, spelt as in the file, whatever its capitals."""
        for section in self.document.sections:
            if section.lower() == name:
                return section
        return None

    def layer(self, section: str | None, keys: Iterable[Key]) -> Layer:
        """Return what the file says of a section, with warnings of keys that nobody reads."""
        layer = Layer()
        known = self.document.sections.get(section) if section is not None else None
        if known is None:
            return layer
        layer.problems += [
            self._problem(fault) for fault in self.document.faults if fault.section == section
        ]
        names = {name: key for key in keys for name in key.names}
        # the key's own name first, so that an alias never wins over it
        for entry in sorted(known.entries.values(), key=lambda e: _rank(names.get(e.key), e.key)):
            key = names.get(entry.key)
            if key is None:
                layer.problems.append(self._unknown(known.name, entry, names))
                continue
            setting = Setting(self.name, entry.line, known.name, key.name, entry.raw)
            first = layer.settings.setdefault(key.name, setting)
            if first is not setting:
                message = f"is ignored: line {first.line} says it under another name"
                layer.problems.append(setting.warning(message))
        return layer

    def _unknown(self, section: str, entry: ini.Entry, names: Iterable[str]) -> Problem:
        hint = did_you_mean(entry.key, names)
        key = self._quotable(entry.key)
        message = "nobody reads this key"
        return Problem(Severity.WARNING, self.name, entry.line, section, key, None, message, hint)

    def _quotable(self, key: str | None) -> str | None:
        return key if key in _KNOWN or not self.confidential else None

    def _problem(self, fault: ini.Fault) -> Problem:
        return Problem(
            Severity.WARNING if fault.harmless else Severity.ERROR,
            self.name,
            fault.line,
            fault.section or None,
            self._quotable(fault.key),
            None,
            fault.message,
            fault.hint,
        )


def _rank(key: Key | None, name: str) -> int:
    return -1 if key is None else key.names.index(name)


def read_file(path: Path, confidential: bool = False) -> IniFile:
    """Read an INI file; a missing or unreadable one says nothing."""
    nothing = ini.scan(b"")
    try:
        document = ini.scan(path.read_bytes())
    except FileNotFoundError:
        return IniFile(path, nothing, confidential, exists=False)
    except OSError as error:
        message = f"cannot be read: {error.strerror or type(error).__name__}"
        return IniFile(path, nothing, confidential, trouble=whole_file(path, message))
    if document.readable:
        return IniFile(path, document, confidential)
    fault = document.faults[0]
    trouble = whole_file(path, fault.message, fault.hint)
    return IniFile(path, document, confidential, trouble=trouble)


def with_sections(file: IniFile, added: Mapping[str, Mapping[str, str]]) -> IniFile:
    """Return the file as it would be with these sections; as it is where they cannot be added."""
    document = file.document
    try:
        for name, values in added.items():
            document = ini.scan(ini.edited(document, name, values))
    except ValueError:
        return file
    return replace(file, document=document)


def whole_file(path: Path, message: str, hint: str = "") -> Problem:
    """Return an error that is about a file as such."""
    return Problem(Severity.ERROR, str(path), None, None, None, None, message, hint)
