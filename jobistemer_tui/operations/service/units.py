"""The texts: two units (hazard 18), or a line of a crontab. Pure."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

from jobistemer_tui.errors import UsageError
from jobistemer_tui.settings.quick_dataclass import dataclass

ENGINE_UNIT = "jobistemer.service"
SUPERVISOR_UNIT = "jobistemer-supervisor.service"


@dataclass(frozen=True, slots=True)
class Service:
    """What is to be started: the program with its global options, the job files if not the usual ones, the PATH.

    `label` names the home, and so whose files are whose.
    """

    program: tuple[str, ...]
    paths: tuple[str, ...]
    search_path: str
    label: str

    @property
    def engine(self) -> tuple[str, ...]:
        """The command line of the scheduler."""
        return (*self.program, "run", *self.paths)

    @property
    def supervisor(self) -> tuple[str, ...]:
        """The command line of what starts the tasks."""
        return (*self.program, "service", "supervisor")

    @property
    def mark(self) -> str:
        """The first line of each file that belongs to this service."""
        return f"# Written by jobistemer service install, for {one_line(self.label)}"

    @property
    def cron_mark(self) -> str:
        """The end of the line of a crontab that belongs to this service."""
        return f"# jobistemer service, for {one_line(self.label)}".replace("%", "\\%")


def unit_files(service: Service) -> dict[str, str]:
    """Name → text. Raises UsageError for a path that no unit can hold.

    The supervisor has a unit of its own, so that a restart of the scheduler leaves tasks alone (`KillMode=process`
    leaves what a supervisor started by the engine itself would have), that one task out of memory does not end it
    (`OOMPolicy=continue`), and that each task may have a group of its own (`Delegate=yes`).
    """
    environment = f"Environment={unit_word(f'PATH={service.search_path}')}\n" if service.search_path else ""
    engine = f"""{service.mark}
[Unit]
Description=Jobistemer, the job scheduler
Wants={SUPERVISOR_UNIT}
After={SUPERVISOR_UNIT}

[Service]
ExecStart={unit_command(service.engine)}
{environment}KillMode=process
Restart=on-failure
RestartSec=5
RestartPreventExitStatus=64 65 66 73 76

[Install]
WantedBy=default.target
"""
    supervisor = f"""{service.mark}
[Unit]
Description=Jobistemer, the supervisor of running tasks
StartLimitIntervalSec=0

[Service]
ExecStart={unit_command(service.supervisor)}
{environment}KillMode=mixed
OOMPolicy=continue
Delegate=yes
Restart=always
RestartSec=5
"""
    return {SUPERVISOR_UNIT: supervisor, ENGINE_UNIT: engine}


def unit_command(words: Sequence[str]) -> str:
    """A command line as `ExecStart=` reads it: quoted, with `%` and `$` doubled (the program itself knows no `$`)."""
    program, *arguments = words
    return " ".join([unit_word(program), *(unit_word(word).replace("$", "$$") for word in arguments)])


def unit_word(word: str) -> str:
    """One word of a unit, in double quotes where it needs them (systemd.syntax(7)). Raises UsageError."""
    if re.search(r"[\x00-\x1f\x7f]", word):
        raise UsageError(f"a unit cannot hold the path {word!r}", hint="choose a path without control characters")
    doubled = word.replace("%", "%%")
    if re.fullmatch(r"[A-Za-z0-9_@%+=:,./-]+", doubled):
        return doubled
    escaped = doubled.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def cron_line(service: Service) -> str:
    """The line that starts the scheduler with the machine. Raises UsageError for a path that no crontab can hold."""
    if re.search(r"[\x00-\x1f\x7f]", "".join(service.engine)):
        raise UsageError("a crontab cannot hold a path with control characters", hint="choose another path")
    command = shlex.join(service.engine).replace("%", "\\%")
    return f"@reboot {command} >/dev/null 2>&1 {service.cron_mark}"


def without_cron_line(crontab: str, service: Service) -> str:
    """A crontab without the lines of this service. A line ends with a newline and nothing else, as for cron."""
    lines = re.findall(r"[^\n]*\n|[^\n]+", crontab)
    return "".join(line for line in lines if not line.removesuffix("\n").endswith(service.cron_mark))


def has_cron_line(crontab: str, service: Service) -> bool:
    """Whether a line of a crontab is of this service."""
    return without_cron_line(crontab, service) != crontab


def one_line(text: str) -> str:
    """A text that cannot begin a line of its own."""
    return re.sub(r"[\x00-\x1f\x7f]", "?", text)
