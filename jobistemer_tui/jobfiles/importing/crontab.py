"""Crontabs to jobs. Commands run as cron runs them; what cannot be so is said in the report."""

from __future__ import annotations

import dataclasses
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import field
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any

from jobistemer_tui.errors import ScheduleError
from jobistemer_tui.jobfiles.importing.crontab_lines import BadLine, Entry, Setting, read_crontab
from jobistemer_tui.jobfiles.importing.model import FAITHFUL, Fate, Imported, ImportedJob, Note, Person
from jobistemer_tui.jobfiles.importing.names import Names, job_name
from jobistemer_tui.schedules import Schedule, parse_schedule
from jobistemer_tui.settings.quick_dataclass import dataclass

CRON_PATH = "/usr/bin:/bin"
"""What commands have as PATH where a crontab sets none (Debian's cron, cronie)."""
_OF_CRON = ("SHELL", "PATH", "HOME", "LOGNAME", "USER", "MAILTO", "MAILFROM", "CRON_TZ", "RANDOM_DELAY")
"""Variables that mean something to cron itself."""
_RANDOM = re.compile(r"(\d*)~(\d*)", re.ASCII)
_SECRET = re.compile(r".*(PASS|SECRET|TOKEN|API_?KEY|CREDENTIAL)(?!.*(FILE|PATH|COMMAND|DIR)$)", re.IGNORECASE)
_LONGEST_DELAY = 24 * 60
_YEAR = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Crontab:
    """A crontab: its text, what to call it in the report, and whether its sixth field names the user."""

    content: str
    name: str
    system: bool


@dataclasses.dataclass(slots=True)
class _Import:
    """One crontab on its way."""

    crontab: Crontab
    person: Person
    timezone: str
    now: datetime
    names: Names
    jobs: list[ImportedJob] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


def import_crontab(crontab: Crontab, person: Person, *, timezone: str, now: datetime, names: Names) -> Imported:
    """The jobs of a crontab. `timezone` is the machine's zone, in which cron reads times; `now` (aware) is when the
    report looks ahead for changes of the clock. `names` holds those that are taken.
    """
    found = _Import(crontab, person, timezone, now, names)
    for line in read_crontab(crontab.content, system=crontab.system):
        match line:
            case BadLine():
                found.notes.append(Note(Fate.LOST, crontab.name, line.line, line.text, line.why))
            case Setting():
                changes = _of_setting(line.name, line.value)
                found.notes += [Note(Fate.CHANGED, crontab.name, line.line, line.text, change) for change in changes]
            case Entry():
                _carry(found, line)
    return Imported(tuple(found.jobs), tuple(found.notes))


def _carry(found: _Import, entry: Entry) -> None:
    wanted = job_name(entry.command)
    zone = entry.variables.get("CRON_TZ") or found.timezone
    value, changes = _schedule(entry)
    try:
        schedule = parse_schedule(value, timezone=zone, key=wanted)
    except ScheduleError as error:
        why = f"{error.message}; {error.hint}" if error.hint else error.message
        found.notes.append(Note(Fate.LOST, found.crontab.name, entry.line, entry.text, why))
        return
    name = found.names.take(wanted)
    table, as_whom = _as_user(entry, found.person)
    if entry.quiet:
        changes.append("the - that keeps cron from logging the line is left out: runs are always recorded")
    changes += _of_clock(schedule, value, zone, found.now)
    lost = as_whom if table is None else ""
    whole: dict[str, Any] = {
        **({"description": entry.description} if entry.description else {}),
        "schedule": value,
        **({"timezone": zone} if "CRON_TZ" in entry.variables else {}),
        **({"enabled": False} if table is None else {}),
        **_work(entry, _shell(entry)),
        **_surroundings(entry, found.person, table or {}),
        **FAITHFUL,
    }
    found.jobs.append(ImportedJob(name, whole, f"{found.crontab.name}:{entry.line}: {entry.text.strip()}"))
    _report(found, entry, name, changes, lost)


def _report(found: _Import, entry: Entry, name: str, changes: list[str], lost: str) -> None:
    def note(fate: Fate, message: str) -> Note:
        return Note(fate, found.crontab.name, entry.line, entry.text, message, name)

    found.notes.append(note(Fate.LOST, lost) if lost else note(Fate.CARRIED, ""))
    found.notes += [note(Fate.CHANGED, change) for change in changes]


def _schedule(entry: Entry) -> tuple[Any, list[str]]:
    """The value for `schedule`, and what is different about it."""
    changes = []
    when = entry.when
    if "~" in when:
        when = " ".join(_random_range(word, *bounds) for word, bounds in zip(when.split(), _BOUNDS, strict=False))
        changes.append(f"the random time is one that follows from the job's name and stays ({when})")
    if when == "@reboot":
        changes.append(
            "it runs when the scheduler starts after the machine has, so the scheduler has to start by itself"
        )
    minutes = _delay(entry.variables.get("RANDOM_DELAY", ""))
    return ({"cron": when, "jitter": f"{minutes}m"} if minutes else when), changes


def _delay(value: str) -> int:
    """RANDOM_DELAY in minutes; 0 for what is no number of them."""
    return min(int(value), _LONGEST_DELAY) if value.isascii() and value.isdigit() else 0


_BOUNDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 6))


def _random_range(word: str, low: int, high: int) -> str:
    """cronie's `a~b` as `H(a-b)`; one that leaves an end open goes to the end of the field."""
    return _RANDOM.sub(lambda match: f"H({match[1] or low}-{match[2] or high})", word)


def _of_setting(name: str, value: str) -> Iterator[str]:
    """What is different about a variable."""
    if name == "MAILTO" and value:
        yield (
            f"output is kept (jobistemer logs) and not mailed; to be told of failures write "
            f'notify = {{ on = "failure", mail = "{value}" }}'
        )
    elif name == "CRON_TZ":
        yield "the times below are in that zone, as with cronie; Debian's cron takes no notice of it"
    elif name == "RANDOM_DELAY" and value != "0":
        if _delay(value):
            yield "each run has a delay of its own (jitter); cron takes one for all until it is restarted"
        else:
            yield "this is no number of minutes, and left out"
    elif "$" in value:
        yield "neither cron nor Jobistemer replaces what follows the $"
    if value and _SECRET.match(name):
        yield "this looks like a secret: better keep it in a private file (secrets, env_file)"


def _of_clock(schedule: Schedule, value: Any, zone: str, now: datetime) -> Iterator[str]:
    """cron starts a job for each time that spring leaves out; here those of one change are one run."""
    moved = (effect for effect in schedule.clock_effects(now, now + _YEAR) if effect.effect == "moved")
    for instant, same in groupby(moved, key=attrgetter("instant")):
        table = value if isinstance(value, dict) else {"cron": value}
        without = parse_schedule({**table, "dst_gap": "skip"}, timezone=zone, key="")
        slot = without.slot_at(instant)
        number = len(list(same)) + (slot is not None and slot.passed_over is None)
        if number > 1:
            yield f"when the clock changes on {instant:%Y-%m-%d}, {number} of its times fall together, and are one run"
            return


def _shell(entry: Entry) -> str:
    return entry.variables.get("SHELL") or "/bin/sh"


def _work(entry: Entry, shell: str) -> dict[str, Any]:
    """What is run. With text for standard input the shell is called by one that feeds it."""
    if entry.stdin is None:
        return {"run": entry.command.strip()}
    end = "END"
    while f"\n{end}\n" in f"\n{entry.stdin}":
        end += "_"
    fed = f"exec {shlex.quote(shell)} -c {shlex.quote(entry.command.strip())} <<'{end}'\n{entry.stdin}{end}\n"
    return {"run": fed}


def _as_user(entry: Entry, person: Person) -> tuple[dict[str, Any] | None, str]:
    """What makes the job run as its user: the surroundings, or None and why that cannot be."""
    if entry.user in (None, person.name):
        return {}, ""
    assert entry.user is not None
    if not person.is_root:
        return None, (
            f"it runs as {entry.user}, and jobs run as the one who runs Jobistemer: "
            f"it is switched off (enabled = false); import it as {entry.user}"
        )
    home = person.home_of(entry.user)
    if home is None:
        return None, f"there is no user {entry.user}: it is switched off (enabled = false)"
    return {"home": home, "user": entry.user}, ""


def _surroundings(entry: Entry, person: Person, other: Mapping[str, str]) -> dict[str, Any]:
    """Shell, folder, PATH and variables, as cron sets them."""
    variables = entry.variables
    home = variables.get("HOME") or other.get("home")
    shell = [_shell(entry) if entry.stdin is None else "/bin/sh", "-c"]
    env = {"SHELL": _shell(entry), **({"HOME": home} if home else {})}
    if other:
        shell = ["runuser", "-u", other["user"], "--", *shell]
        env |= {"USER": other["user"], "LOGNAME": other["user"]}
    return {
        "shell": shell,
        "path": variables.get("PATH") or CRON_PATH,
        "cwd": home if home and home.startswith("/") else "~",
        "env": {**env, **_others(variables)},
    }


def _others(variables: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in variables.items() if name and name not in _OF_CRON}
