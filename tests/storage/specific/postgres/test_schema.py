"""The schema equals the tables, is made once and kept, and the statements use the indexes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from jobistemer_tui.errors import StoreTooNew, StoreUnavailable
from jobistemer_tui.storage.codec import Kind, codec_of
from jobistemer_tui.storage.open import open_store
from jobistemer_tui.storage.postgres import PostgresStore, schema
from jobistemer_tui.storage.postgres.address import Address, address_of
from jobistemer_tui.storage.postgres.connect import Connection, connect
from jobistemer_tui.storage.postgres.schema import SCHEMA_VERSION, migration_files
from jobistemer_tui.storage.postgres.transaction import STATEMENTS
from jobistemer_tui.storage.scans import Scan
from jobistemer_tui.storage.tables import INDEXES, TABLES, Index, table_of
from tests.support.postgres_schema import describe, expected_statements
from tests.support.postgres_server import schema_url


def test_what_the_migrations_make_is_what_the_tables_say(connection: Connection, tmp_path: Path) -> None:
    expected = address_of(schema_url(tmp_path / "expected"))
    with connect(expected) as other:
        other.execute(SQL("CREATE SCHEMA {}").format(Identifier(expected.schema)))
        for statement in expected_statements():
            other.execute(statement)
        wanted = describe(other)
    made = {row for row in describe(connection) if row[1] != "store"}
    assert made - wanted == set()
    assert wanted - made == set()


def test_the_version_is_the_number_of_the_last_file(connection: Connection) -> None:
    numbers = [int(file.name[:4]) for file in migration_files()]
    assert numbers == list(range(1, SCHEMA_VERSION + 1))
    assert connection.execute("SELECT schema_version FROM store").fetchall() == [(SCHEMA_VERSION,)]


def test_a_newer_version_is_refused(connection: Connection, url: str) -> None:
    connection.execute("UPDATE store SET schema_version = 99")
    with pytest.raises(StoreTooNew, match="99"):
        PostgresStore.open(url)


def test_nothing_is_made_to_be_looked_at(url: str, address: Address) -> None:
    with pytest.raises(StoreUnavailable, match="not made yet"):
        open_store(url, as_is=True)
    with connect(address) as connection:
        assert describe(connection) == set()
    open_store(url).close()
    open_store(url, as_is=True).close()


def test_a_schema_of_another_program_is_left_alone(url: str, address: Address) -> None:
    with connect(address) as connection:
        connection.execute(SQL("CREATE SCHEMA {}").format(Identifier(address.schema)))
        connection.execute("CREATE TABLE store (name text)")
    with pytest.raises(StoreUnavailable, match="another program"):
        PostgresStore.open(url)


def test_a_migration_that_fails_leaves_nothing(
    url: str, address: Address, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "0001_bad.sql").write_text("CREATE TABLE store (a int);\nSELECT nothing FROM nowhere;")
    with monkeypatch.context() as patch:
        patch.setattr(schema, "FOLDER", tmp_path)
        with pytest.raises(StoreUnavailable, match=r"nowhere|gone"):
            PostgresStore.open(url)
    PostgresStore.open(url).close()


def test_a_user_who_may_make_nothing_can_open_what_is_there(postgres_store: PostgresStore, address: Address) -> None:
    role = f"r_{address.schema}"
    with connect(address) as connection:
        connection.execute(SQL("CREATE ROLE {} LOGIN").format(Identifier(role)))
        connection.execute(SQL("GRANT USAGE ON SCHEMA {} TO {}").format(Identifier(address.schema), Identifier(role)))
        grant = "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {} TO {}"
        connection.execute(SQL(grant).format(Identifier(address.schema), Identifier(role)))
        parameters = {**address.parameters, "user": role}
        with connect(Address(parameters, address.schema, address.shown)) as limited:
            schema.ensure_schema(limited, address)
            assert schema.store_id(limited) == postgres_store.id
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                limited.execute("CREATE TABLE more (a int)")
        connection.execute(SQL("DROP OWNED BY {}").format(Identifier(role)))
        connection.execute(SQL("DROP ROLE {}").format(Identifier(role)))


def example(index: Index[Any], name: str) -> Any:
    kind = codec_of(table_of(index)).by_name[name].kind
    return {Kind.UUID: bytes(16), Kind.TEXT: "a", Kind.ENUM: "a", Kind.JSON: "{}", Kind.FLOAT: 1.0}.get(kind, 1)


def plan(connection: Connection, text: str, values: Any) -> str:
    return "\n".join(row[0] for row in connection.execute(f"EXPLAIN {text}", values, prepare=False).fetchall())


@pytest.mark.parametrize("reverse", [False, True])
def test_every_scan_follows_its_index_without_sorting(connection: Connection, reverse: bool) -> None:
    for setting in ("enable_seqscan", "enable_bitmapscan"):
        connection.execute("SELECT set_config(%s, 'off', false)", (setting,))
    for index in INDEXES:
        for width in range(len(index.columns) + 1):
            equal = tuple(example(index, name) for name in index.columns[:width])
            if index.unique and width == 0:
                continue  # ordered by what is unique, then by nothing more: the server does not know that
            scan = Scan(index, equal, reverse=reverse)
            text = plan(connection, STATEMENTS.scan_text(scan), STATEMENTS.scan_values(scan))
            assert "Sort" not in text or index.unique, f"{index.name} {width}: {text}"
            if width:
                assert "Index Cond" in text, f"{index.name} {width}: {text}"


def test_text_is_of_no_language(connection: Connection) -> None:
    rows = describe(connection)
    assert {row[5] for row in rows if row[0] == "column" and row[3] == "text"} == {"C"}
    assert {row[1] for row in rows if row[0] == "column"} == {table.name for table in TABLES} | {"store"}
