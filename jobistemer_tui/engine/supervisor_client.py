"""The engine's side of the supervisor: starts it when none is there, and talks to it.

`SupervisorClient.connect` is the way in. All methods belong to one event loop. Every method that waits for an
answer raises SupervisorUnavailable when the connection ends or no answer comes.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Generator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from jobistemer_tui.engine.supervisor.protocol import FEATURES, MAX_LINE, PROTOCOL, Message, decode, encode
from jobistemer_tui.engine.supervisor_client_launch import connect_socket, launch
from jobistemer_tui.engine.supervisor_client_types import (
    AttemptResult,
    Exists,
    Finished,
    Listing,
    Outcome,
    Running,
    RunningAttempt,
    Started,
    StartOrder,
    SupervisorRefused,
    SupervisorUnavailable,
    Voided,
    attempt_folder,
    instant_of,
    order_message,
    result_of,
)

__all__ = [
    "AttemptResult",
    "Exists",
    "Finished",
    "Listing",
    "Outcome",
    "Running",
    "RunningAttempt",
    "StartOrder",
    "Started",
    "SupervisorClient",
    "SupervisorRefused",
    "SupervisorUnavailable",
    "Voided",
    "attempt_folder",
]

T = TypeVar("T")
ANSWER_SECONDS = 30.0
HELLO_SECONDS = 5.0
CONNECT_SECONDS = 20.0
_RETRY_SECONDS = 0.02


class SupervisorClient:
    """One connection to the supervisor of one store on this host."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        on_finished: Callable[[AttemptResult], None],
        on_lost: Callable[[], None],
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._on_finished = on_finished
        self._on_lost = on_lost
        self._answers: dict[int, asyncio.Future[Message]] = {}
        self._number = 0
        self._ended = False
        self._closing = False
        self._features: frozenset[str] = frozenset()
        self.supervisor_pid = 0
        self._reading = asyncio.create_task(self._read(), name="supervisor client")

    @classmethod
    async def connect(
        cls,
        *,
        nodes_dir: Path,
        attempts_dir: Path,
        store_id: UUID,
        engine_id: UUID,
        on_finished: Callable[[AttemptResult], None],
        on_lost: Callable[[], None],
        idle_seconds: float = 30.0,
    ) -> SupervisorClient:
        """Connect to the supervisor, starting one if none holds the lock.

        `nodes_dir` is `<database>.nodes`, `attempts_dir` is `attempts/<store id>`; both are made if missing.
        `on_finished` is called on this loop for each attempt that ends from now on, always after the `start`
        of that attempt has returned to a caller that awaits it directly; results from before are in `list()`,
        and one that ends in between may come both ways. `on_lost` is called once when the connection ends
        other than by `close()`; connect again then.
        Raises SupervisorUnavailable, SupervisorRefused (another store, another protocol), OSError (folders).
        """
        for folder in (nodes_dir, attempts_dir):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        hello: Message = {"store": str(store_id), "protocol": PROTOCOL, "engine": str(engine_id)}
        loop = asyncio.get_running_loop()
        give_up = loop.time() + CONNECT_SECONDS
        launched_at = -1.0
        while loop.time() < give_up:
            streams = await connect_socket(nodes_dir)
            if streams is not None:
                client = cls(*streams, on_finished, on_lost)
                if await client._hello(hello) and (launched_at >= 0 or not await client._makes_way()):
                    return client
            elif loop.time() >= launched_at + 1.0:
                # One that loses the race for the lock ends quietly, so asking once more does no harm.
                await launch(nodes_dir, attempts_dir, store_id, idle_seconds)
                launched_at = loop.time()
            await asyncio.sleep(_RETRY_SECONDS)
        raise SupervisorUnavailable("the supervisor does not answer; no task can be started")

    def start(self, order: StartOrder) -> Awaitable[Started | Exists]:
        """Start an attempt, at most once ever. The order is on its way when this returns; await it for the answer.

        `Exists`: this attempt was started or voided before. `Started` with pid None: nothing could be spawned;
        the result (`spawn`, `not_started` or `canceled`) follows through `on_finished` like any other.
        Raises ValueError for an order that is too long for a line, or that this supervisor cannot carry out.
        """
        if order.secrets and "secrets" not in self._features:
            raise ValueError(
                "the supervisor that runs is an older one and cannot mask secrets; it goes when it is idle"
            )
        return _Later(partial(self._started, self._send("start", order_message(order))))

    async def _started(self, request: _Request) -> Started | Exists:
        answer = await self._answer(request, ANSWER_SECONDS)
        if not answer["started"]:
            return Exists()
        return Started(answer["pid"], instant_of(answer["started_at"]))

    async def cancel(self, attempt_id: UUID) -> None:
        """TERM, after the order's grace KILL, to all of the attempt's processes; its result follows.

        For an attempt that has not been started yet it is remembered: a later start ends as `canceled`.
        """
        await self._ask("cancel", id=str(attempt_id))

    async def void(self, attempt_id: UUID) -> Voided | Running | Finished:
        """Make sure that an attempt never starts, or learn what became of it."""
        answer = await self._ask("void", id=str(attempt_id))
        if answer["voided"]:
            return Voided()
        if answer["state"] == "running":
            return Running()
        return Finished(result_of(answer["result"]))

    async def list(self) -> Listing:
        """What runs, and the results that were not yet taken (also those from before this connection)."""
        answer = await self._ask("list")
        return Listing(
            tuple(
                RunningAttempt(UUID(item["id"]), item["pid"], instant_of(item["started_at"]))
                for item in answer["running"]
            ),
            tuple(result_of(item) for item in answer["finished"]),
        )

    def taken(self, attempt_id: UUID) -> None:
        """The result is committed in the store; the supervisor may forget it. Does not wait."""
        if not self._ended:
            self._writer.write(encode({"command": "taken", "id": str(attempt_id)}))

    async def drain(self) -> None:
        """No more starts; the supervisor ends when nothing runs any more, and `on_lost` is called then."""
        await self._ask("drain")

    async def close(self) -> None:
        """End the connection; tasks go on under the supervisor. `on_lost` is not called."""
        self._closing = True
        self._end()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()
        self._reading.cancel()
        await asyncio.wait({self._reading})

    async def _hello(self, hello: Message) -> bool:
        """Introduce this engine; False if the supervisor was just ending, so that it is worth another try."""
        lost, self._on_lost = self._on_lost, _nothing
        try:
            answer = await self._ask("hello", HELLO_SECONDS, **hello)
        except _ConnectionEnded:
            await self.close()
            return False
        except (SupervisorUnavailable, SupervisorRefused):
            await self.close()
            raise
        self.supervisor_pid = answer["pid"]
        self._features = frozenset(answer.get("features", ()))
        self._on_lost = lost
        return True

    async def _makes_way(self) -> bool:
        """Whether this is a supervisor of an earlier version that runs nothing: then it is told to end."""
        if self._features.issuperset(FEATURES):
            return False
        with contextlib.suppress(_ConnectionEnded):  # it was ending already
            if (await self.list()).running:
                return False
            await self.drain()
        await self.close()
        return True

    async def _ask(self, command: str, patience: float | None = None, /, **fields: object) -> Message:
        return await self._answer(self._send(command, fields), ANSWER_SECONDS if patience is None else patience)

    def _send(self, command: str, fields: Mapping[str, object]) -> _Request:
        line = encode({"command": command, "request": self._number + 1, **fields})
        if len(line) > MAX_LINE:
            raise ValueError(f"what the task is given is too much: {len(line)} bytes; at most {MAX_LINE} can be sent")
        self._number += 1
        request = _Request(self._number, asyncio.get_running_loop().create_future())
        if self._ended:
            _fail(request.waiting)
        else:
            self._answers[request.number] = request.waiting
            self._writer.write(line)
        return request

    async def _answer(self, request: _Request, seconds: float) -> Message:
        try:
            async with asyncio.timeout(seconds):
                answer = await request.waiting
        except TimeoutError:
            self._end()
            raise SupervisorUnavailable(f"the supervisor did not answer within {seconds:g} s") from None
        finally:
            self._answers.pop(request.number, None)
        if "error" in answer:
            raise SupervisorRefused(str(answer.get("message", answer["error"])))
        return answer

    async def _read(self) -> None:
        try:
            while line := await self._reader.readline():
                self._receive(decode(line))
        except (OSError, ValueError, KeyError, TypeError):
            pass  # a line that makes no sense ends the connection like any other break
        finally:
            self._end()

    def _receive(self, message: Message) -> None:
        if message.get("event") == "finished":
            # One turn later, so that the start of the same attempt returns first.
            asyncio.get_running_loop().call_soon(self._on_finished, result_of(message["result"]))
            return
        waiting = self._answers.get(message.get("request", 0))
        if waiting is not None and not waiting.done():
            waiting.set_result(message)

    def _end(self) -> None:
        if self._ended:
            return
        self._ended = True
        self._writer.close()
        for waiting in self._answers.values():
            if not waiting.done():
                _fail(waiting)
        if not self._closing:
            asyncio.get_running_loop().call_soon(self._on_lost)


class _Request(NamedTuple):
    """Something that was sent, and where its answer will be."""

    number: int
    waiting: asyncio.Future[Message]


class _Later(Awaitable[T]):
    """Work that begins when it is awaited, so that nothing unfinished is left behind by whoever never does."""

    def __init__(self, work: Callable[[], Awaitable[T]]) -> None:
        self._work = work

    def __await__(self) -> Generator[Any, Any, T]:
        return self._work().__await__()


class _ConnectionEnded(SupervisorUnavailable):
    def __init__(self) -> None:
        super().__init__("the connection to the supervisor has ended")


def _fail(waiting: asyncio.Future[Message]) -> None:
    waiting.set_exception(_ConnectionEnded())
    waiting.exception()  # whoever asked may have been cancelled before it could look


def _nothing() -> None:
    """Stands in for `on_lost` until the connection counts."""
