"""A task writes what would take over a terminal; a person reads it on the poorest one and nothing happens."""

from __future__ import annotations

import re

from tests.support.log_folder import HOSTILE_LINES
from tests.support.real_home import RealHome
from tests.support.terminal import Terminal

JOBS = """
[jobs.evil]
description = "\\u001b]0;title\\u0007 [/x] \\u202egnp.exe \\u009b2J"
tags = ["\\u001b]52;c;aGk=\\u0007"]
run = "cat garbage; sleep 600"
kill_grace = "1s"
"""
ALLOWED = re.compile(r"\x1b\[[<>=?]?[0-9;]*(?:\$p|[A-Zabcdfghlmu@`])|\x1b\]22;\w*(?:\x07|\x1b\\)")
"""What moves, clears, colours, sets modes and the shape of the pointer; the program may, a task may not."""
CLIPBOARD, TITLE, WINDOW, REPORT = r"\x1b\]52;", r"\x1b\][02];", r"\x1b\[[0-9;]*t", r"\x1b\[[0-9;]*n"
CONTROLS = re.compile("[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


def test_nothing_that_a_task_writes_is_obeyed(home: RealHome) -> None:
    home.write("jobs.toml", JOBS)
    (home.jobs / "garbage").write_bytes(b"\n".join((*HOSTILE_LINES, b"\x1b[31mred\x1b[0m \x1b[6n the end\n")))
    with Terminal(home.command(str(home.jobs)), home.environ, term="linux") as screen:
        screen.wait_for("live", "evil")
        screen.press("r")
        screen.wait_for("Run evil now")
        screen.press("enter")
        screen.wait_for("1 running")
        screen.press("enter")
        screen.wait_for("overlap skip", "RUN")
        screen.press("enter")  # one task with one try: its log
        screen.wait_for("red  the end", "FOLLOW on")
        for key in ("g", "w", " ", "L", "z", "z", "/"):
            screen.press(key)
        screen.wait_for("empty ends the search")
        screen.press("e", "n", "d", "enter")
        screen.wait_for("/end", "match")
        screen.press("escape")
        screen.wait_for("overlap skip")
        screen.press("c")
        screen.wait_for("Cancel this run?")
        screen.press("y")
        screen.wait_for("someone cancelled it")
        sent = screen.sent.rpartition(b"\x1b")[0].decode()  # the last sequence may still be on its way
    for hostile in (CLIPBOARD, TITLE, WINDOW, REPORT):
        assert re.search(hostile, sent) is None, hostile
    rest = ALLOWED.sub("", sent)
    assert [rest[found.start() - 20 : found.end() + 20] for found in CONTROLS.finditer(rest)] == []
    assert "38;5" not in sent.replace("38;5;1", "")
    assert "38;2" not in sent
