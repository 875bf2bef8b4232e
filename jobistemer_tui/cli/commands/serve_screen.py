"""`jobistemer serve`"""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from jobistemer_tui.cli import output
from jobistemer_tui.cli.session import Session, global_options, pass_session, window_options
from jobistemer_tui.errors import Refused, UsageError
from jobistemer_tui.settings.listen_address import is_loopback, parse_listen_address
from jobistemer_tui.settings.locations import HOME_VARIABLE, STORE_VARIABLE

if TYPE_CHECKING:
    from jobistemer_tui.cli.web.server import ScreenServer

_PORT = 8787


@click.command("serve")
@click.option("--port", type=click.IntRange(0, 65535), default=_PORT, show_default=True, help="0 takes a free one.")
@click.option("--host", default="127.0.0.1", show_default=True, help="A loopback address; others are refused.")
@global_options
@window_options
@pass_session
def command(session: Session, port: int, host: str) -> int:
    """Show the screen in a browser of this machine.

    Each tab is a window that attaches: the scheduler is another process (jobistemer run, or a screen in a terminal).
    The address that is printed holds a token; whoever has it can do whatever the screen can.
    """
    listener = _listener(host, port)
    with listener:
        server = _server(listener, session)
        with session.opened(actor_kind="screen"):
            pass  # what is wrong with the home is said here, not in the browser
        return asyncio.run(_serve(server, as_json=session.as_json))


def _listener(host: str, port: int) -> socket.socket:
    """Raises UsageError for what is no address, Refused for one that others reach or that is taken."""
    try:
        address, number = parse_listen_address(f"[{host}]:{port}" if ":" in host else f"{host}:{port}")
    except ValueError:
        raise UsageError(f"{host!r} is not an address to listen at", hint="write 127.0.0.1 or ::1") from None
    if not is_loopback(address):
        raise Refused(
            f"serve does not listen at {address}: whoever reaches the screen can run programs as you",
            hint=f"from another machine: ssh -L {port}:127.0.0.1:{port} HOST, then open the address there",
        )
    try:
        return socket.create_server(
            (address, number), family=socket.AF_INET6 if ":" in address else socket.AF_INET, backlog=16
        )
    except OSError as error:
        raise Refused(f"cannot listen at {host}:{port}: {error.strerror}", hint="--port 0 takes a free one") from error


def _server(listener: socket.socket, session: Session) -> ScreenServer:
    try:
        from jobistemer_tui.cli.web.server import ScreenServer
    except ImportError as error:
        raise UsageError(
            f"serve needs more than is installed: {error.name} is missing",
            hint="pip install 'jobistemer-tui[serve]'",
        ) from error
    argv = [sys.executable, "-m", "jobistemer_tui", "--read-only" if session.read_only else "--attach"]
    argv += ["--theme", session.theme] if session.theme else []
    return ScreenServer(listener, argv, _environ(session))


def _environ(session: Session) -> Mapping[str, str]:
    """The options as variables: a store's URL may hold what must not be seen in a list of processes."""
    if session.locations().database is None and session.locations().store_url == "memory:":
        raise UsageError("a store in memory has no second window", hint="name a database with --store or --home")
    named = {} if session.home is None else {HOME_VARIABLE: str(session.home.absolute())}
    return named if session.store is None else {**named, STORE_VARIABLE: session.store}


async def _serve(server: ScreenServer, *, as_json: bool) -> int:
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    await server.start()
    if as_json:
        output.as_json_line({"url": server.url, "port": server.port})
    else:
        output.line(server.url)
        output.talk("open this address in a browser of this machine; ctrl+c ends it")
    output.flush()
    await ended.wait()
    await server.stop()
    return 0
