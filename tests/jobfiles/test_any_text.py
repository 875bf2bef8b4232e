"""Properties: whatever the bytes, reading ends with a reading; whatever the document, every value has its place."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import tomli_w
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from jobistemer_tui.jobfiles.parse import parse_jobs
from jobistemer_tui.jobfiles.reading import ConfigLevel
from jobistemer_tui.jobfiles.source import MAX_DEPTH, Document, SourceText, Spot
from jobistemer_tui.jobfiles.toml_text import read_toml
from jobistemer_tui.jobfiles.yaml_text import read_yaml

QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
scalars = (
    st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | st.booleans()
    | texts
    | st.datetimes()
    | st.dates()
    | st.times()
)
keys = st.text("ab-_é 0.'\"\\\n#=[]", max_size=4)
tables = st.dictionaries(
    keys,
    st.recursive(
        scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3), max_leaves=15
    ),
    max_size=5,
)


def paths_of(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The paths of all that is in a table or list."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for key, item in items for found in ((*path, key), *paths_of(item, (*path, key)))]


def spot_at(root: Spot, path: tuple[str | int, ...]) -> Spot:
    for part in path:
        root = root.inner[part]
    return root


@QUICK
@given(tables, st.booleans())
def test_every_value_of_a_toml_document_is_located(table: dict[str, Any], multiline: bool) -> None:
    text = tomli_w.dumps(table, multiline_strings=multiline).replace("\r\n", "\n")
    document = read_toml(SourceText("x.toml", text))
    for path in paths_of(document.data):
        spot = spot_at(document.root, path)
        assert 0 <= spot.key < len(text)
        if isinstance(path[-1], str) and path[-1].isalpha() and path[-1].isascii():
            assert text.startswith(path[-1], spot.key)
        _value_begins_there(document, path, spot)


def _value_begins_there(document: Document, path: tuple[str | int, ...], spot: Spot) -> None:
    value: Any = document.data
    for part in path:
        value = value[part]
    begins = document.source.text[spot.at]
    if isinstance(value, str):
        assert begins in "\"'"
    elif isinstance(value, bool):
        assert begins in "tf"
    elif isinstance(value, int):
        assert begins in "-0123456789"


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("a.b.c = 1\na.d = 2\n", {("a", "b", "c"): (1, 9), ("a", "d"): (2, 7)}),
        ("[a]\nb = 1\n[c]\n[a.d]\ne = [1, [2, 3]]\n", {("a", "b"): (2, 5), ("a", "d", "e", 1, 1): (5, 13)}),
        ("[[a]]\nb = 1\n[[a.c]]\nd = 1\n[[a]]\n[[a.c]]\n[a.c.e]\nf = 1\n", {
            ("a", 0, "c", 0, "d"): (4, 5), ("a", 1, "c", 0, "e", "f"): (8, 5), ("a", 1): (5, 1)}),
        ("a = [ # one\n  1, # two ] ,\n  { b = '#' , c.d = \"\"\"x\"\"\"\"\" }, ]\n", {
            ("a", 0): (2, 3), ("a", 1, "b"): (3, 9), ("a", 1, "c", "d"): (3, 21)}),
        ("\t'a b' .\"\\u0063\"\t= 1\n", {("a b", "c"): (1, 20)}),
        ("a = '''\n'''''\nb = 2\n", {("b",): (3, 5)}),
        ("a = 1979-05-27 07:32:00\nb = 2\n", {("b",): (2, 5)}),
    ],
)  # fmt: skip
def test_places_in_documents_written_by_hand(text: str, places: dict[tuple[str | int, ...], tuple[int, int]]) -> None:
    document = read_toml(SourceText("x.toml", text))
    for path in paths_of(document.data):
        spot_at(document.root, path)
    for path, place in places.items():
        assert document.source.place(spot_at(document.root, path).at) == place


_TOML_PIECES = [
    "[",
    "]",
    "[[",
    "]]",
    "{",
    "}",
    "=",
    ".",
    ",",
    '"',
    '"""',
    "'",
    "'''",
    "#",
    "\\",
    "a",
    "jobs",
    "run",
    "1",
]
_YAML_PIECES = [": ", "- ", "  ", "*a", "&a ", "!x ", "<<", "|", ">", "?", "---", "\t"]
_ODD_PIECES = ["\n", "é", "\x00", "\r", "\ufeff", "\x85"]
pieces = st.lists(st.sampled_from([*_TOML_PIECES, *_YAML_PIECES, *_ODD_PIECES]), max_size=30).map(
    lambda parts: "".join(parts).encode()
)


@QUICK
@given(st.binary(max_size=60) | pieces, st.sampled_from(["toml", "yaml"]))
@example(b"a = [\n", "toml")
@example(b"[a\n", "toml")
@example(b"a." * 1000 + b"a = 1", "toml")
@example(b"[" * 5000, "yaml")
@example(b"{" * 5000, "toml")
@example(b"a = {a." + b"a." * 100 + b"a = 1}", "toml")
@example(b"? " * 5000, "yaml")
@example(b"- " * 5000, "yaml")
@example(b"\xef\xbb", "yaml")
@example(b"jobs: {a: {run: x, run: y}, ? [a] : b}", "yaml")
def test_any_bytes_are_read_to_an_end(content: bytes, suffix: str) -> None:
    jobs, diagnostics, _ = parse_jobs(f"/x.{suffix}", "/", content, ConfigLevel())
    for diagnostic in diagnostics:
        assert diagnostic.line >= 1
        assert diagnostic.column >= 1
        assert diagnostic.text().isprintable()
    assert not (jobs and any(diagnostic.severity == "error" for diagnostic in diagnostics))


words = st.sampled_from(["name", "run", "command", "needs", "schedule", "timezone", "env", "tasks", "run_when", "id",
                         "cwd", "shell", "retry_policy", "kill_grace", "max_active", "tags", "path"])  # fmt: skip
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(["x", "t", "@daily", "", "5s", "UTC", "\0"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=4),
    max_leaves=20,
)


@QUICK
@given(st.dictionaries(st.sampled_from(["jobs", "defaults"]), st.dictionaries(words, values, max_size=3) | values))
def test_any_values_under_known_words_are_judged_without_a_crash(data: dict[str, Any]) -> None:
    import json

    text = json.dumps(data).replace("NaN", ".nan").replace("Infinity", ".inf")
    jobs, diagnostics, _ = parse_jobs("/x.yaml", "/", text.encode(), ConfigLevel())
    assert jobs or diagnostics or not data.get("jobs")


def test_depth_is_counted_the_same_in_both_formats() -> None:
    inner = MAX_DEPTH - 1
    read_toml(SourceText("x.toml", "a = " + "[" * inner + "]" * inner))
    read_yaml(SourceText("x.yaml", "a: " + "[" * inner + "]" * inner))


def test_a_folder_in_a_message_is_harmless(tmp_path: Path) -> None:
    folder = tmp_path / "a\x1b[31m"
    folder.mkdir()
    _, diagnostics, _ = parse_jobs(os.path.join(folder, "x.toml"), "/", b"x", ConfigLevel())
    assert "\x1b" not in diagnostics[0].text()
