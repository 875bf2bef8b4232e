"""The one page, `/metrics`, on a thread of its own; nothing listens unless an address is given."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from socket import AF_INET, AF_INET6
from socket import socket as Socket
from typing import Any

from jobistemer_tui.engine.cutoff import Cutoff
from jobistemer_tui.engine.metrics.exposition import CONTENT_TYPE
from jobistemer_tui.settings.listen_address import is_loopback, parse_listen_address

log = logging.getLogger(__name__)
PATIENCE_S = 5.0
"""How long a reader may take in all; one is answered at a time."""


class MetricsServer:
    """Serves `text` until `close`. Raises OSError if the address cannot be had, ValueError if it is none."""

    def __init__(self, address: str, text: Callable[[], str]) -> None:
        host, port = parse_listen_address(address)
        self._server = _Server((host, port), _handler(text))
        shown = f"[{host}]" if ":" in host else host
        self.url = f"http://{shown}:{self._server.server_address[1]}/metrics"
        log.info("metrics are served at %s", self.url)
        if not is_loopback(host):
            log.warning("the metrics at %s can be read by whoever reaches that address", self.url)
        self._thread = threading.Thread(target=self._server.serve_forever, name="metrics", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening; a reader that is being answered is cut off."""
        self._server.hurry()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(PATIENCE_S)


class _Server(HTTPServer):
    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        self.address_family = AF_INET6 if ":" in address[0] else AF_INET
        self._cutoff: Cutoff | None = None
        self._ending = False
        super().__init__(address, handler)

    def server_bind(self) -> None:
        """Without HTTPServer's question for the host's full name, which may take long."""
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = "", int(self.server_address[1])

    def hurry(self) -> None:
        """Answer nobody any more: the end of the server waits for the reader that it is at."""
        self._ending = True
        if self._cutoff is not None:
            self._cutoff.cut()

    def finish_request(self, request: Socket | tuple[bytes, Socket], client_address: Any) -> None:
        """Answer one reader, within its time."""
        assert isinstance(request, Socket)
        with Cutoff(PATIENCE_S) as self._cutoff:
            self._cutoff.watch(request)
            if not self._ending:
                super().finish_request(request, client_address)

    def handle_error(self, request: Socket | tuple[bytes, Socket], client_address: Any) -> None:
        """A reader that went away; the library would write that on the terminal, which the screen paints on."""
        log.debug("a reader of the metrics broke off", exc_info=True)


def _handler(text: Callable[[], str]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = PATIENCE_S
        server_version, sys_version = "jobistemer", ""

        def do_GET(self) -> None:
            if self.path.partition("?")[0] != "/metrics":
                self.send_error(404)
                return
            try:
                body = text().encode()
            except Exception:  # the reader is told, the log says why
                log.exception("the metrics cannot be read")
                self.send_error(500)
                return
            self.send_response(200)
            self.send_header("Content-Type", CONTENT_TYPE)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Requests are not logged."""

    return Handler
