"""`jobistemer nodes …`"""

from __future__ import annotations

import sys
from datetime import datetime
from typing import TYPE_CHECKING

import click

from jobistemer_tui.cli import output
from jobistemer_tui.cli.session import Session, global_options, pass_session
from jobistemer_tui.errors import UsageError
from jobistemer_tui.operations.node_words import node_notes, seen_words, skew_words

if TYPE_CHECKING:
    from jobistemer_tui.operations.nodes import NodeRow

_REASON = click.option("--reason", metavar="TEXT", help="Why; kept in the audit.")


@click.group("nodes", invoke_without_command=True)
@global_options
@pass_session
@click.pass_context
def command(context: click.Context, session: Session) -> None:
    """List the nodes: the machines whose engines work, or have worked, with the store."""
    if context.invoked_subcommand is not None:
        return
    from jobistemer_tui.operations.nodes import node_json

    with session.opened(make=False) as opened:
        rows, now = opened.operations.nodes(), opened.operations.now()
    if session.as_json:
        output.as_json([node_json(row) for row in rows])
        return
    titles = ("NODE", "STATUS", "SEEN", "RUNNING", "LABELS", "VERSION", "CLOCK", "NOTES")
    output.table(titles, [_cells(row, now) for row in rows])
    if not rows:
        output.talk("no engine has worked with this store yet: jobistemer run")


@command.command("drain")
@click.argument("name", metavar="NAME")
@_REASON
@global_options
@pass_session
def drain(session: Session, name: str, reason: str | None) -> None:
    """Let a node begin no run, until undrain; what it runs goes on. It holds after a restart too."""
    with session.opened() as opened:
        _say(session, opened.operations.drain_node(name, reason=reason), "begins nothing new")


@command.command("undrain")
@click.argument("name", metavar="NAME")
@global_options
@pass_session
def undrain(session: Session, name: str) -> None:
    """Let a node that was drained begin runs again."""
    with session.opened() as opened:
        _say(session, opened.operations.undrain_node(name), "begins runs again")


@command.command("lost")
@click.argument("name", metavar="NAME")
@click.option("--yes", is_flag=True, help="The machine is off, or what it ran is stopped: do not ask.")
@global_options
@pass_session
def lost(session: Session, name: str, yes: bool) -> None:
    """Declare a node dead by hand, so that others take what it had in hand at once.

    Only where it cannot be reached and surely runs nothing any more: what it runs may run again elsewhere if the job
    says so (on_lost). Refused while it holds its lock. It comes back as another node.
    """
    if not yes and not (sys.stdin and sys.stdin.isatty()):
        raise UsageError("nobody can be asked here", hint="add --yes if the machine surely runs nothing any more")
    with session.opened() as opened:
        if not yes and click.prompt(f"Type the name to declare {name} lost", err=True) != name:
            raise UsageError("that is not its name: nothing was done")
        _say(session, opened.operations.declare_node_lost(name), "is lost")


def _say(session: Session, row: NodeRow, what: str) -> None:
    from jobistemer_tui.operations.nodes import node_json

    if session.as_json:
        output.as_json(node_json(row))
    else:
        output.talk(f"{row.name} {what}")


def _cells(row: NodeRow, now: datetime) -> tuple[str, ...]:
    slots = f"{row.running}/{row.slots or '?'}"
    return (
        row.name, row.standing.value, seen_words(row, now), slots, ", ".join(row.labels) or "-", row.version,
        skew_words(row.clock_offset_ms) or "-", "; ".join(node_notes(row)) or "-",
    )  # fmt: skip
