"""The programs that are asked: systemctl, loginctl, crontab."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence

from jobistemer_tui.errors import JobistemerError
from jobistemer_tui.settings.quick_dataclass import dataclass

_TIME_LIMIT_S = 180
"""Longer than systemd waits for a unit to stop."""


class ServiceFailed(JobistemerError):
    """A program of the system refused what was asked of it."""

    code = "service"


@dataclass(frozen=True, slots=True)
class Answer:
    """Exit code (None: there is no such program, or it gave no answer in time) and what was written."""

    code: int | None
    out: str
    err: str

    @property
    def ok(self) -> bool:
        """Whether it ended with 0."""
        return self.code == 0


def ask(words: Sequence[str], *, stdin: str = "") -> Answer:
    """Run a program and wait for its answer. Each byte of the texts is kept, so that a crontab goes back as it came."""
    try:
        done = subprocess.run(
            words, input=stdin.encode("utf-8", "surrogateescape"), capture_output=True, check=False,
            timeout=_TIME_LIMIT_S,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        return Answer(None, "", str(error))
    out, err = (written.decode("utf-8", "surrogateescape") for written in (done.stdout, done.stderr))
    return Answer(done.returncode, out, err.strip())


def demand(words: Sequence[str], *, stdin: str = "") -> Answer:
    """The same. Raises ServiceFailed unless it ended with 0."""
    answer = ask(words, stdin=stdin)
    if not answer.ok:
        raise ServiceFailed(
            f"{' '.join(words)} failed: {answer.err or answer.out.strip() or f'exit code {answer.code}'}"
        )
    return answer


def has_user_manager() -> bool:
    """Whether systemd runs services of this person."""
    return ask(["systemctl", "--user", "show", "--property=Version"]).ok


def lingers(user: str) -> bool | None:
    """Whether services of this person go on without a login; None where that cannot be told."""
    answer = ask(["loginctl", "show-user", user, "--property=Linger", "--value"])
    return {"yes": True, "no": False}.get(answer.out.strip()) if answer.ok else None


def crontab() -> str:
    """The person's crontab; empty where there is none. Raises ServiceFailed where it cannot be read."""
    answer = ask(["crontab", "-l"])
    if answer.code is None:
        raise ServiceFailed(
            "there is neither a systemd user manager nor cron here",
            hint="start `jobistemer run` with whatever starts programs on this machine",
        )
    if not answer.ok and "no crontab" not in answer.err:
        raise ServiceFailed(f"crontab -l failed: {answer.err or f'exit code {answer.code}'}")
    ended = not answer.out or answer.out.endswith("\n")
    return "" if not answer.ok else answer.out if ended else answer.out + "\n"
