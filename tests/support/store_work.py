"""Pieces of work for stores, as functions that keep their arguments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jobistemer_tui.storage.contract import Transaction
from jobistemer_tui.storage.tables import JOBS, Table
from tests.support.sample_records import sample_event, sample_job

Work = Callable[[Transaction], Any]


def insert_job(number: int) -> Work:
    """Insert a sample job; gives whether it was new."""
    return lambda transaction: transaction.insert(JOBS, sample_job(number))


def append_event(kind: str) -> Work:
    """Append an event; gives its number."""
    return lambda transaction: transaction.append(sample_event(kind))


def replace_row(table: Table[Any], old: Any, new: Any) -> Work:
    """Compare and set; gives whether it was done."""
    return lambda transaction: transaction.replace(table, old, new)
