"""Foreign text, cleaned and cut to a number of cells."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from rich.cells import cell_len, set_cell_size

from jobistemer_tui.operations.clean_text import clean_text

# A name of ten kilobytes is legal; no row shows more than this.
_LONGEST = 4000


def cleaned(text: str) -> str:
    """Text from a person or a task as one line without control bytes, cut to what a screen could show."""
    return _cleaned(text[:_LONGEST])


@lru_cache(maxsize=4096)
def _cleaned(text: str) -> str:
    return clean_text(text)


@lru_cache(maxsize=8192)
def fit(text: str, width: int) -> str:
    """`text` in at most `width` cells; what does not fit ends in an ellipsis."""
    if width <= 0:
        return ""
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, width - 1).rstrip() + "…"


def shown(text: str, width: int) -> str:
    """Foreign text, cleaned and fitted."""
    return fit(cleaned(text), width)


def fit_items(items: Sequence[str], width: int, gap: str = "  ") -> str:
    """As many of the items from the first on as have room, each whole."""
    count = len(items)
    while count > 1 and cell_len(gap.join(items[:count])) > width:
        count -= 1
    return gap.join(items[:count])


def fit_middle(text: str, width: int) -> str:
    """`text` in at most `width` cells, cut in the middle: for paths, whose ends tell most."""
    if cell_len(text) <= width:
        return text
    if width < 5:
        return fit(text, width)
    head = (width - 1) // 3
    tail = width - 1 - head
    return f"{text[:head]}…{text[-tail:]}"
