"""What is said in passing: once, and wherever a key has nothing to do."""

from __future__ import annotations

from tests.support.screen import running


async def test_what_still_stands_there_is_not_said_again() -> None:
    """Regression: a key that was pressed three times filled the screen with the same words."""
    async with running(notifications=True) as run:
        await run.press("v", "v", "v")
        await run.until_shown("v (view) is for")
        await run.settle()
        assert run.text.count("v (view) is for") == 1
        await run.press("n")
        await run.until_shown("n (match) is for")


async def test_a_line_of_an_answer_that_leads_nowhere_says_so() -> None:
    """Regression: Enter did nothing there, and said nothing."""
    async with running() as run:
        await run.press("W")
        await run.until_shown("It did not run")
        await run.press("g", "enter")
        await run.until_told("this line names nothing to go to")
