"""The recovery inbox: what was missed while nothing was awake, what waits for a decision, and what was done."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

from rich.text import Text
from textual.binding import BindingType

from jobistemer_tui.domain.instants import instant_json
from jobistemer_tui.domain.recovery_strategy import RecoveryStrategy
from jobistemer_tui.domain.states import Reason
from jobistemer_tui.operations.gap_words import runs_words
from jobistemer_tui.operations.queries_gaps import GapRow
from jobistemer_tui.tui.actions import INBOX, bindings_of
from jobistemer_tui.tui.dialogs.choice_dialog import confirm_dialog
from jobistemer_tui.tui.dialogs.forms import fewer_form, strategy_dialog, typed_form
from jobistemer_tui.tui.feed_worker import Read
from jobistemer_tui.tui.presentation.fitting import shown
from jobistemer_tui.tui.presentation.gap_rows import GAP_LISTING, gap_lines
from jobistemer_tui.tui.presentation.job_detail import job_lines
from jobistemer_tui.tui.presentation.past_runs import past_lines
from jobistemer_tui.tui.presentation.wrapping import lines_text, rule_text
from jobistemer_tui.tui.read_values import GapsRead, JobRead, ReadValue
from jobistemer_tui.tui.shell import Shell

from .list_screen import ListScreen
from .reads import JobQuestion, read_gaps
from .schedule_actions import few

_WORDS: dict[RecoveryStrategy, str] = {
    RecoveryStrategy.EXECUTE_LAST: "the newest runs",
    RecoveryStrategy.EXECUTE_ALL: "each runs, one after another",
    RecoveryStrategy.BOUNDED_WINDOW: "those within recovery_window run",
    RecoveryStrategy.COMPRESSED: "one runs and stands for all",
    RecoveryStrategy.MARK_AS_MISSED: "none runs",
}


class InboxScreen(ListScreen[GapRow]):
    """Gaps that wait first, then the newest others."""

    CSS_PATH = "inbox_screen.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of(INBOX)]
    NAME = INBOX
    SIDE_WIDTH = 75

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self._rows: tuple[GapRow, ...] | None = None
        self._job: JobRead | None = None

    listing = GAP_LISTING

    @property
    def all_rows(self) -> Sequence[GapRow] | None:
        """Those that wait, then the others, the newest first."""
        return self._rows

    @property
    def crumbs(self) -> tuple[str, ...]:
        """Above all views."""
        return ("Recovery",)

    def questions(self) -> Mapping[str, Read]:
        """All gaps, and where there is room the job of the selected one."""
        return {"gaps": read_gaps, **self.pane_asked}

    def take(self, value: ReadValue) -> None:
        """Keep them."""
        if isinstance(value, GapsRead):
            self._rows = tuple(sorted(value.rows, key=lambda gap: not gap.is_held))
            self.rearrange()
        elif isinstance(value, JobRead):
            self._job = value

    def pane_questions(self, row: GapRow) -> Mapping[str, Read]:
        """Its job where there is room for it."""
        return {"job": JobQuestion(row.job, past=True)} if self.is_wide else {}

    def none_text(self, width: int) -> Text:
        """Nothing was missed."""
        return Text(
            "Nothing was missed: no gap is known.\n\n"
            "When the machine slept or no engine ran, what each job missed appears here, and what was done about it.\n"
            'With recovery_hold = "10m" in a job, or in [defaults] of config.toml, you have ten minutes to decide.'
        )

    def pane_title(self, row: GapRow) -> str:
        """The job."""
        return row.job

    def pane_text(self, row: GapRow, width: int) -> Text:
        """All that is known of the gap; where there is room, its job with the last runs."""
        view, job = self.shell.view, self._job
        lines = gap_lines(row, view, width)
        if self.is_wide and job is not None and job.detail.row.name == row.job:
            lines += [rule_text("the job", width), *job_lines(job.detail.row, job, view, width)]
            lines += past_lines(job.past, view, width, self.size.height - len(lines) - 5)
        return lines_text(lines)

    def copied(self, row: GapRow) -> tuple[str, str]:
        """The name: what commands call the job."""
        return row.job, "job"

    def action_open_row(self) -> None:
        """Go into the job."""
        from .job_screen import JobScreen

        if row := self.selected_row:
            self.app.push_screen(JobScreen(self.shell, row.job))

    def action_why(self) -> None:
        """Why nothing ran at the first of the missed times."""
        if row := self.selected_row:
            self.act(self.ask_why(f"{row.job}@{instant_json(row.begin_at)}", row.job))

    @property
    def acting_gaps(self) -> Sequence[GapRow]:
        """The marked ones that wait, else the selected one if it does."""
        return [gap for gap in self.acting_rows if gap.is_held]

    def action_release_gap(self) -> None:
        """Let the strategy apply now, after a question."""
        self._decide(self._release)

    async def _release(self, gaps: Sequence[GapRow]) -> None:
        lines = few([f"{shown(gap.job, 30)}: {runs_words(gap)}" for gap in gaps])
        if any(gap.held_for is Reason.CLOCK_UNSTEADY for gap in gaps):
            lines.append("What waits for a steady clock waits on until it is.")
        if await self.app.push_screen_wait(confirm_dialog("Apply the strategy now?", lines)):
            await self._each(gaps, self.shell.operations.release_gap, "released")

    def action_drop_gap(self) -> None:
        """Run nothing of it, after a question; of several after their number was typed."""
        self._decide(self._drop)

    async def _drop(self, gaps: Sequence[GapRow]) -> None:
        missed = sum(gap.instants or 0 for gap in gaps)
        lines = [
            ", ".join(shown(gap.job, 30) for gap in gaps[:3]) + (f" and {len(gaps) - 3} more" if len(gaps) > 3 else ""),
            "The missed time is recorded as skipped; it does not run."
            if missed == 1
            else f"{missed or 'All'} missed times are recorded as skipped; none of them runs.",
        ]
        if len(gaps) == 1:
            answer = await self.app.push_screen_wait(confirm_dialog("Drop this gap?", lines))
            sure = bool(answer)
        else:
            form = typed_form(f"Drop {len(gaps)} gaps?", lines, len(gaps), "drops them")
            sure = await self.app.push_screen_wait(form) is not None
        if sure:
            await self._each(gaps, self.shell.operations.drop_gap, "dropped")

    def action_trim_gap(self) -> None:
        """Leave only the newest times."""
        self._decide(self._trim)

    async def _trim(self, gaps: Sequence[GapRow]) -> None:
        most = max((gap.instants or 0 for gap in gaps), default=0)
        values = await self.app.push_screen_wait(fewer_form(_named(gaps), most))
        if values is not None:
            newest, reason = int(values["newest"]), values["reason"] or None
            trim = self.shell.operations.trim_gap
            await self._each(gaps, lambda job: trim(job, newest=newest, reason=reason), f"cut to the newest {newest}")

    def action_change_gap(self) -> None:
        """Let another strategy decide about this gap alone."""
        self._decide(self._change)

    async def _change(self, gaps: Sequence[GapRow]) -> None:
        present = gaps[0].strategy if len({gap.strategy for gap in gaps}) == 1 else None
        words = {strategy.value: text for strategy, text in _WORDS.items() if strategy is not present}
        answer = await self.app.push_screen_wait(strategy_dialog(_named(gaps), words))
        if answer:
            change, strategy = self.shell.operations.change_gap, RecoveryStrategy(answer)
            await self._each(gaps, lambda job: change(job, strategy=strategy), f"under {answer}")

    def _decide(self, work: Callable[[Sequence[GapRow]], object]) -> None:
        gaps = self.acting_gaps
        if gaps:
            self.act(work(gaps))  # type: ignore[arg-type]  # each of them is a coroutine function
        else:
            self.tell("it has its fate already: there is nothing to decide")

    async def _each(self, gaps: Sequence[GapRow], call: Callable[[str], GapRow], words: str) -> None:
        done = [gap.job for gap in gaps if await self.change(lambda job=gap.job: call(job)) is not None]  # type: ignore[misc]
        if done:
            self.clear_marks()
            self.tell(f"{shown(done[0], 40) if len(done) == 1 else f'{len(done)} gaps'}: {words}")


def _named(gaps: Sequence[GapRow]) -> str:
    return shown(gaps[0].job, 40) if len(gaps) == 1 else f"{len(gaps)} jobs"
