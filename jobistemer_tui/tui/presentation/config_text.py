"""The effective configuration as lines: each value with the level that says so, and what it overrides struck through.

It reads like the style pane of a browser's inspector: what holds comes first, what weaker levels say stands behind.
"""

from __future__ import annotations

from rich.text import Text

from jobistemer_tui.operations.configuration import ORIGINS, Configuration, Section, Setting

from .fitting import cleaned, fit
from .lines import Line, Target, heading
from .status_marks import RUNNING

_NAME = 28


def config_lines(found: Configuration, width: int, *, dark: bool, everything: bool) -> list[Line]:
    """All sections; not `everything`: only what some level has set."""
    lines = []
    for section in found.sections:
        shown = [one for one in section.settings if everything or _is_set(one, section)]
        lines += [heading(_title(section), width), *(_setting(one, width, dark=dark) for one in shown)]
        if not shown:
            lines.append(Line(Text("nothing but engine defaults", "dim")))
        lines.append(Line())
    place = f"version {found.version}, {cleaned(found.file)}:{found.line}"
    return [*lines, Line(Text(fit(place, width), "dim"), Target("file", f"{found.file}:{found.line}"))]


def _title(section: Section) -> str:
    return section.title if section.task is None else f"{section.title}: what it says itself and what rules it"


def _is_set(one: Setting, section: Section) -> bool:
    """Of a task only what it says itself: the rest stands above."""
    return one.origin == "task" if section.task is not None else one.origin != "default"


def _setting(one: Setting, width: int, *, dark: bool) -> Line:
    is_default = one.origin == "default"
    name_width = min(_NAME, max(12, width // 3))
    name = f"{fit(cleaned(one.name), name_width - 1):<{name_width}}"
    text = Text.assemble((name, "" if is_default else "bold"), no_wrap=True)
    text.append(cleaned(one.value), "dim" if is_default else RUNNING.style(dark=dark))
    text.append("  ")
    text.append(ORIGINS[one.origin], "dim italic")
    for origin, value in one.overridden:
        text.append("  ")
        text.append(fit(cleaned(value), 24), "dim strike")
        text.append(f" {ORIGINS[origin]}", "dim italic")
    text.truncate(width, overflow="ellipsis")
    text.end = ""
    return Line(text)
