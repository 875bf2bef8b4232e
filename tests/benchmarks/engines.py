"""Claims per second and lateness with 1, 2 and 4 engines on PostgreSQL, beside one on SQLite, in one run.

`python -m tests.benchmarks.engines [OCCURRENCES]`. The server commits durably, as SQLite does. Engines are whole, each
in a process of its own; only their supervisors are not: a try ends as soon as it has begun.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

from jobistemer_tui.engine.poke import poke
from jobistemer_tui.storage.open import open_store
from jobistemer_tui.storage.tables import OCCURRENCES_BY_ID
from tests.support.postgres_server import own_server
from tests.support.race import Race, judge, racing

DURABLE = "max_connections = 200\nfsync = on\nsynchronous_commit = on\n"
PACED, PAUSE_S = 100, 0.05


def main() -> None:
    """Print a line for each store and number of engines."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        with own_server(DURABLE) as server:
            report("sqlite", f"sqlite:{folder / 'store.db'}", folder, engines=1, count=count)
            for engines in (1, 2, 4):
                url = f"{server.url}&schema=with_{engines}"
                report("postgresql", url, folder, engines=engines, count=count)


def report(kind: str, url: str, folder: Path, *, engines: int, count: int) -> None:
    """Measure one of them, and print it."""
    place = folder / f"{kind}-{engines}"
    place.mkdir()
    race = Race(place, count + PACED)
    with racing(url, place, engines) as store:
        began = time.monotonic()
        race.ask_for_all(store, first=PACED)
        poke(place / "engine-0" / "nodes")
        race.wait_for(store, count, seconds=3000)
        took = time.monotonic() - began
        for number in range(PACED):
            race.ask_for(store, number)
            if kind == "sqlite":  # as every command does; on a server the notice of the commit says it
                poke(place / "engine-0" / "nodes")
            time.sleep(PAUSE_S)
        race.wait_for(store, count + PACED, seconds=60)
        late = lateness(url)
    judge(url, place, count + PACED)
    line = {
        "store": kind, "engines": engines, "occurrences": count, "per_second": round(count / took, 1),
        "lateness_median_ms": round(statistics.median(late) * 1000), "lateness_p99_ms": round(late[-2] * 1000),
    }  # fmt: skip
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def lateness(url: str) -> list[float]:
    """Of those that were asked for one after another: seconds from the request to the start, in order."""
    store = open_store(url)
    rows = store.read(lambda reader: reader.scan(OCCURRENCES_BY_ID))
    store.close()
    last = sorted(rows, key=lambda row: row.scheduled_at)[-PACED:]
    return sorted((row.started_at - row.scheduled_at).total_seconds() for row in last if row.started_at is not None)


if __name__ == "__main__":
    main()
