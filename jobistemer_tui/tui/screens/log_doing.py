"""What is done with a log beside reading it: typed prompts, saving, copying, the pager."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from array import array
from collections.abc import Mapping
from datetime import tzinfo
from functools import partial
from pathlib import Path

from textual.app import SuspendNotSupported
from textual.screen import Screen

from jobistemer_tui.domain.sizes import size_text
from jobistemer_tui.operations.contract import Operations
from jobistemer_tui.operations.log_reader import LogReader
from jobistemer_tui.operations.read_models import LogPlace
from jobistemer_tui.operations.written_file import typed_path
from jobistemer_tui.tui.lent_terminal import fault_words, lent_terminal
from jobistemer_tui.tui.presentation.fitting import cleaned
from jobistemer_tui.tui.presentation.job_rows import grouped
from jobistemer_tui.tui.reading import read_in_thread
from jobistemer_tui.tui.widgets.log_view import LogView
from jobistemer_tui.tui.widgets.log_view_export import file_name, save_text, shown_text
from jobistemer_tui.tui.widgets.log_view_pager import open_pager
from jobistemer_tui.tui.widgets.log_view_place import find_place
from jobistemer_tui.tui.widgets.log_view_prompt import LogPrompt
from jobistemer_tui.tui.widgets.log_view_query import parse_filter, parse_query

_COPIED_CHARACTERS = 100_000
"""What terminals take by OSC 52 at the most; many take less."""


class LogDoing(Screen[None]):
    """A screen around one log. `place` says whose log it is, once that is known."""

    def __init__(
        self, operations: Operations, environ: Mapping[str, str], *, zone: tzinfo | None, ascii_only: bool
    ) -> None:
        super().__init__()
        self.place: LogPlace | None = None
        self.log_view = LogView(operations.now, self.ask, zone=zone, ascii_only=ascii_only)
        self._prompt = LogPrompt()
        self._environ = environ

    @abstractmethod
    def repaint(self) -> None:
        """Draw the rows around the log."""

    def ask(self, kind: str) -> None:
        """Let the person type, or do at once what needs no words."""
        if kind == "copy":
            self.run_worker(self._copy(), group="copy", exclusive=True)
        elif kind == "pager":
            self.run_worker(self._page(), group="pager", exclusive=True)
        else:
            self._prompt.open(kind, self._first_text(kind))
            self.repaint()

    def _first_text(self, kind: str) -> str:
        wanted = self.log_view.wanted
        if kind == "search":
            return wanted.search.text if wanted.search else ""
        if kind == "filter":
            return wanted.line_filter.text if wanted.line_filter else ""
        if kind == "save" and self.place is not None:
            name = file_name(self.place.job, self.place.task, self.place.attempt.number)
            try:
                return str(typed_path(name))
            except ValueError:
                return name
        return ""

    def on_log_prompt_entered(self, message: LogPrompt.Entered) -> None:
        """Do what was typed; what makes no sense may be typed again."""
        message.stop()
        try:
            self._enter(message)
        except ValueError as error:
            self.complain(str(error))
            return
        self.close_prompt()

    def _enter(self, message: LogPrompt.Entered) -> None:
        log = self.log_view
        if message.kind == "search":
            log.set_search(parse_query(message.text))
        elif message.kind == "filter":
            log.set_filter(parse_filter(message.text))
        elif message.kind == "goto" and log.reader is not None:
            log.go_to_line(find_place(message.text, log.reader, log.zone))
        elif message.kind == "save":
            self.run_worker(self._save(typed_path(message.text), coloured=message.coloured), group="save")

    def close_prompt(self) -> None:
        """Give the keys back to the log."""
        self._prompt.close()
        self.log_view.focus()
        self.repaint()

    async def _save(self, path: Path, *, coloured: bool) -> None:
        reader = self.log_view.reader
        if reader is None:
            return
        try:
            await asyncio.to_thread(save_text, reader, self.log_view.chosen_lines(), path, coloured=coloured)
        except FileExistsError:
            self.complain(f"{path} exists already: choose another name")
        except OSError as error:
            self.complain(f"cannot save {path}: {error.strerror or error}")
        else:
            self.notify(f"saved {cleaned(str(path))}", markup=False)

    async def _page(self) -> None:
        reader = self.log_view.reader
        if reader is None:
            return
        try:
            await open_pager(partial(lent_terminal, self.app), self._environ, reader, self.log_view.chosen_lines())
        except SuspendNotSupported:
            self.complain("this terminal cannot be lent to a pager; save the log instead (s)")
        except (OSError, ValueError) as error:
            self.complain(f"cannot start the pager ($PAGER): {fault_words(error)}")

    async def _copy(self) -> None:
        """By OSC 52, which some terminals ignore, so say what was sent."""
        log = self.log_view
        if log.reader is None or not len(log.rows):
            return
        first, last = log.selection or (log.current_line, log.current_line)
        try:
            text = await read_in_thread(_text_of, log.reader, log.rows.between(first, last + 1))
        except OSError as error:
            self.complain(f"cannot read the log: {error.strerror or error}")
            return
        if len(text) > _COPIED_CHARACTERS:
            self.complain(
                f"more than a terminal takes at once ({grouped(_COPIED_CHARACTERS)} characters): save it instead (s)"
            )
            return
        self.app.copy_to_clipboard(text)
        lines = f"line {first + 1}" if first == last else f"lines {first + 1} to {last + 1}"
        self.notify(f"copied {lines}, {size_text(len(text.encode()))} (OSC 52)", timeout=3, markup=False)

    def complain(self, words: str) -> None:
        """Say what went wrong."""
        self.notify(cleaned(words), severity="error", markup=False)


def _text_of(reader: LogReader, lines: array[int]) -> str:
    pieces, length = [], 0
    for piece in shown_text(reader, lines):
        pieces.append(piece)
        length += len(piece)
        if length > _COPIED_CHARACTERS + 1:
            break
    return "".join(pieces).removesuffix("\n")
