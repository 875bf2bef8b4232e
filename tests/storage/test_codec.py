"""Records as rows."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import pytest

from jobistemer_tui.errors import StoreUnavailable
from jobistemer_tui.storage.codec import Kind, codec_of, columns_of
from jobistemer_tui.storage.tables import EVENTS, JOB_FILES, JOBS, OCCURRENCES, TABLES, Table
from tests.support.sample_records import NOW, sample_job, sample_occurrence


@dataclass(frozen=True)
class Measured:
    """A record with the kind that ours do not use yet."""

    id: int
    value: float | None


@dataclass(frozen=True)
class TwoKinds:
    """A record that no column can hold."""

    id: int | str


MEASURES = Table("measure", Measured, ("id",))


def test_columns_follow_the_fields() -> None:
    columns = codec_of(OCCURRENCES).by_name
    assert next(iter(columns)) == "id"
    assert (columns["id"].kind, columns["id"].optional) == (Kind.UUID, False)
    assert (columns["handled_at"].kind, columns["handled_at"].optional) == (Kind.INSTANT, True)
    assert (columns["state"].kind, columns["detail"].kind) == (Kind.ENUM, Kind.JSON)
    assert codec_of(JOB_FILES).by_name["jobs"].kind is Kind.JSON
    assert codec_of(JOBS).by_name["stopped"].kind is Kind.BOOL


def test_rows_hold_plain_values() -> None:
    row = dict(zip(codec_of(OCCURRENCES).names, codec_of(OCCURRENCES).encode(sample_occurrence()), strict=True))
    assert row["id"] == sample_occurrence().id.bytes
    assert (row["scheduled_at"], row["state"], row["detail"], row["owner"]) == (1767323045678901, "planned", "{}", None)
    assert type(row["state"]) is str


def test_floats() -> None:
    codec = codec_of(MEASURES)
    for record in (Measured(1, 0.1), Measured(2, None)):
        assert codec.decode(codec.encode(record)) == record


def test_the_codec_is_built_once() -> None:
    assert codec_of(JOBS) is codec_of(JOBS)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_keys_and_guards_are_columns(table: Table[object]) -> None:
    assert {*table.key, *table.guard, *table.parents} <= set(codec_of(table).names)


def test_keys_are_encoded_in_order() -> None:
    assert codec_of(JOBS).encode_key((UUID(int=1),)) == (UUID(int=1).bytes,)
    with pytest.raises(ValueError, match="key"):
        codec_of(EVENTS).encode_key((1, 2))


@pytest.mark.parametrize(("place", "value"), [(0, b"short"), (7, 10**30), (7, "x")], ids=["uuid", "year", "type"])
def test_what_we_never_wrote_is_told(place: int, value: object) -> None:
    row = list(codec_of(JOBS).encode(sample_job(published_at=NOW)))
    row[place] = value
    with pytest.raises(StoreUnavailable, match="Job that cannot be read") as caught:
        codec_of(JOBS).decode(tuple(row))
    assert caught.value.__cause__ is not None


def test_an_unknown_word_is_told() -> None:
    row = tuple(
        "resting" if value == "planned" else value for value in codec_of(OCCURRENCES).encode(sample_occurrence())
    )
    with pytest.raises(StoreUnavailable, match="resting"):
        codec_of(OCCURRENCES).decode(row)


def test_a_field_of_two_kinds_is_a_defect() -> None:
    with pytest.raises(TypeError, match="one type"):
        columns_of(TwoKinds)
