"""`--campaign nodes`: two machines over one PostgreSQL server, and what can happen to either and to the way between.

`NODES_ROUNDS` (10) faults of a kind in each run, `NODES_SEEDS` (3) runs of each kind. The cut needs root and ip(8).
"""

from __future__ import annotations

import fcntl
import os
import random
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from jobistemer_tui.domain.clock import SystemClock
from jobistemer_tui.domain.instants import to_microseconds
from jobistemer_tui.domain.states import TERMINAL_OCCURRENCES, OccurrenceState
from jobistemer_tui.storage.contract import Reader, Store
from jobistemer_tui.storage.open import open_store
from jobistemer_tui.storage.tables import OCCURRENCES_BY_DUE, TABLES, Table, indexes_of
from tests.checker.check import check
from tests.checker.history import Violation
from tests.checker.real_store import living_attempts
from tests.support.campaign_home import JOBS, CampaignHome
from tests.support.postgres_proxy import COMMIT, Line, running
from tests.support.postgres_server import OwnServer, end_sessions, own_server
from tests.support.wait_until import let_pass, wait_until

ROUNDS = int(os.environ.get("NODES_ROUNDS", "10"))
SEEDS = int(os.environ.get("NODES_SEEDS", "3"))
LOST_AFTER_S = 3
HERE, THERE = "10.213.77.1", "10.213.77.2"


class Cluster:
    """Two machines, a server, and one ledger of what the tasks did."""

    def __init__(self, folder: Path, server: OwnServer, first_url: str = "", prefix: tuple[str, ...] = ()) -> None:
        self.server = server
        self.ledger = folder / "ledger"
        base = f"{server.url}&schema=campaign&application_name="
        self.one = self._machine(folder / "one", (first_url or base) + "one", prefix)
        self.two = self._machine(folder / "two", base + "two", ())
        self.database = folder / "copy.db"

    def _machine(self, folder: Path, url: str, prefix: tuple[str, ...]) -> CampaignHome:
        folder.mkdir()
        home = CampaignHome(folder, "postgresql", url=url, prefix=prefix)
        home.ledger = self.ledger
        home.home.mkdir(mode=0o700)
        config = home.home / "config.toml"
        config.write_text(f'lost_after = "{LOST_AFTER_S}s"\n')
        config.chmod(0o600)
        self.ledger.touch()
        home.write_jobs(JOBS.replace("[defaults]", '[defaults]\ncwd = "/"'))
        return home

    def finish(self) -> list[Violation]:
        """With both engines serving: pause, let all end, stop, and judge everything."""
        self.two.wait_for_work()
        for job in ("tick", "steps", "flaky"):
            self.two.here("pause", job)
        paused_at = SystemClock().now()
        with closing(open_store(self.two.url)) as store:
            unfinished = partial(open_runs, due_until=paused_at)
            wait_until(lambda: not store.read(unfinished), seconds=300, what="everything to end")
            for home in (self.one, self.two):
                assert home.stop_engine() == 0, home.engine_log()
            copy_rows(store, self.database)
            alive = living_attempts(store.id)
        end = to_microseconds(paused_at)
        return check(self.database, self.ledger, alive=alive, over=True, until=end)

    def end(self) -> None:
        """Kill whatever is left."""
        self.one.end()
        self.two.end()


def open_runs(reader: Reader, due_until: datetime) -> int:
    """How many occurrences have begun, or wait, or were due and have no fate, because the machine is busy."""
    over = {*TERMINAL_OCCURRENCES, OccurrenceState.PLANNED}
    due = reader.scan(OCCURRENCES_BY_DUE, OccurrenceState.PLANNED, high=due_until)
    return len(due) + sum(reader.count(OCCURRENCES_BY_DUE, state) for state in OccurrenceState if state not in over)


def copy_rows(store: Store, path: Path) -> None:
    """Every row into a SQLite database, which the checker can read."""
    rows: list[tuple[Table[Any], list[Any]]] = store.read(
        lambda reader: [(table, reader.scan(indexes_of(table)[0])) for table in parents_first()]
    )
    with closing(open_store(f"sqlite:{path}")) as copy:
        copy.write(lambda tx: [tx.insert(table, row) for table, found in rows for row in found])


def parents_first() -> list[Table[Any]]:
    done: list[Table[Any]] = []
    while len(done) < len(TABLES):
        made = {table.name for table in done}
        done += [table for table in TABLES if table.name not in made and set(table.parents.values()) <= made]
    return done


Fault = Callable[[Cluster, random.Random], None]


def engine_killed(cluster: Cluster, chance: random.Random) -> None:
    cluster.one.kill_engine()
    let_pass(chance.uniform(0, 2 * LOST_AFTER_S))
    cluster.one.start_engine()


def machine_lost(cluster: Cluster, chance: random.Random) -> None:
    cluster.one.end()
    let_pass(chance.uniform(0, 4 * LOST_AFTER_S))
    cluster.one.start_engine()


def stopped_past_the_evidence(cluster: Cluster, chance: random.Random) -> None:
    engine = cluster.one.engines[-1]
    engine.send_signal(signal.SIGSTOP)
    if chance.random() < 0.7:
        end_sessions(cluster.one.url, cluster.server.url)
    let_pass(chance.uniform(1, 3 * LOST_AFTER_S))
    engine.send_signal(signal.SIGCONT)
    let_pass(chance.uniform(0, 2))


def server_restarted(cluster: Cluster, chance: random.Random) -> None:
    cluster.server.stop(chance.choice(["immediate", "fast"]))
    let_pass(chance.uniform(0, LOST_AFTER_S))
    cluster.server.start()
    let_pass(chance.uniform(1, 3))


def sessions_ended(cluster: Cluster, chance: random.Random) -> None:
    for _ in range(5):
        for home in (cluster.one, cluster.two):
            end_sessions(home.url, cluster.server.url)
        let_pass(chance.uniform(0.1, 1))


FAULTS: dict[str, Fault] = {
    fault.__name__: fault
    for fault in (engine_killed, machine_lost, stopped_past_the_evidence, server_restarted, sessions_ended)
}


@contextmanager
def network() -> Iterator[str]:
    """A network of its own for the first machine; gives its name. The link is `jt0` on the server's side.

    There is one at a time on a machine: another process waits.
    """
    name = f"jt{os.getpid()}"
    with Path(tempfile.gettempdir(), "jobistemer-campaign-network").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        ip("netns", "add", name)
        try:
            ip("link", "add", "jt0", "type", "veth", "peer", "name", "jt1", "netns", name)
            ip("addr", "add", f"{HERE}/30", "dev", "jt0")
            ip("link", "set", "jt0", "up")
            ip("-n", name, "addr", "add", f"{THERE}/30", "dev", "jt1")
            ip("-n", name, "link", "set", "jt1", "up")
            ip("-n", name, "link", "set", "lo", "up")
            yield name
        finally:
            subprocess.run(["ip", "link", "del", "jt0"], check=False)  # at once; that of its network may take a moment
            ip("netns", "del", name)


def ip(*words: str) -> None:
    """Run ip(8)."""
    subprocess.run(["ip", *words], check=True)


def run(cluster: Cluster, fault: Fault, chance: random.Random) -> None:
    try:
        cluster.one.start_engine()
        cluster.two.start_engine()
        for _ in range(ROUNDS):
            let_pass(chance.uniform(0.5, 3))
            fault(cluster, chance)
        assert cluster.finish() == []
    finally:
        cluster.end()


@pytest.mark.campaign("nodes")
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", range(SEEDS))
@pytest.mark.parametrize("kind", FAULTS)
def test_campaign_a_fault(tmp_path: Path, kind: str, seed: int) -> None:
    with own_server() as server:
        run(Cluster(tmp_path, server), FAULTS[kind], random.Random(seed))


@pytest.mark.campaign("nodes")
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", range(SEEDS))
def test_campaign_answers_lost(tmp_path: Path, seed: int) -> None:
    def lose(_: Cluster, chance: random.Random) -> None:
        assert isinstance(line, Line)
        line.lose_answer = chance.choice([COMMIT, COMMIT, b"BEGIN", b"INSERT", b"SELECT"])
        let_pass(chance.uniform(0.2, 2))

    with own_server() as server, running(Line(server.url)) as line:
        url = line.url(f"{server.url}&schema=campaign") + "&application_name="
        run(Cluster(tmp_path, server, url), lose, random.Random(seed))
        assert isinstance(line, Line)
        assert line.lost > 0


@pytest.mark.campaign("nodes")
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", range(SEEDS))
def test_campaign_cut_from_the_server(tmp_path: Path, seed: int) -> None:
    def cut(_: Cluster, chance: random.Random) -> None:
        ip("link", "set", "jt0", "down")
        let_pass(chance.uniform(1, 4 * LOST_AFTER_S))
        ip("link", "set", "jt0", "up")
        let_pass(chance.uniform(1, 5))

    with ExitStack() as stack:
        name = stack.enter_context(network())
        server = stack.enter_context(own_server(listen=HERE))
        url = f"postgresql://postgres@{HERE}/postgres?sslmode=disable&schema=campaign&application_name="
        run(Cluster(tmp_path, server, url, ("ip", "netns", "exec", name)), cut, random.Random(seed))
