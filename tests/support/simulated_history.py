"""A simulated world as the checker sees it: plain rows, as the database would hold them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from jobistemer_tui.domain.instants import to_microseconds
from jobistemer_tui.engine import recovery
from jobistemer_tui.storage.codec import Row as Stored
from jobistemer_tui.storage.codec import codec_of
from jobistemer_tui.storage.scans import scan_of
from jobistemer_tui.storage.tables import INDEXES, TABLES, Index, Table, table_of
from tests.checker.check import check_history
from tests.checker.history import Change, Commit, Delivery, History, LedgerLine, Row, Violation
from tests.support.simulated_store import Change as StoredChange
from tests.support.simulated_world import FAR, Line, World

_FIRST_INDEX: dict[str, Index[Any]] = {index.table: index for index in reversed(INDEXES)}
_LATEST_CHANGE = timedelta(seconds=2)
"""How long after the faults it may take until every engine has noticed that they are over."""


class Plain:
    """Rows as dictionaries, each made once. What it knows stays as long as the rows do, which the commits keep."""

    def __init__(self) -> None:
        self._known: dict[int, Row] = {}

    def row(self, table: Table[Any], stored: Stored) -> Row:
        """The row by the names of its columns."""
        found = self._known.get(id(stored))
        if found is None:
            found = self._known[id(stored)] = dict(zip(codec_of(table).names, stored, strict=True))
        return found

    def change(self, stored: StoredChange) -> Change:
        """A change of a row."""
        before = None if stored.before is None else self.row(stored.table, stored.before)
        after = None if stored.after is None else self.row(stored.table, stored.after)
        return Change(stored.table.name, before, after)


def history_of(world: World) -> History:
    """All that a world has done."""
    plain = Plain()
    over = world.paused_at is not None
    return History(
        tables={table.name: _rows(world, plain, table) for table in TABLES if table.name in _FIRST_INDEX},
        ledger=[_ledger_line(line) for line in world.ledger],
        commits=[
            Commit(c.number, None if c.by is None else c.by.bytes, [plain.change(x) for x in c.changes], c.events)
            for c in world.disk.commits
        ],
        alive=[attempt.bytes for attempt in world.supervisor.processes],
        over=over,
        now=to_microseconds(world.clock.now() + FAR),
        until=None if world.paused_at is None else to_microseconds(world.paused_at - _LATEST_CHANGE),
        calm=_calm(world),
        deliveries=[Delivery(key.bytes, arrived, commits) for key, arrived, commits in world.deliveries],
        most_rows=recovery.MAX_ROWS,
    )  # fmt: skip


def violations_of(world: World) -> list[Violation]:
    """What a world that has been lived through shows to be broken."""
    troubles = [Violation(*trouble.split(": ", 1)) for trouble in world.troubles]
    return [*troubles, *check_history(history_of(world))]


def _calm(world: World) -> tuple[int, int] | None:
    if world.settled_at is None or world.paused_at is None or world.clock.was_set_back:
        return None  # what was handled while the clock was ahead looks late
    return to_microseconds(world.settled_at), to_microseconds(world.paused_at)


def _rows(world: World, plain: Plain, table: Table[Any]) -> list[Row]:
    index = _FIRST_INDEX[table.name]
    assert table_of(index) is table
    return [plain.row(table, stored) for stored in world.disk.raw.scan(scan_of(index, ()))]


def _ledger_line(line: Line) -> LedgerLine:
    env = line.order.env
    return LedgerLine(
        line.kind, env["JOBISTEMER_JOB"], env["JOBISTEMER_TASK"], UUID(env["JOBISTEMER_OCCURRENCE_ID"]).bytes,
        line.order.attempt_id.bytes, int(env["JOBISTEMER_FENCE"]), line.boot, line.exit_code, line.commit,
        line.values,
    )  # fmt: skip
