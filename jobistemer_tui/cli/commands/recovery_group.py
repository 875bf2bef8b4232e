"""`jobistemer recovery …`"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

import click

from jobistemer_tui.cli import output
from jobistemer_tui.cli.control_output import REASON, one_or_all
from jobistemer_tui.cli.session import Session, global_options, pass_session
from jobistemer_tui.cli.times import local_text
from jobistemer_tui.domain.recovery_strategy import RecoveryStrategy
from jobistemer_tui.errors import Refused
from jobistemer_tui.operations.contract import Operations
from jobistemer_tui.operations.gap_words import away_words, hold_words, outcome_words, plan_words, runs_words
from jobistemer_tui.operations.json_shapes import gap_json
from jobistemer_tui.operations.queries_gaps import GapRow

EVERY = click.option("--all", "every", is_flag=True, help="All jobs that have one.")


@click.group("recovery")
@global_options
def command() -> None:
    """See what was missed while no engine was awake, and decide about what waits (`recovery_hold`)."""


@command.command("list")
@click.option("--past", is_flag=True, help="Also what was done about earlier gaps, the newest first.")
@global_options
@pass_session
def list_gaps(session: Session, past: bool) -> None:
    """List the gaps that wait for a decision."""
    with session.opened() as opened:
        rows, now = opened.operations.gaps(past=past), opened.operations.now()
    if session.as_json:
        output.as_json([gap_json(row) for row in rows])
        return
    titles = ("JOB", "FROM", "AWAY", "TIMES", "STRATEGY", "BECAME", "WAITS FOR")
    output.table(titles, [_cells(row, now) for row in rows])
    if not rows:
        output.talk("no gap is known" if past else "nothing waits for a decision; earlier gaps: --past")


def _cells(row: GapRow, now: datetime) -> Sequence[str]:
    became = runs_words(row) if row.is_held else outcome_words(row)
    times = "?" if row.instants is None else str(row.instants)
    return row.job, local_text(row.begin_at), away_words(row), times, plan_words(row), became, hold_words(row, now)


@command.command("release")
@click.argument("job", required=False)
@EVERY
@REASON
@global_options
@pass_session
def release(session: Session, job: str | None, every: bool, reason: str | None) -> None:
    """Let the recovery strategy apply now."""
    _decide(session, job, every, lambda operations, name: operations.release_gap(name, reason=reason), "released")


@command.command("drop")
@click.argument("job", required=False)
@EVERY
@REASON
@global_options
@pass_session
def drop(session: Session, job: str | None, every: bool, reason: str | None) -> None:
    """Run nothing of the gap; what was missed is recorded as skipped."""
    _decide(session, job, every, lambda operations, name: operations.drop_gap(name, reason=reason), "dropped")


@command.command("trim")
@click.argument("job", required=False)
@EVERY
@click.option("--newest", type=int, required=True, metavar="N", help="So many times stay; the others are skipped.")
@REASON
@global_options
@pass_session
def trim(session: Session, job: str | None, every: bool, newest: int, reason: str | None) -> None:
    """Leave the strategy only the newest times of the gap; it waits on."""
    words = f"only the newest {newest} are left"
    _decide(
        session, job, every, lambda operations, name: operations.trim_gap(name, newest=newest, reason=reason), words
    )


@command.command("change")
@click.argument("job", required=False)
@EVERY
@click.option(
    "--strategy", type=click.Choice([word.value for word in RecoveryStrategy]), required=True,
    help="What is to decide about this gap alone.",
)  # fmt: skip
@REASON
@global_options
@pass_session
def change(session: Session, job: str | None, every: bool, strategy: str, reason: str | None) -> None:
    """Let another strategy decide about this one gap; it waits on."""
    chosen = RecoveryStrategy(strategy)
    _decide(
        session, job, every, lambda operations, name: operations.change_gap(name, strategy=chosen, reason=reason),
        f"{strategy} decides",
    )  # fmt: skip


def _decide(
    session: Session, job: str | None, every: bool, act: Callable[[Operations, str], GapRow], words: str
) -> None:
    one_or_all(job, every)
    with session.opened() as opened:
        operations = opened.operations
        rows = _decide_all(operations, act) if job is None else [act(operations, job)]
    if session.as_json:
        document = [gap_json(row) for row in rows]
        output.as_json(document[0] if job is not None else document)
    else:
        output.talk("\n".join(f"{row.job}: {words}" for row in rows))


def _decide_all(operations: Operations, act: Callable[[Operations, str], GapRow]) -> list[GapRow]:
    """Decide about all that waits, and say what waits no more when its turn comes. Raises Refused if none is left."""
    rows = []
    for gap in operations.gaps():
        try:
            rows.append(act(operations, gap.job))
        except Refused:
            output.talk(f"{gap.job}: its gap was resolved meanwhile")
    if not rows:
        raise Refused("nothing waits for a decision", hint="list earlier gaps with: jobistemer recovery list --past")
    return rows
