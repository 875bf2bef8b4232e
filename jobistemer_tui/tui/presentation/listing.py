"""What every list has in common: the filter, problems only, what is hidden, the order, and the figures above it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass as standard_dataclass
from dataclasses import field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from jobistemer_tui.settings.quick_dataclass import dataclass

from .job_rows import Viewpoint, grouped

if TYPE_CHECKING:
    from .rows import Column, TableRow

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Sort(Generic[Row]):
    """An order that a person can choose. `key` of None: the rows as they were read."""

    label: str
    key: Callable[[Row], Any] | None = None


@dataclass(frozen=True, slots=True)
class Listing(Generic[Row]):
    """How the rows of one list are told apart, filtered, ordered, shown and exported.

    `texts` are what plain words are looked for in, `fields` what words such as `tag:io` mean: whether a row fits one of
    the values. `record` names every value of a row, for a file of its own.
    """

    noun: str
    key: Callable[[Row], str]
    texts: Callable[[Row], Iterable[str]]
    columns: Callable[[int], tuple[Column, ...]]
    cells: Callable[[Row, Sequence[Column], Viewpoint], TableRow]
    record: Callable[[Row], Mapping[str, object]]
    fields: Mapping[str, Callable[[Row, str], bool]] = field(default_factory=dict)
    is_problem: Callable[[Row], bool] = lambda row: False
    is_hidden: Callable[[Row], bool] = lambda row: False
    sorts: Sequence[Sort[Row]] = (Sort("order"),)

    @property
    def filter_words(self) -> str:
        """What can be typed into the filter: `words, tag:, status:, !not`."""
        return ", ".join(["words", *(f"{name}:" for name in self.fields), "!not"])


@standard_dataclass(slots=True)
class Arrangement:
    """What a person has chosen to see of a list."""

    query: str = ""
    problems_only: bool = False
    hidden_shown: bool = False
    sort: int = 0
    turned: bool = False


def fits(row: Row, listing: Listing[Row], query: str) -> bool:
    """Whether every word of a filter fits: plain text, `field:one,other`, and with `!` before it the contrary."""
    return all(
        _fits(row, listing, word.removeprefix("!")) != word.startswith("!")
        for word in query.lower().split()
        if word != "!"
    )


def _fits(row: Row, listing: Listing[Row], word: str) -> bool:
    name, colon, value = word.partition(":")
    if colon and name in listing.fields:
        values = [part for part in value.split(",") if part]
        return not values or any(listing.fields[name](row, part) for part in values)
    return any(word in text.lower() for text in listing.texts(row))


def arranged(rows: Iterable[Row], listing: Listing[Row], chosen: Arrangement) -> list[Row]:
    """The rows that are to be seen, in the chosen order; equal ones keep the order in which they were read."""
    is_filtered = bool(chosen.query.split())
    found = [
        row
        for row in rows
        if (chosen.hidden_shown or not listing.is_hidden(row))
        and (not chosen.problems_only or listing.is_problem(row))
        and (not is_filtered or fits(row, listing, chosen.query))
    ]
    key = listing.sorts[chosen.sort % len(listing.sorts)].key
    if key is not None:
        return sorted(found, key=key, reverse=chosen.turned)
    return found[::-1] if chosen.turned else found


def figures(matching: int, total: int, listing: Listing[Row], chosen: Arrangement) -> str:
    """What stands above a list: `5 of 42 jobs · problems only · sort Next ▲`."""
    parts = [count_words(matching, total, listing.noun)]
    if chosen.problems_only:
        parts.append("problems only")
    if chosen.hidden_shown:
        parts.append("hidden shown")
    if chosen.sort or chosen.turned:
        arrow = "▼" if chosen.turned else "▲"
        parts.append(f"sort {listing.sorts[chosen.sort % len(listing.sorts)].label} {arrow}")
    return " · ".join(parts)


def count_words(matching: int, total: int, noun: str) -> str:
    """`5 of 42 jobs`."""
    plural = noun if total == 1 else f"{noun}s"
    if matching != total:
        return f"{grouped(matching)} of {grouped(total)} {plural}"
    return f"{grouped(total)} {plural}"
