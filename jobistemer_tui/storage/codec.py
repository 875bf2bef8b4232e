"""Records to and from rows of plain values, from the type hints of the record alone.

| kind    | field type                  | value in a row                                    |
| uuid    | UUID                        | 16 bytes                                          |
| instant | datetime, aware             | int, microseconds since 1970-01-01T00:00:00Z      |
| enum    | StrEnum                     | its text                                          |
| bool    | bool                        | 0 or 1                                            |
| int     | int, 64 bits                | int                                               |
| float   | float                       | float                                             |
| text    | str, encodable as UTF-8     | str                                               |
| json    | dict or list                | compact JSON text                                 |

None is None in every kind. The order of a row is the order of the record's fields. Values sort as the fields do.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields
from datetime import datetime
from enum import StrEnum
from functools import cache, cached_property, lru_cache
from operator import attrgetter
from types import NoneType, UnionType
from typing import Any, Generic, TypeVar, get_args, get_origin, get_type_hints
from uuid import UUID

from jobistemer_tui.domain.instants import from_microseconds, to_microseconds
from jobistemer_tui.errors import StoreDamaged, StoreError
from jobistemer_tui.settings.quick_dataclass import dataclass
from jobistemer_tui.storage.tables import Table

R = TypeVar("R")
Row = tuple[Any, ...]
Convert = Callable[[Any], Any]

_LARGEST = 2**63 - 1
_IDS_KEPT = 2048
_JSON = json.JSONEncoder(separators=(",", ":"), allow_nan=False)


class Kind(StrEnum):
    """What a column holds."""

    UUID = "uuid"
    INSTANT = "instant"
    ENUM = "enum"
    BOOL = "bool"
    INT = "int"
    FLOAT = "float"
    TEXT = "text"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Column:
    """A field of a record as a column; `type` is the field's type without None."""

    name: str
    kind: Kind
    type: Any
    optional: bool

    def encoder(self) -> Convert:
        """What gives plain values. It raises StoreError for text or a number that no backend can keep."""
        encode = _ENCODERS[self.kind]
        return lambda value: None if value is None else encode(value)


class RecordCodec(Generic[R]):
    """Converts records of one table; build it with `codec_of`."""

    def __init__(self, table: Table[R]) -> None:
        self._record = table.record
        self._key = table.key
        self.columns: tuple[Column, ...] = columns_of(table.record)
        self._encoders = [_ENCODERS[column.kind] for column in self.columns]
        self._decoders = [_decoder(column) for column in self.columns]
        self._values = attrgetter(*self.names)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The columns' names in the order of a row."""
        return tuple(column.name for column in self.columns)

    @cached_property
    def places(self) -> dict[str, int]:
        """The columns' places in a row."""
        return {name: place for place, name in enumerate(self.names)}

    @cached_property
    def _key_places(self) -> tuple[int, ...]:
        return tuple(self.places[name] for name in self._key)

    @cached_property
    def _key_encoders(self) -> tuple[Convert, ...]:
        return tuple(self.encoders[name] for name in self._key)

    @cached_property
    def encoders(self) -> dict[str, Convert]:
        """What encodes the values of each column, None included."""
        return {column.name: column.encoder() for column in self.columns}

    @cached_property
    def by_name(self) -> dict[str, Column]:
        """The columns by name."""
        return {column.name: column for column in self.columns}

    def encode(self, record: R) -> Row:
        """The row of a record. Raises StoreError as `Column.encoder`, TypeError for a value of the wrong type."""
        return tuple(
            [
                None if value is None else encode(value)
                for encode, value in zip(self._encoders, self._values(record), strict=True)
            ]
        )

    def decode(self, row: Row) -> R:
        """The record of a row. Raises StoreDamaged for a value that no version of ours wrote."""
        try:
            return self._record(
                *[None if value is None else decode(value) for decode, value in zip(self._decoders, row, strict=True)]
            )
        except (ValueError, KeyError, TypeError, OverflowError) as error:
            raise StoreDamaged(
                f"the store holds a {self._record.__name__} that cannot be read: {error!r}",
                hint="restore it from a backup",
            ) from error

    def key_of(self, row: Row) -> Row:
        """The plain values of a row's key."""
        return tuple([row[place] for place in self._key_places])

    def some_of(self, row: Row, names: tuple[str, ...]) -> Row:
        """The plain values of some columns of a row."""
        return tuple([row[self.places[name]] for name in names])

    def encode_some(self, record: R, names: tuple[str, ...]) -> Row:
        """The plain values of some columns of a record. Raises as `encode`."""
        return tuple([self.encoders[name](getattr(record, name)) for name in names])

    def encode_key(self, key: tuple[Any, ...]) -> Row:
        """The plain values of a key. Raises ValueError unless there is one for each key column."""
        if len(key) != len(self._key):
            raise ValueError(f"a key of {self._record.__name__} is {self._key}, not {len(key)} values")
        return tuple([encode(value) for encode, value in zip(self._key_encoders, key, strict=True)])


@cache
def codec_of(table: Table[R]) -> RecordCodec[R]:
    """The codec of a table, built once."""
    return RecordCodec(table)


def columns_of(record: type[Any]) -> tuple[Column, ...]:
    """The columns of a record type, in the order of its fields."""
    hints = get_type_hints(record)
    return tuple(_column(field.name, hints[field.name]) for field in fields(record))


def _column(name: str, hint: Any) -> Column:
    options = get_args(hint) if isinstance(hint, UnionType) else (hint,)
    present = [option for option in options if option is not NoneType]
    if len(present) != 1:
        raise TypeError(f"a column has one type, perhaps with None: {name}: {hint}")
    return Column(name, _kind(present[0]), present[0], NoneType in options)


def _kind(of: Any) -> Kind:
    if get_origin(of) in (dict, list):
        return Kind.JSON
    if isinstance(of, type) and issubclass(of, StrEnum):
        return Kind.ENUM
    return _PLAIN_KINDS[of]


_PLAIN_KINDS = {
    UUID: Kind.UUID,
    datetime: Kind.INSTANT,
    bool: Kind.BOOL,
    int: Kind.INT,
    float: Kind.FLOAT,
    str: Kind.TEXT,
}


def _encode_text(value: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise StoreError(
            f"text that is not Unicode cannot be stored: {value!r}", hint="rename the file or variable it came from"
        ) from error
    return value


def _encode_int(value: int) -> int:
    if not -_LARGEST <= value <= _LARGEST:
        raise StoreError(f"a number beyond 64 bits cannot be stored: {value}")
    return value


_EMPTY: dict[type[Any], str] = {dict: "{}", list: "[]"}

_ENCODERS: dict[Kind, Convert] = {
    Kind.UUID: attrgetter("bytes"),
    Kind.INSTANT: to_microseconds,
    Kind.ENUM: attrgetter("_value_"),  # what `value` gives, which is a property written in Python
    Kind.BOOL: int,
    Kind.INT: _encode_int,
    Kind.FLOAT: float,
    Kind.TEXT: _encode_text,
    Kind.JSON: lambda value: _JSON.encode(value) if value else _EMPTY[type(value)],
}

_DECODERS: dict[Kind, Convert] = {
    Kind.UUID: lru_cache(_IDS_KEPT)(lambda value: UUID(bytes=value)),
    Kind.INSTANT: from_microseconds,
    Kind.BOOL: bool,
    Kind.INT: int,
    Kind.FLOAT: float,
    Kind.TEXT: str,
    Kind.JSON: lambda value: {} if value == "{}" else json.loads(value),
}


def _decoder(column: Column) -> Convert:
    if column.kind is Kind.ENUM:
        return {member.value: member for member in column.type}.__getitem__
    return _DECODERS[column.kind]
