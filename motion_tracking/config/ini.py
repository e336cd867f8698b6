"""
What does an INI file say, line by line, and how is one value changed in it?

One grammar, for reading and for writing back.  The old tool's files are written by hand with
Notepad, so a mistake must cost one line and be named by its number.  The standard library's
configparser and ConfigUpdater give no line numbers to values, and refuse the whole file for one
duplicate key, one line without `=`, or a byte order mark.

The grammar is configparser's: `[section]`, `key = value` or `key: value`, whole lines of comment
with `;` or `#`, keys without regard to capitals.  There is no interpolation: `%` is a character.
An indented line is a line of its own, not the rest of the value above.
"""

import codecs
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

_HEADER = re.compile(r"\[(?P<name>[^\]]*)\]\s*(?P<rest>.*)", re.S)
_OPEN_HEADER = re.compile(r"\[\s*(?P<name>[\w-]*)")
_ENTRY = re.compile(r"(?P<indent>\s*)(?P<key>[^=:]*?)(?P<gap>\s*[=:]\s*)(?P<value>.*?)\s*", re.S)
_NUMBER_AND_COMMENT = re.compile(r"[\d.,%?x+-]*(?P<tail>(?:\s+|^)[;#].*)")
_NUMBER = re.compile(r"[\d.,%?x+-]+")
_UNDECODABLE = re.compile("[\udc80-\udcff]")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f]")

MARK = "\ufeff"
"""The byte order mark that Notepad puts at the start."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One `key = value`; `raw` is all of its line from column `start` to `end`."""

    key: str  # in small letters
    raw: str = field(repr=False)
    line: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Section:
    """One `[name]` and its entries; the first of each key."""

    name: str
    line: int
    entries: dict[str, Entry] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fault:
    """A line that says nothing, or says something twice; the text quotes nothing of it."""

    line: int | None
    section: str | None
    key: str | None
    message: str
    hint: str = ""
    harmless: bool = False
    ambiguous: bool = False  # a value might be written twice, so nothing is


@dataclass(frozen=True, slots=True)
class Document:
    """
    A file as it was read.  `lines` hold every byte of it, undecodable ones as surrogates.

    `readable` is False for a file of another encoding, which has no sections then.
    """

    data: bytes = field(repr=False)
    lines: tuple[str, ...] = field(repr=False)
    sections: dict[str, Section]
    faults: tuple[Fault, ...]
    readable: bool = True


def scan(data: bytes) -> Document:
    """Read the bytes of an INI file; whatever they are, this does not raise."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in data[:4]:
        fault = Fault(
            1,
            None,
            None,
            "the file is UTF-16 text, not UTF-8",
            "save it again with the encoding UTF-8 (in Notepad: Save as, Encoding)",
        )
        return Document(data, (), {}, (fault,), readable=False)
    # bytes split at \n, \r\n and \r only; text would also split at exotic characters
    lines = tuple(
        line.decode("utf-8", "surrogateescape") for line in data.splitlines(keepends=True)
    )
    scanner = _Scanner()
    for number, line in enumerate(lines, 1):
        scanner.take(number, line)
    return Document(data, lines, scanner.sections, tuple(scanner.faults))


class _Scanner:
    def __init__(self) -> None:
        self.sections: dict[str, Section] = {}
        self.faults: list[Fault] = []
        self._section: Section | None = None
        self._told: set[str] = set()

    def take(self, number: int, line: str) -> None:
        text = line.lstrip(MARK).strip()
        if not text:
            return
        if text[0] in ";#":
            self._comment(number, text)
        elif text[0] == "[":
            self._header(number, text)
        elif self._section is not None:
            self._entry(self._section, number, line)
        elif "start" not in self._told:
            self._told.add("start")
            self._fault(number, "stands before the first [section]", "put a [section] above it")

    def _comment(self, number: int, text: str) -> None:
        if "comment" not in self._told and _UNDECODABLE.search(text):
            self._told.add("comment")
            self._fault(number, *_NOT_UTF8, harmless=True)

    def _header(self, number: int, text: str) -> None:
        whole = _HEADER.fullmatch(text)
        match = whole or _OPEN_HEADER.match(text)
        name = match["name"].strip() if match else ""
        known = self.sections.get(name)
        self._section = known or self.sections.setdefault(name, Section(name, number))
        if whole is None:
            self._fault(number, "the section has no `]` behind its name")
        elif known is not None:
            self._fault(
                number,
                f"the section stands twice, first in line {known.line}",
                "give one of the two another name, or remove it",
                ambiguous=True,
            )
        elif whole["rest"] and whole["rest"][0] not in ";#":
            self._fault(number, "what follows the `]` counts for nothing", harmless=True)

    def _entry(self, section: Section, number: int, line: str) -> None:
        skipped = len(line) - len(line.lstrip(MARK))
        match = _ENTRY.fullmatch(line[skipped:].rstrip("\r\n"))
        if match is None or not match["key"]:
            self._fault(number, "has no `key =` at its start", "write key = value, or remove it")
            return
        key = match["key"].lower()
        start, end = (skipped + at for at in match.span("value"))
        entry = Entry(key, match["value"], number, start, end)
        if _UNDECODABLE.search(line):
            self._fault(number, *_NOT_UTF8, key=key, ambiguous=True)
        elif _UNPRINTABLE.search(entry.raw):
            message = "holds a character that cannot be printed"
            self._fault(number, message, key=key, ambiguous=True)
        elif key in section.entries:
            first = section.entries[key].line
            self._fault(
                number,
                f"stands twice in the section, first in line {first}",
                "remove one of the two",
                key=key,
                ambiguous=True,
            )
        else:
            section.entries[key] = entry

    def _fault(
        self,
        number: int,
        message: str,
        hint: str = "",
        *,
        key: str | None = None,
        harmless: bool = False,
        ambiguous: bool = False,
    ) -> None:
        section = self._section.name if self._section else None
        self.faults.append(Fault(number, section, key, message, hint, harmless, ambiguous))


_NOT_UTF8 = (
    "the line is not UTF-8 text",
    "save the file again with the encoding UTF-8 (in Notepad: Save as, Encoding)",
)


def edited(document: Document, section: str, values: Mapping[str, str]) -> bytes:
    """
    Return the file with these values in this section, and every other byte as it was.

    A known key keeps its spelling, its spacing, and the comment behind a number.  A new one goes
    behind the last of the section, a new section to the end.  Raise `ValueError` for a value that
    would not be read back, and for a section in which it is unclear what a key is set to.
    """
    _refuse(document, section, values)
    lines = list(document.lines)
    known = document.sections.get(section)
    if known is None:
        return _encoded(_with_section(document, section, values))
    missing = []
    for key, text in values.items():
        entry = known.entries.get(key.lower())
        if entry is None:
            missing.append((key, text))
        else:
            lines[entry.line - 1] = _replaced(lines[entry.line - 1], entry, text)
    if missing:
        last = max([entry.line for entry in known.entries.values()], default=known.line)
        _insert(lines, last, list(_new_lines(document, known, missing)))
    return _encoded(lines)


def _refuse(document: Document, section: str, values: Mapping[str, str]) -> None:
    for text in values.values():
        if not text or text != text.strip() or _UNPRINTABLE.search(text):
            raise ValueError("a value must be one line, without spaces at its ends")
    if not section or section != section.strip() or re.search(r"[]\r\n]", section):
        raise ValueError("this cannot be the name of a section")
    if not document.readable:
        raise ValueError(document.faults[0].message)
    for fault in document.faults:
        if fault.section == section and fault.ambiguous:
            raise ValueError(f"line {fault.line}: {fault.key or section} {fault.message}")


def _replaced(line: str, entry: Entry, text: str) -> str:
    before = line[: entry.start]
    if not entry.raw and before.endswith((" =", " :")):
        before += " "
    match = _NUMBER_AND_COMMENT.fullmatch(entry.raw)
    tail = match["tail"] if match and _NUMBER.fullmatch(text) else ""
    if tail and not tail[0].isspace():
        tail = " " + tail
    return before + text + tail + line[entry.end :]


def _new_lines(
    document: Document, section: Section, values: list[tuple[str, str]]
) -> Iterator[str]:
    """Write new entries the way their neighbours are written, with no line end."""
    indent, gap = "", " = "
    neighbours = [*section.entries.values()] or [
        entry for other in document.sections.values() for entry in other.entries.values()
    ]
    if neighbours:
        line = document.lines[neighbours[-1].line - 1].lstrip(MARK).rstrip("\r\n")
        match = _ENTRY.fullmatch(line)
        if match:
            indent = match["indent"]
            gap = match["gap"] if neighbours[-1].raw else gap
    for key, text in values:
        yield f"{indent}{key}{gap}{text}"


def _with_section(document: Document, name: str, values: Mapping[str, str]) -> list[str]:
    lines = list(document.lines)
    new = [f"[{name}]", *_new_lines(document, Section(name, 0), list(values.items()))]
    if lines and lines[-1].strip(MARK + "\r\n \t"):
        new.insert(0, "")
    _insert(lines, len(lines), new)
    return lines


def _insert(lines: list[str], after: int, new: list[str]) -> None:
    """Put new lines behind the line numbered `after`; a file without a last line end stays so."""
    end = _line_end(tuple(lines))
    terminated = after == 0 or lines[after - 1].endswith(("\n", "\r"))
    if terminated:
        lines[after:after] = [line + end for line in new]
    else:
        lines[after:after] = [end + line for line in new]


def _line_end(lines: tuple[str, ...]) -> str:
    first = lines[0] if lines else ""
    for end in ("\r\n", "\n", "\r"):
        if first.endswith(end):
            return end
    return "\n"


def _encoded(lines: list[str]) -> bytes:
    return "".join(lines).encode("utf-8", "surrogateescape")
