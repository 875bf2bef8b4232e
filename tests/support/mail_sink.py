"""A mail server on the loopback that keeps what it is given (RFC 5321, as far as smtplib speaks it)."""

from __future__ import annotations

import base64
import email
import email.policy
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path

CERTIFICATE = Path(__file__).with_name("mail_sink.pem")
"""Of `localhost` and 127.0.0.1, its own authority, for a hundred years; with its key, which protects nothing."""


@dataclass
class MailSink:
    """`security` as in `config.toml`; `refuses` answers every recipient so."""

    port: int = 0
    security: str = "none"
    refuses: str = ""
    offers_tls: bool = True
    mails: list[EmailMessage] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    in_the_clear: list[str] = field(default_factory=list)


@contextmanager
def mail_sink(security: str = "none", **values: object) -> Iterator[MailSink]:
    """A server that runs as long as the block."""
    sink = MailSink(security=security, **values)  # type: ignore[arg-type]  # fields of the sink
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            try:
                if security == "ssl":
                    self._protect()
                _Conversation(self, sink).hold()
            except (OSError, ValueError):
                return  # the other side has gone

        def protect(self) -> None:
            self._protect()

        def _protect(self) -> None:
            self.connection = context.wrap_socket(self.connection, server_side=True)
            self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", buffering=0)

        def finish(self) -> None:
            self.connection.close()

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

    with Server(("127.0.0.1", 0), Handler) as server:
        sink.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield sink
        finally:
            server.shutdown()
            thread.join()


class _Conversation:
    def __init__(self, handler: socketserver.StreamRequestHandler, sink: MailSink) -> None:
        self._handler, self._sink = handler, sink
        self._protected = sink.security == "ssl"

    def hold(self) -> None:
        """From the greeting to QUIT."""
        self._say("220 sink")
        while line := self._handler.rfile.readline():
            words = line.decode().strip()
            if not self._protected:
                self._sink.in_the_clear.append(words)
            if not self._answer(words):
                return

    def _answer(self, words: str) -> bool:
        match words.upper().split(":")[0].split():
            case ["EHLO", *_]:
                offers = self._sink.security == "starttls" and not self._protected and self._sink.offers_tls
                self._say("250-sink\r\n" + ("250-STARTTLS\r\n" if offers else "") + "250 AUTH PLAIN")
            case ["STARTTLS"]:
                self._say("220 go on")
                self._handler.protect()  # type: ignore[attr-defined]  # our own handler
                self._protected = True
            case ["AUTH", "PLAIN", *_]:
                self._sink.logins.append(base64.b64decode(words.split()[2]).decode().replace("\0", " ").strip())
                self._say("235 welcome")
            case ["RCPT", *_]:
                self._say(self._sink.refuses or "250 ok")
            case ["DATA"]:
                self._say("354 go on")
                self._sink.mails.append(email.message_from_bytes(self._body(), policy=email.policy.default))
                self._say("250 taken")
            case ["QUIT"]:
                self._say("221 bye")
                return False
            case _:
                self._say("250 ok")
        return True

    def _body(self) -> bytes:
        lines = []
        while (line := self._handler.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        return b"".join(lines)

    def _say(self, text: str) -> None:
        self._handler.wfile.write(text.encode() + b"\r\n")
