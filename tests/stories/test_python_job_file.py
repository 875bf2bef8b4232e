"""A person writes jobs in Python; a broken save leaves the version that runs, text and all."""

from __future__ import annotations

from tests.support.real_home import RealHome
from tests.support.wait_until import wait_until

JOBS = """
from jobistemer_tui import job, task

@job
class chain:
    @task
    def first(context):
        return {"word": "WORD"}

    @task(needs=[first])
    def second(self, context):
        open("LEDGER", "a").write(context.outputs["first"]["word"] + "\\n")
"""


def test_functions_run_as_they_were_published(home: RealHome) -> None:
    text = JOBS.replace("LEDGER", str(home.ledger))
    home.write("chain.py", text.replace("WORD", "one"))
    home.start_engine()
    home.call("trigger", "chain", "--wait")

    home.write("chain.py", "while True: pass\nfrom jobistemer_tui import job\n(")
    wait_until(lambda: "file refused" in home.engine_log(), what="the refusal")
    home.call("trigger", "chain", "--wait")

    home.write("chain.py", text.replace("WORD", "two"))
    wait_until(lambda: home.ask("show", "chain", "--versions")[1:], what="the mended file")
    home.call("trigger", "chain", "--wait")
    assert home.ledger_lines() == ["one", "one", "two"]
    versions = home.ask("show", "chain", "--versions")
    assert [change["what"] for change in versions[0]["changes"]] == ["code"]
