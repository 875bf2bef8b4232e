"""One try to send a line of the outbox: which channel, with what, and for how long."""

from __future__ import annotations

import asyncio
import threading

from jobistemer_tui.domain.announcements import Channel
from jobistemer_tui.domain.job import JobDefinition
from jobistemer_tui.domain.records import Notification
from jobistemer_tui.engine.orders import job_environment
from jobistemer_tui.engine.outbox.apprise_bridge import send_apprise
from jobistemer_tui.engine.outbox.hook import Surroundings, program_of
from jobistemer_tui.engine.outbox.program import GRACE_S, ProgramRun
from jobistemer_tui.engine.outbox.vault import Vault
from jobistemer_tui.engine.retry import LONGEST_DELAY_S
from jobistemer_tui.engine.secrets import ASIDE_SECONDS, SecretUnavailable, aside
from jobistemer_tui.engine.transactions.outbox import Answer
from jobistemer_tui.jobfiles.reading import printable
from jobistemer_tui.settings.quick_dataclass import replace

LIMIT_S = 30.0
"""How long one try may take that goes over a network."""
MAX_ERROR = 1000


def limit_s(row: Notification) -> float:
    """Seconds that a try may take; of a target that no job file can have said `LIMIT_S`, as it will not be sent."""
    timeout = row.target.get("timeout")
    is_program = row.channel in (Channel.HOOK, Channel.COMMAND)
    if is_program and isinstance(timeout, int | float) and 0 < timeout <= LONGEST_DELAY_S:
        return timeout + GRACE_S + 1.0
    return LIMIT_S


async def deliver(row: Notification, definition: JobDefinition, around: Surroundings) -> Answer:
    """Try to send a line; whatever goes wrong is in the answer, without any secret. May be cancelled."""
    vault = Vault(definition.cwd, job_environment(definition, around.environ))
    try:
        if row.channel in (Channel.HOOK, Channel.COMMAND):
            answer = await _run_program(row, definition, around, vault)
        else:
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


async def _run_program(row: Notification, definition: JobDefinition, around: Surroundings, vault: Vault) -> Answer:
    runs: list[ProgramRun] = []
    nobody_waits = threading.Event()

    def work() -> Answer:
        secrets = vault.variables(definition.env_files, definition.secrets, row.target.get("python"))
        runs.append(ProgramRun(program_of(row, definition, around, secrets)))
        if nobody_waits.is_set():  # while its secrets were looked for
            runs[0].stop()
        return runs[0].run()

    try:
        return await aside(work, limit_s(row) + ASIDE_SECONDS)
    finally:
        nobody_waits.set()
        for run in runs:
            run.stop()  # of use only where the wait was given up or broken off


def _harmless(answer: Answer, vault: Vault) -> Answer:
    """The answer without secrets and without what a terminal would obey."""
    error = None if answer.error is None else printable(vault.masked(answer.error))[:MAX_ERROR]
    return replace(answer, error=error, result=vault.masked_values(answer.result))
