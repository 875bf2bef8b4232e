"""A store that is read and never written."""

from __future__ import annotations

import pytest

from jobistemer_tui.errors import Refused
from jobistemer_tui.storage.memory import MemoryStore
from jobistemer_tui.storage.read_only import ReadOnlyStore
from jobistemer_tui.storage.tables import JOBS, JOBS_BY_KEY
from tests.support.sample_records import sample_job


def test_it_reads_what_the_other_has_and_writes_nothing() -> None:
    below = MemoryStore()
    store, job, calls = ReadOnlyStore(below), sample_job(), list[int]()
    stop, token = store.on_change(lambda: calls.append(1)), store.change_token()
    below.write(lambda tx: tx.insert(JOBS, job))
    assert store.read(lambda reader: reader.scan(JOBS_BY_KEY)) == [job]
    assert store.change_token() != token
    assert calls
    assert (store.id, store.capabilities) == (below.id, below.capabilities)

    with pytest.raises(Refused, match="read only"):
        store.write(lambda tx: tx.delete(JOBS, job.id))
    with pytest.raises(Refused, match="read only"):
        store.submit(lambda tx: tx.delete(JOBS, job.id)).result()
    assert below.read(lambda reader: reader.get(JOBS, job.id)) == job
    store.check(thorough=True)
    assert store.files_are_ours()
    stop()
    store.close()
