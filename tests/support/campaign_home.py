"""A real home whose tasks keep a ledger, so that the checker can judge what really happened in it."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from jobistemer_tui.domain.clock import SystemClock
from jobistemer_tui.domain.instants import to_microseconds
from tests.checker.check import check
from tests.checker.history import Violation
from tests.checker.real_store import due_before, ledger_command, living_attempts, still_open, store_id
from tests.support.real_home import RealHome
from tests.support.wait_until import PATIENCE_S, wait_until

JOBS = """
[defaults]
timezone = "UTC"
kill_grace = "1s"

[jobs.tick]
schedule = {{ cron = "* * * * * *", seconds = true }}
recovery_strategy = "mark-as-missed"
run = '''{begin}; sleep 0.2; {well}'''

[jobs.steps]
schedule = {{ cron = "*/2 * * * * *", seconds = true }}
overlap_policy = "queue"
queue_limit = 3
recovery_strategy = "compressed"
[[jobs.steps.tasks]]
name = "first"
run = '''{begin}; sleep 0.3; {well}'''
[[jobs.steps.tasks]]
name = "second"
run = '''{begin}; sleep 0.2; {well}'''

[jobs.flaky]
schedule = {{ cron = "*/3 * * * * *", seconds = true }}
recovery_strategy = "execute-last"
retry_policy = {{ max_retries = 2, retry_interval = "1s" }}
on_lost = "rerun"
notify = {{ on = "success", run = "cat >/dev/null" }}
run = '''{begin}; [ $JOBISTEMER_ATTEMPT -ge 2 ] || {{ {badly}; exit 1; }}; {well}'''

[jobs.slow]
overlap_policy = "allow"
run = '''{begin}; sleep 5; {well}'''
"""
"""What runs meanwhile: each second, in a queue, with retries, and by hand."""
SCHEDULED = ("tick", "steps", "flaky")
_FAR = timedelta(minutes=2)
_ABREAST = timedelta(seconds=20)


@dataclass
class CampaignHome(RealHome):
    """See the module; `finish` ends what runs and gives what the checker found."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.database = self.home / "jobistemer.db"

    def write_jobs(self, text: str = JOBS) -> None:
        """Save the jobs of the campaign."""
        self.write("jobs.toml", self.with_ledger(text))

    def with_ledger(self, text: str) -> str:
        """The text with the commands that keep the ledger put in for `{begin}`, `{well}` and `{badly}`."""
        return text.format(
            begin=ledger_command("begin", self.ledger), well=ledger_command("end", self.ledger, 0),
            badly=ledger_command("end", self.ledger, 1),
        )  # fmt: skip

    def wait_for_work(self, lines: int = 3, *, seconds: float = PATIENCE_S) -> None:
        """Wait until tasks have written so many lines more."""
        seen = len(self.ledger_lines())
        wait_until(lambda: len(self.ledger_lines()) >= seen + lines, seconds=seconds, what="work to go on")

    def wait_until_abreast(self, *, seconds: float) -> None:
        """Wait until all instants up to some seconds ago have their fate: no gap is left."""

        def is_abreast() -> bool:
            return not due_before(self.database, to_microseconds(SystemClock().now() - _ABREAST))

        wait_until(is_abreast, seconds=seconds, what="what is overdue to be handled")

    def program_log(self) -> str:
        """What the engines wrote into their log."""
        return "".join(path.read_text(errors="replace") for path in self.home.glob("*.log"))

    def running_attempts(self) -> set[str]:
        """The attempts that have begun and not ended, by the ledger."""
        words = [line.split() for line in self.ledger_lines()]
        return {word[4] for word in words if word[0] == "begin"} - {word[4] for word in words if word[0] == "end"}

    def attempt_of(self, pid: int) -> str | None:
        """The attempt that a process belongs to."""
        try:
            words = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
        except OSError:
            return None
        mark = b"JOBISTEMER_ATTEMPT_ID="
        return next((word[len(mark) :].decode() for word in words if word.startswith(mark)), None)

    def finish(self, *jobs: str) -> list[Violation]:
        """With an engine that serves: pause these jobs (or all), let all end, stop, and judge everything."""
        self.wait_for_work()
        for job in jobs or SCHEDULED:
            self.here("pause", job)
        paused_at = SystemClock().now()
        last = to_microseconds(paused_at)
        wait_until(lambda: not due_before(self.database, last), seconds=240, what="the fate of the last instants")
        wait_until(lambda: not self.still_open(), seconds=240, what="everything to end")
        assert self.stop_engine() == 0, self.engine_log()
        return self.judge(over=True, until=paused_at)

    def still_open(self) -> int:
        """How many occurrences have not ended, but for what a clock that was ahead has put off."""
        return len(still_open(self.database, to_microseconds(SystemClock().now() + _FAR)))

    def judge(self, *, over: bool = False, until: datetime | None = None) -> list[Violation]:
        """What the checker says of the store, the ledger and the processes, as they are now."""
        end = None if until is None else to_microseconds(until.astimezone(UTC))
        store = store_id(self.database)
        folders = self.home / "attempts" / str(store)
        alive = living_attempts(store)
        return check(self.database, self.ledger, folders=folders, alive=alive, over=over, until=end)

    def kill(self, *pids: int) -> None:
        """`kill -9` these processes, all before anybody notices."""
        for number in (signal.SIGSTOP, signal.SIGKILL):
            for pid in pids:
                with suppress(ProcessLookupError):
                    os.kill(pid, number)
