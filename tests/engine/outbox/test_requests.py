"""Webhooks and pings against a real server on the loopback."""

from __future__ import annotations

import base64
import json
import socket
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from jobistemer_tui.domain.records import Notification, NotificationState
from jobistemer_tui.engine.outbox import request
from jobistemer_tui.engine.outbox.request import ping_url, post_webhook, send_ping
from jobistemer_tui.engine.outbox.vault import MASK, Vault
from jobistemer_tui.engine.secrets import SecretUnavailable
from tests.support.endless_server import endless_server
from tests.support.http_receiver import http_receiver

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def line(channel: str, target: dict[str, Any], event: str = "failure") -> Notification:
    payload = {"event": event, "title": "backup failed", "text": "backup failed\n", "version": 1}
    return Notification(UUID(int=7), UUID(int=1), None, channel, NotificationState.WAITING, NOW, NOW, target, payload)


def vault() -> Vault:
    return Vault("/", {"PATH": "/usr/bin:/bin"})


def secret(folder: Path, text: str) -> dict[str, str]:
    path = folder / "secret"
    path.write_text(text + "\n")
    path.chmod(0o600)
    return {"file": str(path)}


def test_a_webhook_gets_the_document_and_a_key_that_shows_a_repetition(tmp_path: Path) -> None:
    with http_receiver() as receiver:
        headers = [["Authorization", secret(tmp_path, "Bearer hush")], ["X-Plain", "yes"]]
        row = line("webhook", {"url": receiver.url + "/in?a=b", "headers": headers})
        assert post_webhook(row, vault()).error is None
    (got,) = receiver.received
    assert (got.method, got.path, got.json) == ("POST", "/in?a=b", row.payload)
    wanted = {"authorization": "Bearer hush", "x-plain": "yes", "content-type": "application/json"}
    assert wanted.items() <= got.headers.items()
    assert got.headers["idempotency-key"] == str(row.id)


@pytest.mark.parametrize("status", [400, 404, 500, 503])
def test_an_answer_that_is_no_success_is_an_error(status: int) -> None:
    with http_receiver([status]) as receiver:
        answer = post_webhook(line("webhook", {"url": receiver.url, "headers": []}), vault())
    assert (answer.error, answer.result) == (f"the server answered {status}", {"status": status})


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed_so_that_no_header_goes_astray(tmp_path: Path, status: int) -> None:
    with http_receiver() as elsewhere, http_receiver([status]) as receiver:
        receiver.location = elsewhere.url
        headers = [["Authorization", secret(tmp_path, "Bearer hush")]]
        answer = post_webhook(line("webhook", {"url": receiver.url, "headers": headers}), vault())
    assert answer.error == f"the server answered {status}; redirects are not followed"
    assert elsewhere.received == []


def test_a_server_that_is_not_there() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/"
        answer = post_webhook(line("webhook", {"url": url, "headers": []}), vault())
    assert answer.error is not None
    assert answer.error.startswith("the server cannot be reached")


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://example.org/x"])
def test_a_secret_url_of_another_kind_is_given_up_at_once(tmp_path: Path, url: str) -> None:
    answer = post_webhook(line("webhook", {"url": secret(tmp_path, url), "headers": []}), vault())
    assert answer.final
    assert answer.error is not None


@pytest.mark.parametrize("url", ["nonsense", "http://[", "http://x y/"])
def test_a_secret_url_that_is_none(tmp_path: Path, url: str) -> None:
    answer = post_webhook(line("webhook", {"url": secret(tmp_path, url), "headers": []}), vault())
    assert answer.error is not None


def test_a_header_that_would_be_two_is_an_error(tmp_path: Path) -> None:
    with http_receiver() as receiver:
        headers = [["Authorization", secret(tmp_path, "a\r\nX-Other: b")]]
        answer = post_webhook(line("webhook", {"url": receiver.url, "headers": headers}), vault())
    assert answer.error is not None
    assert receiver.received == []


@pytest.mark.parametrize(
    ("event", "path"),
    [("success", "/id"), ("start", "/id/start"), ("failure", "/id/fail"), ("missed", "/id/fail")],
)
def test_a_ping_says_by_its_path_what_happened(event: str, path: str) -> None:
    with http_receiver() as receiver:
        assert send_ping(line("ping", {"url": receiver.url + "/id"}, event), vault()).error is None
    assert [(got.method, got.path, got.body) for got in receiver.received] == [("GET", path, b"")]


@pytest.mark.parametrize(
    ("url", "end", "wanted"),
    [
        ("https://x/id", "", "https://x/id"),
        ("https://x/id/", "/start", "https://x/id/start"),
        ("https://x/id?rid=1", "/fail", "https://x/id/fail?rid=1"),
        ("https://x", "/fail", "https://x/fail"),
    ],
)
def test_the_url_of_a_ping(url: str, end: str, wanted: str) -> None:
    assert ping_url(url, end) == wanted


def test_a_vault_masks_what_it_found_and_says_what_it_does_not_find(tmp_path: Path) -> None:
    kept = vault()
    assert kept.text("plain") == "plain"
    assert kept.text(secret(tmp_path, "hush-hush")) == "hush-hush"
    assert kept.masked("no hush-hush here, plain") == f"no {MASK} here, plain"
    with pytest.raises(SecretUnavailable):
        kept.text({"file": str(tmp_path / "absent")})
    assert kept.text({"command": ["echo", "abc"]}) == "abc"
    assert kept.masked("abc") == "abc", "three letters are in every other word"


@pytest.mark.parametrize(
    ("url", "hidden"),
    [
        ("https://user:hush-hush@127.0.0.1/x", "hush-hush"),
        ("http://127.0.0.1:9/hush hush", "hush hush"),
        ("http://127.0.0.1:9/hüsh", "hüsh"),
        ("hush-123:abc", "hush-123"),
    ],
)
def test_an_error_quotes_no_part_of_a_secret_url(tmp_path: Path, url: str, hidden: str) -> None:
    kept = vault()
    answer = send_ping(line("ping", {"url": secret(tmp_path, url)}), kept)
    assert answer.error is not None
    assert hidden not in kept.masked(answer.error)


def test_an_error_quotes_no_header_in_other_words(tmp_path: Path) -> None:
    kept = vault()
    headers = [["Authorization", secret(tmp_path, "hush'hush\nagain")]]
    with http_receiver() as receiver:
        answer = post_webhook(line("webhook", {"url": receiver.url, "headers": headers}), kept)
    assert answer.error is not None
    assert "hush" not in kept.masked(answer.error)


def test_a_vault_masks_what_others_make_of_a_secret(tmp_path: Path) -> None:
    kept = vault()
    value = kept.text(secret(tmp_path, "it's\\a\"secret"))
    forms = (repr(value)[1:-1], json.dumps(value)[1:-1], base64.b64encode(value.encode()).decode().rstrip("="))
    for form in forms:
        assert kept.masked(f"said {form}.").startswith(f"said {MASK}")


@pytest.mark.parametrize("piece", [b"x", b"HTTP/1.1 100 Continue\r\n\r\n"])
def test_a_server_that_never_comes_to_its_end_is_cut_off(monkeypatch: pytest.MonkeyPatch, piece: bytes) -> None:
    monkeypatch.setattr(request, "WHOLE_S", 0.5)
    with endless_server(piece) as port:
        answer = post_webhook(line("webhook", {"url": f"http://127.0.0.1:{port}/", "headers": []}), vault())
    assert answer.error is not None
