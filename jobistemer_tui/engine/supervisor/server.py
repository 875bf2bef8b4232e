"""The socket's side of the supervisor: who is connected, and which lines are heard."""

from __future__ import annotations

import os
import selectors
import socket
from collections.abc import Callable, Sequence
from typing import Protocol

from . import lock, protocol
from .connection import Connection
from .protocol import BadRequest, Message

Selector = selectors.BaseSelector


class Commands(Protocol):
    """What answers requests."""

    def answer(self, command: str, message: Message) -> Message:
        """The answer to one request; raises BadRequest and OSError."""


class Server:
    """Accepts engines; the newest that said hello is the only one that is heard."""

    def __init__(self, listener: socket.socket, selector: Selector, store_id: str, boot_id: str) -> None:
        self._listener: socket.socket | None = listener
        self._selector = selector
        self._store_id = store_id
        self._boot_id = boot_id
        self._connections: list[Connection] = []
        self.commands: Commands | None = None
        self.on_engine_gone: Callable[[], None] = lambda: None
        selector.register(listener.fileno(), selectors.EVENT_READ, self.serve)

    @property
    def connected(self) -> bool:
        """True while anybody is connected."""
        return bool(self._connections)

    @property
    def engine_listens(self) -> bool:
        """True while an engine that said hello is connected."""
        return any(connection.introduced for connection in self._connections)

    def serve(self) -> None:
        """Accept who waits, then hear everybody, the newest first.

        In that order a new engine's hello that has already come throws away what an older one had sent before
        any of it is obeyed.
        """
        self._accept()
        for connection in reversed(self._connections.copy()):
            if not connection.closed:
                for line in connection.receive():
                    if not connection.closed:
                        self._hear(connection, line)
                connection.flush()
            self._tidy()

    def push(self, messages: Sequence[Message]) -> None:
        """Send events to the engine, if one is connected."""
        for connection in self._connections.copy():
            if connection.introduced:
                for message in messages:
                    connection.put(message)
                connection.flush()
        self._tidy()

    def close(self) -> None:
        """Accept nobody any more and close everything."""
        if self._listener is not None:
            self._selector.unregister(self._listener.fileno())
            self._listener.close()
            self._listener = None
        for connection in self._connections:
            connection.close()
        self._tidy()

    def _accept(self) -> None:
        while self._listener is not None:
            try:
                accepted, _ = self._listener.accept()
            except OSError:  # nobody waits, or no descriptor is left
                return
            if not lock.is_own_user(accepted):
                accepted.close()
                continue
            connection = Connection(accepted)
            self._connections.append(connection)
            self._selector.register(connection.descriptor, selectors.EVENT_READ, self.serve)

    def _hear(self, connection: Connection, line: bytes) -> None:
        number: object = None
        try:
            message = protocol.decode(line)
            number = message.get("request")
            answer = self._answer(connection, message)
        except BadRequest as error:
            answer = {"error": "bad_request", "message": str(error)}
        except OSError as error:
            answer = {"error": "failed", "message": f"{error.strerror or error}"}
        if number is not None:
            connection.put({"request": number, **answer})

    def _answer(self, connection: Connection, message: Message) -> Message:
        command = str(message.get("command"))
        if command == "hello":
            return self._hello(connection, message)
        if not connection.introduced or self.commands is None:
            raise BadRequest("say hello first")
        return self.commands.answer(command, message)

    def _hello(self, connection: Connection, message: Message) -> Message:
        if message.get("protocol") != protocol.PROTOCOL:
            text = f"this supervisor speaks protocol {protocol.PROTOCOL}; drain it, then connect again"
            return {"error": "wrong_protocol", "message": text}
        if message.get("store") != self._store_id:
            return {"error": "wrong_store", "message": f"this supervisor belongs to store {self._store_id}"}
        for other in self._connections:
            if other is not connection:
                other.close()
        connection.introduced = True
        return {
            "pid": os.getpid(),
            "protocol": protocol.PROTOCOL,
            "boot_id": self._boot_id,
            "features": list(protocol.FEATURES),
        }

    def _tidy(self) -> None:
        """Let go of closed sockets at once, since their numbers may be used again."""
        left = False
        for connection in self._connections.copy():
            if connection.closed:
                self._connections.remove(connection)
                self._selector.unregister(connection.descriptor)
                connection.socket.close()
                left = left or connection.introduced
            else:
                writing = selectors.EVENT_WRITE if connection.sending else 0
                events = selectors.EVENT_READ | writing
                if self._selector.get_key(connection.descriptor).events != events:
                    self._selector.modify(connection.descriptor, events, self.serve)
        if left and not self.engine_listens:
            self.on_engine_gone()
