"""What may be typed where, taken from the commands themselves."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

import click

from jobistemer_tui.operations.guide_pages import page_names
from jobistemer_tui.settings.quick_dataclass import dataclass
from jobistemer_tui.settings.shipped import example_files

CHOICES, PATHS, FOLDERS, ANY = "choices", "paths", "folders", "any"
JOBS, RUNS, NAMES = "jobs", "runs", "names"
"""The last three are what `jobistemer __complete` is asked for."""


_SHIPPED: dict[str, Callable[[], Iterable[str]]] = {"EXAMPLE": example_files, "PAGE": page_names}
"""By the word that stands for it in the help: names of what comes with the program."""


@dataclass(frozen=True, slots=True)
class Value:
    """What a value is; `choices` where they are known beforehand."""

    kind: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Option:
    """An option with all its spellings; `value` is None for a flag."""

    spellings: tuple[str, ...]
    help: str
    value: Value | None
    repeatable: bool


@dataclass(frozen=True, slots=True)
class Words:
    """A command (within a group `name` has a blank; empty: none yet) and what it takes; `rest` without end."""

    name: str
    help: str
    options: tuple[Option, ...]
    arguments: tuple[Value, ...]
    rest: Value | None


def words_of(commands: Sequence[tuple[str, str, click.Command]]) -> list[Words]:
    """The table of `(name, line of help, command)`; of a group its commands follow it."""
    return [words for name, line, command in commands for words in _words(name, line, command)]


def _words(name: str, line: str, command: click.Command) -> Iterator[Words]:
    arguments = [item for item in command.params if isinstance(item, click.Argument)]
    endless = next((argument for argument in arguments if argument.nargs == -1), None)
    rest = _value(endless) if endless is not None else None if name else Value(PATHS)  # without a command: the screen
    yield Words(
        name,
        line,
        tuple(_option(item) for item in command.params if isinstance(item, click.Option)),
        tuple(_value(argument) for argument in arguments if argument is not endless),
        rest,
    )
    if isinstance(command, click.Group) and name:
        for word, inner in command.commands.items():
            yield from _words(f"{name} {word}", inner.get_short_help_str(100), inner)


def _option(option: click.Option) -> Option:
    takes = None if option.is_flag or option.count else _value(option)
    return Option(tuple(option.opts), option.help or "", takes, option.multiple)


def _value(parameter: click.Parameter) -> Value:
    if isinstance(parameter.type, click.Choice):
        return Value(CHOICES, tuple(str(choice) for choice in parameter.type.choices))
    if parameter.name == "home":
        return Value(FOLDERS)
    if isinstance(parameter.type, click.Path):
        return Value(PATHS)
    shown = (parameter.metavar or parameter.name or "").upper()
    shipped = _SHIPPED.get(shown.strip("[]"))
    return Value(_kind(shown)) if shipped is None else Value(CHOICES, tuple(shipped()))


def _kind(shown: str) -> str:
    """By the word that stands for it in the help: `JOB`, `[RUN|JOB]`, `JOB|RUN|ATTEMPT`."""
    found = re.fullmatch(r"\[?([A-Z|]+)\]?(?:\.\.\.)?", shown)
    words = set() if found is None else set(found[1].split("|"))
    if {"JOB", "RUN"} <= words:
        return NAMES
    return JOBS if words & {"JOB", "JOBS"} else RUNS if "RUN" in words else ANY


def inner_words(table: Sequence[Words], words: Words) -> list[Words]:
    """The commands of a group; of the nameless one all that are in none."""
    return [other for other in table if other.name and other.name.rpartition(" ")[0] == words.name]
