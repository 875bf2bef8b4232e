"""Fake operations that answer late."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from unittest import mock

from .fake_operations import FakeOperations


@contextmanager
def waiting(operations: FakeOperations, name: str) -> Iterator[threading.Event]:
    """The operation `name` does not answer before the event is set."""
    answer = threading.Event()
    call: Callable[..., object] = getattr(operations, name)

    def late(*args: object, **given: object) -> object:
        assert answer.wait(60)
        return call(*args, **given)

    with mock.patch.object(operations, name, late):
        yield answer
        answer.set()
