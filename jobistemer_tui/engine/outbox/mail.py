"""Mail by the standard library, over TLS unless the server is on this machine."""

from __future__ import annotations

import smtplib
import socket
import ssl
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

from jobistemer_tui.domain.announcements import MailServer
from jobistemer_tui.domain.records import Notification
from jobistemer_tui.engine.cutoff import Cutoff
from jobistemer_tui.engine.outbox.vault import Vault
from jobistemer_tui.engine.transactions.outbox import Answer

STEP_S = 15.0
"""How long one step of a conversation may take."""
WHOLE_S = 30.0
"""How long all of it may take."""


def send_mail(row: Notification, server: MailServer | None, vault: Vault) -> Answer:
    """Give the mail to the server of `config.toml`; the same Message-ID at each try, so that a second one shows."""
    if server is None:
        return Answer("config.toml has no [mail] with host and sender")
    try:
        with Cutoff(WHOLE_S) as cutoff, _connected(server, cutoff) as connection:
            if server.user is not None and server.password is not None:
                connection.login(server.user, vault.secret(server.password))
            refused = connection.send_message(_message(row, server.sender, row.created_at))
    except smtplib.SMTPResponseException as error:
        return Answer(f"the mail server answered {error.smtp_code} {_text(error.smtp_error)}")
    except smtplib.SMTPRecipientsRefused as error:
        return Answer(f"the mail server refused {_refusals(error.recipients)}")
    except (smtplib.SMTPException, OSError) as error:
        return Answer(f"the mail could not be sent: {error!r}")
    except ValueError as error:
        # Its text may quote the password in other words than it has.
        return Answer(f"the mail could not be sent: {type(error).__name__}")
    return Answer(result={"refused": _refusals(refused)} if refused else {})


class _Plain(smtplib.SMTP):
    """A connection that ends with its cutoff; it connects while it is made."""

    def __init__(self, cutoff: Cutoff, server: MailServer, **options: Any) -> None:
        self._cutoff = cutoff
        name = socket.gethostname()  # not getfqdn, which may ask a name server for long
        super().__init__(server.host, server.port, local_hostname=name, timeout=STEP_S, **options)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        connection: socket.socket = super()._get_socket(host, port, timeout)  # type: ignore[misc]  # not in the stub
        self._cutoff.watch(connection)
        return connection


class _Tls(_Plain, smtplib.SMTP_SSL):
    """The same with TLS from the beginning."""


def _connected(server: MailServer, cutoff: Cutoff) -> smtplib.SMTP:
    """A connection, protected as the settings say. Never falls back to a clear one. Raises SMTPException, OSError."""
    if server.security == "ssl":
        return _Tls(cutoff, server, context=ssl.create_default_context())
    connection = _Plain(cutoff, server)
    if server.security == "starttls":
        try:
            connection.starttls(context=ssl.create_default_context())
            if connection.sock is not None:
                cutoff.watch(connection.sock)
        except BaseException:
            connection.close()
            raise
    return connection


def _message(row: Notification, sender: str, at: datetime) -> EmailMessage:
    message = EmailMessage()
    message["From"] = sender
    message["To"] = ", ".join(row.target["to"])
    message["Subject"] = f"[jobistemer] {row.payload['title']}"
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{row.id}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(row.payload["text"] + "\n")
    return message


def _refusals(recipients: dict[str, tuple[int, bytes]]) -> str:
    return ", ".join(f"{address} ({code} {_text(text)})" for address, (code, text) in recipients.items())


def _text(answer: bytes | str) -> str:
    return answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
