"""The difference of two texts: nothing is lost, and what is called the same is the same."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from jobistemer_tui.operations.compare.line_diff import Kind, difference, hunks

LINES = st.lists(st.sampled_from("abcdefgh"), max_size=14)


@given(LINES, LINES)
def test_both_sides_are_whole_and_in_order(before: list[str], after: list[str]) -> None:
    steps = difference(before, after)
    assert [step.before for step in steps if step.before is not None] == list(range(len(before)))
    assert [step.after for step in steps if step.after is not None] == list(range(len(after)))
    for step in steps:
        both = step.before is not None and step.after is not None
        assert (step.kind is Kind.SAME) == both
        if step.before is not None and step.after is not None:
            assert before[step.before] == after[step.after]


@given(LINES)
def test_the_same_text_has_no_difference(lines: list[str]) -> None:
    assert all(step.kind is Kind.SAME for step in difference(lines, lines))


def test_lines_that_stand_once_hold_the_rest_in_place() -> None:
    before = ["start", "item", "item", "middle", "item", "end"]
    after = ["start", "item", "middle", "item", "item", "failed", "end"]
    told = [(step.kind.value[0], (before if step.after is None else after)[step.before or step.after or 0])
            for step in difference(before, after) if step.kind is not Kind.SAME]  # fmt: skip
    assert told == [("r", "item"), ("a", "item"), ("a", "failed")]


def test_many_equal_lines_without_any_that_stands_once() -> None:
    before, after = ["x", "y"] * 400, ["x", "y"] * 300 + ["z"] * 10 + ["x", "y"] * 90
    changed = [step for step in difference(before, after) if step.kind is not Kind.SAME]
    assert len(changed) <= 40


def test_hunks_share_their_context() -> None:
    before = [str(number) for number in range(40)]
    after = [*before]
    after[5], after[9], after[30] = "five", "nine", "thirty"
    found = list(hunks(difference(before, after), 2))
    assert [(hunk[0].before, hunk[-1].before) for hunk in found] == [(3, 11), (28, 32)]
    assert sum(step.kind is not Kind.SAME for hunk in found for step in hunk) == 6
    assert list(hunks(difference(before, before), 2)) == []
