"""Mail by the standard library, over TLS unless the server is on this machine."""

from __future__ import annotations

import smtplib
import socket
import ssl
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime

from jobistemer_tui.domain.announcements import MailServer
from jobistemer_tui.domain.records import Notification
from jobistemer_tui.engine.outbox.vault import Vault
from jobistemer_tui.engine.transactions.outbox import Answer

STEP_S = 15.0


def send_mail(row: Notification, server: MailServer | None, vault: Vault) -> Answer:
    """Give the mail to the server of `config.toml`; the same Message-ID at each try, so that a second one shows."""
    if server is None:
        return Answer("config.toml has no [mail] with host and sender")
    try:
        with _connected(server) as connection:
            if server.user is not None and server.password is not None:
                connection.login(server.user, vault.secret(server.password))
            refused = connection.send_message(_message(row, server.sender, row.created_at))
    except smtplib.SMTPResponseException as error:
        return Answer(f"the mail server answered {error.smtp_code} {_text(error.smtp_error)}")
    except smtplib.SMTPRecipientsRefused as error:
        return Answer(f"the mail server refused {_refusals(error.recipients)}")
    except (smtplib.SMTPException, OSError, ValueError) as error:
        return Answer(f"the mail could not be sent: {error!r}")
    return Answer(result={"refused": _refusals(refused)} if refused else {})


def _connected(server: MailServer) -> smtplib.SMTP:
    """A connection, protected as the settings say. Never falls back to a clear one. Raises SMTPException, OSError."""
    name = socket.gethostname()  # not getfqdn, which may ask a name server for long
    if server.security == "ssl":
        return smtplib.SMTP_SSL(
            server.host, server.port, local_hostname=name, timeout=STEP_S, context=ssl.create_default_context()
        )
    connection = smtplib.SMTP(server.host, server.port, local_hostname=name, timeout=STEP_S)
    if server.security == "starttls":
        try:
            connection.starttls(context=ssl.create_default_context())
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
