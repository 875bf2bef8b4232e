"""Text from users and tasks, made safe for any terminal (CWE-150).

What becomes of what a terminal would obey or misplace:

| In the text                                             | In the result                                       |
|---------------------------------------------------------|-----------------------------------------------------|
| a whole escape sequence (CSI, OSC, DCS, 7- or 8-bit)    | removed                                             |
| any other control character                             | its picture (`␛`, `␀`, `␊`, `␡`), for C1 `�`        |
| bidi controls, line and paragraph separators            | `�`                                                 |
| surrogates, unassigned code points                      | `�`                                                 |
| other format and zero-width characters                  | removed                                             |
| a tab                                                   | spaces                                              |
| more than four combining marks on one character         | the first four                                      |
| a combining mark with nothing before it                 | put on `◌`, so that it cannot mark the border       |

An escape sequence that never ends is not removed: only its introducer changes, so nothing can hide behind it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from jobistemer_tui.settings.deferred import deferred

if TYPE_CHECKING:
    from jobistemer_tui.operations import log_sgr
    from jobistemer_tui.operations.log_sgr import SgrStyle
else:
    log_sgr = deferred("jobistemer_tui.operations.log_sgr")

LIMIT = 2_000
MARKS_PER_CHARACTER = 4
TAB_STOP = 8

_STRING_BODY = r"[^\x00-\x1f\x7f-\x9f]*(?:\x07|\x1b\\|\x9c)"
ESCAPE_SEQUENCE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # CSI (ECMA-48 5.4)
    rf"|(?:\x1b[]PX^_]|[\x90\x98\x9d-\x9f]){_STRING_BODY}"  # OSC, DCS, SOS, PM, APC
    r"|\x1b[ -/]+[0-~]"  # character sets and the like (ECMA-35)
    r"|\x1b[0-OQ-WYZ\\`-~]"  # two characters; `[ ] P X ^ _` open a longer one
)

_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_MARK_CARRIER = "\N{DOTTED CIRCLE}"
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# Invisible by definition (Default_Ignorable_Code_Point) though not of category Cf.
_INVISIBLE = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0"
    + "".join(map(chr, [*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)]))
)


def clean_text(text: str, *, limit: int | None = LIMIT, tab_size: int = 1) -> str:
    """One line that any terminal shows as it is; see the table above. Cleaning twice changes nothing.

    Newlines at the end are dropped. Beyond `limit` characters (None: no limit) the text ends in `…`.
    Tabs reach to the next multiple of `tab_size` characters; 1 keeps columns as they were counted.
    """
    text = _clean_characters(ESCAPE_SEQUENCE.sub("", text).rstrip("\r\n"))
    text = cap_marks(text, MARKS_PER_CHARACTER + 1)[0].expandtabs(tab_size)
    if limit is not None and len(text) > limit:
        return text[: max(limit - 1, 0)] + "…"[:limit]
    return text


def clean_bytes(data: bytes, *, limit: int | None = LIMIT, tab_size: int = 1) -> str:
    """`clean_text` of UTF-8; what is not UTF-8 shows as `�`."""
    return clean_text(data.decode("utf-8", "replace"), limit=limit, tab_size=tab_size)


def clean_piece(text: str, marks: int) -> tuple[str, int]:
    """Clean a piece that holds no whole escape sequence and keep its tabs.

    `marks` counts the combining marks that the line's pieces so far end in; gives the piece and the new count.
    """
    return cap_marks(_clean_characters(text), marks)


def cap_marks(text: str, marks: int) -> tuple[str, int]:
    """Drop combining marks beyond the cap; `marks` is how many precede, more than the cap: no character precedes."""
    if text.isascii():
        return text, 0 if text else marks
    kept: list[str] = []
    for character in text:
        if not _is_mark(character):
            marks = 0
        elif marks == MARKS_PER_CHARACTER + 1:
            kept.append(_MARK_CARRIER)
            marks = 1
        elif marks == MARKS_PER_CHARACTER:
            continue
        else:
            marks += 1
        kept.append(character)
    return "".join(kept), marks


def _clean_characters(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    return text.translate(_TABLE)


class _Table(dict[int, str]):
    """What each code point turns into, worked out when first met."""

    def __missing__(self, code: int) -> str:
        result = self[code] = _clean_character(chr(code))
        return result


_TABLE = _Table()


def _clean_character(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Cc":
        return _clean_control(ord(character))
    if character in _BIDI or category in {"Zl", "Zp", "Cs", "Cn"}:
        return _REPLACEMENT
    if category == "Cf" or character in _INVISIBLE:
        return ""
    return character


def _clean_control(code: int) -> str:
    if code == 0x09:
        return "\t"
    if code < 0x20:
        return chr(0x2400 + code)
    return "\N{SYMBOL FOR DELETE}" if code == 0x7F else _REPLACEMENT


@lru_cache(maxsize=4096)
def _is_mark(character: str) -> bool:
    """Whether a terminal may draw it on the character before: marks, Hangul vowels and finals, skin tones."""
    code = ord(character)
    return (
        unicodedata.category(character)[0] == "M"
        or 0x1160 <= code <= 0x11FF
        or 0xD7B0 <= code <= 0xD7FB
        or 0x1F3FB <= code <= 0x1F3FF
    )


def styled_runs(line: bytes) -> list[tuple[str, SgrStyle]]:
    """A line of output as clean runs of one style each; only SGR colours and attributes survive, as data.

    Of a progress line (`10%\\r20%\\r`) only what was written after the last carriage return is kept. Tabs become
    spaces up to the next multiple of `TAB_STOP` characters.
    """
    text = line.decode("utf-8", "replace").rstrip("\r\n")
    runs: list[tuple[str, SgrStyle]] = []
    style = log_sgr.PLAIN
    marks = MARKS_PER_CHARACTER + 1
    column = 0
    for raw, is_escape in _pieces(text):
        if is_escape:
            style = log_sgr.apply_sgr(raw, style)
            continue
        shown = raw.rpartition("\r")[2]
        if len(shown) < len(raw):
            runs, marks, column = [], MARKS_PER_CHARACTER + 1, 0
        piece, marks = clean_piece(shown, marks)
        piece = (" " * column + piece).expandtabs(TAB_STOP)[column:] if "\t" in piece else piece
        column = (column + len(piece)) % TAB_STOP
        if piece:
            runs.append((piece, style))
    return [("".join(piece for piece, _ in same), style) for style, same in groupby(runs, key=itemgetter(1))]


def _pieces(text: str) -> Iterator[tuple[str, bool]]:
    """Text between escape sequences, and the sequences (marked True), in order."""
    position = 0
    for match in ESCAPE_SEQUENCE.finditer(text):
        yield text[position : match.start()], False
        yield match[0], True
        position = match.end()
    yield text[position:], False
