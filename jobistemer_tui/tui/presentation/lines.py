"""Lines of a text that scrolls: styled, wrapped, and some of them lead somewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import field
from typing import Any

from rich.cells import cell_len
from rich.text import Text

from jobistemer_tui.settings.quick_dataclass import dataclass

from .fitting import fit, shown
from .wrapping import wrapped


@dataclass(frozen=True, slots=True)
class Target:
    """What a line names: `kind` is job, version, occurrence, attempt, event or file; `id` its name or id."""

    kind: str
    id: str


@dataclass(frozen=True, slots=True)
class Line:
    """One row, and what Enter on it goes to."""

    text: Text = field(default_factory=Text)
    target: Target | None = None


class LazyLines(Sequence[Line]):
    """Some lines, then `count` more that are made when they are looked at: of a long text few ever are."""

    def __init__(self, head: Sequence[Line], count: int, make: Callable[[int], Line]) -> None:
        self._head = head
        self._count = count
        self._make = make

    def __len__(self) -> int:
        return len(self._head) + self._count

    def __getitem__(self, index: Any) -> Any:
        """The line of that number, or the lines of a slice."""
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(len(self)))]
        number = index + len(self) if index < 0 else index
        if not 0 <= number < len(self):
            raise IndexError(index)
        before = len(self._head)
        return self._head[number] if number < before else self._make(number - before)


def paragraph(
    text: Text | str, width: int, *, indent: int = 0, style: str = "", target: Target | None = None
) -> list[Line]:
    """The text in rows, those after the first indented."""
    whole = Text(text, style) if isinstance(text, str) else text
    first, *more = wrapped(whole, width)
    if not more:
        return [Line(first, target)]
    rest = whole[len(first.plain) :]
    rest = rest[len(rest.plain) - len(rest.plain.lstrip(" ")) :]
    pieces = wrapped(rest, max(1, width - indent))
    return [Line(first, target), *(Line(Text.assemble(" " * indent, piece), target) for piece in pieces)]


def heading(title: str, width: int) -> Line:
    """A titled rule: `─ environment ─────`."""
    head = f"─ {shown(title, max(1, width - 4))} "
    return Line(Text(head + "─" * max(0, width - cell_len(head)), "dim", no_wrap=True, end=""))


def labelled_lines(label: str, texts: Sequence[Text | str], width: int, *, label_width: int = 10) -> Iterator[Line]:
    """Texts behind a dim label, wrapped beside it."""
    pieces = [
        piece
        for text in texts
        for piece in wrapped(Text(text) if isinstance(text, str) else text, max(10, width - label_width))
    ]
    for index, piece in enumerate(pieces):
        head = fit(label, label_width - 1) if index == 0 else ""
        yield Line(Text.assemble((f"{head:<{label_width}}", "dim"), piece))


def columns_line(cells: Sequence[tuple[str, int, str]], *, target: Target | None = None) -> Line:
    """Cells of (text, width, style); a width below zero puts the text at the right end of so many cells."""
    text = Text(no_wrap=True, end="")
    for index, (words, width, style) in enumerate(cells):
        cell = fit(words, abs(width))
        filled = " " * (abs(width) - cell_len(cell))
        text.append(filled + cell if width < 0 else cell + filled, style)
        if index < len(cells) - 1:
            text.append(" ")
    return Line(text, target)
