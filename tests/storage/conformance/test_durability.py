"""What a future said is done survives the death of the process."""

from __future__ import annotations

import signal

from jobistemer_tui.storage.tables import EVENTS_BY_SEQUENCE
from tests.support.child_process import ending
from tests.support.racing_store import go, start_racer
from tests.support.sample_records import sample_event
from tests.support.store_backends import Place


def test_after_kill_9_everything_that_was_told_is_there(place: Place) -> None:
    with ending(start_racer("append", place.url, 1_000_000)) as racer:
        assert racer.stdout is not None
        assert racer.stdout.readline() == "ready\n"
        go([racer])
        told = [int(racer.stdout.readline()) for _ in range(100)]
        racer.send_signal(signal.SIGKILL)
        # Not communicate(): it reads past what readline() has buffered.
        told += [int(line) for line in racer.stdout if line.endswith("\n")]
        assert racer.wait(60) == -signal.SIGKILL
    assert told == list(range(1, len(told) + 1))

    store = place.reopen()
    there = [event.sequence for event in store.read(lambda r: r.scan(EVENTS_BY_SEQUENCE))]
    if store.capabilities.durable:
        assert there[: len(told)] == told
        assert len(there) - len(told) in (0, 1)
    else:
        assert there == []
    assert store.write(lambda t: t.append(sample_event())) == len(there) + 1
