"""Schemas that tests of this process use one after another: to make one costs the server far more than to empty it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import psycopg
from psycopg.sql import SQL, Composed, Identifier

from jobistemer_tui.domain.identity import new_store_id
from tests.support.postgres_schema import parents_first
from tests.support.postgres_server import schema_url, server_url

_SPARE: list[str] = []


def spare_schema(folder: Path) -> str:
    """The URL of an empty store; give it back when all that used it is closed."""
    return _SPARE.pop() if _SPARE else schema_url(folder)


def give_back(url: str) -> None:
    """Empty the store, which gets another id, for the next test. Only for what this process alone has used."""
    connection = _connection()
    connection.execute(_emptied(dict(parse_qsl(urlsplit(url).query))["schema"]))
    _SPARE.append(url)


def _emptied(schema: str) -> Composed:
    tables = [SQL("DELETE FROM {}").format(Identifier(schema, table.name)) for table in reversed(parents_first())]
    store = SQL("UPDATE {} SET id = {}, commits = 0, last_event = 0").format(
        Identifier(schema, "store"), str(new_store_id())
    )
    return SQL("; ").join([*tables, store])


@cache
def _connection() -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(server_url(), autocommit=True)
