"""A piece of an expression that knows where it stands, so that a refusal can point at it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from jobistemer_tui.errors import ScheduleError

MAX_LENGTH = 500


class Word(NamedTuple):
    """`text` is the piece, `at` its 0-based position in the expression `whole`."""

    text: str
    at: int
    whole: str

    def part(self, start: int, end: int | None = None) -> Word:
        """The characters from `start` up to `end` of this piece."""
        return Word(self.text[start:end], self.at + start, self.whole)

    def stripped(self) -> Word:
        """This piece without the blanks around it."""
        return self.part(len(self.text) - len(self.text.lstrip(" \t")), len(self.text.rstrip(" \t")))

    def split(self, separator: str) -> Iterator[Word]:
        """The pieces between the separators, empty ones included."""
        at = self.at
        for text in self.text.split(separator):
            yield Word(text, at, self.whole)
            at += len(text) + len(separator)

    def refuse(self, message: str, *, offset: int = 0, hint: str = "") -> ScheduleError:
        """The error to raise about the character at `offset` of this piece."""
        return ScheduleError(message, text=self.whole, position=self.at + offset, hint=hint)


def expression(text: object, what: str) -> Word:
    """The whole of an expression, checked for what no expression may hold.

    Raises ScheduleError for another type, for more than 500 characters and for control or non-ASCII characters.
    """
    if not isinstance(text, str):
        raise ScheduleError(f"{what} is a text, not {type(text).__name__}", text=repr(text)[:80])
    word = Word(text, 0, text)
    if len(text) > MAX_LENGTH:
        raise Word(text[:MAX_LENGTH], 0, text[:MAX_LENGTH]).refuse(
            f"{what} has {len(text)} characters; at most {MAX_LENGTH} are read", offset=MAX_LENGTH - 1
        )
    for at, character in enumerate("" if text.isascii() and text.isprintable() else text):
        if character != "\t" and not " " <= character <= "~":
            kind = "control" if character.isascii() else "non-ASCII"
            raise word.refuse(
                f"the {kind} character {character!a} does not belong in {what}",
                offset=at,
                hint="use plain letters, digits and blanks; a character copied from a web page may only look like one",
            )
    return word
