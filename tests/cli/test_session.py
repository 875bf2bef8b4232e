"""What goes wrong while a store is open names the store."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobistemer_tui.cli.session import Session
from jobistemer_tui.errors import StoreUnavailable

BAD_ROW = StoreUnavailable("the store holds a JobFile that cannot be read", hint="restore it from a backup")


@pytest.mark.parametrize("error", [BAD_ROW, ExceptionGroup("an engine's parts", [ExceptionGroup("", [BAD_ROW])])])
def test_an_error_of_the_store_says_which_store(error: Exception, tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable) as caught, Session(home=tmp_path / "home").opened():
        raise error
    assert caught.value.message == f"{tmp_path}/home/jobistemer.db: {BAD_ROW.message}"
    assert caught.value.hint == BAD_ROW.hint


def test_a_group_with_a_defect_stays_a_group(tmp_path: Path) -> None:
    with pytest.raises(ExceptionGroup), Session(home=tmp_path / "home").opened():
        raise ExceptionGroup("two", [BAD_ROW, ZeroDivisionError()])
