"""Runs a command in this process's place: same output, same exit code, signals handed on, and the whole recorded."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import IO, Any

import psutil

from jobistemer_tui.domain.clock import Clock
from jobistemer_tui.domain.states import AttemptState, Reason
from jobistemer_tui.domain.task_run_moves import AttemptEnd
from jobistemer_tui.engine.supervisor.log_format import STDERR, STDOUT
from jobistemer_tui.jobfiles.importing.names import program_name
from jobistemer_tui.operations.recorder import RecordedIn, Recorder

NOT_FOUND, NOT_EXECUTABLE, TIMED_OUT, BY_SIGNAL = 127, 126, 124, 128
"""Exit codes as a shell and timeout(1) have them; a signal's number is added to the last."""
KILL_GRACE_S = 10.0
_DRAIN_S = 1.0
_CHUNK = 64 * 1024
_FORWARDED = (signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2)
_OF_A_TERMINAL = (signal.SIGINT, signal.SIGQUIT)


def run_external(
    words: Sequence[str], *, job: str | None, timeout_s: float | None, clock: Clock,
    open_store: Callable[[], RecordedIn], warn: Callable[[str], None],
) -> int:  # fmt: skip
    """Run `words` and give its exit code. The job is named after the command where `job` is None.

    After `timeout_s` seconds it is told to end (TERM, after 10 s KILL). Without a store it runs all the same.
    """
    recorder = Recorder(job or program_name(words), words[0], clock, open_store, warn)
    recorder.begin()
    try:
        process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0)
    except OSError as error:
        recorder.end(
            AttemptEnd(AttemptState.FAILED, Reason.SPAWN, clock.now(), detail={"error": error.strerror or str(error)})
        )
        warn(f"{words[0]}: {error.strerror}")
        return NOT_FOUND if isinstance(error, FileNotFoundError) else NOT_EXECUTABLE
    with _signals_handed_to(process):
        code, timed_out = _wait(process, recorder, timeout_s, clock)
    recorder.end(_end_of(code, process.pid, timed_out=timed_out, clock=clock))
    if timed_out:
        return TIMED_OUT
    return BY_SIGNAL - code if code < 0 else code


def _wait(
    process: subprocess.Popen[bytes], recorder: Recorder, timeout_s: float | None, clock: Clock
) -> tuple[int, bool]:
    """Its return code, and whether its time was over. Output is passed on meanwhile."""
    pipes = ((process.stdout, 1, STDOUT), (process.stderr, 2, STDERR))
    pumps = [threading.Thread(target=_pump, args=(*pipe, recorder), daemon=True) for pipe in pipes]
    for pump in pumps:
        pump.start()
    timed_out = False
    try:
        code = process.wait(timeout_s)
    except subprocess.TimeoutExpired:
        timed_out = True
        code = end_tree(process, clock)
    for pump in pumps:
        pump.join(_DRAIN_S)  # what it left running may hold the pipes open for ever
    return code, timed_out


def _pump(source: IO[bytes], target: int, stream: int, recorder: Recorder) -> None:
    """Pass on what is written, and keep it. A reader that has gone is no reason to stop keeping."""
    passes = True
    with source:
        while chunk := source.read(_CHUNK):
            if passes:
                try:
                    _write_all(target, chunk)
                except OSError:
                    passes = False
            recorder.write(chunk, stream)


def _write_all(target: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(target, view) :]


def end_tree(process: subprocess.Popen[bytes], clock: Clock) -> int:
    """End a command and what it started: TERM, and KILL for what is left after the grace; gives its return code."""
    tree = _tree(process.pid)
    for one in tree:
        with contextlib.suppress(psutil.Error):
            one.terminate()
    until = clock.read().monotonic + KILL_GRACE_S
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(KILL_GRACE_S)
    others = [one for one in tree if one.pid != process.pid]
    _, alive = psutil.wait_procs(others, timeout=max(0.0, until - clock.read().monotonic))
    for one in [*_tree(process.pid), *alive]:  # from the top, so that nothing goes on with what comes next
        with contextlib.suppress(psutil.Error):
            one.kill()
    return process.wait()


def _tree(pid: int) -> list[psutil.Process]:
    try:
        top = psutil.Process(pid)
        return [top, *top.children(recursive=True)]
    except psutil.Error:
        return []


@contextlib.contextmanager
def _signals_handed_to(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """What we are sent, the command gets. A terminal sends its own signals to both of us."""
    numbers = _FORWARDED if os.isatty(0) else (*_FORWARDED, *_OF_A_TERMINAL)
    ours = dict.fromkeys(numbers, lambda number, _frame: process.send_signal(number))
    quiet = dict.fromkeys(set(_OF_A_TERMINAL) - set(numbers), lambda _number, _frame: None)
    before: dict[signal.Signals, Any] = {
        number: signal.signal(number, handler) for number, handler in {**ours, **quiet}.items()
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end_of(code: int, pid: int, *, timed_out: bool, clock: Clock) -> AttemptEnd:
    """The outcome, from what waiting gave (negative: the signal)."""
    signalled, exited = (-code, None) if code < 0 else (None, code)
    state: AttemptState
    reason: Reason | None
    state, reason = (AttemptState.SUCCESS, None) if code == 0 else (AttemptState.FAILED, Reason.TASK_FAILED)
    if timed_out:
        state, reason = AttemptState.TIMEOUT, Reason.TIMEOUT
    return AttemptEnd(state, reason, clock.now(), exit_code=exited, signal=signalled, detail={"pid": pid})
