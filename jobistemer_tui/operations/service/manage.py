"""Install, remove and look at the service."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

from jobistemer_tui.errors import HomeNotWritable, Refused
from jobistemer_tui.operations.service import units
from jobistemer_tui.operations.service.programs import ask, crontab, demand, has_user_manager, lingers
from jobistemer_tui.operations.service.units import ENGINE_UNIT, SUPERVISOR_UNIT, Service
from jobistemer_tui.settings.quick_dataclass import dataclass

Kind = Literal["systemd", "cron"]
_BOTH = (SUPERVISOR_UNIT, ENGINE_UNIT)


@dataclass(frozen=True, slots=True)
class ServiceStatus:
    """How the scheduler starts by itself. None: not to be told (`cron` does not know what runs, or of a logout)."""

    kind: Kind
    installed: bool
    enabled: bool
    running: bool | None
    lingering: bool | None
    files: tuple[str, ...]

    def json(self) -> dict[str, Any]:
        """As a document for programs."""
        return {**asdict(self), "files": list(self.files)}


def planned(service: Service, folder: Path) -> tuple[Kind, dict[str, str]]:
    """What an installation would write: path → text; with cron the line of the crontab."""
    if has_user_manager():
        return "systemd", {str(folder / name): text for name, text in units.unit_files(service).items()}
    return "cron", {"crontab": units.cron_line(service)}


def install(service: Service, folder: Path, user: str, *, force: bool) -> ServiceStatus:
    """Write the units and start them, or write the line of the crontab, for the next start of the machine.

    Raises Refused for a file that is not of this service, unless by `force`; ServiceFailed, HomeNotWritable.
    """
    kind, texts = planned(service, folder)
    if kind == "cron":
        demand(["crontab", "-"], stdin=f"{units.without_cron_line(crontab(), service)}{texts['crontab']}\n")
        return status(service, folder, user)
    for path in texts:
        _refuse_foreign(Path(path), service, force=force)
    _write(folder, {Path(path).name: text for path, text in texts.items()})
    demand(["systemctl", "--user", "daemon-reload"])
    demand(["systemctl", "--user", "enable", "--now", ENGINE_UNIT])
    return status(service, folder, user)


def uninstall(service: Service, folder: Path, user: str, *, force: bool) -> ServiceStatus:
    """Stop and remove it; what is not there is left so. Raises as `install`."""
    if not has_user_manager():
        present = crontab()
        if units.has_cron_line(present, service):
            demand(["crontab", "-"], stdin=units.without_cron_line(present, service))
        return status(service, folder, user)
    ours = [name for name in _BOTH if (folder / name).exists()]
    for name in ours:
        _refuse_foreign(folder / name, service, force=force)
    if ours:
        demand(["systemctl", "--user", "disable", "--now", *reversed(ours)])
    for name in ours:
        (folder / name).unlink(missing_ok=True)
    if ours:
        demand(["systemctl", "--user", "daemon-reload"])
    return status(service, folder, user)


def status(service: Service, folder: Path, user: str) -> ServiceStatus:
    """What there is now. Raises ServiceFailed where there is neither systemd nor cron."""
    if not has_user_manager():
        present = units.has_cron_line(crontab(), service)
        return ServiceStatus("cron", present, present, None, None, ())
    files = tuple(str(folder / name) for name in _BOTH if _is_ours(folder / name, service))
    enabled = ask(["systemctl", "--user", "is-enabled", ENGINE_UNIT]).ok
    running = ask(["systemctl", "--user", "is-active", ENGINE_UNIT]).ok
    installed = len(files) == len(_BOTH)
    return ServiceStatus("systemd", installed, installed and enabled, installed and running, lingers(user), files)


def _refuse_foreign(path: Path, service: Service, *, force: bool) -> None:
    if os.path.lexists(path) and not force and not _is_ours(path, service):
        raise Refused(f"{path} was not written for this home", hint="look at it, or say --force to replace it")


def _is_ours(path: Path, service: Service) -> bool:
    try:
        return path.read_text(encoding="utf-8", errors="replace").split("\n", 1)[0] == service.mark
    except OSError:
        return False


def _write(folder: Path, texts: dict[str, str]) -> None:
    try:
        folder.mkdir(mode=0o755, parents=True, exist_ok=True)
        for name, text in texts.items():
            part = folder / f".{name}.new"
            part.write_text(text, encoding="utf-8")
            os.replace(part, folder / name)
    except OSError as error:
        raise HomeNotWritable(f"{folder} cannot be written: {error.strerror}") from error
