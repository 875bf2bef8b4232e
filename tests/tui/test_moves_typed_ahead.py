"""Keys that move in rows which have just been asked for: they end where a patient person's would."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from textual.widgets import Input

from jobistemer_tui.tui.messages import Answer
from jobistemer_tui.tui.screens.agenda_screen import AgendaScreen
from jobistemer_tui.tui.screens.job_screen import JobScreen
from tests.support.late_answers import waiting
from tests.support.sample_jobs import Sample
from tests.support.screen import Running, post_keys, running
from tests.support.wait_until import wait_until_async

SMALL, WIDE = (80, 24), (170, 12)


async def turned() -> None:
    """As many turns of the event loop as keys take that wait for nothing."""
    for _ in range(200):
        await asyncio.sleep(0)


async def typed_while_it_is_read(run: Running, operation: str, keys: str) -> None:
    with waiting(run.operations, operation) as answer:
        post_keys(run.app, *keys.split())
        await turned()
        answer.set()
    await run.settle()


@pytest.mark.parametrize(
    ("before", "operation", "keys", "size"),
    [
        ("3 / v a c u enter", "agenda", "escape j", SMALL),
        ("3", "agenda", "v G", SMALL),
        ("4 / v m enter", "activity", "escape j j", SMALL),
        ("3 / v a c u enter", "agenda", "/ r down enter", SMALL),
        ("j j enter v", "configuration", "v j j", SMALL),
        ("j j enter v v", "versions", "v j", SMALL),
        ("j j enter", "source", "V j j j", SMALL),
        ("", "occurrence", "2 j j j j j tab j j j", WIDE),
    ],
)
async def test_moves_wait_for_rows_that_are_read_anew(
    before: str, operation: str, keys: str, size: tuple[int, int], logs: Path
) -> None:
    """Regression: they moved in the rows of the filter, the window or the tab before, and were lost or ended there."""
    async with running(size=size, logs=logs) as run:
        await run.press(*before.split(), *keys.split())
        patiently = run.rows
    async with running(size=size, logs=logs) as run:
        await run.press(*before.split())
        await typed_while_it_is_read(run, operation, keys)
        assert run.rows == patiently


async def test_what_is_typed_into_a_filter_waits_for_no_rows() -> None:
    async with running() as run:
        await run.press("3", "slash")
        with waiting(run.operations, "agenda") as answer:
            post_keys(run.app, *"backup")
            field = run.screen.query_one(Input)
            await wait_until_async(lambda: field.value == "backup", what="all of it to be typed")
            answer.set()


async def test_an_answer_to_the_question_before_is_no_answer() -> None:
    """Regression: one that was on its way let the keys go, and its rows were shown."""
    async with running() as run:
        await run.press("3")
        screen = run.screen
        assert isinstance(screen, AgendaScreen)
        late = Answer("agenda", screen._question, screen._question(run.operations))
        with waiting(run.operations, "agenda") as answer:
            post_keys(run.app, "v", "G")
            await turned()
            screen.post_message(late)
            await turned()
            answer.set()
        await run.settle()
        assert screen.selected_row is not None
        assert screen.selected_row.job == "monthly-report"


async def test_moves_in_a_tab_that_has_no_place_yet() -> None:
    """Regression: lines depend on the width, so before the layout there were none to move in."""
    async with running() as run:
        await run.press("j", "enter")
        screen = run.screen
        assert isinstance(screen, JobScreen)
        screen.action_other_layout()
        screen.action_row_down()
        screen.action_row_down()
        await run.settle()
        assert screen.text.cursor == 2


async def test_the_last_row_is_seen_when_more_rows_than_fit_have_just_come() -> None:
    """Regression: a list without a scrollbar did not scroll, and was then taken for one left alone by the wheel."""
    sample = Sample()
    jobs = dict(sample.jobs)
    sample.jobs = dict(list(jobs.items())[:3])
    async with running(sample, size=(80, 14)) as run:
        screen = run.feed_screen
        assert not screen.table.show_vertical_scrollbar
        sample.jobs = jobs
        run.operations.commit()
        await wait_until_async(lambda: len(screen.table.keys) == len(jobs), every=0, what="all rows to be taken")
        screen.action_last_row()
        await run.settle()
        assert "▌ – vacuum-db" in run.text
