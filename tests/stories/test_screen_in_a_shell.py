"""Somebody starts the screen in a shell, puts it aside, takes it up again, and makes the window larger and smaller."""

from __future__ import annotations

import shlex

from tests.support.real_home import RealHome
from tests.support.terminal import Terminal
from tests.support.wait_until import wait_until

JOBS = """
[jobs.quick]
run = "true"
"""


def test_put_aside_taken_up_again_and_resized(home: RealHome) -> None:
    home.write("jobs.toml", JOBS)
    said, prompt = home.folder / "said", home.folder / "rc"
    prompt.write_text("PS1='ready> '\n")
    with Terminal(["bash", "--noprofile", "--rcfile", str(prompt), "-i"], home.environ, columns=80, rows=24) as shell:
        shell.wait_for("ready>")
        shell.press(f"{shlex.join(home.command(str(home.jobs)))} 2> {shlex.quote(str(said))}", "enter")
        shell.wait_for("▸ Jobs", "live", "○ quick")

        shell.press("ctrl+z")
        shell.wait_for("nothing is scheduled until `fg`", "Stopped", "ready>")
        home.call("trigger", "quick")  # nobody waits for a lock of the stopped one
        shell.press("stty -a | grep -cw -e '-icanon' -e '-echo'; echo in=order", "enter")
        shell.wait_for("\n0 ", "\nin=order")
        shell.press("fg", "enter")
        shell.wait_for("▸ Jobs", "live", "✓ quick", "enter open")

        shell.resize(200, 60)
        wait_until(lambda: "enter open" in shell.text.split("\n")[59], what="the footer in row 60")
        shell.wait_for("✓ quick", "W why")
        shell.resize(60, 20)
        wait_until(lambda: "enter open" in shell.text.split("\n")[19], what="the footer in row 20")
        shell.wait_for("✓ quick")

        shell.press("q")
        shell.wait_for("ready>")
        shell.press("echo code=$?", "enter")
        shell.wait_for("\ncode=0")
    assert said.read_text() == "", "nothing of the screen, and no traceback"
