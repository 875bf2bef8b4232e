"""The lines of a crontab, as cron reads them (crontab(5) of Debian's cron and of cronie)."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping
from dataclasses import field
from itertools import groupby

from jobistemer_tui.jobfiles.importing.model import prose, unfit
from jobistemer_tui.settings.quick_dataclass import dataclass

_VARIABLE = re.compile(
    r"""[ \t]*(?:"([^"]*)"|'([^']*)'|([A-Za-z_]\w*))[ \t]*=[ \t]*(.*?)[ \t]*""", re.ASCII | re.DOTALL
)
_MACRO = re.compile(r"(@\S+)[ \t]+(.*)", re.DOTALL)
_FIVE = re.compile(r"(-?)(\S+[ \t]+\S+[ \t]+\S+[ \t]+\S+[ \t]+\S+)[ \t]+(.*)", re.DOTALL)
_USER = re.compile(r"(\S+)[ \t]+(.*)", re.DOTALL)
_COMMAND = re.compile(r"((?:[^\\%]+|\\.)*\\?)(?:%(.*))?", re.DOTALL)
"""What is run, and what follows the first `%` that no backslash takes; two backslashes take each other."""
_DRAWN = re.compile(r"[ \t]*(?:\||[.,`'*+]?-{3,})")
"""A line of the picture of the fields that Debian puts above its entries."""
_TITLES = re.compile(r"m(?:in(?:ute)?)?\s+h(?:our)?\s+d", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Entry:
    """A line that runs something. `when` is a macro or five fields, `variables` those set above it.

    `command` and `stdin` are what cron makes of the rest: the text behind the first `%` is standard input.
    """

    line: int
    text: str
    when: str
    command: str
    stdin: str | None
    user: str | None
    quiet: bool
    variables: Mapping[str, str]
    description: str


@dataclass(frozen=True, slots=True)
class Setting:
    """A line that sets a variable for the entries below it."""

    line: int
    text: str
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that is neither a comment, a variable nor an entry, and why."""

    line: int
    text: str
    why: str


@dataclasses.dataclass(slots=True)
class _Above:
    """The comment lines directly above."""

    lines: list[str] = field(default_factory=list)

    def take(self) -> str:
        """As a description: its last paragraph, without entries that are commented out and without pictures."""
        block, self.lines = self.lines, []
        if any(_DRAWN.match(line) or _TITLES.match(line.strip()) for line in block):
            return ""
        texts = [line.strip(" \t#") for line in block]
        paragraphs = [list(group) for is_prose, group in groupby(texts, key=_is_prose) if is_prose]
        return prose(" ".join(paragraphs[-1])) if paragraphs else ""


def read_crontab(content: str, *, system: bool) -> Iterator[Entry | Setting | BadLine]:
    """All lines but comments in order, and what cannot be read. `system`: the sixth field names the user."""
    variables: dict[str, str] = {}
    above = _Above()
    for number, text in enumerate(content.split("\n"), start=1):
        line = text.lstrip(" \t").removesuffix("\r")
        if line.startswith("#"):
            above.lines.append(line[1:])
        elif not line.strip():
            above.lines.clear()
        elif why := unfit(line):
            above.lines.clear()
            yield BadLine(number, line, why)
        elif found := _VARIABLE.fullmatch(line):
            above.lines.clear()
            setting = Setting(number, line, found[1] or found[2] or found[3] or "", _unquoted(found[4]))
            variables = {**variables, setting.name: setting.value}
            yield setting
        else:
            yield _entry(number, line, system, variables, above.take())


def _entry(number: int, line: str, system: bool, variables: Mapping[str, str], description: str) -> Entry | BadLine:
    quiet, when, rest = _when(line)
    if when is None:
        return BadLine(number, line, "five fields of time and a command are expected")
    user = None
    if system:
        named = _USER.fullmatch(rest)
        if named is None:
            return BadLine(number, line, "a user and a command are expected behind the time")
        user, rest = named.groups()
    command, stdin = split_percent(rest)
    if not command.strip():
        return BadLine(number, line, "it runs nothing")
    return Entry(number, line, when, command, stdin, user, quiet, variables, description)


def _when(line: str) -> tuple[bool, str | None, str]:
    if found := _MACRO.fullmatch(line):
        return False, found[1], found[2]
    if found := _FIVE.fullmatch(line):
        return found[1] == "-", " ".join(found[2].split()), found[3]
    return False, None, ""


def split_percent(text: str) -> tuple[str, str | None]:
    r"""The command, and its standard input (None: there is none), of what follows the fields of an entry.

    The first `%` ends the command, further ones are newlines, and `\%` is a plain `%`; another backslash stays, and
    in the command takes the one behind it (do_command.c of cron: `\\%` ends the command). Behind a last `%` is nothing.
    """
    found = _COMMAND.fullmatch(text)
    assert found is not None  # it matches every text
    command = re.sub(r"\\(.)", lambda pair: "%" if pair[1] == "%" else pair[0], found[1], flags=re.DOTALL)
    if not found[2]:
        return command, None
    stdin = "\n".join(part.replace("\\%", "%") for part in re.split(r"(?<!\\)%", found[2]))
    return command, stdin if stdin.endswith("\n") else stdin + "\n"


def _unquoted(value: str) -> str:
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else value


def _is_prose(text: str) -> bool:
    """Whether a comment says something, and is no entry or variable that was switched off."""
    if not text or _VARIABLE.fullmatch(text) or re.match(r"@[a-z]+[ \t]", text):
        return False
    fields = text.split()[:5]
    return (
        len(fields) < 5
        or not all(re.fullmatch(r"[\d*/,~-]+|[\d,a-zA-Z-]{3,}", one) for one in fields)
        or not any(re.search(r"[\d*]", one) for one in fields[:3])
    )
