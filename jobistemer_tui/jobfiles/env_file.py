"""Reading an `env_file`: lines `NAME=value`, strictly, so that what is set is what stands there.

Empty lines and lines that begin with `#` count for nothing; `export` may stand before a name. A value without quotes
goes to the end of its line or to a `#` after a blank. In single quotes everything is literal. In double quotes `\\n`,
`\\r`, `\\t`, `\\\\`, `\\"`, `\\$` and a backslash before a backquote are understood. Quoted values may have several
lines. Nothing is expanded: `$` is a dollar.
"""

from __future__ import annotations

import re

from jobistemer_tui.jobfiles.source import Unreadable, decoded
from jobistemer_tui.jobfiles.trust import read_private

_NAME = re.compile(r"[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)=", re.ASCII)
_SINGLE = re.compile(r"'([^']*)'")
_DOUBLE = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_REST = re.compile(r"[ \t]*(?:#.*)?$", re.MULTILINE)
_COMMENT = re.compile(r"[ \t]+#.*")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t", "\\": "\\", '"': '"', "$": "$", "`": "`"}


class EnvFileError(Exception):
    """A line that makes no sense; the text begins with the place, and says nothing of the value."""

    def __init__(self, path: str, line: int, message: str) -> None:
        super().__init__(f"{path}:{line}: {message}")


def read_env_file(path: str, uid: int) -> dict[str, str]:
    """The variables of a file that nobody but `uid` or root can read or write.

    Raises EnvFileError, and Untrusted where the file is not to be read.
    """
    content = read_private(path, uid)
    try:
        text = decoded(content)
    except Unreadable as error:
        before = content.decode("utf-8", errors="replace").replace("\r\n", "\n")[: error.problem.offset]
        raise EnvFileError(path, before.count("\n") + 1, error.problem.message) from None
    return _Parser(path, text).variables()


class _Parser:
    """Walks the text once."""

    def __init__(self, path: str, text: str) -> None:
        self._path = path
        self._text = text
        self._at = 0

    def variables(self) -> dict[str, str]:
        found: dict[str, str] = {}
        lines: dict[str, int] = {}
        while self._at < len(self._text):
            end = self._end_of_line()
            if re.fullmatch(r"[ \t]*(#.*)?", self._text[self._at : end]):
                self._at = end + 1
                continue
            line = self._line()
            name = self._name()
            if name in found:
                raise EnvFileError(self._path, line, f"{name} is already set at line {lines[name]}")
            lines[name] = line
            found[name] = self._value(name)
        return found

    def _name(self) -> str:
        match = _NAME.match(self._text, self._at)
        if match is None:
            raise self._error("expected NAME=value, without blanks around the =")
        self._at = match.end()
        return match[1]

    def _value(self, name: str) -> str:
        quote = self._text[self._at : self._at + 1]
        if quote in ("'", '"'):
            return self._quoted(name, quote)
        end = self._end_of_line()
        value = self._text[self._at : end]
        if value[:1] in (" ", "\t") and value.strip() and not value.strip().startswith("#"):
            raise self._error(f"the value of {name} begins with a blank; put it in quotes")
        self._at = end + 1
        return _COMMENT.sub("", value, count=1).rstrip(" \t")

    def _quoted(self, name: str, quote: str) -> str:
        match = (_SINGLE if quote == "'" else _DOUBLE).match(self._text, self._at)
        if match is None:
            raise self._error(f"the quote that opens the value of {name} is never closed")
        value = match[1] if quote == "'" else _ESCAPE.sub(self._escaped, match[1])
        self._at = match.end()
        rest = _REST.match(self._text, self._at)
        if rest is None:
            raise self._error(f"something follows the closing quote of {name}")
        self._at = rest.end() + 1
        return value

    def _escaped(self, match: re.Match[str]) -> str:
        if match[1] not in _ESCAPED:
            raise self._error('a backslash in double quotes stands before n, r, t, \\, ", $ or `; use single quotes')
        return _ESCAPED[match[1]]

    def _end_of_line(self) -> int:
        end = self._text.find("\n", self._at)
        return len(self._text) if end < 0 else end

    def _line(self) -> int:
        return self._text.count("\n", 0, self._at) + 1

    def _error(self, message: str) -> EnvFileError:
        return EnvFileError(self._path, self._line(), message)
