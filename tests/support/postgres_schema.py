"""The PostgreSQL schema that the tables of all backends ask for; and how to look at one that is there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jobistemer_tui.domain.states import Reason
from jobistemer_tui.storage.codec import Column, Kind, codec_of
from jobistemer_tui.storage.postgres.connect import Connection
from jobistemer_tui.storage.postgres.schema import migration_files
from jobistemer_tui.storage.postgres.transaction import STATEMENTS
from jobistemer_tui.storage.sql.statements import quoted
from jobistemer_tui.storage.tables import TABLES, Index, Table, indexes_of, order_of

_TYPES = {
    Kind.UUID: "uuid",
    Kind.INSTANT: "bigint",
    Kind.ENUM: 'text COLLATE "C"',
    Kind.BOOL: "bigint",
    Kind.INT: "bigint",
    Kind.FLOAT: "double precision",
    Kind.TEXT: 'text COLLATE "C"',
    Kind.JSON: 'text COLLATE "C"',
}
_DESCRIBE = """
SELECT 'column', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull::text,
       coalesce((SELECT collname FROM pg_collation WHERE oid = a.attcollation), '')
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
WHERE c.relnamespace = to_regnamespace(current_schema()) AND c.relkind = 'r'
UNION ALL
SELECT 'constraint', r.relname, k.contype::text, pg_get_constraintdef(k.oid), '', ''
FROM pg_constraint k JOIN pg_class r ON r.oid = k.conrelid
WHERE k.connamespace = to_regnamespace(current_schema()) AND k.contype <> 'n'
UNION ALL
SELECT 'index', tablename, indexname, replace(indexdef, quote_ident(schemaname) || '.', ''), '', ''
FROM pg_indexes WHERE schemaname = current_schema()
"""


def expected_statements() -> Iterator[str]:
    """CREATE statements for all tables and indexes; parents come first."""
    for table in parents_first():
        lines = [_column(table, column) for column in codec_of(table).columns]
        lines.append(f"PRIMARY KEY ({_list(table.key)})")
        yield f"CREATE TABLE {quoted(table.name)} (\n    " + ",\n    ".join(lines) + "\n)"
        for index in indexes_of(table):
            if index.columns != table.key:
                yield _index(table, index)


def describe(connection: Connection) -> set[tuple[Any, ...]]:
    """What matters of each of the tables in the session's schema: columns, keys, checks, parents, indexes."""
    return set(connection.execute(_DESCRIBE).fetchall())


def parents_first() -> list[Table[Any]]:
    """Every table after those that it refers to."""
    done: list[Table[Any]] = []
    while len(done) < len(TABLES):
        made = {table.name for table in done}
        done += [table for table in TABLES if table.name not in made and set(table.parents.values()) <= made]
    return done


def _index(table: Table[Any], index: Index[Any]) -> str:
    """It ends with the key, so that a scan in its order sorts nothing."""
    columns = index.columns if index.unique else order_of(index)
    terms = ", ".join(STATEMENTS.order_term(table, name) for name in columns)
    return f"CREATE {'UNIQUE ' if index.unique else ''}INDEX {quoted(index.name)} ON {quoted(table.name)} ({terms})"


def _column(table: Table[Any], column: Column) -> str:
    text = f"{quoted(column.name)} {_TYPES[column.kind]}"
    if not column.optional:
        text += " NOT NULL"
    if column.name in table.parents:
        text += f" REFERENCES {quoted(table.parents[column.name])} (id)"
    if column.kind is Kind.ENUM and column.type is not Reason:  # reasons are added too often for a CHECK
        words = [repr(member.value) for member in column.type]
        lines = (", ".join(words[at : at + 6]) for at in range(0, len(words), 6))
        text += (
            f" CHECK (\n        {quoted(column.name)} IN (\n            "
            + ",\n            ".join(lines)
            + "\n        )\n    )"
        )
    return text


def _list(names: tuple[str, ...]) -> str:
    return ", ".join(quoted(name) for name in names)


_HEAD = """\
-- Tables as in storage/tables.py, which a test compares. Instants are microseconds since 1970 in UTC, booleans 0 and
-- 1, objects JSON text; text is ordered by code point. Names without a schema belong to the store's own.
-- Until its release this file is made by `python -m tests.support.postgres_schema`.

CREATE TABLE store (
    one int PRIMARY KEY CHECK (one = 1),
    id uuid NOT NULL,
    schema_version int NOT NULL,
    commits bigint NOT NULL,
    last_event bigint NOT NULL
) WITH (fillfactor = 10); -- its row changes with each commit, and stays on one page
"""


def main() -> None:
    """Write the first migration anew."""
    file = migration_files()[0]
    file.write_text("\n".join([_HEAD, *(f"{statement};\n" for statement in expected_statements())]), encoding="utf-8")


if __name__ == "__main__":
    main()
