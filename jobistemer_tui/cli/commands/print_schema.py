"""`jobistemer schema`."""

from __future__ import annotations

import click

from jobistemer_tui.cli import output
from jobistemer_tui.cli.exit_codes import ExitCode
from jobistemer_tui.cli.session import Session, global_options, pass_session


@click.command("schema")
@global_options
@pass_session
def command(session: Session) -> int:
    """Print the JSON Schema of job files, which lets editors complete and check them."""
    from jobistemer_tui.operations.queries_schema import job_file_schema  # costs pydantic

    output.as_json(job_file_schema())
    return ExitCode.DONE
