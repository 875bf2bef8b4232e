"""The keys that act on schedules: which ask first, what they call, what they say, and what they show."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from jobistemer_tui.domain.states import OccurrenceState as S
from jobistemer_tui.domain.states import Reason
from jobistemer_tui.domain.upcoming import Upcoming
from jobistemer_tui.operations.read_models import JobDetail, JobRow
from jobistemer_tui.tui.screens.schedule_actions import FRESH
from tests.support.fake_operations import FakeOperations
from tests.support.sample_jobs import Sample, ahead, job_row, last_run
from tests.support.screen import running
from tests.support.screen_texts import assert_at_every_size, assert_screen_text

SCREENS = pytest.mark.parametrize("into", [(), ("enter",)], ids=["jobs", "job"])


@SCREENS
async def test_skip_asks_first_and_enter_and_the_same_key_mean_no(into: tuple[str, ...]) -> None:
    async with running() as run:
        await run.press("j", *into)
        for answer in ("enter", "escape", "S", "n"):
            await run.press("S")
            await run.until_shown("Skip the next run?")
            assert "backup-home, today 14:59:19 (in 27m12s)" in run.text
            await run.press(answer)
            if answer == "S":
                await run.press("escape")
        assert run.operations.calls == []
        await run.press("S", "y")
        await run.until_called("skip", "backup-home")
        await run.until_told("backup-home: the run of today 14:59:19 will be skipped; u takes it back")


async def test_a_run_that_is_to_be_skipped_is_shown_so_and_runs_after_all_without_a_question() -> None:
    async with running() as run:
        await run.press("j", "S", "y")
        await run.until_called("skip", "backup-home")
        await run.until_shown("↷27m12s")
        await run.press("S")
        await run.until_called("unskip", "backup-home")
        assert "↷27m12s" not in run.text


async def test_what_has_no_run_to_come_says_so() -> None:
    async with running(Sample.of([job_row("by-hand", schedule=None, next=None)])) as run:
        await run.press("S")
        await run.until_told("by-hand has no run to come")
        await run.press("Z")
        await run.type("1h")
        await run.press("enter")
        await run.until_told("by-hand has no run to come")
        assert run.operations.calls == []


@SCREENS
async def test_snooze_needs_a_length(into: tuple[str, ...]) -> None:
    async with running() as run:
        await run.press("j", *into, "Z")
        await run.until_shown("Put off the next run of backup-home")
        await run.press("enter")
        assert "say for how long" in run.text
        await run.type("2h")
        await run.press("tab")
        await run.type("load")
        await run.press("enter")
        await run.until_called("snooze", "backup-home", ahead(hours=2), "load")
        await run.until_told("backup-home is put off until today 16:32:07; u takes it back")
        await run.press("Z")
        await run.until_called("unsnooze", "backup-home")


async def test_a_snoozed_run_shows_when_it_starts() -> None:
    async with running() as run:
        await run.press("j", "Z")
        await run.type("2h")
        await run.press("enter")
        await run.until_shown("»2h00m")


async def test_a_snooze_that_is_left_puts_nothing_off() -> None:
    async with running() as run:
        await run.press("j", "Z", "escape")
        assert run.operations.calls == []


async def test_what_waits_because_it_was_put_off_is_let_go() -> None:
    last = replace(last_run("held", S.COMPLETED, ahead(), 1), status=S.PENDING, reason=Reason.SNOOZED)
    async with running(Sample.of([job_row("held", queued=1, last=last)])) as run:
        await run.press("Z")
        await run.until_called("unsnooze", "held")


@SCREENS
async def test_stop_asks_first_and_start_does_not(into: tuple[str, ...]) -> None:
    async with running() as run:
        await run.press("j", *into, "X")
        await run.until_shown("Stop the schedule?")
        await run.press("enter")
        assert run.operations.calls == []
        await run.press("X", "y")
        await run.until_called("stop", "backup-home")
        await run.until_told("the schedule of backup-home is stopped; X starts it; u takes it back")
        await run.until_shown("its schedule is stopped; X starts it")
        await run.press("X")
        await run.until_called("start", "backup-home")


async def test_a_stopped_job_is_told_from_a_disabled_one() -> None:
    rows = [job_row("one", enabled=False, stopped=True, next=None), job_row("two", enabled=False, next=None)]
    async with running(Sample.of(rows)) as run:
        assert [word for row in run.rows[3:5] for word in ("stopped", "disabled") if word in row] == [
            "stopped", "disabled",
        ]  # fmt: skip
        await run.press("j")
        assert "disabled in its file" in run.text


async def test_undo_takes_back_ones_own_newest_act_at_once() -> None:
    async with running() as run:
        await run.press("j", "p")
        await run.until_shown("Pause backup-home")
        await run.press("enter")
        await run.until_called("pause", "backup-home")
        await run.press("u")
        await run.until_called("undo", 1)
        await run.until_told("taken back: pause of backup-home")
        await run.press("u")
        await run.until_told("there is nothing to undo")


@pytest.mark.parametrize("whose", ["another", "an old one"])
async def test_undo_of_anothers_or_an_old_act_asks_first(whose: str) -> None:
    async with running() as run:
        await run.press("j", "S", "y")
        await run.until_called("skip", "backup-home")
        if whose == "another":
            run.operations.acts = [replace(run.operations.acts[0], actor="cli bob")]
        else:
            run.operations.time += FRESH + timedelta(seconds=1)
        await run.press("u")
        await run.until_shown("Take this back?")
        if whose == "another":
            await assert_at_every_size("dialog_undo", run)
        await run.press("enter")
        assert len(run.operations.calls) == 1
        await run.press("u", "y")
        await run.until_called("undo", 1)


async def test_all_jobs_are_paused_and_resumed_after_a_question() -> None:
    """In a view that does not read the jobs: what was known of them before it was opened is old by then."""
    async with running() as run:
        await run.press("3", "P")
        await run.until_shown("All jobs")
        assert "y  Pause 7 jobs" in run.text
        assert "r  Resume what was paused so (1 job paused)" in run.text
        await run.press("enter")
        assert run.operations.calls == []
        await run.press("P", "y")
        await run.until_called("pause_all")
        await run.until_told("9 jobs paused; u takes it back")
        await run.until_shown("‖ all paused")
        await run.press("P")
        await run.until_shown("All jobs")
        assert "y  Pause" not in run.text
        await run.press("r")
        await run.until_called("resume_all")
        await run.until_told("resumed; what was paused by itself stays paused")


async def test_what_is_paused_from_a_run_is_resumed_from_there() -> None:
    """Regression: the job was known as it was before the run was opened, so the same key asked to pause it again."""
    async with running() as run:
        await run.press("j", "j", "enter", "enter", "p")
        await run.until_shown("Pause backup-offsite")
        await run.press("enter")
        await run.until_called("pause", "backup-offsite")
        await run.press("p")
        await run.until_called("resume", "backup-offsite")


async def test_without_a_schedule_there_is_nothing_to_pause() -> None:
    async with running(Sample.of([job_row("by-hand", schedule=None, next=None)])) as run:
        await run.press("P")
        await run.until_told("no job has a schedule that runs")


class Coming(Sample):
    """A job in another zone whose next times are out of the ordinary."""

    def job_detail(self, row: JobRow, instants: int) -> JobDetail:
        detail = super().job_detail(row, instants)
        if row.next is None:
            return detail
        first = row.next
        days = [first + timedelta(days=number) for number in range(6)]
        wall = first.replace(hour=2, minute=30, second=0, tzinfo=None)
        coming = (
            Upcoming(days[0], None, Reason.SKIPPED_BY_USER, "no [/disk]"),
            Upcoming(days[1], days[1], effect="moved", wall=wall),
            Upcoming(days[2], None, Reason.EXCLUDED, "2026-12-24/2027-01-02", count=9, last=days[4]),
            Upcoming(days[4], days[4] + timedelta(hours=2), Reason.SNOOZED),
            Upcoming(days[5], None, Reason.DST, effect="dropped", wall=wall.replace(minute=0)),
        )
        return replace(
            detail, coming=coming[:instants], hints=("it fires only on 29 February",),
            zone_warning="planned with time-zone data 2026b, but this program has 2025a: times shown may differ",
        )  # fmt: skip


async def test_the_job_screen_says_what_becomes_of_each_time() -> None:
    sample = Coming({"far": job_row("far", timezone="America/New_York", next=ahead(hours=12))}, {}, [])
    async with running(sample, size=(120, 40)) as run:
        await run.press("enter")
        await run.until_shown("will be skipped (no [/disk])")
        text = " ".join(run.text.split())
        assert "↷ tomorrow 02:32:07 (in 12h00m) = Tue 20:32 EST · will be skipped (no [/disk])" in text
        assert "Thu 26 Nov 02:32:07 (in 1d12h) = Wed 20:32 EST · moved from 02:30, which the clocks leave out" in text
        assert "left out (2026-12-24/2027-01-02), 9 times up to Sun 29 Nov 02:32:07" in text
        assert "put off until Sun 29 Nov 04:32:07" in text
        assert "02:00 is left out, as the clocks change" in text
        assert "it fires only on 29 February" in text
        assert "planned with time-zone data 2026b" in text


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)], ids=["80x24", "120x40", "200x60"])
async def test_what_is_to_come_as_text(size: tuple[int, int]) -> None:
    rows = [
        job_row("far", timezone="America/New_York", next=ahead(hours=12), next_mark=Reason.SKIPPED_BY_USER),
        job_row("late", next=ahead(hours=2), next_mark=Reason.SNOOZED, next_starts=ahead(hours=4)),
        job_row("off", next=None, enabled=False, stopped=True),
    ]
    suffix = f"{size[0]}x{size[1]}"
    async with running(Coming({row.name: row for row in rows}, {}, []), size=size) as run:
        await run.until_shown("will be skipped")
        assert_screen_text(f"jobs_to_come_{suffix}", run.rows)
        await run.press("enter")
        await run.until_shown("will be skipped")
        assert_screen_text(f"job_to_come_{suffix}", run.rows)
        await run.press("escape", "j")
        for name, keys, title in (
            ("skip", "S", "Skip the next run?"), ("stop", "X", "Stop the schedule?"), ("all", "P", "All jobs"),
            ("snooze", "kZ", "Put off"),
        ):  # fmt: skip
            await run.press(*keys)
            await run.until_shown(title)
            await run.settle()
            assert_screen_text(f"dialog_{name}_{suffix}", run.rows)
            await run.press("escape")


async def test_other_time_zone_data_than_the_engines_are_shown_at_the_top() -> None:
    operations = FakeOperations()
    operations.engine_status = replace(operations.engine_status, zone_warning="planned with time-zone data 2025a, …")
    async with running(operations=operations) as run:
        await run.until_shown("△ planned with time-zone data 2025a")


@pytest.mark.parametrize(("width", "shown"), [(80, False), (100, True)])
async def test_the_footer_names_them_where_there_is_room(width: int, shown: bool) -> None:
    async with running(size=(width, 30)) as run:
        assert ("S skip" in run.rows[-1], "u undo" in run.rows[-1]) == (shown, shown)
        assert "? keys" in run.rows[-1]


async def test_a_narrow_footer_has_what_its_screen_needs_most() -> None:
    async with running() as run:
        for keys, needed in ((("2",), "R retry"), (("3",), "S skip  / filter  v view"), (("4",), "u undo")):
            await run.press(*keys)
            assert needed in run.rows[-1]
            assert run.rows[-1].endswith("? keys")
