"""The JSON Schema accepts whatever loads, and refuses what is bad by its shape."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobistemer_tui.domain.durations import parse_duration
from jobistemer_tui.jobfiles.json_schema import job_file_schema
from jobistemer_tui.jobfiles.parse import refuse_hidden
from jobistemer_tui.jobfiles.source import Document, SourceText, Unreadable, decoded
from jobistemer_tui.jobfiles.toml_text import read_toml
from jobistemer_tui.jobfiles.values import DURATION, SIZE, iso_texts, size
from jobistemer_tui.jobfiles.yaml_text import read_yaml
from jobistemer_tui.schedules.tables import COMMON, KEYS
from tests.architecture.markdown import GUIDE, blocks
from tests.architecture.tree import ROOT
from tests.jobfiles.corpus import PASSED_BY_SCHEMA, TEXTS
from tests.jobfiles.test_bad_files import BAD_FILES


def good_files() -> Iterator[tuple[str, bytes]]:
    for path in [*(ROOT / "examples").glob("*.toml"), *(ROOT / "examples").glob("*.yaml")]:
        yield path.name, path.read_bytes()
    for page in GUIDE.glob("*.md"):
        for kind, word in (("toml", "[jobs."), ("yaml", "jobs:")):
            for number, text in enumerate(blocks(page, kind)):
                if word in text:
                    yield f"{page.stem}-{number}.{kind}", text.encode()


# Imported so because it brings no types, and its stubs would be one more package to fetch.
Draft202012Validator: Any = import_module("jsonschema").Draft202012Validator
SCHEMA = job_file_schema()
VALIDATOR = Draft202012Validator(SCHEMA)
GOOD = [*good_files()]


def document(name: str, content: bytes) -> Document | None:
    """The tables of a text, None where it is no TOML or YAML."""
    try:
        source = SourceText(name, decoded(content))
        found = read_toml(source) if name.endswith(".toml") else read_yaml(source)
        refuse_hidden(found)
    except Unreadable:
        return None
    return None if found.problems else found


def complaints(data: Any) -> list[str]:
    return [error.message for error in VALIDATOR.iter_errors(iso_texts(data))]


def test_it_is_a_schema_of_the_draft() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize(("name", "content"), GOOD, ids=[name for name, _ in GOOD])
def test_it_accepts_every_example(name: str, content: bytes) -> None:
    found = document(name, content)
    assert found is not None
    assert complaints(found.data) == []


def test_it_refuses_every_bad_file_that_is_bad_by_its_shape() -> None:
    """Those that it does not refuse are listed with the reason, and only those."""
    bad = {name: (suffix, content) for name, (suffix, content, loads) in TEXTS.items() if not loads}
    bad |= {f"bad: {one.name}": (one.suffix, one.text.replace("▸", "").encode()) for one in BAD_FILES}
    passed = {
        name
        for name, (suffix, content) in bad.items()
        if (found := document(f"x.{suffix}", content)) is not None and not complaints(found.data)
    }
    assert passed == {name for names in PASSED_BY_SCHEMA.values() for name in names}


def test_it_accepts_what_loads_among_the_hostile_files() -> None:
    for name, (suffix, content, loads) in TEXTS.items():
        if loads:
            found = document(f"x.{suffix}", content)
            assert found is not None, name
            assert complaints(found.data) == [], name


def properties(shape: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(shape, dict):
        found = shape.get("properties")
        yield from found.items() if isinstance(found, dict) else ()
        for inner in shape.values():
            yield from properties(inner)
    elif isinstance(shape, list):
        for inner in shape:
            yield from properties(inner)


def test_every_key_is_explained() -> None:
    found = [(key, shape) for key, shape in properties(SCHEMA) if isinstance(shape, dict)]
    assert len(found) > 100
    assert [key for key, shape in found if not shape.get("description")] == []


def test_defaults_are_written_as_in_a_file() -> None:
    job = SCHEMA["$defs"]["Job"]["properties"]
    assert {key: job[key]["default"] for key in ("kill_grace", "task_timeout", "output_head", "max_active")} == {
        "kill_grace": "10s", "task_timeout": "none", "output_head": "10MiB", "max_active": 1,
    }  # fmt: skip
    assert SCHEMA["$defs"]["RetryPolicy"]["properties"]["max_interval"]["default"] == "none"
    for key, shape in properties(SCHEMA):
        if isinstance(shape, dict) and "default" in shape and "$ref" not in shape:
            whole = Draft202012Validator({**shape, "$defs": SCHEMA["$defs"]})
            assert list(whole.iter_errors(shape["default"])) == [], key


def test_every_key_of_a_schedule_is_there() -> None:
    _, *tables = SCHEMA["$defs"]["Job"]["properties"]["schedule"]["anyOf"][: 1 + len(KEYS)]
    assert [set(table["properties"]) for table in tables] == [
        {kind, *KEYS[kind], *(COMMON if kind != "after" else ())} for kind in KEYS
    ]


@given(st.from_regex(r"\A(?:P|[0-9]{1,2}(?:ms|[smhdw])|[0-9.]{1,3}[WDTHMS]){1,4}\Z") | st.text("0123456789.smhdPTMS "))
def test_every_duration_matches_its_pattern(text: str) -> None:
    try:
        parse_duration(text)
    except ValueError:
        return
    assert re.search(DURATION["pattern"], text)


@given(st.from_regex(r"\A ?[0-9]{1,4} ?[KMGi]{0,2}B \Z", fullmatch=True))
def test_every_size_matches_its_pattern(text: str) -> None:
    try:
        size(text)
    except Exception:  # noqa: BLE001 - pydantic's own kind of error
        return
    assert re.search(SIZE["pattern"], text)
