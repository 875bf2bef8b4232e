"""Operations over an empty store in memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from jobistemer_tui.operations.local import LocalOperations
from jobistemer_tui.storage.contract import Store
from jobistemer_tui.storage.open import open_store
from tests.operations.local_operations import operations_on


@pytest.fixture
def store() -> Iterator[Store]:
    opened = open_store("memory:")
    yield opened
    opened.close()


@pytest.fixture
def operations(store: Store, tmp_path: Path) -> LocalOperations:
    return operations_on(store, tmp_path)
