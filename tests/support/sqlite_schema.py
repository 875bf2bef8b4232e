"""The SQLite schema that the tables, written down for all backends, ask for; and how to look at one that is there."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from typing import Any

from jobistemer_tui.domain.states import Reason
from jobistemer_tui.storage.codec import Column, Kind, codec_of
from jobistemer_tui.storage.tables import EVENTS, TABLES, Table, indexes_of

_TYPES = {
    Kind.UUID: "BLOB",
    Kind.INSTANT: "INTEGER",
    Kind.ENUM: "TEXT",
    Kind.BOOL: "INTEGER",
    Kind.INT: "INTEGER",
    Kind.FLOAT: "REAL",
    Kind.TEXT: "TEXT",
    Kind.JSON: "TEXT",
}


_CHECK = re.compile(r"""CHECK\s*(\(\s*"\w+"\s+IN\s*\([^)]*\)\s*\))""")


def expected_statements() -> Iterator[str]:
    """CREATE statements for all tables and indexes."""
    for table in TABLES:
        lines = [_column(table, column) for column in codec_of(table).columns]
        if table is not EVENTS:
            lines.append(f"PRIMARY KEY ({_list(table.key)})")
        kind = "STRICT" if table is EVENTS else "STRICT, WITHOUT ROWID"
        yield f'CREATE TABLE "{table.name}" (\n    ' + ",\n    ".join(lines) + f"\n) {kind}"
        for index in indexes_of(table):
            if index.columns != table.key:
                unique = "UNIQUE " if index.unique else ""
                yield f'CREATE {unique}INDEX "{index.name}" ON "{table.name}" ({_list(index.columns)})'


def describe(connection: sqlite3.Connection) -> dict[str, Any]:
    """What matters of each of our tables: columns, keys, indexes, parents, kind, checks."""
    return {table.name: _describe_table(connection, table.name) for table in TABLES}


def _describe_table(connection: sqlite3.Connection, name: str) -> dict[str, Any]:
    def rows(text: str) -> list[Any]:
        return connection.execute(text).fetchall()

    (sql,) = rows(f"SELECT sql FROM sqlite_master WHERE type = 'table' AND name = '{name}'")
    return {
        # A default is only what rows of an older version have.
        "columns": {column[1]: (*column[2:4], *column[5:]) for column in rows(f"PRAGMA table_xinfo('{name}')")},
        "kind": [row[3:] for row in rows(f"PRAGMA table_list('{name}')")],
        "parents": sorted(row[2:] for row in rows(f"PRAGMA foreign_key_list('{name}')")),
        "indexes": {
            index[1]: (index[2:], [row[2] for row in rows(f"PRAGMA index_xinfo('{index[1]}')")])
            for index in rows(f"PRAGMA index_list('{name}')")
        },
        "checks": sorted("".join(check.split()) for check in _CHECK.findall(sql[0])),
    }


def _column(table: Table[Any], column: Column) -> str:
    text = f'"{column.name}" {_TYPES[column.kind]}'
    if table is EVENTS and column.name in EVENTS.key:
        return f"{text} PRIMARY KEY AUTOINCREMENT"
    if not column.optional:
        text += " NOT NULL"
    if column.name in table.parents:
        text += f' REFERENCES "{table.parents[column.name]}" (id)'
    if column.kind is Kind.ENUM and column.type is not Reason:  # reasons are added too often for a CHECK
        text += f' CHECK ("{column.name}" IN ({", ".join(repr(member.value) for member in column.type)}))'
    return text


def _list(names: tuple[str, ...]) -> str:
    return ", ".join(f'"{name}"' for name in names)
