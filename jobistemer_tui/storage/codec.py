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

What converts a whole record is compiled for each table when it is first used: an engine converts thirty for each run.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import fields
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache, cached_property, lru_cache
from types import NoneType, UnionType
from typing import Any, Generic, TypeVar, get_args, get_origin, get_type_hints
from uuid import UUID

from jobistemer_tui.domain.instants import EPOCH
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
        return _encoder(self.kind)


class RecordCodec(Generic[R]):
    """Converts records of one table; build it with `codec_of`."""

    def __init__(self, table: Table[R]) -> None:
        self._record = table.record
        self._key = table.key
        self.columns: tuple[Column, ...] = columns_of(table.record)
        self._some = cache(self._some_encoder)
        self._picks = cache(self._pick)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The columns' names in the order of a row."""
        return tuple(column.name for column in self.columns)

    @cached_property
    def places(self) -> dict[str, int]:
        """The columns' places in a row."""
        return {name: place for place, name in enumerate(self.names)}

    @cached_property
    def key_of(self) -> Callable[[Row], Row]:
        """The plain values of a row's key."""
        return self._pick(self._key)

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

    @cached_property
    def encode(self) -> Callable[[R], Row]:
        """The row of a record. Raises StoreError as `Column.encoder`, TypeError for a value of the wrong type."""
        return self._some_encoder(self.names)

    def decode(self, row: Row) -> R:
        """The record of a row. Raises StoreDamaged for a value that no version of ours wrote."""
        try:
            return self._decode(*row)
        except (ValueError, KeyError, TypeError, OverflowError) as error:
            raise StoreDamaged(
                f"the store holds a {self._record.__name__} that cannot be read: {error!r}",
                hint="restore it from a backup",
            ) from error

    def some_of(self, row: Row, names: tuple[str, ...]) -> Row:
        """The plain values of some columns of a row."""
        return self._picks(names)(row)

    def encode_some(self, record: R, names: tuple[str, ...]) -> Row:
        """The plain values of some columns of a record. Raises as `encode`."""
        return self._some(names)(record)

    def _some_encoder(self, names: tuple[str, ...]) -> Callable[[R], Row]:
        values = (_present(f"v := record.{name}", _ENCODED[self.by_name[name].kind]) for name in names)
        return _function("record", _tuple(values))

    def _pick(self, names: tuple[str, ...]) -> Callable[[Row], Row]:
        return _function("row", _tuple(f"row[{self.places[name]}]" for name in names))

    @cached_property
    def _decode(self) -> Callable[..., R]:
        values = [f"v{place}" for place in range(len(self.columns))]
        members = {f"members_{v}": _members(column) for v, column in zip(values, self.columns, strict=True)}
        fields = [_present(v, _DECODED[c.kind].format(v=v)) for v, c in zip(values, self.columns, strict=True)]
        return _function(", ".join(values), f"record({', '.join(fields)})", record=self._record, **members)

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

_ENCODED: dict[Kind, str] = {
    Kind.UUID: "v.int.to_bytes(16, 'big')",  # what `bytes` gives, which is a property written in Python
    Kind.INSTANT: "(v - EPOCH) // MICROSECOND",
    Kind.ENUM: "v._value_",  # the same for `value`
    Kind.BOOL: "int(v)",
    Kind.INT: "v if -LARGEST <= v <= LARGEST else encode_int(v)",
    Kind.FLOAT: "float(v)",
    Kind.TEXT: "v if v.isascii() else encode_text(v)",
    Kind.JSON: "encode_json(v) if v else EMPTY[type(v)]",
}

_DECODED: dict[Kind, str] = {
    Kind.UUID: "uuid({v})",
    Kind.INSTANT: "EPOCH + timedelta(0, 0, {v})",
    Kind.ENUM: "members_{v}[{v}]",
    Kind.BOOL: "bool({v})",
    Kind.INT: "int({v})",
    Kind.FLOAT: "float({v})",
    Kind.TEXT: "str({v})",
    Kind.JSON: "dict() if {v} == '{{}}' else decode_json({v})",
}

_KNOWN: dict[str, Any] = {
    "EPOCH": EPOCH, "MICROSECOND": timedelta(microseconds=1), "LARGEST": _LARGEST, "EMPTY": _EMPTY,
    "encode_int": _encode_int, "encode_text": _encode_text, "encode_json": _JSON.encode, "decode_json": json.loads,
    "timedelta": timedelta, "uuid": lru_cache(_IDS_KEPT)(lambda value: UUID(bytes=value)),
}  # fmt: skip
"""What the expressions above name."""


def _present(got: str, converted: str) -> str:
    return f"None if ({got}) is None else {converted}"


def _tuple(values: Iterable[str]) -> str:
    return f"({''.join(f'{value}, ' for value in values)})"


def _function(parameters: str, expression: str, **known: Any) -> Callable[..., Any]:
    function: Callable[..., Any] = eval(f"lambda {parameters}: {expression}", {**_KNOWN, **known})
    return function


@cache
def _encoder(kind: Kind) -> Convert:
    return _function("v", _present("v", _ENCODED[kind]))


def _members(column: Column) -> dict[str, Any]:
    """The members of an enumeration by their text."""
    return {member.value: member for member in column.type} if column.kind is Kind.ENUM else {}
