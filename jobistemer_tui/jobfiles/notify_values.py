"""What the values of hooks and notification rules may be."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from jobistemer_tui.domain.announcements import Occasion
from jobistemer_tui.jobfiles.judged import Shape, accepts, shape_of
from jobistemer_tui.jobfiles.values import filled_text, keyring_entry, refused, text
from jobistemer_tui.jobfiles.words import hint_about, shown
from jobistemer_tui.settings.listen_address import parse_listen_address

LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")
_WORDS = [occasion.value for occasion in Occasion]
_ADDRESS = re.compile(r"[^\s@<>,;:\"\\()\[\]]{1,64}@[^\s@<>,;:\"\\()\[\]]{1,255}")
HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_OURS = ("content-type", "content-length", "host", "user-agent", "idempotency-key")
REFERENCE: Shape = {
    "type": "object",
    "description": "where a secret is",
    "oneOf": [
        {
            "properties": {"file": {"type": "string", "description": "a private file that holds it"}},
            "required": ["file"],
            "additionalProperties": False,
        },
        {
            "properties": {
                "command": {
                    "type": "array",
                    "items": {"type": "string"},
                    "minItems": 1,
                    "description": "a program that prints it, and its arguments",
                }
            },
            "required": ["command"],
            "additionalProperties": False,
        },
        {
            "properties": {"keyring": {**shape_of(keyring_entry), "description": "service/user: its keyring entry"}},
            "required": ["keyring"],
            "additionalProperties": False,
        },
    ],
}


@accepts({"anyOf": [{"enum": _WORDS}, {"type": "array", "items": {"enum": _WORDS}, "minItems": 1}]})
def occasions(value: Any) -> list[str]:
    """One word, or a list of words, of `Occasion`."""
    words = value if isinstance(value, list) else [value]
    if not words:
        raise refused("must not be empty", 'write on = "failure"')
    for word in words:
        if not isinstance(word, str) or word not in _WORDS:
            raise refused(f"must be of {', '.join(_WORDS)}, not {shown(word)}", hint_about(str(word), _WORDS))
    return list(dict.fromkeys(words))


@accepts({"type": "array", "items": {"type": "string"}, "minItems": 1})
def argv(value: Any) -> list[str]:
    """A program and its arguments."""
    if not isinstance(value, list):
        hint = f"write run = {shown(value)}, or a list" if isinstance(value, str) else ""
        raise refused(f"must be a list, not {shown(value)}", hint)
    if not value:
        raise refused("must not be empty", 'write ["program", "argument"]')
    return [text(word) for word in value]


@accepts({"type": "string", "pattern": r"^https?://[^@/?#\s]+(?:[/?#]|$)"})
def url(value: Any) -> str:
    """An http or https URL without a password in it."""
    written = filled_text(value)
    try:
        parts = urlsplit(written)
        secret = parts.username is not None or parts.password is not None
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        good, secret = False, "@" in written
    if secret:
        raise refused("a URL here holds no password", 'keep it in a file: { file = "~/.webhook" }', private=True)
    if not good or not written.isascii() or any(letter <= " " for letter in written):
        raise refused(f"{shown(written)} is not a URL", 'write "https://example.org/path"')
    return written


@accepts(REFERENCE)
def reference(value: Any) -> dict[str, Any]:
    """Where a secret is, as the JSON of `domain.secret.SecretSource`."""
    if not isinstance(value, dict):
        hint = 'write where it is: { file = "~/.token" }'
        raise refused("is a secret and does not stand in a file", hint, private=True)
    if value.keys() == {"file"}:
        return {"file": filled_text(value["file"])}
    if value.keys() == {"command"}:
        return {"command": argv(value["command"])}
    if value.keys() == {"keyring"}:
        return {"keyring": keyring_entry(value["keyring"])}
    hint = 'write { file = "~/.token" }'
    raise refused("must say file, command or keyring, and nothing else", hint, private=True)


@accepts({"anyOf": [{"type": "string", "pattern": r"\S"}, REFERENCE]})
def text_or_reference(value: Any) -> Any:
    """A text, or a reference to a secret one."""
    return reference(value) if isinstance(value, dict) else filled_text(value)


@accepts({"anyOf": [shape_of(url), REFERENCE]})
def url_or_reference(value: Any) -> Any:
    """A URL, or a reference to one that is a secret as a whole."""
    return reference(value) if isinstance(value, dict) else url(value)


@accepts({"type": "string", "pattern": rf"^\s*{_ADDRESS.pattern}\s*$"})
def address(value: Any) -> str:
    """One mail address."""
    written = filled_text(value).strip()
    if not _ADDRESS.fullmatch(written):
        raise refused(f"{shown(written)} is not a mail address", 'write "me@example.org"')
    return written


@accepts({"anyOf": [shape_of(address), {"type": "array", "items": shape_of(address), "minItems": 1}]})
def addresses(value: Any) -> list[str]:
    """One mail address, or a list of them."""
    found = [address(one) for one in (value if isinstance(value, list) else [value])]
    if not found:
        raise refused("must not be empty", 'write "me@example.org"')
    return found


@accepts({"enum": ["starttls", "ssl", "none"]})
def security(value: Any) -> str:
    """How the connection to the mail server is protected."""
    if value in ("starttls", "ssl", "none"):
        return str(value)
    raise refused(
        f"must be one of starttls, ssl, none, not {shown(value)}", hint_about(str(value), ["starttls", "ssl"])
    )


def headers(value: Any) -> Any:
    """A table whose keys may be headers of our request; its values are checked by their own type."""
    for name in value if isinstance(value, dict) else ():
        if not HEADER.fullmatch(name):
            raise refused(f"{shown(name)} cannot name a header", 'write for example "Authorization"')
        if name.lower() in _OURS:
            raise refused(f"the header {shown(name)} is set by the program", "remove it")
    return value


@accepts({"type": "string"})
def listen_address(value: Any) -> str:
    """An address to listen at."""
    written = text(value)
    try:
        parse_listen_address(written)
    except ValueError as error:
        raise refused(str(error), 'write "127.0.0.1:9178"') from error
    return written
