"""`jobistemer compare`"""

from __future__ import annotations

import click

from jobistemer_tui.cli import output
from jobistemer_tui.cli.session import Session, global_options, pass_session
from jobistemer_tui.operations.compare import words
from jobistemer_tui.operations.compare.line_diff import Kind
from jobistemer_tui.operations.compare.model import Comparison
from jobistemer_tui.operations.compare.read import CONTEXT_LINES
from jobistemer_tui.operations.compare.shapes import comparison_json

_STYLES = {Kind.SAME: "", Kind.REMOVED: "error", Kind.ADDED: "caret", None: "hint"}


@click.command("compare")
@click.argument("first", metavar="JOB|RUN|ATTEMPT")
@click.argument("second", metavar="[RUN|ATTEMPT]", required=False)
@click.option("--context", type=click.IntRange(0), default=CONTEXT_LINES, help="Lines around each change of the log.")
@click.option("--exact", is_flag=True, help="Compare the log as it is, with times, ids and paths.")
@global_options
@pass_session
def command(session: Session, first: str, second: str | None, context: int, exact: bool) -> None:
    """Put two runs side by side: how they ended, what they were given, what they wrote.

    A job alone compares its last good run with the first bad one after it, a run alone the last good one before it
    with this. Of a run the task is taken that failed. Times, ids, process numbers, addresses and temporary paths in
    the logs are not compared.
    """
    with session.opened() as opened:
        found = opened.operations.compare(first, second, context=context, exact=exact)
    if session.as_json:
        output.as_json(comparison_json(found))
    else:
        _print(found)


def _print(found: Comparison) -> None:
    output.line(f"{words.title(found)}:")
    output.line("")
    rows = [("≠" if fact.differs else "", fact.name, fact.before, fact.after) for fact in found.facts]
    output.table(("", "", "FIRST", "SECOND"), rows)
    for note in found.notes:
        output.line(f"note: {note}")
    _section("environment", [words.variable_words(one) for one in found.environment], words.ENVIRONMENT_NOTE)
    _section("definition", [one.text for one in found.definition], "of the job")
    output.line("")
    output.line(f"log: {words.log_words(found.log)}")
    for kind, text in words.difference_lines(found.log):
        output.styled([(f"@ {text}" if kind is None else text, _STYLES[kind])])


def _section(name: str, lines: list[str], of: str) -> None:
    output.line("")
    output.line(f"{name} ({of}): {'' if lines else 'the same'}".rstrip())
    for line in lines:
        output.line(f"  {line}")
