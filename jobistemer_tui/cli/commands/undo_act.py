"""`jobistemer undo`"""

from __future__ import annotations

import click

from jobistemer_tui.cli import output
from jobistemer_tui.cli.session import Session, global_options, pass_session
from jobistemer_tui.cli.times import local_text
from jobistemer_tui.operations.control_words import act_words
from jobistemer_tui.operations.json_shapes import act_json


@click.command("undo")
@click.argument("job", required=False)
@global_options
@pass_session
def command(session: Session, job: str | None) -> None:
    """Take back the last pause, resume, start, stop, skip or snooze, of one job or of all."""
    with session.opened() as opened:
        act = opened.operations.last_act(job)
        undone = opened.operations.undo(act)
        if session.as_json:
            output.as_json([act_json(one) for one in undone])
        else:
            output.talk(f"taken back: {act_words(act, local_text)}, by {act.actor} at {local_text(act.at)}")
            if act.batch is not None:
                output.talk("\n".join(sorted(one.job for one in undone)))
