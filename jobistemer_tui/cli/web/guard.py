"""Who may ask for what: decided from a request's own words, before anything else is done with it.

A page of another site can make a browser send requests here, and can let a name of its own mean this machine. So the
address that the browser used must be a loopback one, a page that asks must have come from here, and whoever asks must
have been given the token (by the terminal that printed it) or the cookie (in exchange for the token).
"""

from __future__ import annotations

import re
from enum import Enum, auto
from hmac import compare_digest
from secrets import token_urlsafe

from jobistemer_tui.settings.quick_dataclass import dataclass

_LOOPBACK_HOST = re.compile(r"(?:127(?:\.[0-9]{1,3}){3}|localhost|\[::1\])(?::[0-9]{1,5})?")
_BYTES = 32


class Verdict(Enum):
    """What becomes of a request."""

    ALLOWED = auto()
    EXCHANGED = auto()
    WRONG_HOST = auto()
    WRONG_ORIGIN = auto()
    NO_TICKET = auto()


@dataclass(frozen=True, slots=True)
class Asked:
    """A request's own words. `from_a_page`: only a browser's page opens such a one, and it always says its origin."""

    host: str
    origin: str | None
    cookie: str | None
    token: str | None = None
    from_a_page: bool = False


class Guard:
    """The two secrets of one server. `port` tells its cookie from that of another server on the same machine."""

    def __init__(self, port: int) -> None:
        self.token = token_urlsafe(_BYTES)
        self.cookie = token_urlsafe(_BYTES)
        self.cookie_name = f"jobistemer_{port}"

    def judge(self, asked: Asked) -> Verdict:
        """The verdict; a request that has the token and no cookie yet is to be given the cookie."""
        if not _LOOPBACK_HOST.fullmatch(asked.host):
            return Verdict.WRONG_HOST
        origins = {f"http://{asked.host}"} | (set() if asked.from_a_page else {None})
        if asked.origin not in origins:
            return Verdict.WRONG_ORIGIN
        if _same(asked.token, self.token):
            return Verdict.EXCHANGED
        return Verdict.ALLOWED if _same(asked.cookie, self.cookie) else Verdict.NO_TICKET


def _same(given: str | None, secret: str) -> bool:
    """Takes as long for a near miss as for any other."""
    return given is not None and compare_digest(given.encode("utf-8", "surrogatepass"), secret.encode())
