"""Whether an engine has nothing to do, and will not have within a second."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from jobistemer_tui.domain.records import Occurrence
from jobistemer_tui.domain.states import OPEN_OCCURRENCES
from jobistemer_tui.engine.loaded import Loaded
from jobistemer_tui.engine.scheduler import first_of
from jobistemer_tui.engine.store_calls import StoreCalls
from jobistemer_tui.storage.contract import Reader
from jobistemer_tui.storage.tables import OCCURRENCES_BY_DUE

SOON = timedelta(seconds=1)


def is_idle(store: StoreCalls, loaded: Loaded, next_at: datetime, now: datetime) -> bool:
    """True if nothing of the loaded jobs is open, nothing is due soon and no edit is held."""
    if loaded.held or next_at - now <= SOON:
        return False
    return not store.read(lambda reader: _has_open(reader, loaded))


def _has_open(reader: Reader, loaded: Loaded) -> bool:
    def is_ours(row: Occurrence) -> bool:
        return row.job_id in loaded

    scans = (partial(reader.scan, OCCURRENCES_BY_DUE, state) for state in OPEN_OCCURRENCES)
    return any(first_of(scan, is_ours, 1, loaded.others) for scan in scans)
