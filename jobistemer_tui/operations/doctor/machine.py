"""The machine: its clock and zone, how many folders it watches, and what starts programs on it."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from jobistemer_tui.operations.doctor.finding import Finding, ok, warning

AHEAD = timedelta(minutes=2)


def clock(synchronised: bool | None, newest: datetime | None, now: datetime) -> Finding:
    """Whether the clock is kept right, and whether the store knows a later time than now."""
    if newest is not None and newest > now + AHEAD:
        return warning(
            "clock", f"something was decided at {newest:%Y-%m-%d %H:%M:%S} UTC, which lies ahead",
            "set the clock right; the next engine takes back what was decided by a clock ahead",
        )  # fmt: skip
    if synchronised is False:
        return warning("clock", "it is not synchronised", "switch on NTP, for example: timedatectl set-ntp true")
    return ok("clock", "synchronised" if synchronised else "the kernel does not say whether it is synchronised")


def zone(name: str, asked: str) -> Finding:
    """The machine's zone, and what TZ asks for (empty: nothing)."""
    if asked and asked != name:
        return warning(
            "time zone", f"TZ is {asked}, which is no zone; {name} is used", "set TZ to a name such as Europe/Paris"
        )
    return ok("time zone", name)


def zone_data(version: str, planned_with: str) -> Finding:
    """The data of this program, and those that the newest engine planned with (empty: none yet)."""
    if version == "unknown":
        return warning("zone data", "their version is unknown", "install tzdata: pip install --upgrade tzdata")
    if planned_with not in ("", version):
        return warning("zone data", f"{version}; the engine planned with {planned_with}", "start the engine anew")
    return ok("zone data", version)


def watches(most: int | None, folders: int) -> Finding | None:
    """The folders of job files beside the number that this user may watch; None on other systems than Linux."""
    if most is None:
        return None
    if folders * 4 > most:
        return warning(
            "watches", f"{folders} folders of job files, and {most} watches for all programs",
            "raise fs.inotify.max_user_watches; until then changes are found every 30 s",
        )  # fmt: skip
    return ok("watches", f"{folders} folders of job files, {most} watches")


def service(user: str, *, manager: bool, lingering: bool | None) -> Finding:
    """What could start the scheduler, and whether it outlives a logout."""
    if not manager:
        return ok("service", "no systemd user manager answers", "jobistemer service install says what there is instead")
    if lingering is False:
        return warning("service", "programs of yours end when you log out", f"loginctl enable-linger {user}")
    return ok("service", "systemd, and programs of yours outlive a logout")


def cron(text: str) -> Finding | None:
    """What is in the person's crontab; None where it is empty."""
    jobs = [
        line
        for line in text.splitlines()
        if line.strip() and not line.lstrip().startswith("#") and "=" not in line.split()[0]
    ]
    if not jobs:
        return None
    return ok("cron", f"{len(jobs)} lines in your crontab", "they can become jobs: jobistemer import crontab")


def most_watches(path: Path = Path("/proc/sys/fs/inotify/max_user_watches")) -> int | None:
    """What the kernel allows; None where it has no such limit."""
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return None
