"""A page of the guide for a terminal: headings stand out, paragraphs fill the width, links name their page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from textwrap import wrap

from jobistemer_tui.cli.tables import aligned, cell_width
from jobistemer_tui.settings.quick_dataclass import dataclass

_BOLD, _PLAIN = "\x1b[1m", "\x1b[0m"
_LINK = re.compile(r"\[([^\]]+)\]\(([^)]+)\)")
_ITEM = re.compile(r"(?P<mark>[-*]|\d+\.) +")
_RULE = re.compile(r"\|[\s:|-]+\|")


@dataclass(frozen=True, slots=True)
class GuideText:
    """How pages are shown: at most `width` columns, with or without escape sequences."""

    width: int
    styled: bool

    def lines(self, text: str) -> Iterator[str]:
        """The lines of a page that is written in Markdown."""
        code = False
        for paragraph in text.split("\n\n"):
            inside: list[str] = []
            for line in paragraph.split("\n"):
                if line.startswith("```"):
                    yield from self._paragraph(inside) if not code else ()
                    inside, code = [], not code
                elif code:
                    yield f"    {line}".rstrip()
                else:
                    inside.append(line)
            yield from self._paragraph(inside)
            yield ""

    def _paragraph(self, lines: list[str]) -> Iterator[str]:
        for kind, group in groupby(lines, key=_kind):
            found = list(group)
            if kind == "heading":
                yield from (self._style(line.lstrip("# "), _BOLD) for line in found)
            elif kind == "table":
                yield from self._table([line for line in found if not _RULE.fullmatch(line)])
            else:
                yield from self._running_text(found)

    def _running_text(self, lines: list[str]) -> Iterator[str]:
        """Paragraphs and items of lists, each filled anew."""
        whole: list[str] = []
        for line in lines:
            if _ITEM.match(line) or not whole:
                whole.append(line)
            else:
                whole[-1] += f" {line.strip()}"
        for text in whole:
            found = _ITEM.match(text)
            later = "" if found is None else " " * found.end()
            yield from self._filled(self._spans(text), later=later)

    def _table(self, lines: list[str]) -> Iterator[str]:
        """Aligned where all columns fit, else a line for each row and its last cell below it."""
        rows = [[self._spans(cell.strip()) for cell in re.split(r" \| ", line.strip("| "))] for line in lines]
        most = max(len(row) for row in rows)
        rows = [row + [""] * (most - len(row)) for row in rows]
        if sum(max(cell_width(row[column]) + 2 for row in rows) for column in range(most)) <= self.width:
            yield from aligned(rows)
            return
        for row in rows:
            yield from self._filled("  ".join(cell for cell in row[:-1] if cell))
            yield from self._filled(row[-1], first="    ", later="    ")

    def _filled(self, text: str, *, first: str = "", later: str = "") -> list[str]:
        """Broken at blanks alone: what is longer than the width may have to be copied."""
        return wrap(
            text, self.width, initial_indent=first, subsequent_indent=later, break_on_hyphens=False,
            break_long_words=False,
        )  # fmt: skip

    def _spans(self, text: str) -> str:
        """Without the marks of Markdown; where a link leads to another page its name follows."""
        return _LINK.sub(_link, text).replace("**", "").replace("`", "")

    def _style(self, text: str, style: str) -> str:
        return f"{style}{self._spans(text)}{_PLAIN}" if self.styled else self._spans(text)


def _link(found: re.Match[str]) -> str:
    text, target = found[1], found[2]
    if "://" in target:
        return f"{text} ({target})" if text != target else text
    page = target.partition("#")[0].rpartition("/")[2].removesuffix(".md")
    return f"{text} (docs {page})" if page else text


def _kind(line: str) -> str:
    return "heading" if line.startswith("#") else "table" if line.startswith("|") else "text"
