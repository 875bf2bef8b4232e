"""Zones of names that may not be known here."""

from __future__ import annotations

import pytest

from jobistemer_tui.operations.zones import zone_or_none


def test_a_name_of_the_database_is_its_zone() -> None:
    assert str(zone_or_none("Europe/Paris")) == "Europe/Paris"


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../etc/passwd", "/etc/passwd", "Europe", "a\0b"])
def test_any_other_is_none(name: str) -> None:
    assert zone_or_none(name) is None
