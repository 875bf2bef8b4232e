"""`jobistemer trigger`"""

from __future__ import annotations

from datetime import timedelta

import click

from jobistemer_tui.cli.params import read_params
from jobistemer_tui.cli.requests import Wish, request_options, see_through
from jobistemer_tui.cli.session import Session, global_options, pass_session
from jobistemer_tui.cli.times import Duration
from jobistemer_tui.domain.identity import new_request_id


@click.command("trigger")
@click.argument("job")
@click.option("--param", "params", multiple=True, metavar="NAME=VALUE", help="A parameter that the job declares.")
@click.option("--valid-for", type=Duration(), metavar="DURATION", help="How long it waits for an engine; 1h.")
@click.option("--reason", metavar="TEXT", help="Why; kept in the audit.")
@request_options
@global_options
@pass_session
def command(
    session: Session, job: str, params: tuple[str, ...], valid_for: timedelta | None, reason: str | None,
    wish: Wish,
) -> int:  # fmt: skip
    """Run a job now, under its overlap policy.

    Without an engine the request is stored, and the next engine that starts within an hour runs it.
    """
    given = read_params(params)
    with session.opened() as opened:
        made = opened.operations.trigger(
            job, request=new_request_id(), params=given, force=wish.force, valid_for=valid_for, reason=reason
        )
        return see_through(opened.operations, job, made, wish, as_json=session.as_json)
