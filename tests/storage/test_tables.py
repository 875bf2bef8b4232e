"""The tables and indexes fit together."""

from __future__ import annotations

from typing import Any

import pytest

from jobistemer_tui.storage import tables
from jobistemer_tui.storage.codec import codec_of, columns_of
from jobistemer_tui.storage.tables import INDEXES, OCCURRENCES_BY_JOB, PARTS, TABLES, VERSIONS_BY_JOB, Index, Table


def test_every_declared_table_and_index_is_listed() -> None:
    declared = list(vars(tables).values())
    assert {value for value in declared if isinstance(value, Table)} == {*TABLES, *PARTS}
    assert {value for value in declared if isinstance(value, Index)} == set(INDEXES)


def test_names_are_unique() -> None:
    names = [table.name for table in TABLES] + [index.name for index in INDEXES]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.record.__name__)
def test_a_part_has_columns_of_its_table(part: Table[Any]) -> None:
    whole = tables.table_named(part.name)
    assert part.key == whole.key
    assert set(columns_of(part.record)) < set(columns_of(whole.record))


@pytest.mark.parametrize("index", INDEXES, ids=lambda index: index.name)
def test_an_index_is_made_of_its_tables_columns(index: Index[Any]) -> None:
    assert set(index.columns) <= set(codec_of(tables.table_of(index)).names)


def test_the_key_completes_an_order() -> None:
    assert tables.order_of(OCCURRENCES_BY_JOB) == ("job_id", "scheduled_at", "id")
    assert tables.order_of(VERSIONS_BY_JOB) == ("job_id", "number")


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_reference_has_an_index_to_find_the_children_by(table: Table[Any]) -> None:
    children = [(index.table, index.columns[0]) for index in tables.children_of(table)]
    references = [(c.name, column) for c in TABLES for column, parent in c.parents.items() if parent == table.name]
    assert children == references
