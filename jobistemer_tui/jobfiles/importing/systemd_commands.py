"""Command lines of services (systemd.service(5)): quotes, escapes, prefixes, specifiers, variables."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping

from jobistemer_tui.settings.quick_dataclass import dataclass

_ESCAPES = {
    "a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\", '"': '"', "'": "'",
    "s": " ",
}  # fmt: skip
_NUMBERED = re.compile(r"x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|([0-7]{3})")
_VARIABLE = re.compile(r"\$\$|\$\{(\w+)\}", re.ASCII)
_WHOLE = re.compile(r"\$(\w+)", re.ASCII)


class CommandError(ValueError):
    """A line that cannot be read."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command: its words, whether its failure counts (`-`), whether `$` is replaced (`:`), other prefixes."""

    words: tuple[str, ...]
    may_fail: bool
    replaces: bool
    prefixes: str

    def table(self) -> dict[str, object]:
        """What is run, in the words of a job file: argv, or a shell line where variables or a failure need one."""
        replaced = self.replaces and any("$" in word for word in self.words)
        if not replaced and not self.may_fail:
            return {"command": list(self.words)}
        quote = _with_variables if replaced else shlex.quote
        line = " ".join(quote(word) for word in self.words)
        if replaced and any(_WHOLE.fullmatch(word) for word in self.words):
            line = f"set -f; {line}"  # the shell splits a variable into words, but must not take * for file names
        return {"run": f"{line} || true" if self.may_fail else line}


def read_commands(text: str, specifiers: Mapping[str, str]) -> Iterator[Command]:
    """The commands of a line, several if they are parted by `;`. Raises CommandError."""
    words: list[str] = []
    for word, quoted in [*_words(text), (";", False)]:
        if word == ";" and not quoted:
            if words:
                yield _command([expand(one, specifiers) for one in words])
            words = []
        else:
            words.append(";" if word == "\\;" else word)


def _command(words: list[str]) -> Command:
    program = words[0].lstrip("@-:+!|")
    prefixes = words[0][: len(words[0]) - len(program)]
    # With @ the second word is what the program is told to be called; the file itself is the first.
    arguments = words[2:] if "@" in prefixes else words[1:]
    if not program:
        raise CommandError("it names no program")
    return Command(
        (program, *arguments), "-" in prefixes, ":" not in prefixes, prefixes.replace("-", "").replace(":", "")
    )


def assignments(text: str, specifiers: Mapping[str, str]) -> dict[str, str]:
    """What an `Environment=` sets. Raises CommandError."""
    found: dict[str, str] = {}
    for word, _ in _words(text):
        name, equals, value = expand(word, specifiers).partition("=")
        if not equals:
            raise CommandError(f"{word!r} sets nothing")
        found[name] = value
    return found


def expand(word: str, specifiers: Mapping[str, str]) -> str:
    """`%n` and the like, replaced. Raises CommandError for one that has no counterpart."""

    def value(match: re.Match[str]) -> str:
        if match[1] not in specifiers:
            raise CommandError(f"%{match[1]} has no counterpart")
        return specifiers[match[1]]

    return re.sub(r"%(.)", value, word)


def _words(text: str) -> Iterator[tuple[str, bool]]:
    """The words, and whether any part of one was quoted."""
    place = 0
    while place < len(text):
        if text[place].isspace():
            place += 1
            continue
        word, quoted, place = _word(text, place)
        yield word, quoted


def _word(text: str, place: int) -> tuple[str, bool, int]:
    found: list[str] = []
    quote, quoted = "", False
    while place < len(text):
        character = text[place]
        place += 1
        if character == "\\" and text[place : place + 1] == ";" and not quote:
            found.append("\\;")
            place += 1
        elif character == "\\":
            value, place = _escape(text, place)
            found.append(value)
        elif character == quote:
            quote = ""
        elif not quote and character in "\"'":
            quote, quoted = character, True
        elif not quote and character.isspace():
            break
        else:
            found.append(character)
    if quote:
        raise CommandError(f"a {quote} is not closed")
    return "".join(found), quoted, place


def _escape(text: str, place: int) -> tuple[str, int]:
    if match := _NUMBERED.match(text, place):
        digits = match[1] or match[2] or match[3]
        return chr(int(digits, 16) if digits else int(match[4], 8)), match.end()
    character = text[place : place + 1]
    if character not in _ESCAPES or not character:
        return "\\", place
    return _ESCAPES[character], place + 1


def _with_variables(word: str) -> str:
    """A word for the shell in which `$NAME` alone is split into words, and `${NAME}` is not."""
    if whole := _WHOLE.fullmatch(word):
        return f"${whole[1]}"
    parts: list[str] = []
    place = 0
    for match in _VARIABLE.finditer(word):
        parts.append(_quoted(word[place : match.start()]))
        parts.append(f'"${{{match[1]}}}"' if match[1] else "'$'")
        place = match.end()
    parts.append(_quoted(word[place:]))
    return "".join(parts) or "''"


def _quoted(text: str) -> str:
    return shlex.quote(text) if text else ""
