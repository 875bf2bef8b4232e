"""`jobistemer demo`"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from jobistemer_tui.cli import output
from jobistemer_tui.cli.session import Session, global_options, pass_session
from jobistemer_tui.cli.times import Duration
from jobistemer_tui.errors import UsageError

if TYPE_CHECKING:
    from jobistemer_tui.wiring import Opened


@click.command("demo")
@click.option("--headless", is_flag=True, help="Run the jobs without the screen.")
@click.option("--for", "length", type=Duration(), metavar="DURATION", help="With --headless: stop after this time.")
@click.option("--keep", is_flag=True, help="Leave the home behind, to look into it.")
@global_options
@pass_session
def command(session: Session, headless: bool, length: timedelta | None, keep: bool) -> int:
    """Show the program at work on example jobs, in a home of its own that is gone afterwards.

    Within seconds there are runs that complete, fail, are tried again, wait, are skipped and were missed. Your own
    settings and jobs are not touched.
    """
    from jobistemer_tui.cli.screen import need_terminal, show_screen

    if session.home is not None or session.store is not None:
        raise UsageError(
            "the demo has a home of its own", hint="leave --home and --store away; --keep leaves it behind"
        )
    if length is not None and not headless:
        raise UsageError("--for goes with --headless", hint="the screen ends when you leave it")
    if not headless:
        need_terminal("jobistemer demo --headless")
    from jobistemer_tui.cli.demo_home import demo_home

    with demo_home(session.environ, keep=keep) as opened:
        output.talk(f"the home of this demo: {opened.locations.data_dir}")
        if headless:
            code = _run(opened, length, as_json=session.as_json)
        else:
            code = show_screen(opened, (opened.locations.jobs_dir,))
    return code


def _run(opened: Opened, length: timedelta | None, *, as_json: bool) -> int:
    from jobistemer_tui.cli.event_lines import EventLines
    from jobistemer_tui.cli.headless import Errand, Headless
    from jobistemer_tui.wiring import make_node, stop_node

    errand = Errand((), None if length is None else length.total_seconds(), until_idle=False)
    lines = EventLines(opened.operations, as_json=as_json)
    node = make_node(opened, (opened.locations.jobs_dir,), on_event=lines.print)
    return asyncio.run(Headless(node, lambda: stop_node(node, "cancel"), opened.operations, errand).run())
