"""Keys sort as what they stand for, fit into LMDB's 511 bytes, and lie together as the seed's schema says."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import lmdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobistemer_tui.domain.records import FileState, JobFile
from jobistemer_tui.storage.codec import Column, Kind, codec_of
from jobistemer_tui.storage.lmdb import LmdbStore
from jobistemer_tui.storage.lmdb.keys import (
    LONGEST_TEXT,
    after,
    component,
    direct_key,
    index_keys,
    packed,
)
from jobistemer_tui.storage.tables import (
    ATTEMPTS,
    FILES_BY_ROOT,
    INDEXES,
    JOB_FILES,
    JOBS,
    OCCURRENCES,
    TABLES,
    TASK_RUNS,
    Index,
    Table,
    order_of,
    table_of,
)
from tests.support.sample_records import NOW, sample_attempt, sample_job, sample_occurrence, sample_task_run

LONGEST_KEY = 511  # of LMDB, as it is built by default
TEXT = Column("text", Kind.TEXT, str, True)
INT = Column("int", Kind.INT, int, True)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=LONGEST_TEXT // 4) | st.sampled_from(
    ["", "\0", "a", "a\0", "a\0b", "a\0\0", "ab", "\x01", "\U0010ffff"]
)
ints = st.integers(-(2**63) + 1, 2**63 - 1)


@given(st.none() | texts, st.none() | texts)
def test_text_sorts_by_code_point_and_none_first(one: str | None, other: str | None) -> None:
    keys = component(TEXT, one) + b"\x01rest", component(TEXT, other) + b"\x00rest"
    if one != other:
        assert (keys[0] < keys[1]) == ((one is not None, one or "") < (other is not None, other or ""))


@given(st.none() | ints, st.none() | ints)
def test_numbers_sort(one: int | None, other: int | None) -> None:
    assert (component(INT, one) < component(INT, other)) == (
        (one is not None, one or 0) < (other is not None, other or 0)
    )


@given(texts, texts)
def test_no_text_is_the_beginning_of_another(one: str, other: str) -> None:
    assert packed(TEXT, other).startswith(packed(TEXT, one)) is (one == other)


@given(st.binary(max_size=4))
def test_after_a_prefix(tail: bytes) -> None:
    prefix = b"a\xff\xff"
    assert prefix + tail < after(prefix) <= b"b"


def longest(index: Index[object]) -> tuple[object, ...]:
    """Values for an index that make its keys as long as they can be: every byte of a text is written as two."""
    columns = codec_of(table_of(index)).by_name
    worst = {Kind.UUID: b"\xff" * 16, Kind.TEXT: "\0" * 5000, Kind.ENUM: "completed_with_errors"}
    return tuple(worst.get(columns[name].kind, 1) for name in order_of(index))


@pytest.mark.parametrize("index", INDEXES, ids=lambda index: index.name)
def test_every_key_fits(index: Index[object]) -> None:
    assert len(index_keys(index).beginning(longest(index))) <= LONGEST_KEY


def test_keys_of_rows_fit_too() -> None:
    for table in TABLES:
        columns = codec_of(table).by_name
        key = tuple("\0" * 5000 if columns[name].kind is Kind.TEXT else 1 for name in table.key)
        if Kind.UUID not in {columns[name].kind for name in table.key}:
            assert len(direct_key(table, key)) <= LONGEST_KEY


def test_what_belongs_to_a_run_lies_below_it(lmdb_store: LmdbStore, path: Path) -> None:
    job, run = sample_job(), sample_occurrence()
    task = sample_task_run(run)
    attempt = sample_attempt(task)
    rows: list[tuple[Table[Any], Any]] = [(JOBS, job), (OCCURRENCES, run), (TASK_RUNS, task), (ATTEMPTS, attempt)]
    lmdb_store.write(lambda t: [t.insert(table, row) for table, row in rows])
    lmdb_store.close()
    with closing(lmdb.open(str(path), subdir=False, readonly=True, lib_version=0)) as opened, opened.begin() as reader:
        keys = [key for key, _ in reader.cursor() if key.startswith(b"job/")]
    below = b"job/" + job.id.bytes
    occurrence = below + b"/occurrence/" + run.id.bytes
    task_run = occurrence + b"/task/" + task.id.bytes + b"/run"
    assert keys == [below, occurrence, task_run, task_run + b"/attempt/" + attempt.id.bytes]


def files(*paths: str) -> list[JobFile]:
    return [JobFile(path, "/" + "root" * 60, FileState.LOADED, "", NOW) for path in paths]


LONG = "/a/" + "folder/" * 30
ROWS = files("/a", "/a/z", *(f"{LONG}{name}" for name in ("b", "a", "d/" + "x" * 400, "c")), LONG[:LONGEST_TEXT], "/b")


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("bounds", [{}, {"low": LONG + "b"}, {"high": LONG + "b"}, {"low": "/a/z"}, {"high": "/a/f"}])
@pytest.mark.parametrize("limit", [None, 3])
def test_long_texts_are_in_order_and_within_bounds(
    lmdb_store: LmdbStore, reverse: bool, bounds: dict[str, str], limit: int | None
) -> None:
    lmdb_store.write(lambda t: [t.insert(JOB_FILES, row) for row in ROWS])
    root = ROWS[0].root
    found = lmdb_store.read(lambda r: r.scan(FILES_BY_ROOT, root, reverse=reverse, limit=limit, **bounds))
    fitting = [row.path for row in ROWS if bounds.get("low", "") <= row.path <= bounds.get("high", "\U0010ffff")]
    assert [row.path for row in found] == sorted(fitting, reverse=reverse)[:limit]
    assert lmdb_store.read(lambda r: r.get(JOB_FILES, ROWS[4].path)) == ROWS[4]
    assert lmdb_store.write(lambda t: t.delete(JOB_FILES, ROWS[4].path)) is True
    assert lmdb_store.read(lambda r: r.count(FILES_BY_ROOT, root)) == len(ROWS) - 1
