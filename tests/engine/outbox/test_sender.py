"""The engine empties the outbox: real files, a real database, real receivers, and time in the test's hand."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from jobistemer_tui.domain import identity
from jobistemer_tui.domain.announcements import MailServer
from jobistemer_tui.domain.records import Notification
from jobistemer_tui.domain.records import NotificationState as N
from jobistemer_tui.domain.states import OccurrenceState as O
from jobistemer_tui.engine.node_options import StopMode
from jobistemer_tui.engine.outbox import deliver as deliver_module
from jobistemer_tui.engine.transactions.outbox import PROGRAM_TRIES
from jobistemer_tui.jobfiles.reading import ConfigLevel
from jobistemer_tui.storage.tables import NOTIFICATIONS, NOTIFICATIONS_BY_JOB
from tests.engine.outbox.test_requests import secret
from tests.engine.test_node import trigger
from tests.support.engine_home import EngineHome
from tests.support.http_receiver import HttpReceiver, http_receiver
from tests.support.mail_sink import mail_sink


def outbox(home: EngineHome, name: str = "backup") -> list[Notification]:
    return home.store.read(lambda reader: reader.scan(NOTIFICATIONS_BY_JOB, identity.job_id(name)))


def states(home: EngineHome) -> list[N]:
    return [row.state for row in outbox(home)]


def tell(home: EngineHome, receiver: HttpReceiver, run: str = "exit 1", on: str = '["failure", "recovery"]') -> None:
    home.job("backup", run, more=f'notify = {{ on = {on}, webhook = "{receiver.url}" }}')


async def one_run(home: EngineHome) -> None:
    """Let the job run once more, to its end."""
    count = len(home.rows("backup", O.COMPLETED, O.FAILED))
    home.clock.advance(60)
    await home.until(lambda: len(home.rows("backup", O.COMPLETED, O.FAILED)) > count)


async def test_a_failure_and_the_recovery_reach_their_receiver_in_order(home: EngineHome) -> None:
    switch = home.folder / "good"
    with http_receiver() as receiver:
        tell(home, receiver, f"test -e {switch}")
        await home.start()
        await one_run(home)
        await one_run(home)
        await home.until(lambda: receiver.events() == ["failure"])
        switch.touch()
        await one_run(home)
        await home.until(lambda: receiver.events() == ["failure", "recovery"])
        await home.until(lambda: states(home) == [N.SENT, N.SENT])
    assert receiver.received[0].json["title"] == "backup failed"
    assert "notification_sent" in home.kinds()


async def test_what_fails_is_tried_again_after_its_wait_and_holds_back_what_follows(home: EngineHome) -> None:
    switch = home.folder / "good"
    with http_receiver([500, 200]) as receiver:
        tell(home, receiver, f"test -e {switch}")
        await home.start()
        await one_run(home)
        await home.until(lambda: [row.error for row in outbox(home)] == ["the server answered 500"])
        switch.touch()
        (row,) = outbox(home)
        assert (row.not_before - home.clock.now()).total_seconds() == 10
        home.clock.advance(9)
        await home.quiet()
        assert len(receiver.received) == 1
        home.clock.advance(1)
        await home.until(lambda: states(home) == [N.SENT])
        await one_run(home)
        await home.until(lambda: states(home) == [N.SENT, N.SENT])
    assert receiver.events() == ["failure", "failure", "recovery"]
    keys = [got.headers["idempotency-key"] for got in receiver.received]
    assert keys[0] == keys[1] != keys[2]


async def test_what_a_clock_that_was_ahead_has_put_off_is_sent_when_it_is_right_again(home: EngineHome) -> None:
    with http_receiver([500, 200]) as receiver:
        tell(home, receiver)
        await home.start()
        home.clock.set_wall(1800.0)
        await one_run(home)
        await home.until(lambda: [row.error for row in outbox(home)] == ["the server answered 500"])
        home.clock.set_wall(-1800.0)
        await home.until(lambda: outbox(home)[0].not_before <= home.clock.now())
        await home.until(lambda: states(home) == [N.SENT])
    assert receiver.events() == ["failure", "failure"]


def keys(receiver: HttpReceiver) -> set[str]:
    """What has come, each once, however often it was sent."""
    return {got.headers["idempotency-key"] for got in receiver.received}


async def test_a_receiver_that_hangs_holds_up_nothing_but_its_own(
    home: EngineHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliver_module, "LIMIT_S", 2.0)
    with http_receiver(hangs=True) as deaf, http_receiver() as good:
        rules = f'[{{ on = "success", webhook = "{deaf.url}" }}, {{ on = "success", webhook = "{good.url}" }}]'
        home.job("backup", more=f"notify = {rules}")
        await home.start()
        for count in (1, 2, 3):
            await one_run(home)
            await home.until(lambda count=count: len(keys(good)) == count)  # type: ignore[misc]
        await home.until(lambda: any(row.error == "no answer within 2 s" for row in outbox(home)))
        assert len(keys(deaf)) == 1


async def test_what_was_committed_before_a_crash_is_sent_by_the_next_engine(home: EngineHome) -> None:
    with http_receiver(hangs=True) as deaf:
        tell(home, deaf)
        node = await home.start()
        await one_run(home)
        await home.until(lambda: deaf.received)
        await home.kill(node)
        assert [(row.state, row.tries) for row in outbox(home)] == [(N.WAITING, 1)], "the try was counted beforehand"
        deaf.held.set()
        await home.start()
        await home.quiet()
        assert len(deaf.received) == 1, "the try of the dead may still arrive"
        await home.until(lambda: states(home) == [N.SENT], step=5.0)
    assert [got.headers["idempotency-key"] for got in deaf.received] == [str(outbox(home)[0].id)] * 2


async def test_a_stop_breaks_off_what_hangs_and_the_next_engine_sends_it_at_once(home: EngineHome) -> None:
    with http_receiver(hangs=True) as deaf:
        tell(home, deaf)
        node = await home.start()
        await one_run(home)
        await home.until(lambda: deaf.received)
        node.stop(StopMode.HANDOVER)
        await home.until(home.running[node].done, step=1.0)
        await home.running.pop(node)
        deaf.held.set()
        await home.start()
        await home.until(lambda: states(home) == [N.SENT])
    assert len(deaf.received) == 2


async def test_a_hook_gets_the_report_and_one_that_fails_is_given_up_visibly(home: EngineHome) -> None:
    more = f"on_complete = 'cat > {home.folder}/$JOBISTEMER_OCCURRENCE_ID.json'\n"
    more += "on_failure = 'echo $JOBISTEMER_JOB $JOBISTEMER_STATUS; exit 4'"
    home.job("backup", "exit 3", schedule=None, more=more)
    await home.start()
    trigger(home, "backup")
    await home.until(lambda: sorted(states(home)) == [N.GIVEN_UP, N.SENT], step=5.0)
    bad, good = sorted(outbox(home), key=lambda row: row.state)
    assert (bad.tries, bad.error) == (3, "the program ended with 4")
    assert bad.result == {"exit_code": 4, "output": "backup failed"}
    assert good.state is N.SENT
    assert json.loads((home.folder / f"{good.occurrence_id}.json").read_text()) == good.payload
    assert good.payload["tasks"][0]["attempts"][0]["exit_code"] == 3
    assert "notification_given_up" in home.kinds()
    assert not list((home.nodes / "reports").iterdir())


async def test_a_hook_that_took_the_engine_with_it_at_each_try_is_given_up(home: EngineHome) -> None:
    home.job("backup", "exit 1", schedule=None, more=f"on_failure = 'echo >> {home.folder}/tried'")
    await home.start()
    trigger(home, "backup")
    await home.until(lambda: states(home) == [N.SENT], step=5.0)
    (row,) = outbox(home)
    # What is left of a try whose engine was killed: it was counted, and its lease has run out.
    worn = replace(row, id=identity.new_request_id(), lane=None, state=N.WAITING, tries=PROGRAM_TRIES)
    home.store.write(lambda tx: tx.insert(NOTIFICATIONS, worn))
    await home.until(lambda: N.GIVEN_UP in states(home), step=5.0)
    assert [one.error for one in outbox(home) if one.error] == ["the engine ended during try 3, the last"]
    assert (home.folder / "tried").read_text() == "\n", "it was not run again"


async def test_mail_goes_by_the_server_of_the_settings(home: EngineHome) -> None:
    with mail_sink() as sink:
        server = MailServer("127.0.0.1", sink.port, "none", "jobs@example.org")
        home.job("backup", "exit 1", more='notify = { on = "failure", mail = "ops@example.org" }')
        await home.start(config=ConfigLevel(mail=server))
        await one_run(home)
        await home.until(lambda: sink.mails)
    assert sink.mails[0]["Subject"] == "[jobistemer] backup failed"


async def test_secrets_are_in_no_row_whatever_happens(home: EngineHome) -> None:
    with http_receiver([500]) as receiver:
        where = json.dumps(secret(home.folder, f"{receiver.url}/hush-hush")["file"])
        home.job("backup", "exit 1", more=f'notify = {{ on = "failure", webhook = {{ url = {{ file = {where} }} }} }}')
        node = await home.start()
        await one_run(home)
        await home.until(lambda: [row.error for row in outbox(home)] == ["the server answered 500"])
        assert receiver.received[0].path == "/hush-hush"
        (home.folder / "secret").write_text("no url but hush-hush")
        await home.until(lambda: "look at the URL" in str(outbox(home)[0].error), step=5.0)
        (home.folder / "secret").unlink()
        await home.until(lambda: "secret" in str(outbox(home)[0].error), step=5.0)
        await home.stop(node)
    home.store.close()
    for path in home.folder.glob("store.db*"):
        if path.is_file():
            assert b"hush-hush" not in path.read_bytes()


async def test_a_line_that_cannot_be_sent_stops_no_other(home: EngineHome) -> None:
    with http_receiver() as receiver:
        tell(home, receiver, on='["success", "failure"]')
        await home.start()
        await one_run(home)
        await home.until(lambda: states(home) == [N.SENT])
        (row,) = outbox(home)
        broken = replace(
            row, id=identity.new_request_id(), lane=None, state=N.WAITING, tries=0, not_before=home.clock.now(),
            payload={**row.payload, "version": 99},
        )  # fmt: skip
        odd = replace(broken, id=identity.new_request_id(), channel="pigeon", payload=row.payload)
        program = {"run": f"touch {home.folder / 'theirs'}", "timeout": 9}
        theirs = replace(odd, id=identity.new_request_id(), channel="command", target=program)

        home.store.write(lambda tx: [tx.insert(NOTIFICATIONS, one) for one in (broken, odd, theirs)])
        await home.until(lambda: len([one for one in outbox(home) if one.error]) == 3, step=5.0)
        errors = {one.channel: (str(one.error), one.state) for one in outbox(home) if one.error}
        assert errors["webhook"][0].startswith("it cannot be sent: version 99")
        assert errors["pigeon"] == errors["command"] == ("its job does not say to tell this receiver", N.GIVEN_UP)
        assert not (home.folder / "theirs").exists()


async def test_a_python_hook_gets_the_report_and_the_secrets_which_are_kept_nowhere(home: EngineHome) -> None:
    place = json.dumps(secret(home.folder, "hush-hush")["file"])
    code = "import os\ndef told(report):\n    print(report['event'], report['status'], os.environ['TOKEN'])\n"
    module = home.jobs / "hooks.py"
    module.write_text(code)
    module.chmod(0o600)
    more = f"secrets = {{ TOKEN = {{ file = {place} }} }}\non_failure = {{ python = 'hooks.py:told' }}"
    home.job("backup", "exit 1", schedule=None, more=more)
    await home.start()
    trigger(home, "backup")
    await home.until(lambda: states(home) == [N.SENT], step=5.0)
    (row,) = outbox(home)
    assert row.result["output"] == "on_failure failed ****"
    assert not list((home.nodes / "reports").iterdir())


@pytest.mark.parametrize(
    ("target", "tries"), [({}, 0), ({"timeout": "long"}, 1), ({"timeout": 1e300}, 1)], ids=["none", "word", "endless"]
)
async def test_a_line_whose_target_makes_no_sense_is_given_up_and_holds_up_nothing(
    home: EngineHome, target: dict[str, object], tries: int
) -> None:
    """Regression: one that was due was looked at again and again without a pause; one put off failed each sweep."""
    home.job("backup", "true")
    await home.start()
    await one_run(home)
    now, job = home.clock.now(), home.the_job("backup")
    assert job is not None
    line = Notification(
        identity.new_request_id(), job.id, None, "hook", N.WAITING, now, now + timedelta(days=tries), target,
        {"version": 1}, tries,
    )  # fmt: skip
    home.store.write(lambda tx: tx.insert(NOTIFICATIONS, line))
    await home.until(lambda: states(home) == [N.GIVEN_UP], step=1.0)
