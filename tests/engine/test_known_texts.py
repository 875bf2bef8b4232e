"""Two hosts with files of their own over one store: who may publish, and who runs what."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from uuid import UUID

import pytest

from jobistemer_tui.domain.job import JobDefinition
from jobistemer_tui.domain.job_source import EXTERNAL_SOURCE
from jobistemer_tui.domain.records import Notification, NotificationState
from jobistemer_tui.domain.states import AttemptState, OccurrenceState, Reason
from jobistemer_tui.engine.definitions import Definitions
from jobistemer_tui.engine.known_texts import KnownTexts
from jobistemer_tui.engine.outbox.sender import find_due, may_send
from jobistemer_tui.engine.transactions.claim import claim
from jobistemer_tui.engine.transactions.common import Owner
from jobistemer_tui.engine.transactions.handle_due import handle_due
from jobistemer_tui.engine.transactions.nodes import declare_lost
from jobistemer_tui.engine.transactions.places import is_for
from jobistemer_tui.engine.transactions.publish import Change, Source, Superseded, publish
from jobistemer_tui.storage.memory import MemoryStore
from jobistemer_tui.storage.tables import (
    ATTEMPTS_BY_OCCURRENCE,
    EVENTS_BY_SEQUENCE,
    JOB_VERSIONS,
    JOBS,
    NODES,
    NOTIFICATIONS,
    OCCURRENCES,
    OCCURRENCES_BY_JOB,
    OCCURRENCES_BY_JOB_STATE,
    VERSIONS_BY_JOB,
)
from tests.support.engine_world import START, job, task
from tests.support.fake_supervisor import FakeSupervisor, result_of
from tests.support.manual_clock import ManualClock
from tests.support.sample_records import sample_job, sample_node
from tests.support.turning_engine import TurningEngine

SEEN = {"free_s": 300}


class Host:
    """A host with its texts."""

    def __init__(self, store: MemoryStore, folder: Path, name: str, number: int) -> None:
        self.store, self.name, self.folder = store, name, folder / name
        self.folder.mkdir()
        self.texts = KnownTexts(self.folder)
        self.owner = Owner(UUID(int=number), Definitions(), 8, texts=self.texts)
        store.write(lambda tx: tx.insert(NODES, sample_node(number, host=name)))

    def save(self, definition: JobDefinition) -> Change:
        """Its file says this now."""
        source = Source("/jobs/a.toml", 1, f"{self.name}:/jobs")
        published = self.store.write(lambda tx: publish(tx, self.owner, definition, source, now=START))
        self.texts.note(definition.id, definition.content_hash)
        return published.change


def version(description: str) -> JobDefinition:
    return job(task("dump"), name="a", description=description)


@pytest.fixture
def hosts(tmp_path: Path) -> tuple[Host, Host]:
    """Two of them."""
    store = MemoryStore()
    return Host(store, tmp_path, "one", 1), Host(store, tmp_path, "two", 2)


def test_only_who_has_a_jobs_file_runs_its_hooks(hosts: tuple[Host, Host]) -> None:
    """Regression: any engine of the store ran the program that a job of another host named."""
    one, two = hosts
    one.save(version("mine"))
    one.save(version("edited"))
    two.save(version("edited"))
    rows = one.store.read(lambda reader: reader.scan(VERSIONS_BY_JOB, version("").id))
    forged = replace(rows[0], number=3, definition=version("forged").to_json())
    recorded = replace(sample_job(9), source_path=EXTERNAL_SOURCE)
    lines = [
        Notification(UUID(int=number), job_id, None, "hook", NotificationState.WAITING, START, START, payload=said)
        for number, (job_id, said) in enumerate(
            [(rows[0].job_id, {"version": number}) for number in (1, 2, 3)] + [(recorded.id, {"version": 1})]
        )
    ]
    one.store.write(lambda tx: (tx.insert(JOB_VERSIONS, forged), tx.insert(JOBS, recorded)))
    one.store.write(lambda tx: [tx.insert(NOTIFICATIONS, line) for line in lines])

    def due(host: Host | None) -> list[Notification]:
        is_ours = partial(may_send, definitions=Definitions(), texts=None if host is None else host.texts)
        return one.store.read(lambda reader: find_due(reader, now=START, limit=9, is_ours=is_ours)[0])

    assert due(None) == lines
    assert due(one) == lines[:2], "of what an edit left to be told as well, and of nothing that no file says"
    assert due(two) == lines[1:2]


def test_what_the_store_holds_has_to_be_the_text_that_it_says(hosts: tuple[Host, Host]) -> None:
    """Regression: only the hash beside it was compared, and whoever could write the store chose what was run."""
    one, _ = hosts
    one.save(version("mine"))
    stored = one.store.read(lambda reader: reader.get(JOBS, version("").id))
    assert stored is not None
    assert one.store.read(lambda reader: is_for(reader, one.owner, stored))
    row = one.store.read(lambda reader: reader.get(JOB_VERSIONS, stored.id, 1))
    assert row is not None
    forged = replace(row, definition=version("theirs").to_json())
    one.store.write(lambda tx: (tx.delete(JOB_VERSIONS, stored.id, 1), tx.insert(JOB_VERSIONS, forged)))
    one.owner.definitions.forget()
    assert not one.store.read(lambda reader: is_for(reader, one.owner, stored))


def test_a_memory_that_is_no_good_and_cannot_be_mended_stops_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Regression: an engine could not start over such a file, nor publish where no space was left."""
    (tmp_path / "texts.json").write_text("[1]")
    (tmp_path / "texts.part").mkdir()
    texts, known = KnownTexts(tmp_path), version("")
    assert texts.of(known.id) is None
    texts.note(known.id, known.content_hash)
    assert texts.of(known.id) == known.content_hash
    assert "texts.json cannot be written" in caplog.text


def root_of(host: Host) -> str:
    stored = host.store.read(lambda r: r.get(JOBS, version("").id))
    assert stored is not None
    return stored.source_root


def test_the_same_text_is_everybodys_and_stays_where_it_came_from(hosts: tuple[Host, Host]) -> None:
    one, two = hosts
    assert [one.save(version("1")), two.save(version("1"))] == [Change.ADDED, Change.UNCHANGED]
    assert root_of(one) == "one:/jobs"


def test_an_older_text_is_refused_until_it_is_brought_up_to_date(hosts: tuple[Host, Host]) -> None:
    one, two = hosts
    one.save(version("1"))
    one.save(version("2"))
    with pytest.raises(Superseded, match="version 2"):
        two.save(version("1"))
    assert two.save(version("2")) is Change.UNCHANGED


def test_a_new_text_and_a_revert_are_new_versions(hosts: tuple[Host, Host]) -> None:
    one, two = hosts
    one.save(version("1"))
    two.save(version("1"))
    assert two.save(version("2")) is Change.CHANGED
    with pytest.raises(Superseded):
        one.save(version("1"))  # a scan of the file that it has had all along
    assert two.save(version("1")) is Change.CHANGED
    assert root_of(one) == "two:/jobs"


def test_what_was_in_the_files_outlives_the_engine(hosts: tuple[Host, Host]) -> None:
    one, _ = hosts
    one.save(version("1"))
    again = KnownTexts(one.folder)
    assert again.of(version("1").id) == version("1").content_hash
    (one.folder / "texts.json").write_text("nonsense")
    assert KnownTexts(one.folder).of(version("1").id) is None


def test_only_the_host_with_the_text_starts_the_job(hosts: tuple[Host, Host]) -> None:
    one, two = hosts
    one.save(version("1"))
    (row,) = one.store.read(lambda r: r.scan(OCCURRENCES_BY_JOB, version("1").id))
    handled = two.store.write(lambda tx: handle_due(tx, two.owner, row.id, row.due_at)).occurrence
    assert handled is not None
    assert (handled.state, handled.reason) == (OccurrenceState.PENDING, Reason.NO_NODE)
    claimed = one.store.write(lambda tx: claim(tx, one.owner, row.id, row.due_at)).occurrence
    assert claimed is not None
    assert (claimed.state, claimed.owner) == (OccurrenceState.RUNNING, one.owner.node_id)


def test_a_node_that_was_declared_lost_starts_nothing(hosts: tuple[Host, Host]) -> None:
    one, two = hosts
    one.save(version("1"))
    (row,) = one.store.read(lambda r: r.scan(OCCURRENCES_BY_JOB, version("1").id))

    def declare() -> bool:
        return two.store.write(
            lambda tx: declare_lost(
                tx, node_id=one.owner.node_id, actor="engine two", now=START, detail={"free_s": 300}
            )
        )

    assert [declare(), declare()] == [True, False]
    handled = one.store.write(lambda tx: handle_due(tx, one.owner, row.id, row.due_at)).occurrence
    assert handled is not None
    assert handled.state is OccurrenceState.PENDING
    event = one.store.read(lambda r: r.scan(EVENTS_BY_SEQUENCE))[-2:]
    assert {"node": str(one.owner.node_id), "host": "one", **SEEN} in [found.detail for found in event]


async def test_a_retry_of_a_version_that_no_file_here_has_had_runs_nothing(hosts: tuple[Host, Host]) -> None:
    """Regression: a run's row says its version, and only the version in force was compared with the files."""
    one, supervisor = hosts[0], FakeSupervisor()
    definition = job(task("dump", settings={"retry_policy.max_retries": 1}), name="a")
    one.save(definition)
    engine = TurningEngine(one.store, ManualClock(START), supervisor)
    engine.owner = one.owner
    await engine.begin()
    engine.clock.advance(30)
    await engine.sync()
    (order,) = supervisor.orders
    supervisor.end(result_of(order.attempt_id, engine.clock.now(), exit_code=1))
    await engine._settle()
    (stored,) = one.store.read(lambda r: r.scan(VERSIONS_BY_JOB, definition.id))
    (run,) = one.store.read(lambda r: r.scan(OCCURRENCES_BY_JOB_STATE, definition.id, OccurrenceState.RUNNING))
    forged = replace(stored, number=2, definition=job(task("dump", cwd="/theirs"), name="a").to_json())
    one.store.write(lambda tx: (tx.insert(JOB_VERSIONS, forged), tx.replace(OCCURRENCES, run, replace(run, version=2))))
    engine.clock.advance(60)
    await engine.sync()
    assert supervisor.orders == [order]
    tries = one.store.read(lambda r: r.scan(ATTEMPTS_BY_OCCURRENCE, run.id))
    assert (tries[1].state, tries[1].reason) == (AttemptState.FAILED, Reason.SPAWN)
    assert tries[1].detail == {"error": "no file here has had version 2 of its job"}
    await engine.close()
