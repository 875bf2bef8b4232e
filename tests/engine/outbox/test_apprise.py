"""Apprise, the extra, against a real server on the loopback."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from jobistemer_tui.engine.outbox.apprise_bridge import send_apprise
from tests.engine.outbox.test_requests import line, secret, vault
from tests.support.http_receiver import http_receiver

# On Python 3.11 and 3.12 one of its plugins imports a module of the standard library that is to go.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr':DeprecationWarning")


def test_it_delivers_title_and_text(tmp_path: Path) -> None:
    with http_receiver() as receiver:
        url = secret(tmp_path, receiver.url.replace("http://", "json://"))
        assert send_apprise(line("apprise", {"url": url}), vault()).error is None
    (got,) = receiver.received
    assert (got.json["title"], got.json["message"].strip()) == ("backup failed", "backup failed")


def test_what_it_could_not_deliver_is_a_failure(tmp_path: Path) -> None:
    with http_receiver([500]) as receiver:
        url = secret(tmp_path, receiver.url.replace("http://", "json://"))
        assert send_apprise(line("apprise", {"url": url}), vault()).error == "Apprise could not deliver it"


def test_a_url_that_it_does_not_understand_is_a_failure_and_not_told(tmp_path: Path) -> None:
    answer = send_apprise(line("apprise", {"url": secret(tmp_path, "hush://hush-hush")}), vault())
    assert answer.error == "Apprise does not understand the URL"


def test_without_the_extra_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    answer = send_apprise(line("apprise", {"url": secret(tmp_path, "json://x")}), vault())
    assert answer.error == "Apprise is not installed; install jobistemer-tui[notify]"
