"""The arguments of `Reader.scan`, checked and encoded once for every backend."""

from __future__ import annotations

from functools import cache
from typing import Any, Generic, TypeVar

from jobistemer_tui.settings.quick_dataclass import dataclass
from jobistemer_tui.storage.codec import Convert, Row, codec_of
from jobistemer_tui.storage.tables import Index, table_of

R = TypeVar("R")


@cache
def _encoders(index: Index[Any]) -> tuple[Convert, ...]:
    encoders = codec_of(table_of(index)).encoders
    return tuple(encoders[name] for name in index.columns)


@dataclass(frozen=True, slots=True)
class Scan(Generic[R]):
    """Rows of an index as plain values; `low` and `high` bound the column after `equal`."""

    index: Index[R]
    equal: Row
    low: Any = None
    high: Any = None
    reverse: bool = False
    limit: int | None = None

    @property
    def bounded(self) -> bool:
        """Whether there is a bound."""
        return self.low is not None or self.high is not None


def scan_of(
    index: Index[R],
    equal: tuple[Any, ...],
    *,
    low: Any = None,
    high: Any = None,
    reverse: bool = False,
    limit: int | None = None,
) -> Scan[R]:
    """The scan with these arguments.

    Raises ValueError for more equal values than the index has columns, for a bound with no column left, and for
    a negative limit.
    """
    bounded = low is not None or high is not None
    if len(equal) + bounded > len(index.columns):
        raise ValueError(f"{index.name} has only {len(index.columns)} columns")
    if limit is not None and limit < 0:
        raise ValueError(f"a limit is 0 or more, not {limit}")
    encoders = _encoders(index)
    values = tuple([encode(value) for encode, value in zip(encoders, equal, strict=False)])
    if not bounded:
        return Scan(index, values, None, None, reverse, limit)
    encode = encoders[len(equal)]
    return Scan(index, values, encode(low), encode(high), reverse, limit)
