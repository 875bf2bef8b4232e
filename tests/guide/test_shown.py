"""The rule by which a page's outputs are compared: it lets through what differs at each run, and nothing else."""

from __future__ import annotations

import pytest

from tests.guide.shown import is_shown

PAGE = """\
RUN       STATUS     STARTED                  TOOK
ac9ba852  completed  2026-03-02 05:20:00 UTC  1.5s
"""


@pytest.mark.parametrize(
    "written",
    [
        PAGE,
        PAGE.replace("ac9ba852", "09d963ad").replace("1.5s", "2m"),
        PAGE.replace("2026-03-02 05:20:00 UTC", "2027-11-30 17:00:01 CET"),
        PAGE.replace("completed  ", "completed      ") + "\n",
    ],
)
def test_what_differs_at_each_run_is_let_through(written: str) -> None:
    assert is_shown(PAGE, written)


@pytest.mark.parametrize(
    "written",
    [
        "",
        PAGE.replace("completed", "failed"),
        PAGE.replace("ac9ba852", "nightly"),
        PAGE.replace("1.5s", "-"),
        PAGE + "one line more\n",
        "one line more\n" + PAGE,
        PAGE.replace("STATUS     ", "STATUS "),
    ],
)
def test_what_is_something_else_is_not(written: str) -> None:
    assert not is_shown(PAGE, written)


def test_dots_stand_for_the_rest_of_a_line_and_for_lines() -> None:
    assert is_shown("first\n…\nlast", "first\nsecond\nthird\nlast")
    assert is_shown("first\n…\nlast", "first\nlast")
    assert is_shown("pid …, up", "pid 17, up")
    assert not is_shown("first\n…\nlast", "first\nsecond\nthird")
    assert not is_shown("pid …, up", "pid 17\n, up")
