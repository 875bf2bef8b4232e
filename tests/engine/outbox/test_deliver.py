"""One try: whatever goes wrong is in its answer, and nothing goes on that nobody waits for."""

from __future__ import annotations

import asyncio
import os
import threading
from pathlib import Path
from typing import Any

import pytest

from jobistemer_tui.domain.job import JobDefinition
from jobistemer_tui.domain.records import Notification
from jobistemer_tui.domain.secret import SecretSource
from jobistemer_tui.engine.outbox import deliver as module
from jobistemer_tui.engine.outbox.deliver import deliver
from jobistemer_tui.engine.outbox.hook import Surroundings
from jobistemer_tui.engine.outbox.vault import MASK, Vault
from jobistemer_tui.engine.transactions.outbox import Answer
from tests.engine.outbox.test_requests import line, secret
from tests.support.factories import make_definition
from tests.support.http_receiver import http_receiver
from tests.support.wait_until import wait_until_async


async def sent(row: Notification, folder: Path, definition: JobDefinition | None = None) -> Answer:
    around = Surroundings({"PATH": os.environ["PATH"]}, None, folder / "reports")
    return await deliver(row, definition or make_definition(cwd=str(folder)), around)


async def test_what_nobody_thought_of_is_an_answer_without_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(row: Notification, vault: Vault) -> Answer:
        raise RuntimeError("found " + vault.text(row.target["url"]) + "\x1b[2J")

    monkeypatch.setattr(module, "send_apprise", broken)
    answer = await sent(line("apprise", {"url": secret(tmp_path, "hush-hush")}), tmp_path)
    assert answer.error == f"it cannot be sent: RuntimeError('found {MASK}\\x1b[2J')"


@pytest.mark.parametrize(
    ("channel", "target", "error"),
    [
        ("mail", {"to": ["me@example.org"]}, "config.toml has no [mail] with host and sender"),
        ("apprise", {"url": "nonsense"}, "Apprise does not understand the URL"),
    ],
)
async def test_each_channel_has_its_sender(tmp_path: Path, channel: str, target: dict[str, Any], error: str) -> None:
    assert (await sent(line(channel, target), tmp_path)).error == error


async def test_a_ping_and_a_webhook_go_by_the_network(tmp_path: Path) -> None:
    with http_receiver() as receiver:
        assert await sent(line("ping", {"url": receiver.url + "/p"}), tmp_path) == Answer(result={"status": 200})
        assert await sent(line("webhook", {"url": receiver.url + "/w"}), tmp_path) == Answer(result={"status": 200})
    assert [got.path for got in receiver.received] == ["/p/fail", "/w"]


async def test_a_program_whose_secrets_come_after_it_was_broken_off_is_not_started(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "go")
    wait = SecretSource(command=("sh", "-c", f"touch {tmp_path}/asked; read -r line < {tmp_path}/go; echo {'x' * 8}"))
    definition = make_definition(cwd=str(tmp_path), secrets={"TOKEN": wait})
    row = line("hook", {"run": "touch started", "timeout": 30.0})
    task = asyncio.ensure_future(sent(row, tmp_path, definition))
    await wait_until_async((tmp_path / "asked").exists, what="the secret's program")
    threads = {thread.ident for thread in threading.enumerate() if thread.name == "secrets"}
    task.cancel()
    await asyncio.wait([task])
    (tmp_path / "go").write_text("on\n")
    await wait_until_async(
        lambda: threads.isdisjoint(thread.ident for thread in threading.enumerate()), what="its thread's end"
    )
    assert not (tmp_path / "started").exists()
