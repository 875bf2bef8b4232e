"""The rows above every data screen: where one is and who runs the jobs, the views, and what needs a look at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical

from jobistemer_tui.operations.job_models import Counts
from jobistemer_tui.tui.presentation.bars import (
    crash_text,
    held_text,
    marks_text,
    settings_text,
    unscheduled_text,
)
from jobistemer_tui.tui.presentation.fitting import cleaned
from jobistemer_tui.tui.presentation.header_texts import counts_line, crumbs_line, refusal_text

from .drawn import Drawn, show_late

if TYPE_CHECKING:
    from jobistemer_tui.tui.shell import Shell


class ViewHeader(Vertical):
    """Path, tabs, and the bar of a problem, which takes no row while there is none."""

    def __init__(self, shell: Shell) -> None:
        super().__init__(classes="header")
        self._shell = shell
        self._crumbs = Drawn(classes="crumbs")
        self._tabs = Drawn(classes="counts")
        self._recovery = Drawn(classes="recovery")
        self._problem = Drawn(classes="problem")

    def compose(self) -> ComposeResult:
        """The rows that are always there; the others come when there is something to say."""
        yield self._crumbs
        yield self._tabs

    def paint(self, mode: str, crumbs: Sequence[str], *, gone: str, held: str, marks: int) -> None:
        """Show where one is.

        `gone` is what was shown and is no more, `held` says that the display is held, `marks` is how many rows are
        marked.
        """
        shell = self._shell
        view, engine = shell.view, shell.engine_view(held)
        counts = shell.read.counts if shell.read else Counts()
        path = ("Jobistemer", *crumbs)
        self._crumbs.show(lambda width: crumbs_line(path, engine, view, width))
        self._tabs.show(lambda width: counts_line(shell.tabs, mode, counts, view, width))
        waiting = shell.read.held if shell.read else None
        show_late(self._recovery, waiting is not None, lambda: self.mount(self._recovery, after=self._tabs))
        if waiting is not None:
            self._recovery.show(lambda width: Text(held_text(waiting, view.now, width)))
        problem = problem_words(shell, gone, marks, 80)
        show_late(self._problem, bool(problem), lambda: self.mount(self._problem))
        if not problem:
            return
        self._problem.set_class(problem.startswith((" △", " ◆")), "-calm")
        # What ran goes on: that may stand for a day, and is not to shout like an engine that has crashed.
        files = shell.read.files if shell.read else ()
        self._problem.set_class(problem == refusal_text(files, 80), "-standing")
        self._problem.show(lambda width: Text(problem_words(shell, gone, marks, width)))


def problem_words(shell: Shell, gone: str, marks: int, width: int) -> str:
    """The bar: the first of what is wrong, or that rows are marked; empty if there is nothing to say."""
    if shell.failure:
        return f" ✗ reading failed, trying again: {cleaned(shell.failure)}"
    if shell.engine.role == "crashed" and shell.engine.crash is not None:
        return crash_text(shell.engine.crash, shell.view, width)
    if gone:
        return f" ✗ {cleaned(gone)}"
    if marks:
        return marks_text(marks)
    if shell.read is None:
        return ""
    engine = shell.read.engine
    refusal = refusal_text(shell.read.files, width)
    warning = f" △ {cleaned(engine.zone_warning)}" if engine.zone_warning else ""
    unscheduled = unscheduled_text(engine, shell.view) if shell.engine.role == "client" else ""
    return refusal or warning or unscheduled or settings_text(shell.settings_problems, width)
