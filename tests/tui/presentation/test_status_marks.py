"""The table of status marks: complete, one cell wide, told apart without colour, readable on its ground."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.cells import cell_len

from jobistemer_tui import tui
from jobistemer_tui.domain.states import AttemptState, OccurrenceState, Reason, TaskRunState, Trigger
from jobistemer_tui.operations.clean_text import clean_text
from jobistemer_tui.tui.presentation.reasons import REASON_WORDS, STATE_WORDS, TASK_WORDS, TRIGGER_WORDS
from jobistemer_tui.tui.presentation.status_marks import (
    ALL_MARKS,
    AnyState,
    Mark,
    ascii_text,
    mark_of,
    wants_ascii,
)
from jobistemer_tui.tui.themes import DARK, HIGH_CONTRAST, LIGHT

STATES: list[AnyState] = [*OccurrenceState, *TaskRunState, *AttemptState]


@pytest.mark.parametrize("state", STATES)
def test_every_state_has_a_mark(state: AnyState) -> None:
    mark = mark_of(state)
    assert cell_len(mark.glyph) == 1
    assert len(mark.ascii) == 1
    assert mark.ascii.isascii()
    assert 2 <= len(mark.label) <= 4


def test_every_state_and_reason_has_words() -> None:
    assert set(STATE_WORDS) == set(OccurrenceState)
    assert set(TASK_WORDS) == set(TaskRunState)
    assert set(REASON_WORDS) == set(Reason)
    assert set(TRIGGER_WORDS) == set(Trigger)


def test_labels_tell_outcomes_apart_without_colour() -> None:
    outcomes = [state for state in OccurrenceState if state not in (OccurrenceState.PLANNED, OccurrenceState.CANCELING)]
    labels = [mark_of(state).label for state in outcomes]
    assert len(labels) == len(set(labels))


@pytest.mark.parametrize("mark", ALL_MARKS)
def test_contrast_on_every_theme(mark: Mark) -> None:
    for theme in (DARK, LIGHT, HIGH_CONTRAST):
        colour = mark.dark if theme.dark else mark.light
        assert theme.background is not None
        assert contrast(colour, theme.background) >= 4.5, (mark.label, theme.name)


def test_ascii_keeps_lengths() -> None:
    text = "".join(mark.glyph for mark in ALL_MARKS) + "▸ █▒·┆ ─│┃ … ▌ é"
    adapted = ascii_text(text)
    assert len(adapted) == len(text)
    assert adapted.removesuffix("é").isascii()


def test_what_a_terminal_is_not_to_see_has_ascii_in_its_place() -> None:
    assert ascii_text(clean_text("a\x00b\x1b]\x7f\x85\u202e")) == "a?b?]???"


def _literals(path: Path) -> Iterator[str]:
    """The texts in a file that are no comments in disguise."""
    tree = ast.parse(path.read_text())
    comments = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in comments:
            yield node.value


def test_all_that_the_screen_says_has_ascii_in_its_place() -> None:
    folder = Path(tui.__file__).parent
    said = {path: "".join(_literals(path)) for path in folder.rglob("*.py")}
    left = {path.name: set(ascii_text(text)) - set(map(chr, range(128))) for path, text in said.items()}
    # The map beside a log has signs of its own for ASCII; the colours name a range of signs.
    assert {name: signs for name, signs in left.items() if signs} == {
        "log_minimap.py": {"━"},
        "theme_colours.py": {"▟"},
    }


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"LANG": "de_DE.UTF-8"}, False),
        ({"LANG": "C.utf8"}, False),
        ({"LANG": "de_DE.UTF-8", "TERM": "linux"}, True),
        ({"LANG": "de_DE.UTF-8", "LC_ALL": "C"}, True),
        ({"LANG": "de_DE@euro"}, True),
        ({}, True),
    ],
)
def test_ascii_where_the_terminal_needs_it(environ: dict[str, str], expected: bool) -> None:
    assert wants_ascii(environ) is expected


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours (WCAG 2.1)."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    channels = [int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.03928 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
