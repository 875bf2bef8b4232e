"""Mail to a real server on the loopback: plain, STARTTLS and TLS."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from jobistemer_tui.domain.announcements import MailServer
from jobistemer_tui.domain.secret import SecretSource
from jobistemer_tui.engine.outbox import mail as module
from jobistemer_tui.engine.outbox.mail import send_mail
from tests.engine.outbox.test_requests import line, secret, vault
from tests.support.endless_server import endless_server
from tests.support.mail_sink import CERTIFICATE, MailSink, mail_sink

ROW = line("mail", {"to": ["ops@example.org", "me@example.org"]})


@pytest.fixture(autouse=True)
def trusted_certificate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))


def server(sink: MailSink, folder: Path | None = None, *, host: str = "127.0.0.1") -> MailServer:
    made = MailServer(host, sink.port, sink.security, "jobs@example.org")
    if folder is None:
        return made
    return replace(made, user="jobs", password=SecretSource.from_json(secret(folder, "hush-hush")))


def test_a_mail_has_what_a_person_and_a_program_need() -> None:
    with mail_sink() as sink:
        assert send_mail(ROW, server(sink), vault()).error is None
    (mail,) = sink.mails
    assert mail["Subject"] == "[jobistemer] backup failed"
    assert (mail["From"], mail["To"]) == ("jobs@example.org", "ops@example.org, me@example.org")
    assert mail["Message-ID"] == f"<{ROW.id}@example.org>", "the same at each try"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content().split() == ["backup", "failed"]


@pytest.mark.parametrize("security", ["starttls", "ssl"])
def test_a_password_is_sent_under_protection_only(tmp_path: Path, security: str) -> None:
    with mail_sink(security) as sink:
        assert send_mail(ROW, server(sink, tmp_path), vault()).error is None
    assert sink.logins == ["jobs hush-hush"]
    assert len(sink.mails) == 1
    assert not any("AUTH" in words or "MAIL" in words for words in sink.in_the_clear)


def test_without_the_protection_that_was_asked_for_nothing_is_sent(tmp_path: Path) -> None:
    with mail_sink("starttls", offers_tls=False) as sink:
        answer = send_mail(ROW, server(sink, tmp_path), vault())
    assert answer.error is not None
    assert "STARTTLS" in answer.error
    assert (sink.mails, sink.logins) == ([], [])


@pytest.mark.parametrize("security", ["starttls", "ssl"])
def test_a_certificate_that_nobody_vouches_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, security: str) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    with mail_sink(security) as sink:
        answer = send_mail(ROW, server(sink, tmp_path), vault())
    assert answer.error is not None
    assert "certificate" in answer.error.lower()
    assert (sink.mails, sink.logins) == ([], [])


def test_what_a_server_refuses_is_said() -> None:
    with mail_sink(refuses="550 no such user") as sink:
        answer = send_mail(ROW, server(sink), vault())
    assert answer.error is not None
    assert "ops@example.org (550 no such user)" in answer.error


def test_a_server_that_is_not_there_or_not_configured() -> None:
    with mail_sink() as sink:
        gone = server(sink)
    answer = send_mail(ROW, gone, vault())
    assert answer.error is not None
    assert "could not be sent" in answer.error
    assert send_mail(ROW, None, vault()).error == "config.toml has no [mail] with host and sender"


def test_a_server_whose_greeting_never_ends_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WHOLE_S", 0.5)
    with endless_server(b"220-welcome\r\n") as port:
        answer = send_mail(ROW, MailServer("127.0.0.1", port, "none", "jobs@example.org"), vault())
    assert answer.error is not None


def test_an_error_does_not_quote_a_password_in_other_words(tmp_path: Path) -> None:
    kept = vault()
    with mail_sink("starttls") as sink:
        password = SecretSource.from_json(secret(tmp_path, "hüsh'\"\\x"))
        answer = send_mail(ROW, replace(server(sink), user="jobs", password=password), kept)
    assert answer.error is not None
    assert "hüsh" not in kept.masked(answer.error)
