"""A person is told that a job fails, once, and that it works again; whatever is killed, nothing is lost."""

from __future__ import annotations

import json
import signal
import subprocess
from dataclasses import replace

import pytest

from jobistemer_tui.domain.records import NotificationState
from jobistemer_tui.storage.contract import Transaction
from jobistemer_tui.storage.open import open_store
from jobistemer_tui.storage.tables import NOTIFICATIONS, NOTIFICATIONS_BY_DUE
from tests.support.http_receiver import HttpReceiver, http_receiver
from tests.support.real_home import RealHome
from tests.support.wait_until import wait_until

JOB = """
[jobs.backup]
run = "test -e {switch}"
on_failure = 'echo "$JOBISTEMER_OCCURRENCE_ID" >> {ledger}'
notify = [{{ on = ["failure", "recovery"], after = 3, webhook = "{url}" }}]
"""


def write(home: RealHome, receiver: HttpReceiver) -> None:
    text = JOB.format(switch=home.folder / "switch", ledger=home.ledger, url=receiver.url)
    home.write("jobs.toml", text)


def one_run(home: RealHome) -> None:
    home.call("trigger", "backup", "--wait", code=None)


def test_three_failures_are_told_once_and_then_the_recovery(home: RealHome) -> None:
    with http_receiver() as receiver:
        write(home, receiver)
        home.start_engine()
        for _ in range(5):
            one_run(home)
        wait_until(lambda: receiver.received, what="the bad news")
        home.stop_engine()
        home.start_engine()
        one_run(home)
        (home.folder / "switch").touch()
        one_run(home)
        one_run(home)
        wait_until(lambda: len(receiver.received) == 2, what="the good news")
        wait_until(lambda: len(home.ledger_lines()) == 6, what="the hooks")
        home.stop_engine()
    bad, good = (got.json for got in receiver.received)
    assert (bad["title"], good["title"]) == ("backup failed (3 times in a row)", "backup works again")
    runs = home.runs("backup")
    failed = [run["id"] for run in runs if run["status"] == "failed"]
    assert sorted(home.ledger_lines()) == sorted(failed), "the hook ran once for each failure"
    third = sorted(failed, key=lambda id: next(run["started_at"] for run in runs if run["id"] == id))[2]
    assert bad["occurrence"] == third
    report = json.loads(home.here("show", third, "--report").stdout)
    assert report["tasks"] == bad["tasks"]
    (told, hook) = sorted(home.ask("show", third)["notifications"], key=lambda one: -len(one["channel"]))
    assert (told["channel"], told["status"], hook["event"], hook["status"]) == ("webhook", "sent", "on_failure", "sent")


@pytest.mark.parametrize(("moment", "tries"), [("found", 1), ("taken", 1), ("sent", 2)])
def test_killed_between_the_commit_and_the_sending(home: RealHome, moment: str, tries: int) -> None:
    """The engine dies by `kill -9` at a moment of the sending; the next one sends what was committed."""
    with http_receiver() as receiver:
        home.write("jobs.toml", f'[jobs.a]\nrun = "true"\nnotify = {{ on = "success", webhook = "{receiver.url}" }}\n')
        engine = subprocess.Popen(
            home.command("run", str(home.jobs), "--trigger", "a"), stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, env={**home.environ, "JOBISTEMER_KILL_AT": f"outbox.{moment}"},
        )  # fmt: skip
        assert engine.wait(60) == -signal.SIGKILL
        assert len(receiver.received) == tries - 1
        (run,) = home.runs("a")
        assert run["status"] == "completed"
        pass_the_lease(home)
        home.start_engine()
        wait_until(lambda: len(receiver.received) == tries, what="the message")
        wait_until(lambda: home.ask("show", run["id"])["notifications"][0]["status"] == "sent", what="its record")
        home.stop_engine()
    assert len({got.headers["idempotency-key"] for got in receiver.received}) == 1


def pass_the_lease(home: RealHome) -> None:
    """Let the lease of a try that was begun be over, as it would be in 45 seconds."""
    store = open_store(f"sqlite:{home.home / 'jobistemer.db'}")

    def work(tx: Transaction) -> None:
        for row in tx.scan(NOTIFICATIONS_BY_DUE, NotificationState.WAITING):
            tx.replace(NOTIFICATIONS, row, replace(row, not_before=row.created_at))

    store.write(work)
    store.close()
