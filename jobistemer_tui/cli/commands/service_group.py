"""`jobistemer service …`"""

from __future__ import annotations

import getpass
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from jobistemer_tui.cli import output
from jobistemer_tui.cli.exit_codes import ExitCode
from jobistemer_tui.cli.session import PATHS, Session, existing, global_options, pass_session
from jobistemer_tui.errors import UsageError
from jobistemer_tui.settings.locations import HOME_VARIABLE, STORE_VARIABLE, has_password

if TYPE_CHECKING:
    from jobistemer_tui.operations.service.manage import ServiceStatus
    from jobistemer_tui.operations.service.units import Service

_FORCE = click.option("--force", is_flag=True, help="Also touch files that were not written for this home.")


@click.group("service")
@global_options
def command() -> None:
    """Let the scheduler start by itself, and go on without a screen."""


@command.command("install")
@PATHS
@click.option("--dry-run", is_flag=True, help="Only print what would be written.")
@_FORCE
@global_options
@pass_session
def install(session: Session, paths: tuple[Path, ...], dry_run: bool, force: bool) -> None:
    """Install the scheduler over job files as a service of yours: units of systemd, or @reboot of cron without it."""
    from jobistemer_tui.operations.service import manage

    service = _service(session, existing(paths))
    if dry_run:
        kind, texts = manage.planned(service, _folder(session))
        if session.as_json:
            output.as_json({"kind": kind, "files": texts})
        else:
            for path, text in texts.items():
                output.document(f"# {path}\n{text.rstrip()}\n")
        return
    _show(session, manage.install(service, _folder(session), getpass.getuser(), force=force))


@command.command("uninstall")
@_FORCE
@global_options
@pass_session
def uninstall(session: Session, force: bool) -> None:
    """Stop the service and remove it. What still runs is given a minute and a half to end."""
    from jobistemer_tui.operations.service import manage

    _show(session, manage.uninstall(_service(session, ()), _folder(session), getpass.getuser(), force=force))


@command.command("status")
@global_options
@pass_session
def status(session: Session) -> int:
    """Say whether it is installed, enabled and running, and whether it outlives a logout; 1 if not installed."""
    from jobistemer_tui.operations.service import manage

    found = manage.status(_service(session, ()), _folder(session), getpass.getuser())
    _show(session, found)
    return ExitCode.DONE if found.installed else ExitCode.FAILED


@command.command("supervisor")
@global_options
@pass_session
def supervisor(session: Session) -> None:
    """Become the supervisor of this home's tasks; the unit of the service runs this."""
    from jobistemer_tui.wiring import supervisor_argv

    with session.opened(actor_kind="service") as opened:
        words = supervisor_argv(opened)
    os.execv(words[0], words)


def _service(session: Session, paths: tuple[Path, ...]) -> Service:
    """This program with the home and store that were named, and PATH as it is here."""
    from jobistemer_tui.operations.service.units import Service

    locations = session.locations()
    if locations.database is None and not locations.on_server:
        raise UsageError("a store in memory ends with its process, so no service can keep it", hint="name a file")
    if has_password(locations.store_url):
        raise UsageError("the store's password would stand in the service's unit", hint="keep it in ~/.pgpass")
    options: tuple[str, ...] = ()
    if session.home is not None or session.environ.get(HOME_VARIABLE):
        options += ("--home", str(locations.config_dir))
    if session.store is not None or session.environ.get(STORE_VARIABLE):
        options += ("--store", locations.store_url)
    program = (sys.executable, "-m", "jobistemer_tui", *options)
    roots = tuple(os.path.abspath(path) for path in paths)
    return Service(program, roots, session.environ.get("PATH", ""), str(locations.database or locations.store_url))


def _folder(session: Session) -> Path:
    """Where systemd looks for a person's units."""
    named = session.environ.get("XDG_CONFIG_HOME", "")
    base = Path(named) if os.path.isabs(named) else Path(os.path.expanduser("~")) / ".config"
    return base / "systemd" / "user"


def _show(session: Session, found: ServiceStatus) -> None:
    if session.as_json:
        output.as_json(found.json())
        return
    words = {True: "yes", False: "no", None: "-"}
    for name in ("installed", "enabled", "running", "lingering"):
        output.line(f"{name:<10} {words[getattr(found, name)]}")
    if found.installed and found.kind == "systemd" and found.lingering is False:
        output.talk(
            "without lingering everything ends when you log out; this changes it:\n"
            f"    loginctl enable-linger {getpass.getuser()}"
        )
    if found.installed and found.kind == "cron":
        output.talk("cron starts it with the machine; until then: jobistemer run")
