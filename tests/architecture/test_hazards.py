"""Each of the twenty-five hazards has a test that would notice, or says what it waits for."""

from __future__ import annotations

import re

from tests.architecture.markdown import table_rows
from tests.architecture.tree import PACKAGE, ROOT, functions, read

PAGE = PACKAGE / "docs" / "design" / "hazards.md"


def rows() -> dict[int, str]:
    """Number of a hazard → what would notice."""
    return {int(row[0]): row[2] for row in table_rows(PAGE) if row[0].isdigit()}


def test_every_hazard_is_listed_once() -> None:
    numbers = [int(row[0]) for row in table_rows(PAGE) if row[0].isdigit()]
    assert numbers == list(range(1, 26))


def test_each_has_a_test_or_says_what_it_waits_for() -> None:
    bare = [number for number, text in rows().items() if not named_in(text) and not text.startswith("waits for ")]
    assert bare == []


def test_the_tests_that_are_named_exist() -> None:
    missing = [name for text in rows().values() for name in named_in(text) if not is_there(name)]
    assert missing == []


def test_every_file_of_a_hazard_is_named() -> None:
    named = read(PAGE)
    files = sorted((ROOT / "tests" / "engine" / "hazards").glob("test_*.py"))
    assert files
    assert [path.name for path in files if path.name not in named] == []


def named_in(text: str) -> list[str]:
    return re.findall(r"`(tests/[^`]+)`", text)


def is_there(name: str) -> bool:
    path, _, function = name.partition("::")
    file = ROOT / path
    return file.is_file() and (not function or function in {node.name for node in functions(file)})
