"""What may stand between a program and its PostgreSQL server: a line that is cut, and a pool that lends sessions.

The messages are those of https://www.postgresql.org/docs/current/protocol-message-formats.html.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

import psycopg

COMMIT = b"\0COMMIT\0"
"""How the statement looks on the line; READ COMMITTED is another."""
_ENCRYPTION_REQUESTS = (80877103, 80877104)
_PARAMETERS = {"server_version": "18.0", "server_encoding": "UTF8", "client_encoding": "UTF8", "TimeZone": "UTC"}


def server_socket(url: str) -> socket.socket:
    """A connection to the server that a URL names."""
    info = psycopg.conninfo.conninfo_to_dict(url)
    host, port = str(info.get("host") or "localhost"), int(info.get("port") or 5432)
    if not host.startswith("/"):
        return socket.create_connection((host, port))
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(f"{host}/.s.PGSQL.{port}")
    return connection


@dataclass
class Between:
    """A port of this machine that leads to the server, as long as it is not closed."""

    target: str
    """The server's URL, without a schema."""
    listener: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0)))
    sockets: list[socket.socket] = field(default_factory=list)

    def url(self, store_url: str) -> str:
        """The URL of a store through this port."""
        parts = urlsplit(store_url)
        query = dict(parse_qsl(parts.query))
        query.pop("host", None)
        user = query.pop("user", parts.username or "")
        port = self.listener.getsockname()[1]
        rest = "&".join(f"{name}={value}" for name, value in query.items())
        return f"postgresql://{user}@127.0.0.1:{port}{parts.path}?{rest}"

    def run(self) -> None:
        """Serve each client on a thread of its own until the listener is shut."""
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                self.sockets.append(client)
                threading.Thread(target=self._guarded, args=(client,), daemon=True).start()

    def _guarded(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError, EOFError):
            self.serve(client)

    def serve(self, client: socket.socket) -> None:
        """Talk to one client until it is gone."""
        raise AssertionError("each kind says how it serves")

    def cut(self) -> None:
        """Cut all that is connected."""
        for one in self.sockets:
            _shut(one)


@dataclass
class Line(Between):
    """Passes everything on. Of the next message that holds `lose_answer` the answer never comes: the line is cut."""

    lose_answer: bytes = b""
    lost: int = 0

    def serve(self, client: socket.socket) -> None:
        with server_socket(self.target) as server, contextlib.ExitStack() as stack:
            self.sockets.append(server)
            # Closing alone would tell the server nothing while the other thread still reads from it.
            stack.callback(_shut, server)
            gate = threading.Event()
            gate.set()
            threading.Thread(target=_pump, args=(server, client, gate), daemon=True).start()
            while data := client.recv(1 << 16):
                if self.lose_answer and self.lose_answer in data:
                    self.lose_answer = b""
                    self.lost += 1
                    gate.clear()
                server.sendall(data)  # what asks for the answer may follow


def _pump(server: socket.socket, client: socket.socket, gate: threading.Event) -> None:
    """Answers go back while the gate is open; the first one that finds it shut ends the line."""
    with contextlib.suppress(OSError):
        while data := server.recv(1 << 16):
            if not gate.is_set():
                break
            client.sendall(data)
    _shut(client)


def _shut(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)


@dataclass
class Pool(Between):
    """Lends one session of the server to all clients, for a transaction at a time; `strict` about startup."""

    strict: bool = False
    _lending: threading.Lock = field(default_factory=threading.Lock)
    _session: socket.socket | None = None

    def serve(self, client: socket.socket) -> None:
        parameters = self._greet(client)
        if self.strict and b"options" in parameters:
            client.sendall(_message(b"E", b"SFATAL\0C08P01\0Munsupported startup parameter: options\0\0"))
            return
        if self._session is None:
            self._session = self._log_in(parameters)
        client.sendall(_message(b"R", struct.pack("!i", 0)))
        for name, value in _PARAMETERS.items():
            client.sendall(_message(b"S", f"{name}\0{value}\0".encode()))
        client.sendall(_message(b"K", struct.pack("!ii", 4711, 4712)) + _message(b"Z", b"I"))
        while True:
            first = _read_message(client)
            with self._lending:
                state = self._exchange(client, self._session, first)
                while state != b"I":
                    state = self._exchange(client, self._session, _read_message(client))

    def _greet(self, client: socket.socket) -> bytes:
        while True:
            (length,) = struct.unpack("!i", _exactly(client, 4))
            payload = _exactly(client, length - 4)
            if struct.unpack("!i", payload[:4])[0] not in _ENCRYPTION_REQUESTS:
                return payload
            client.sendall(b"N")

    def _log_in(self, startup: bytes) -> socket.socket:
        server = server_socket(self.target)
        self.sockets.append(server)
        server.sendall(struct.pack("!i", len(startup) + 4) + startup)
        while _read_message(server)[0] != b"Z":
            pass
        return server

    def _exchange(self, client: socket.socket, server: socket.socket, first: tuple[bytes, bytes]) -> bytes:
        """Pass on messages up to one that asks for an answer, and the answer; gives the state of the transaction."""
        kind, body = first
        server.sendall(_message(kind, body))
        while kind not in (b"Q", b"S"):
            kind, body = _read_message(client)
            server.sendall(_message(kind, body))
        while True:
            kind, body = _read_message(server)
            client.sendall(_message(kind, body))
            if kind == b"Z":
                return body


def _message(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!i", len(body) + 4) + body


def _read_message(connection: socket.socket) -> tuple[bytes, bytes]:
    kind = _exactly(connection, 1)
    (length,) = struct.unpack("!i", _exactly(connection, 4))
    return kind, _exactly(connection, length - 4)


def _exactly(connection: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        part = connection.recv(size - len(data))
        if not part:
            raise EOFError
        data += part
    return data


@contextlib.contextmanager
def running(between: Between) -> Iterator[Between]:
    """It serves until the end of the block."""
    thread = threading.Thread(target=between.run, daemon=True)
    thread.start()
    try:
        yield between
    finally:
        between.listener.shutdown(socket.SHUT_RDWR)
        between.listener.close()
        between.cut()
        thread.join(60)
        for one in between.sockets:
            one.close()
