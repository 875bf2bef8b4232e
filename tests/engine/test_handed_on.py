"""What a task left in its files is taken exactly, or refused with its place."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from jobistemer_tui.domain.records import Detail
from jobistemer_tui.domain.states import AttemptState, Reason
from jobistemer_tui.domain.task_run_moves import AttemptEnd, HandedOn
from jobistemer_tui.engine.given import CONTEXT
from jobistemer_tui.engine.handed_on import (
    MAX_BYTES,
    MAX_DEPTH,
    BadOutput,
    parse_outputs,
    read_handed_on,
    with_handed_on,
)
from jobistemer_tui.engine.supervisor.attempt_files import OUTPUTS, STATE, TAKEN
from tests.support.engine_world import START


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", {}),
        ("\n  \n", {}),
        ("a=1\nb.c-d=x=y = z \n", {"a": "1", "b.c-d": "x=y = z "}),
        ("a=1\na=2", {"a": "2"}),
        ("a=\r\nb='q'\r\n", {"a": "", "b": "'q'"}),
        ("a<<END\nx=1\n\n END\nEND\nb=2", {"a": "x=1\n\n END", "b": "2"}),
        ("a<<END\nEND", {"a": ""}),
        ("a<b=1<<2", BadOutput),
        ("é=1", BadOutput),
        ("a=é☃", {"a": "é☃"}),
        (' {"a": 1, "b": [true, null, {"c": "x"}]}\n', {"a": 1, "b": [True, None, {"c": "x"}]}),
    ],
)
def test_outputs(content: str, expected: Detail | type[BadOutput]) -> None:
    if isinstance(expected, dict):
        assert parse_outputs(content.encode()) == expected
    else:
        with pytest.raises(expected):
            parse_outputs(content.encode())


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a=1\nrows 12\n", "outputs.txt:2: expected key=value"),
        (b"=1", 'outputs.txt:1: "" is not a key (at most 64 letters, digits, _, . or -, the first a letter or _)'),
        (b"a=1\nb<<E\nx", "outputs.txt:2: no line E ends the value of b"),
        (b"a=1\n\xff=2", "outputs.txt:2: byte 0xff is not UTF-8"),
        (b'{"a": 1', "outputs.txt is not JSON: Expecting ',' delimiter: line 1 column 8 (char 7)"),
        (b'{"a": NaN}', "outputs.txt is not JSON: NaN is no number of JSON"),
        (
            b'{"a b": 1}',
            'outputs.txt: "a b" is not a key (at most 64 letters, digits, _, . or -, the first a letter or _)',
        ),
        (b'{"a": "\\ud800"}', "outputs.txt is not JSON: 'utf-8' codec can't encode character"),
        (b'{"a": ' + b"[" * 40 + b"]" * 40 + b"}", "outputs.txt is nested deeper than 32 levels"),
        (b'{"a": ' + b"[" * 9000 + b"}", "outputs.txt is not JSON: maximum recursion"),
        (b'{"a": ' + b"9" * 5000 + b"}", "outputs.txt is not JSON: Exceeds the limit"),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_place(content: bytes, message: str) -> None:
    with pytest.raises(BadOutput) as caught:
        parse_outputs(content)
    assert str(caught.value).startswith(message)


def attempt(folder: Path, *, outputs: str = "", state: str = '{"n": 1}', rev: int = 3) -> Path:
    (folder / CONTEXT).write_text(json.dumps({"state": {"n": 1}, "state_rev": rev}))
    (folder / OUTPUTS).write_text(outputs)
    (folder / STATE).write_text(state)
    return folder


def test_a_state_that_is_as_it_was_is_nothing_new(tmp_path: Path) -> None:
    assert read_handed_on(attempt(tmp_path, outputs="a=1", state=' {"n":1} ')) == HandedOn({"a": "1"})
    assert read_handed_on(attempt(tmp_path, state='{"n": 2}')) == HandedOn({}, {"n": 2}, 3)
    assert read_handed_on(attempt(tmp_path, state="{}")) == HandedOn({}, {}, 3)


@pytest.mark.parametrize(
    "taken", ["{}", '{"outputs.txt": 1, "state.json": null}', '{"outputs.txt": "é", "state.json": ""}']
)
def test_a_task_that_writes_what_is_not_its_own_fails(tmp_path: Path, taken: str) -> None:
    (attempt(tmp_path, outputs="a=1") / TAKEN).write_text(taken)
    with pytest.raises(BadOutput, match="was changed"):
        read_handed_on(tmp_path)


def test_a_try_that_was_given_no_files_may_hand_on_all_the_same(tmp_path: Path) -> None:
    assert read_handed_on(tmp_path / "gone") == HandedOn({})
    assert read_handed_on(tmp_path) == HandedOn({})
    (tmp_path / STATE).write_text("{}")
    assert read_handed_on(tmp_path) == HandedOn({})
    (tmp_path / STATE).write_text('{"n": 1}')
    (tmp_path / OUTPUTS).write_text("a=1")
    assert read_handed_on(tmp_path) == HandedOn({"a": "1"}, {"n": 1}, 0)


def test_outputs_that_are_gone_are_none(tmp_path: Path) -> None:
    (attempt(tmp_path) / OUTPUTS).unlink()
    assert read_handed_on(tmp_path) == HandedOn({})


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ("", "state.json is not JSON"),
        ("[1]", "state.json must hold a JSON object"),
        (json.dumps({"a": "x" * MAX_BYTES}), "state.json is larger than 64 KiB"),
    ],
)
def test_a_state_that_makes_no_sense(tmp_path: Path, state: str, message: str) -> None:
    with pytest.raises(BadOutput, match=message):
        read_handed_on(attempt(tmp_path, state=state))


def test_a_state_as_deep_as_it_may_be_comes_back_in_the_context(tmp_path: Path) -> None:
    deep: Detail = {}
    for _ in range(MAX_DEPTH - 2):
        deep = {"x": deep}
    attempt(tmp_path, state=json.dumps(deep))
    assert read_handed_on(tmp_path) == HandedOn({}, deep, 3)
    (tmp_path / CONTEXT).write_text(json.dumps({"state": deep, "state_rev": 4, "outputs": {"a": {"b": deep}}}))
    assert read_handed_on(tmp_path) == HandedOn({})


@pytest.mark.parametrize("context", ["", "[]", "{}", '{"state": 1, "state_rev": 1}', '{"state": {}, "state_rev": "1"}'])
def test_a_context_that_the_task_has_changed(tmp_path: Path, context: str) -> None:
    (attempt(tmp_path) / CONTEXT).write_text(context)
    with pytest.raises(BadOutput, match=r"context\.json"):
        read_handed_on(tmp_path)


def test_only_plain_files_are_read(tmp_path: Path) -> None:
    path = attempt(tmp_path) / STATE
    path.unlink()
    with pytest.raises(BadOutput, match=r"state\.json is gone"):
        read_handed_on(tmp_path)
    os.mkfifo(path)
    with pytest.raises(BadOutput, match="no longer a plain file"):
        read_handed_on(tmp_path)
    path.unlink()
    path.symlink_to("/etc/passwd")
    with pytest.raises(BadOutput, match="no longer a plain file"):
        read_handed_on(tmp_path)


def test_a_success_that_handed_on_nonsense_is_a_failure(tmp_path: Path) -> None:
    end = AttemptEnd(AttemptState.SUCCESS, None, START, exit_code=0, detail={"pid": 1})
    good = with_handed_on(end, attempt(tmp_path, outputs="a=1"))
    assert (good.state, good.handed_on) == (AttemptState.SUCCESS, HandedOn({"a": "1"}))
    bad = with_handed_on(end, attempt(tmp_path, outputs="a"))
    assert (bad.state, bad.reason, bad.handed_on, bad.exit_code) == (AttemptState.FAILED, Reason.BAD_OUTPUT, None, 0)
    assert bad.detail == {"pid": 1, "error": "outputs.txt:1: expected key=value"}
