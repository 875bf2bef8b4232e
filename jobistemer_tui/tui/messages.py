"""Messages that cross screens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from .feed_worker import Read
    from .read_values import ReadValue


class Answer(Message, bubble=False):
    """A question of the visible screen has been answered from the store."""

    def __init__(self, question: str, read: Read, value: ReadValue) -> None:
        """`read` gave the value; another may be asked for under that name by now."""
        super().__init__()
        self.question = question
        self.read = read
        self.value = value


class EngineMoved(Message, bubble=False):
    """The role of the engine, or what the screen says about leaving, has changed."""


class ReadingFailed(Message, bubble=False):
    """The store could not be read; it is tried again. An empty text means that it can be read again."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class Tick(Message, bubble=False):
    """A second has passed."""
