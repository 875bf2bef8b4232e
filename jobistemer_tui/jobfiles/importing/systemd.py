"""Timers with their services to jobs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from jobistemer_tui.errors import ScheduleError
from jobistemer_tui.jobfiles.importing.model import Fate, Imported, ImportedJob, Note, Person, prose, unfit
from jobistemer_tui.jobfiles.importing.names import Names, slug
from jobistemer_tui.jobfiles.importing.systemd_calendar import CalendarError, calendar_schedules
from jobistemer_tui.jobfiles.importing.systemd_commands import (
    Command,
    CommandError,
    assignments,
    expand,
    read_commands,
)
from jobistemer_tui.jobfiles.importing.systemd_units import Setting, Unit, time_span
from jobistemer_tui.schedules import parse_schedule

SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin"
"""What services of the system have as PATH."""
_DAY_S = 86400.0
_BURST = "5"
_STEPS = ("ExecStartPre", "ExecStart", "ExecStartPost", "ExecStopPost")
_QUIET = frozenset({
    "Description", "Documentation", "Type", "StandardOutput", "StandardError", "SyslogIdentifier", "Unit", "Persistent",
    "OnCalendar", "OnUnitActiveSec", "OnUnitInactiveSec", "OnBootSec", "OnStartupSec", "RandomizedDelaySec",
    "AccuracySec", "RemainAfterElapse", "Environment", "EnvironmentFile", "WorkingDirectory", "User",
    "TimeoutStartSec", "TimeoutSec", "TimeoutStopSec", "RuntimeMaxSec", "Restart", "RestartSec", "KillMode",
    "StartLimitBurst", "StartLimitIntervalSec", *_STEPS,
})  # fmt: skip
"""Settings that are carried over, or that change nothing here."""
_WAITED_FOR = ("", "simple", "exec", "oneshot")
_REPEATED = ("on-failure", "on-abnormal", "on-abort", "on-watchdog", "always")


@dataclass(slots=True)
class _Import:
    """One timer on its way."""

    timer: Unit
    service: Unit
    person: Person
    system: bool
    specifiers: Mapping[str, str]
    notes: list[Note] = field(default_factory=list)

    def say(self, fate: Fate, setting: Setting | None, message: str) -> None:
        """A line of the report, about a setting or the timer as a whole."""
        path, line, text = (self.timer.path, 0, "") if setting is None else (setting.path, setting.line, setting.text)
        self.notes.append(Note(fate, path, line, text, message))


def import_timers(
    timers: list[Unit], service_of: Callable[[str], Unit | None], person: Person, *, system: bool, names: Names
) -> Imported:
    """The jobs of timers. `service_of` finds a unit by its name; `system`: they are units of the system."""
    jobs: list[ImportedJob] = []
    notes: list[Note] = []
    for timer in timers:
        wanted = timer.last("Timer", "Unit") or f"{timer.name.removesuffix('.timer')}.service"
        service = service_of(wanted)
        if service is None:
            notes.append(Note(Fate.LOST, timer.path, 0, "", f"its unit {wanted} is not there"))
            continue
        found = _Import(timer, service, person, system, _specifiers(service, person))
        for setting in (*timer.unfit, *service.unfit):
            found.say(Fate.LOST, setting, unfit(setting.text))
        name = names.take(slug(timer.name.removesuffix(".timer")) or "timer")
        table = _table(found)
        if table is not None:
            jobs.append(ImportedJob(name, table, f"{timer.path} with {service.path}"))
            found.notes.insert(0, Note(Fate.CARRIED, timer.path, 0, "", "", name))
        notes += found.notes
    return Imported(tuple(jobs), tuple(notes))


def _specifiers(service: Unit, person: Person) -> dict[str, str]:
    stem = service.name.rpartition(".")[0]
    return {
        "%": "%", "n": service.name, "N": stem, "p": service.prefix, "P": service.prefix.replace("-", "/"),
        "i": service.instance, "I": service.instance.replace("-", "/"), "u": person.name, "U": str(person.uid),
        "h": person.home, "T": "/tmp", "V": "/var/tmp",
    }  # fmt: skip


def _table(found: _Import) -> dict[str, Any] | None:
    """The job, or None where nothing of it can be carried over."""
    schedules = list(_schedules(found))
    tasks = list(_tasks(found))
    if not schedules or not tasks:
        if not found.notes or all(note.fate is not Fate.LOST for note in found.notes):
            found.say(Fate.LOST, None, "it is never due, or its service runs nothing")
        return None
    prefix, whole = _as_user(found)
    single = tasks[0] if len(tasks) == 1 else {}
    description = found.service.last("Unit", "Description") or found.timer.last("Unit", "Description")
    table: dict[str, Any] = {
        **({"description": prose(_expanded(found, description))} if description else {}),
        "schedule": schedules[0] if len(schedules) == 1 else schedules,
        **whole,
        **{key: value for key, value in single.items() if key in ("run", "command")},
        **_surroundings(found, prefix),
        **_policies(found),
        **({} if single else {"tasks": tasks}),
    }
    _leave_out(found)
    return _prefixed(table, prefix)


def _prefixed(table: dict[str, Any], prefix: list[str]) -> dict[str, Any]:
    """Programs run as another user are called through one that changes it."""
    for part in (table, *table.get("tasks", ())):
        if prefix and "command" in part:
            part["command"] = [*prefix, *part["command"]]
    return table


def _schedules(found: _Import) -> Iterator[Any]:
    """Each time of the timer that has a counterpart."""
    delay = _delay(found)
    for setting in found.timer.all("Timer", "OnCalendar"):
        try:
            for value in calendar_schedules(setting.value):
                parse_schedule(value, timezone="UTC", key="")
                yield _jittered(value, delay)
                if isinstance(value, dict) and "exclude" in value:
                    found.say(Fate.CHANGED, setting, "days that match only in part are shown as skipped (excluded)")
        except (CalendarError, ScheduleError) as error:
            found.say(Fate.LOST, setting, str(error))
    yield from _since_boot(found, delay)
    for key in ("OnUnitActiveSec", "OnUnitInactiveSec"):
        for setting in found.timer.all("Timer", key):
            span = _span(found, setting)
            if span is not None and span >= 1:
                yield _jittered({"interval": f"PT{_number(span)}S"}, delay)
                found.say(Fate.CHANGED, setting, "an even rhythm from when the job is first seen, whatever a run takes")


def _since_boot(found: _Import, delay: str | None) -> Iterator[Any]:
    settings = [*found.timer.all("Timer", "OnBootSec"), *found.timer.all("Timer", "OnStartupSec")]
    if settings:
        yield _jittered({"cron": "@reboot"}, delay) if delay else "@reboot"
    for setting in settings:
        found.say(Fate.CHANGED, setting, "it runs when the scheduler starts after the machine has, without more delay")


def _jittered(value: Any, delay: str | None) -> Any:
    if delay is None:
        return value
    return {**(value if isinstance(value, dict) else {"cron": value}), "jitter": delay}


def _delay(found: _Import) -> str | None:
    for setting in found.timer.all("Timer", "RandomizedDelaySec")[-1:]:
        span = _span(found, setting) or 0
        if span > _DAY_S:
            found.say(Fate.CHANGED, setting, "a delay is at most a day here")
        if span:
            return f"{_number(min(span, _DAY_S))}s"
    return None


def _span(found: _Import, setting: Setting) -> float | None:
    try:
        return time_span(setting.value)
    except ValueError as error:
        found.say(Fate.LOST, setting, str(error))
        return None


def _number(seconds: float) -> str:
    """Without an exponent, to a millisecond."""
    return f"{seconds:.3f}".rstrip("0").rstrip(".")


def _tasks(found: _Import) -> Iterator[dict[str, Any]]:
    """What the service runs, in order; what runs after its end comes whatever became of the rest."""
    for key in _STEPS:
        number = 0
        for setting in found.service.all("Service", key):
            try:
                commands = list(read_commands(setting.value, found.specifiers))
            except CommandError as error:
                found.say(Fate.LOST, setting, str(error))
                continue
            for command in commands:
                number += 1
                yield _task(found, setting, key, number, command)


def _task(found: _Import, setting: Setting, key: str, number: int, command: Command) -> dict[str, Any]:
    if command.prefixes:
        found.say(Fate.LOST, setting, f"the prefix {command.prefixes} has no counterpart")
    names = {"ExecStartPre": "before", "ExecStart": "main", "ExecStartPost": "after", "ExecStopPost": "clean-up"}
    name = names[key] + (f"-{number}" if number > 1 else "")
    return {"name": name, **command.table(), **({"run_when": "always"} if key == "ExecStopPost" else {})}


def _as_user(found: _Import) -> tuple[list[str], dict[str, Any]]:
    """What to call programs through, and what makes the job another user's, or switches it off."""
    user = found.service.last("Service", "User") or ("root" if found.system else found.person.name)
    if user == found.person.name:
        return [], {}
    if not found.person.is_root:
        found.say(
            Fate.LOST, None,
            f"it runs as {user}, and jobs run as the one who runs Jobistemer: it is switched off (enabled = false)",
        )  # fmt: skip
        return [], {"enabled": False}
    return ["runuser", "-u", user, "--"], {}


def _surroundings(found: _Import, prefix: list[str]) -> dict[str, Any]:
    env: dict[str, str] = {}
    for setting in found.service.all("Service", "Environment"):
        try:
            env |= assignments(setting.value, found.specifiers)
        except CommandError as error:
            found.say(Fate.LOST, setting, str(error))
    folder = found.service.last("Service", "WorkingDirectory").removeprefix("-")
    home = "~" if not found.system else "/"
    path = env.pop("PATH", SYSTEM_PATH if found.system else "")
    return {
        "shell": [*prefix, "/bin/sh", "-c"],
        **({"path": path} if path else {}),
        "cwd": _expanded(found, folder) if folder else home,
        **_env_file(found),
        **({"env": env} if env else {}),
    }


def _expanded(found: _Import, text: str) -> str:
    try:
        return expand(text, found.specifiers)
    except CommandError:
        return text


def _env_file(found: _Import) -> dict[str, str]:
    settings = found.service.all("Service", "EnvironmentFile")
    for setting in settings[1:]:
        found.say(Fate.LOST, setting, "a job has one env_file")
    for setting in settings[:1]:
        optional = "; and it has to be there" if setting.value.startswith("-") else ""
        found.say(Fate.CHANGED, setting, f"all in it counts as secret, and its mode has to be 0600{optional}")
        return {"env_file": _expanded(found, setting.value.removeprefix("-"))}
    return {}


def _policies(found: _Import) -> dict[str, Any]:
    """Recovery, time limits, retries and what is left behind."""
    service = found.service
    persistent = found.timer.last("Timer", "Persistent").lower() in ("yes", "true", "on", "1")
    oneshot = service.last("Service", "Type") == "oneshot"
    limits = service.all("Service", "RuntimeMaxSec")
    if oneshot:
        limits += service.all("Service", "TimeoutStartSec") + service.all("Service", "TimeoutSec")
    spans = [span for span in (_span(found, limit) for limit in limits) if span]
    grace = [span for span in (_span(found, one) for one in service.all("Service", "TimeoutStopSec")) if span]
    leaves = service.last("Service", "KillMode") in ("process", "none")
    return {
        "recovery_strategy": "execute-last" if persistent else "mark-as-missed",
        "execution_timeout": f"{_number(min(spans))}s" if spans else "none",
        **({"kill_grace": f"{_number(grace[-1])}s"} if grace else {}),
        **({"leftovers": "leave"} if leaves else {}),
        **_retries(found),
    }


def _retries(found: _Import) -> dict[str, Any]:
    for setting in found.service.all("Service", "Restart")[-1:]:
        if setting.value in _REPEATED:
            waits = [_span(found, one) for one in found.service.all("Service", "RestartSec")] or [0.1]
            burst = found.service.last("Unit", "StartLimitBurst") or _BURST
            found.say(Fate.CHANGED, setting, f"a failed run is tried at most {burst} times more, then it has failed")
            interval = f"{_number(waits[-1] or 0)}s"
            retries = int(burst) if burst.isdigit() else int(_BURST)
            return {"retry_policy": {"max_retries": retries, "retry_interval": interval, "backoff_factor": 1.0}}
    return {}


def _leave_out(found: _Import) -> None:
    """Say of each setting that it has no counterpart."""
    for setting in found.service.all("Service", "Type"):
        if setting.value not in _WAITED_FOR:
            found.say(Fate.CHANGED, setting, "the run lasts until the program that is started ends")
    for unit in (found.timer, found.service):
        for setting in unit.settings:
            if setting.section != "Install" and setting.key not in _QUIET and setting.value:
                found.say(Fate.LOST, setting, "there is no counterpart")
