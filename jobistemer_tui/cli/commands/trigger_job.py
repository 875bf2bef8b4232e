"""`jobistemer trigger`"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import click

from jobistemer_tui.cli.requests import request_options, see_through
from jobistemer_tui.cli.session import Session, global_options, pass_session
from jobistemer_tui.cli.times import Duration
from jobistemer_tui.domain.identity import new_request_id
from jobistemer_tui.errors import UsageError


@click.command("trigger")
@click.argument("job")
@click.option("--param", "params", multiple=True, metavar="NAME=VALUE", help="A parameter that the job declares.")
@click.option("--valid-for", type=Duration(), metavar="DURATION", help="How long it waits for an engine; 1h.")
@click.option("--reason", metavar="TEXT", help="Why; kept in the audit.")
@request_options
@global_options
@pass_session
def command(
    session: Session, job: str, params: tuple[str, ...], valid_for: timedelta | None, reason: str | None, force: bool,
    wait: bool, follow: bool,
) -> int:  # fmt: skip
    """Run a job now, under its overlap policy.

    Without an engine the request is stored, and the next engine that starts within an hour runs it.
    """
    given = read_params(params)
    with session.opened() as opened:
        made = opened.operations.trigger(
            job, request=new_request_id(), params=given, force=force, valid_for=valid_for, reason=reason
        )
        return see_through(opened.operations, job, made, wait=wait, follow=follow, as_json=session.as_json)


def read_params(words: Sequence[str]) -> dict[str, str]:
    """`NAME=VALUE` words by name. Raises UsageError for one without `=`, or a name that comes twice."""
    given: dict[str, str] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not (name and equals):
            raise UsageError(f"--param {word!r} has no value", hint="write --param NAME=VALUE")
        if name in given:
            raise UsageError(f"--param {name} is given twice", hint="give it once")
        given[name] = value
    return given
