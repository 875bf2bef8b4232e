"""Fixtures for what only the PostgreSQL backend promises."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from jobistemer_tui.storage.postgres import PostgresStore
from jobistemer_tui.storage.postgres.address import Address, address_of
from jobistemer_tui.storage.postgres.connect import Connection, connect
from tests.support.postgres_server import schema_url


@pytest.fixture
def url(tmp_path: Path) -> str:
    """The URL of this test's store."""
    return schema_url(tmp_path)


@pytest.fixture
def address(url: str) -> Address:
    """What it means."""
    return address_of(url)


@pytest.fixture
def postgres_store(url: str) -> Iterator[PostgresStore]:
    """An open store."""
    store = PostgresStore.open(url)
    yield store
    store.close()


@pytest.fixture
def connection(postgres_store: PostgresStore, address: Address) -> Iterator[Connection]:
    """A session of its own in the schema of `postgres_store`."""
    with connect(address) as connection:
        yield connection
