"""Unit files with their drop-ins, as systemd reads them (systemd.syntax(7), systemd.unit(5))."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jobistemer_tui.jobfiles.importing.model import unfit
from jobistemer_tui.settings.quick_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class UnitText:
    """One file of a unit: the unit itself, or a drop-in."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Setting:
    """A line `key=value` of a section, continuation lines joined, and its place."""

    section: str
    key: str
    value: str
    path: str
    line: int

    @property
    def text(self) -> str:
        """As it would stand on one line."""
        return f"{self.key}={self.value}"


class Unit:
    """A unit by its name, from its files in the order in which they count; `unfit` are settings of no text."""

    def __init__(self, name: str, files: Sequence[UnitText]) -> None:
        self.name = name
        self.path = files[0].path
        found = [setting for file in files for setting in _read(file)]
        self.settings = tuple(setting for setting in found if setting.key == "Description" or not unfit(setting.text))
        self.unfit = tuple(setting for setting in found if setting.key != "Description" and unfit(setting.text))

    def all(self, section: str, key: str) -> list[Setting]:
        """What a setting that may come several times holds; an empty value forgets what came before."""
        found: list[Setting] = []
        for setting in self.settings:
            if (setting.section, setting.key) == (section, key):
                found = [*found, setting] if setting.value else []
        return found

    def last(self, section: str, key: str) -> str:
        """What a setting that counts once holds; empty where it is not set."""
        values = [item.value for item in self.settings if (item.section, item.key) == (section, key)]
        return values[-1] if values else ""

    @property
    def prefix(self) -> str:
        """The name without its suffix and instance (`%p`)."""
        return self.name.rpartition(".")[0].partition("@")[0]

    @property
    def instance(self) -> str:
        """What stands behind the `@` (`%i`); empty where there is none."""
        return self.name.rpartition(".")[0].partition("@")[2]


def _read(file: UnitText) -> Iterator[Setting]:
    section = ""
    for number, line in _logical_lines(file.text):
        if line.startswith("[") and line.endswith("]"):
            section = line[1:-1]
        elif "=" in line:
            key, _, value = line.partition("=")
            yield Setting(section, key.strip(), value.strip(), file.path, number)


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines without comments, those that end in a backslash joined with the next by a blank."""
    parts: list[str] = []
    begin = 0
    for number, raw in enumerate(text.split("\n"), start=1):
        line = raw.strip()
        if line.startswith(("#", ";")) or (not line and not parts):
            continue
        begin = begin if parts else number
        if line.endswith("\\"):
            parts.append(line[:-1])
            continue
        yield begin, " ".join([*parts, line]).strip()
        parts = []
    if parts:
        yield begin, " ".join(parts).strip()


def time_span(text: str) -> float | None:
    """A length of time as systemd writes it (systemd.time(7)), in seconds; None for `infinity`. Raises ValueError."""
    if text.strip() == "infinity":
        return None
    total = 0.0
    rest = text.strip()
    if not rest:
        raise ValueError("a length of time is empty")
    while rest:
        number = rest[: len(rest) - len(rest.lstrip("0123456789."))]
        rest = rest[len(number) :].lstrip()
        unit = rest[: len(rest) - len(rest.lstrip("abcdefghijklmnopqrstuvwxyzMµμ"))]
        rest = rest[len(unit) :].lstrip()
        if not number or (unit or "s") not in _UNITS:
            raise ValueError(f"{text!r} is no length of time")
        total += float(number) * _UNITS[unit or "s"]
    return total


_NAMES = {
    1e-6: "us usec µs μs", 1e-3: "ms msec", 1.0: "s sec second seconds", 60.0: "m min minute minutes",
    3600.0: "h hr hour hours", 86400.0: "d day days", 604800.0: "w week weeks", 2629800.0: "M month months",
    31557600.0: "y year years",
}  # fmt: skip
_UNITS = {name: seconds for seconds, names in _NAMES.items() for name in names.split()}
