"""A program that shows nothing but the attempt log, on fixed data."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from textual.app import App
from textual.filter import LineFilter
from textual.notifications import Notify
from textual.pilot import Pilot
from textual.widgets import Input

from jobistemer_tui.domain.states import AttemptState, OccurrenceState, Reason, TaskRunState, Trigger
from jobistemer_tui.errors import NotFound
from jobistemer_tui.operations.read_models import AttemptRow, LogPlace, OccurrenceDetail, OccurrenceRow, TaskRow
from jobistemer_tui.tui.ascii_only import AsciiOnly
from jobistemer_tui.tui.screens.attempt_log_screen import AttemptLogScreen
from jobistemer_tui.tui.themes import DARK
from jobistemer_tui.tui.widgets.log_view import LogView
from tests.support.fake_operations import FakeOperations
from tests.support.log_folder import LOG_START, LogFolderWriter
from tests.support.settling import Settling, settling

OCCURRENCE: Final = UUID(int=188)
FIRST, SECOND, THIRD = UUID(int=1), UUID(int=2), UUID(int=3)


def attempt(id: UUID, status: AttemptState, exit_code: int | None) -> AttemptRow:
    """A try that started with the log; one that has ended took five minutes and two seconds."""
    finished = None if status is AttemptState.RUNNING else LOG_START + timedelta(minutes=5, seconds=2)
    return AttemptRow(id, id.int, status, None, exit_code, None, None, LOG_START, finished, {})


class LogOperations(FakeOperations):
    """One task with three tries: failed, failed, and a third that runs or has ended."""

    def __init__(self, logs: Path, third: AttemptState = AttemptState.FAILED) -> None:
        super().__init__(logs=logs)
        self.time = LOG_START + timedelta(minutes=6)
        self.first = AttemptState.FAILED
        self.third = third

    def attempts(self) -> tuple[AttemptRow, ...]:
        """The tries, as they stand."""
        third = attempt(THIRD, self.third, 23 if self.third is AttemptState.FAILED else None)
        return (
            attempt(FIRST, self.first, None if self.first is AttemptState.RUNNING else 23),
            attempt(SECOND, AttemptState.FAILED, 23),
            third,
        )

    def occurrence(self, occurrence_id: UUID) -> OccurrenceDetail:
        row = OccurrenceRow(
            OCCURRENCE, "backup-offsite", UUID(int=5), LOG_START, Trigger.SCHEDULE, OccurrenceState.FAILED,
            Reason.TASK_FAILED, {}, LOG_START, None, "n1", None, 1,
        )  # fmt: skip
        task = TaskRow(UUID(int=9), "upload", TaskRunState.FAILED, None, (), LOG_START, None, attempts=self.attempts())
        return OccurrenceDetail(row, (task,), None)

    def log(self, attempt_id: UUID) -> LogPlace:
        self._reads()
        for row in self.attempts():
            if row.id == attempt_id:
                return LogPlace(
                    row, "upload", "backup-offsite", self.occurrence(OCCURRENCE).row, self.logs / str(attempt_id)
                )
        raise NotFound(f"no attempt {attempt_id}")


def log_operations(logs: Path, third: AttemptState = AttemptState.FAILED) -> LogOperations:
    """The operations, with the logs of the second and third try written."""
    second = LogFolderWriter(logs / str(SECOND))
    second.write(b"only this line\n")
    second.finish()
    writer = LogFolderWriter(logs / str(THIRD))
    writer.write(b"building file list ... done\n", after=0.112)
    writer.write(b"sending incremental file list\n")
    for number in range(60):
        writer.write(b"photos/2026/10/IMG_%04d.CR3\n" % (2201 + number), after=0.5)
    writer.write(b"WARN slow link: 112 KB/s\n")
    writer.write(b"rsync: connection [unexpectedly] closed (0 bytes received)\n", stderr=True)
    writer.write(
        b"rsync error: error in rsync protocol data stream (code 12) at io.c(228) [sender=3.2.7], "
        b"connection lost after 1.8 GB, \x1b[32mnothing\x1b[0m was deleted\n",
        stderr=True,
        after=0.0,
    )
    writer.write(b"\x1b[1;31mERROR\x1b[0m upload failed, giving up\n", stderr=True)
    if third is not AttemptState.RUNNING:
        writer.finish()
    return LogOperations(logs, third)


class LogApp(App[None]):
    """Opens the log of the third try over an empty screen."""

    def __init__(self, operations: LogOperations, attempt_id: UUID = THIRD, *, ascii_only: bool = False) -> None:
        super().__init__()
        self.log_screen = AttemptLogScreen(operations, attempt_id, zone=UTC, ascii_only=ascii_only, environ={})
        self._ours = [AsciiOnly()] if ascii_only else []
        self.settling: Settling
        self.said: list[str] = []

    def get_line_filters(self) -> Sequence[LineFilter]:
        """As the whole program has them."""
        return [*self._ours, *super().get_line_filters()]

    def on_mount(self) -> None:
        self.register_theme(DARK)
        self.theme = DARK.name
        self.push_screen(self.log_screen)

    def on_notify(self, event: Notify) -> None:
        """Remember what is told, which is forgotten after some seconds."""
        self.said.append(event.notification.message)

    @property
    def view(self) -> LogView:
        """The log."""
        return self.log_screen.log_view

    @property
    def has_read(self) -> bool:
        """Whether the log has been read."""
        return self.log_screen.place is not None and not self.view.is_reading and not self.view.is_scanning

    @property
    def rows(self) -> list[str]:
        """The screen as text."""
        return [strip.text.rstrip() for strip in self.screen._compositor.render_strips()]

    @property
    def log_rows(self) -> list[str]:
        """The text of the lines on the screen, without time and bar."""
        return [self.view.render_line(y).text[16:].rstrip() for y in range(self.view.size.height)]

    @property
    def told(self) -> str:
        """All notifications."""
        return "\n".join(self.said)


@asynccontextmanager
async def running(
    operations: LogOperations, *, size: tuple[int, int] = (80, 24), attempt_id: UUID = THIRD, ascii_only: bool = False
) -> AsyncIterator[tuple[LogApp, Pilot[None]]]:
    """The program with its log read."""
    app = LogApp(operations, attempt_id, ascii_only=ascii_only)
    async with app.run_test(size=size, notifications=True) as pilot:
        with settling(app, lambda: app.has_read) as waits:
            app.settling = waits
            await waits.settled()
            yield app, pilot


async def press(app: LogApp, pilot: Pilot[None], *keys: str) -> None:
    """Press keys and wait until the log has answered and is drawn."""
    for key in keys:
        await pilot.press(key)
        await app.settling.settled()


async def enter(app: LogApp, pilot: Pilot[None], key: str, text: str) -> None:
    """Open the prompt of a key, type, and press Enter."""
    await pilot.press(key)
    app.log_screen.query_one(Input).value = text
    await press(app, pilot, "enter")
