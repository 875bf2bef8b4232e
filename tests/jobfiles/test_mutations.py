"""Properties of files that are nearly valid, and of what a hostile Python file says instead of the loader."""

from __future__ import annotations

import json
from typing import Any
from unittest.mock import patch

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jobistemer_tui.jobfiles import python_text
from jobistemer_tui.jobfiles.parse import parse_jobs
from jobistemer_tui.jobfiles.python_process import LoaderOutput
from jobistemer_tui.jobfiles.reading import ConfigLevel
from tests.jobfiles.mutations import VALID, judge, mutated

QUICK = settings(max_examples=250, suppress_health_check=[HealthCheck.too_slow])
TEXT = "from jobistemer_tui import job\njob(name='a', run='x')\n"
LINES = TEXT.split("\n")


def test_what_is_mutated_is_valid() -> None:
    assert len(VALID) > 30
    for suffix, content in VALID:
        _, diagnostics, _ = parse_jobs(f"/x.{suffix}", "/", content, ConfigLevel())
        assert [one.text() for one in diagnostics if one.severity == "error"] == []


@QUICK
@given(mutated())
def test_a_mutated_file_loads_or_has_problems_inside_of_it(file: tuple[str, bytes]) -> None:
    judge(*file)


_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["a", "\ud800", "\0"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=12,
)  # fmt: skip
_keys = ("data", "places", "problems", "imported", "error")


@QUICK
@given(st.dictionaries(st.sampled_from(_keys), _values), st.data())
def test_whatever_the_loader_says_is_a_document_or_an_error(said: dict[str, Any], data: st.DataObject) -> None:
    good = {"data": {"jobs": {"a": {"run": "x"}}}, "places": [0, 0, []], "problems": [], "imported": []}
    document = json.dumps({**good, **said} if data.draw(st.booleans()) else said).encode()
    cut = data.draw(st.integers(0, len(document)))
    for content in (document, document[:cut]):
        with patch.object(python_text, "run_loader", lambda *_, content=content: LoaderOutput(content, "printed")):
            jobs, diagnostics, _ = parse_jobs("/x.py", "/", TEXT.encode(), ConfigLevel())
        assert not (jobs and any(one.severity == "error" for one in diagnostics))
        for one in diagnostics:
            assert 1 <= one.line <= len(LINES), one
            assert 1 <= one.column <= len(LINES[one.line - 1]) + 1, one
            assert one.text().isprintable()
