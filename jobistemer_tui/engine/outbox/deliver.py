"""One try to send a line of the outbox: which channel, with what, and for how long."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from jobistemer_tui.domain.announcements import Channel, MailServer
from jobistemer_tui.domain.job import JobDefinition
from jobistemer_tui.domain.records import Notification
from jobistemer_tui.engine.orders import default_shell, job_environment
from jobistemer_tui.engine.outbox.apprise_bridge import send_apprise
from jobistemer_tui.engine.outbox.program import GRACE_S, Program, ProgramRun
from jobistemer_tui.engine.outbox.vault import Vault
from jobistemer_tui.engine.secrets import SecretUnavailable, aside
from jobistemer_tui.engine.transactions.outbox import Answer
from jobistemer_tui.jobfiles.reading import printable

LIMIT_S = 30.0
"""How long one try may take that goes over a network."""
MAX_ERROR = 1000


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What sending needs beside the line itself: the engine's environment, the mail server, a folder for reports."""

    environ: Mapping[str, str]
    mail: MailServer | None
    reports: Path


def limit_s(row: Notification) -> float:
    """Seconds that a try may take."""
    if row.channel in (Channel.HOOK, Channel.COMMAND):
        return float(row.target["timeout"]) + GRACE_S + 1.0
    return LIMIT_S


async def deliver(row: Notification, definition: JobDefinition, around: Surroundings) -> Answer:
    """Try to send a line; whatever goes wrong is in the answer, without any secret. May be cancelled."""
    env = program_environment(row, definition, around)
    vault = Vault(definition.cwd, env)
    if row.channel in (Channel.HOOK, Channel.COMMAND):
        return _harmless(await _run_program(row, definition, env, around), vault)
    try:
        answer = await asyncio.wait_for(aside(lambda: _send(row, around, vault), 2 * LIMIT_S), LIMIT_S)
    except SecretUnavailable as error:
        answer = Answer(error.message)
    except TimeoutError:
        answer = Answer(f"no answer within {LIMIT_S:g} s")
    except Exception as error:  # noqa: BLE001 - kept with the line, masked: a log would have the secrets in it
        answer = Answer(f"it cannot be sent: {error!r}")
    return _harmless(answer, vault)


def _send(row: Notification, around: Surroundings, vault: Vault) -> Answer:
    """On a thread. The channels are imported when they are used: an engine that tells nobody starts without them."""
    match Channel(row.channel):
        case Channel.WEBHOOK:
            from jobistemer_tui.engine.outbox.request import post_webhook

            return post_webhook(row, vault)
        case Channel.PING:
            from jobistemer_tui.engine.outbox.request import send_ping

            return send_ping(row, vault)
        case Channel.MAIL:
            from jobistemer_tui.engine.outbox.mail import send_mail

            return send_mail(row, around.mail, vault)
        case Channel.APPRISE:
            return send_apprise(row, vault)
        case Channel.HOOK | Channel.COMMAND:
            raise AssertionError("programs are run, not sent")


async def _run_program(
    row: Notification, definition: JobDefinition, env: Mapping[str, str], around: Surroundings
) -> Answer:
    target = row.target
    shell = definition.shell or default_shell()
    argv = (*shell, target["run"]) if "run" in target else tuple(target["command"])
    report = _report_file(row, around)
    run = ProgramRun(Program(argv, definition.cwd, env, float(target["timeout"]), report))
    try:
        return await aside(lambda: run.run(row.payload), limit_s(row))
    finally:
        run.stop()  # of use only where the wait was given up or broken off


def program_environment(row: Notification, definition: JobDefinition, around: Surroundings) -> dict[str, str]:
    """The environment of a hook: that of the job's tasks, and what it is about."""
    values = {
        "JOB": definition.name,
        "EVENT": row.payload["event"],
        "STATUS": row.payload.get("status"),
        "OCCURRENCE_ID": row.payload.get("occurrence"),
        "SCHEDULED_TIME": row.payload.get("scheduled_at"),
        "TITLE": row.payload["title"],
        "TEXT": row.payload["text"],
        "REPORT": str(_report_file(row, around)),
        "NOTIFICATION_ID": str(row.id),
    }
    ours = {f"JOBISTEMER_{name}": "" if value is None else str(value) for name, value in values.items()}
    return {**job_environment(definition, around.environ), **ours}


def _report_file(row: Notification, around: Surroundings) -> Path:
    return around.reports / f"{row.id}.json"


def _harmless(answer: Answer, vault: Vault) -> Answer:
    """The answer without secrets and without what a terminal would obey."""
    if answer.error is None:
        return answer
    return replace(answer, error=printable(vault.masked(answer.error))[:MAX_ERROR])
