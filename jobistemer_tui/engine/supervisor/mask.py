"""Hiding secrets in what a task writes: a net, not a wall.

A secret is looked for as it is (without blanks around it), line by line where it has several, in base64 at each of the
three ways it can lie among other bytes, and as URLs, JSON, Python and a shell write it. What is shorter than six
characters is not hidden: it would blacken everything else, and hide nothing.
"""

from __future__ import annotations

import base64
import json
import os
import stat
import urllib.parse
from collections.abc import Iterable, Iterator
from pathlib import Path

SHORTEST = 6
MASK = b"****"
_LARGEST_FILE = 1 << 20
_URL_SAFE = ("", "/", "!'()*")
_PREFIX = 4


def forms_of(values: Iterable[str]) -> tuple[bytes, ...]:
    """All that must not be seen of these values."""
    return tuple(sorted({form for value in values for form in _forms(value)}))


def _forms(value: str) -> Iterator[bytes]:
    for text in {value.strip(), *(line.strip() for line in value.splitlines())}:
        piece = text.encode("utf-8", "surrogateescape")
        if len(piece) < SHORTEST:
            continue
        yield piece
        for escaped in (json.dumps(text), json.dumps(text, ensure_ascii=False), repr(text), ascii(text)):
            yield escaped[1:-1].encode("utf-8", "surrogateescape")
        yield repr(piece)[2:-1].encode("ascii")
        yield from (piece.replace(b"'", quote) for quote in (rb"'\''", b"""'"'"'"""))
        for safe in _URL_SAFE:
            quoted = urllib.parse.quote_from_bytes(piece, safe=safe).encode("ascii")
            yield from (quoted, quoted.replace(b"%20", b"+"))
        yield from _encoded(base64.b64encode(bytes(shift) + piece) for shift in range(3))
        yield from _encoded(base64.urlsafe_b64encode(bytes(shift) + piece) for shift in range(3))


def _encoded(texts: Iterable[bytes]) -> Iterator[bytes]:
    """Of the value behind 0, 1 and 2 other bytes: the characters that depend on nothing but the value."""
    for shift, text in enumerate(texts):
        end = len(text.rstrip(b"="))
        yield text[(0, 2, 3)[shift] : end if end % 4 == 0 else end - 1]


class Masker:
    """Masks one stream, chunk by chunk; the end of a chunk that may begin a secret is kept for the next."""

    def __init__(self, forms: tuple[bytes, ...]) -> None:
        # With each form, its first bytes, and by how much it can overlap itself: where to look for it again.
        self._forms = tuple((form, form[:_PREFIX], _beginning(form, form, 1)) for form in forms)
        self._short = frozenset(form[:length] for form in forms for length in range(1, _PREFIX))
        self._held = b""
        self._covered = 0

    def feed(self, data: bytes) -> bytes:
        """The next bytes that may be seen."""
        data = self._held + data
        return self._take(data, self._unfinished(data))

    def finish(self) -> bytes:
        """What was kept: the stream has ended."""
        return self._take(self._held, len(self._held))

    def _unfinished(self, data: bytes) -> int:
        """Where the end of the data begins that may be the beginning of a secret."""
        size = len(data)
        lengths = range(min(_PREFIX - 1, size), 0, -1)
        first = next((size - length for length in lengths if data[-length:] in self._short), size)
        for form, head, _ in self._forms:
            at = max(0, size - len(form) + 1)
            # The whole question is asked only where its first bytes stand.
            if data.find(head, at) >= 0:
                first = min(first, _beginning(data, form, at))
        return first

    def _take(self, data: bytes, end: int) -> bytes:
        """The masked bytes up to `end`; the rest is kept, with how much of it is already hidden.

        The first `covered` bytes belong to a secret whose mask was given before.
        """
        out: list[bytes] = []
        at = self._covered
        for begin, stop in _joined(self._spans(data)):
            if begin >= end:
                break
            if begin >= at:
                out += (data[at:begin], MASK)
            at = max(at, stop)
        out.append(data[at:end])
        self._held = data[end:]
        self._covered = max(0, at - end)
        return b"".join(out)

    def _spans(self, data: bytes) -> list[tuple[int, int]]:
        """Where forms stand, and what is hidden already, in order."""
        found = [(0, self._covered)] if self._covered else []
        for form, _, step in self._forms:
            at = data.find(form)
            while at >= 0:
                found.append((at, at + len(form)))
                at = data.find(form, at + step)
        return sorted(found)


def _beginning(data: bytes, form: bytes, first: int) -> int:
    """The first place from `first` on where the rest of the data is the beginning of a form; else the data's length."""
    at = data.find(form[:_PREFIX], first)
    while at >= 0:
        if form.startswith(data[at:]):
            return at
        at = data.find(form[:_PREFIX], at + 1)
    last = range(max(first, len(data) - _PREFIX + 1), len(data))
    return next((at for at in last if form.startswith(data[at:])), len(data))


def _joined(spans: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Those that overlap as one."""
    begin = stop = 0
    for start, end in spans:
        if start < stop:
            stop = max(stop, end)
            continue
        if stop:
            yield begin, stop
        begin, stop = start, end
    if stop:
        yield begin, stop


def hide_in_file(path: Path, forms: tuple[bytes, ...], made_as: str | None) -> tuple[bytes | None, str | None]:
    """Mask a file in place, unless it still is as it was made.

    Gives what it holds now (None: there is no such file), and what was wrong with it (None: nothing).
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None, None
    except OSError as error:
        return None, f"cannot be read: {error.strerror}"
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            return None, "is no longer a plain file"
        if found.st_size > _LARGEST_FILE:
            os.ftruncate(descriptor, 0)
            return b"", "was larger than 1 MiB and is not kept"
        data = os.pread(descriptor, _LARGEST_FILE, 0)
        if made_as is not None and data == made_as.encode("utf-8", "surrogateescape"):
            return data, None
        masker = Masker(forms)
        masked = masker.feed(data) + masker.finish()
        if masked == data:
            return data, None
        os.pwrite(descriptor, masked, 0)
        os.ftruncate(descriptor, len(masked))
        return masked, "held the value of a secret, which is not kept"
    except OSError as error:
        return None, f"could not be looked through for secrets: {error.strerror}"
    finally:
        os.close(descriptor)
