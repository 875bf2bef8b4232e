"""TOML text to a Document; the grammar is the standard library's `tomllib` (TOML 1.0)."""

from __future__ import annotations

import re
import tomllib

from jobistemer_tui.jobfiles.source import Document, SourceText, Unreadable
from jobistemer_tui.jobfiles.toml_index import index_toml

_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_BACKSLASH = "Unescaped '\\' in a string"
_HINTS = {
    "Invalid value": 'texts are quoted: key = "text"',
    "Invalid initial character for a key part": 'a key of other than A-Z a-z 0-9 _ - needs quotes: "a b"',
    "Expected '=' after a key": 'write key = "value"',
    "Unterminated string": "close it with the same quotes",
    "Illegal character '\\n'": "close the text with the same quotes on its line",
    "Expected newline or end of document": "one key = value on each line; \" in a text needs 'single quotes' around it",
    "Unclosed array": "close it with ]",
    _BACKSLASH: "write \\\\ or use 'single quotes'",
    "Cannot declare": "join the two tables",
    "Cannot overwrite": "keep one of the two",
    "Expected ']' at the end of a table declaration": "a table is [jobs.name]; a name has A-Z a-z 0-9 _ -",
}


def read_toml(source: SourceText) -> Document:
    """The document. Raises Unreadable."""
    text = source.text
    root = index_toml(text)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _unreadable(text, str(error)) from error
    except RecursionError as error:
        raise Unreadable(0, "nested too deep", code="too_deep") from error
    except ValueError as error:  # an integer beyond the interpreter's limit of digits
        match = re.search(r"\d{4000}", text.replace("_", "0"))
        raise Unreadable(match.start() if match else 0, "a number with too many digits") from error
    return Document(source, data, root)


def _unreadable(text: str, message: str) -> Unreadable:
    match = _PLACE.search(message)
    words = message[: match.start()] if match else message
    hint = next((hint for start, hint in _HINTS.items() if words.startswith(start)), "")
    if match is None or match[1] is None:
        return Unreadable(len(text.rstrip("\n")), words, hint)
    line_start = 0
    for _ in range(int(match[1]) - 1):
        line_start = text.index("\n", line_start) + 1
    offset = min(line_start + int(match[2]) - 1, len(text))
    if words.startswith(_BACKSLASH):  # the parser has gone past it
        offset = text.rindex("\\", 0, offset)
    return Unreadable(offset, words, hint)
