"""A webhook's POST and a monitor's ping, by urllib on a thread."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from functools import partial
from http.client import HTTPConnection, HTTPException, HTTPMessage, HTTPResponse, HTTPSConnection
from typing import IO, Any
from urllib.parse import urlsplit, urlunsplit

from jobistemer_tui import __version__
from jobistemer_tui.domain.announcements import Occasion
from jobistemer_tui.domain.records import Notification
from jobistemer_tui.engine.cutoff import Cutoff
from jobistemer_tui.engine.outbox.vault import Vault
from jobistemer_tui.engine.transactions.outbox import Answer

STEP_S = 15.0
"""How long one step of a request (connect, send, receive) may take."""
WHOLE_S = 30.0
"""How long all of it may take."""
_FAILED = (Occasion.FAILURE, Occasion.MISSED)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect would carry the report, and the secrets in the headers, to somebody else."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        """Follow none: the answer is then an HTTPError."""
        return None


class _Http(HTTPConnection):
    """A connection that ends with its cutoff."""

    def __init__(self, cutoff: Cutoff, host: str, **options: Any) -> None:
        super().__init__(host, **options)
        self._cutoff = cutoff

    def connect(self) -> None:
        """Raises OSError."""
        super().connect()
        self._cutoff.watch(self.sock)


class _Https(_Http, HTTPSConnection):
    """The same with TLS, whose handshake is one step."""


class _Plain(urllib.request.HTTPHandler):
    def __init__(self, cutoff: Cutoff) -> None:
        super().__init__()
        self._connection = partial(_Http, cutoff)

    def http_open(self, req: urllib.request.Request) -> HTTPResponse:
        return self.do_open(self._connection, req)


class _Tls(urllib.request.HTTPSHandler):
    def __init__(self, cutoff: Cutoff) -> None:
        super().__init__()
        self._connection = partial(_Https, cutoff)

    def https_open(self, req: urllib.request.Request) -> HTTPResponse:
        return self.do_open(self._connection, req)


def _opener(cutoff: Cutoff) -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(_NoRedirect, _Plain(cutoff), _Tls(cutoff))


def post_webhook(row: Notification, vault: Vault) -> Answer:
    """POST the document as JSON; whoever counts its ids can tell a repetition."""
    headers = {name: vault.text(value) for name, value in row.target.get("headers", ())}
    headers |= {"Content-Type": "application/json", "Idempotency-Key": str(row.id)}
    return _request(vault.text(row.target["url"]), json.dumps(row.payload).encode(), headers)


def send_ping(row: Notification, vault: Vault) -> Answer:
    """GET the URL for a success, with `/start` at a start and `/fail` at a failure, as healthchecks.io has it."""
    event = row.payload["event"]
    end = "/start" if event == Occasion.START else "/fail" if event in _FAILED else ""
    return _request(ping_url(vault.text(row.target["url"]), end), None, {})


def ping_url(url: str, end: str) -> str:
    """The URL with `end` at the end of its path, before any query."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=parts.path.rstrip("/") + end)) if end else url


def _request(url: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
    """What an http or https server answers; anything but 2xx is an error. Never raises what a network can bring."""
    try:
        request = urllib.request.Request(url, body, {"User-Agent": f"jobistemer/{__version__}", **headers})
        if request.type not in ("http", "https"):
            return Answer("the URL does not begin with http: or https:", final=True)
        with Cutoff(WHOLE_S) as cutoff, _opener(cutoff).open(request, timeout=STEP_S) as answer:
            return Answer(result={"status": answer.status})
    except urllib.error.HTTPError as error:
        with error:
            where = "; redirects are not followed" if 300 <= error.code < 400 else ""
            return Answer(f"the server answered {error.code}{where}", _status(error.code))
    except urllib.error.URLError as error:
        return Answer(f"the server cannot be reached: {error.reason}")
    except OSError as error:
        return Answer(f"the request failed: {error!r}")
    except (HTTPException, ValueError) as error:
        # Its text may quote a part of a secret URL, or a header in other words than the secret has.
        return Answer(f"the request failed: {type(error).__name__}; look at the URL and the headers of the rule")


def _status(code: int) -> dict[str, Any]:
    return {"status": code}
