"""The schema equals the tables, the fresh one equals the migrated one, and the statements use the indexes."""

from __future__ import annotations

import sqlite3
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest

from jobistemer_tui.domain.records import FileState
from jobistemer_tui.domain.states import AttemptState, OccurrenceState, TaskRunState, Trigger
from jobistemer_tui.storage.codec import codec_of
from jobistemer_tui.storage.scans import Scan
from jobistemer_tui.storage.sqlite import migrate
from jobistemer_tui.storage.sqlite.schema import SCHEMA_VERSION
from jobistemer_tui.storage.sqlite.transaction import STATEMENTS
from jobistemer_tui.storage.tables import INDEXES, TABLES, Index, Table, table_of
from tests.support.sqlite_schema import describe, expected_statements


@pytest.fixture
def expected() -> sqlite3.Connection:
    """A database made straight from the tables."""
    connection = sqlite3.connect(":memory:")
    for statement in expected_statements():
        connection.execute(statement)
    return connection


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_what_the_migrations_make_is_what_the_tables_say(
    connection: sqlite3.Connection, expected: sqlite3.Connection, table: Table[Any]
) -> None:
    assert describe(connection)[table.name] == describe(expected)[table.name]
    expected.close()


def test_there_is_nothing_else(connection: sqlite3.Connection) -> None:
    names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert names == {table.name for table in TABLES} | {"store", "_sqlite_migrations", "sqlite_sequence"}


WORDS: list[tuple[str, type[StrEnum]]] = [
    ('UPDATE occurrence SET "state"', OccurrenceState),
    ('UPDATE occurrence SET "trigger"', Trigger),
    ('UPDATE task_run SET "state"', TaskRunState),
    ('UPDATE attempt SET "state"', AttemptState),
    ('UPDATE job_file SET "state"', FileState),
]

ROWS = [
    "INSERT INTO job (id, key, name, version, content_hash, source_path, source_root, published_at,"
    " first_published_at, cursor_at, scheduled, stopped, finished, rev)"
    " VALUES (x'01', 'a', 'a', 1, '', '', '', 0, 0, 0, 0, 0, 0, 0)",
    "INSERT INTO occurrence (id, job_id, scheduled_at, due_at, trigger, state, version, created_at, detail, epoch,"
    " sequence) VALUES (x'02', x'01', 0, 0, 'manual', 'planned', 1, 0, '{}', 0, 0)",
    "INSERT INTO task_run (id, occurrence_id, name, position, state, detail)"
    " VALUES (x'03', x'02', '', 0, 'pending', '{}')",
    "INSERT INTO attempt (id, task_run_id, occurrence_id, number, state, created_at, detail, counted)"
    " VALUES (x'04', x'03', x'02', 1, 'planned', 0, '{}', 1)",
    "INSERT INTO job_file VALUES ('a', '', 'loaded', '', 0, '[]', '[]', '[]', NULL)",
]


@pytest.mark.parametrize(("update", "words"), WORDS, ids=lambda value: getattr(value, "__name__", ""))
def test_checks_allow_the_words_of_the_enumeration_and_no_other(
    connection: sqlite3.Connection, update: str, words: type[StrEnum]
) -> None:
    for row in ROWS:
        connection.execute(row)
    for word in words:
        assert connection.execute(f"{update} = ?", (word.value,)).rowcount == 1
    with pytest.raises(sqlite3.IntegrityError, match="CHECK"):
        connection.execute(f"{update} = 'resting'")


def test_a_value_of_the_wrong_type_is_refused(connection: sqlite3.Connection) -> None:
    connection.execute(ROWS[0])
    with pytest.raises(sqlite3.IntegrityError):
        connection.execute("UPDATE job SET version = 'one'")


def test_the_version_is_the_number_of_the_last_file(connection: sqlite3.Connection) -> None:
    assert len(migrate.migration_files()) == SCHEMA_VERSION
    assert connection.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)


def test_migrations_are_applied_once(connection: sqlite3.Connection) -> None:
    before = list(connection.execute("SELECT id FROM store")), list(connection.execute("PRAGMA schema_version"))
    migrate.migrate(connection)
    assert (
        list(connection.execute("SELECT id FROM store")),
        list(connection.execute("PRAGMA schema_version")),
    ) == before


def bare_migrations(folder: Path, monkeypatch: pytest.MonkeyPatch, **files: str) -> sqlite3.Connection:
    for name, text in files.items():
        (folder / f"{name.lstrip('_')}.sql").write_text(text)
    monkeypatch.setattr(migrate, "FOLDER", folder)
    return sqlite3.connect(":memory:", isolation_level=None)


def test_a_migration_that_fails_leaves_nothing_and_can_be_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {"_0001_first": "CREATE TABLE a (b);", "_0002_bad": "CREATE TABLE c (d);\nINSERT INTO nowhere\nVALUES (1);"}
    connection = bare_migrations(tmp_path, monkeypatch, **files)
    with pytest.raises(sqlite3.OperationalError, match="nowhere"):
        migrate.migrate(connection)
    assert connection.execute("PRAGMA user_version").fetchone() == (1,)
    (tmp_path / "0002_bad.sql").write_text("CREATE TABLE c (d);")
    migrate.migrate(connection)
    assert connection.execute("PRAGMA user_version").fetchone() == (2,)
    assert connection.execute("SELECT count(*) FROM c").fetchone() == (0,)
    connection.close()


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [("_0002_gap", "SELECT 1;", "not numbered"), ("_first", "SELECT 1;", "named"), ("_0001_cut", "SELECT 1", "end")],
)
def test_files_that_are_off_are_a_defect(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, text: str, message: str
) -> None:
    connection = bare_migrations(tmp_path, monkeypatch, **{name: text})
    with pytest.raises(RuntimeError, match=message):
        migrate.migrate(connection)
    connection.close()


def plan(connection: sqlite3.Connection, text: str, values: Any) -> str:
    return "; ".join(row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {text}", values))


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("index", INDEXES, ids=lambda index: index.name)
def test_every_scan_follows_its_index_without_sorting(
    connection: sqlite3.Connection, index: Index[Any], reverse: bool
) -> None:
    for width in range(len(index.columns) + 1):
        scan = Scan(index, (1,) * width, reverse=reverse)
        assert "TEMP B-TREE" not in plan(connection, STATEMENTS.scan_text(scan), STATEMENTS.scan_values(scan))
        if width:
            assert "SEARCH" in plan(connection, STATEMENTS.scan_text(scan), STATEMENTS.scan_values(scan))
            assert "SEARCH" in plan(connection, STATEMENTS.count_text(scan), (1,) * width)
        if width < len(index.columns):
            bounded = Scan(index, (1,) * width, low=1, high=2, reverse=reverse)
            text = plan(connection, STATEMENTS.scan_text(bounded), STATEMENTS.scan_values(bounded))
            assert "SEARCH" in text
            assert "TEMP B-TREE" not in text
        columns = [codec_of(table_of(index)).by_name[name] for name in index.columns[:width]]
        absent = Scan(index, tuple(None if column.optional else 1 for column in columns), reverse=reverse)
        assert "TEMP B-TREE" not in plan(connection, STATEMENTS.scan_text(absent), STATEMENTS.scan_values(absent))


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_get_is_a_search(connection: sqlite3.Connection, table: Table[Any]) -> None:
    assert plan(connection, STATEMENTS.get_text(table), (1,) * len(table.key)).startswith("SEARCH")
