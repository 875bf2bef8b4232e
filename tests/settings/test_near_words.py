from __future__ import annotations

import pytest

from jobistemer_tui.settings.near_words import did_you_mean, nearest

KNOWN = ("schedule", "timezone", "tasks")


@pytest.mark.parametrize(
    ("word", "near"), [("shcedule", "schedule"), ("timezon", "timezone"), ("colour", ""), ("", "")]
)
def test_the_word_that_is_most_like_it(word: str, near: str) -> None:
    assert nearest(word, KNOWN) == near


def test_how_like_it_has_to_be() -> None:
    assert (nearest("task", KNOWN), nearest("task", KNOWN, cutoff=0.95)) == ("tasks", "")


def test_the_hint() -> None:
    assert did_you_mean("tasks", "see the guide") == 'did you mean "tasks"?'
    assert (did_you_mean("", "see the guide"), did_you_mean("")) == ("see the guide", "")
