"""Names of time zones."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobistemer_tui.errors import ScheduleError
from jobistemer_tui.schedules import zones
from jobistemer_tui.schedules.zones import find_zone, local_zone_name, zone_data_version


def test_a_known_zone_is_found() -> None:
    assert find_zone("Europe/Paris").key == "Europe/Paris"


@pytest.mark.parametrize(
    ("name", "suggestion"),
    [
        ("Europe/Pari", '; did you mean "Europe/Paris"?'),
        ("europe/paris", '; did you mean "Europe/Paris"?'),
        ("Paris", '; did you mean "Europe/Paris"?'),
        ("New York", '; did you mean "America/New_York"?'),
        ("Xyzzy/Nowhere", ""),
        ("../../etc/passwd", ""),
        ("/etc/localtime", ""),
        ("localtime", ""),
        ("right/Europe/Paris", '; did you mean "Europe/Paris"?'),
        ("+01:00", ""),
        ("", ""),
        ("Europe", None),
        ("a\x00b", None),
    ],
)
def test_an_unknown_one_is_refused_with_the_nearest(name: str, suggestion: str | None) -> None:
    with pytest.raises(ScheduleError) as caught:
        find_zone(name)
    assert "IANA" in caught.value.hint
    assert caught.value.message.startswith("unknown zone")
    if suggestion is not None:
        assert caught.value.message == f'unknown zone "{name}"{suggestion}'


def test_another_type_is_refused() -> None:
    with pytest.raises(ScheduleError, match="a time zone is a text"):
        find_zone(1)


@pytest.mark.parametrize(
    ("variable", "timezone", "link", "expected"),
    [
        ("Asia/Tokyo", "Europe/Paris", "Europe/Rome", "Asia/Tokyo"),
        (":Asia/Tokyo", "", "", "Asia/Tokyo"),
        (":/usr/share/zoneinfo/Asia/Tokyo", "", "", "Asia/Tokyo"),
        ("JST-9", "Europe/Paris\n", "", "Europe/Paris"),
        ("", "Europe/Paris\n# by the installer\n", "Europe/Rome", "Europe/Paris"),
        ("", "nonsense", "Europe/Rome", "Europe/Rome"),
        ("", None, "America/Argentina/Ushuaia", "America/Argentina/Ushuaia"),
        ("", None, None, "UTC"),
    ],
)
def test_the_machines_own_zone(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    timezone: str | None,
    link: str | None,
    expected: str,
) -> None:
    (tmp_path / "etc").mkdir()
    monkeypatch.setenv("TZ", variable)
    if timezone is not None:
        (tmp_path / "etc/timezone").write_text(timezone)
    if link:
        target = tmp_path / "usr/share/zoneinfo" / link
        target.parent.mkdir(parents=True)
        target.touch()
        (tmp_path / "etc/localtime").symlink_to(target)
    assert local_zone_name(tmp_path) == expected


@pytest.fixture
def search_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(zones, "TZPATH", (str(tmp_path / "absent"), str(tmp_path)))
    monkeypatch.setattr(zones, "zone_data_version", zone_data_version.__wrapped__)
    return tmp_path


@pytest.mark.parametrize(
    ("files", "version"),
    [
        ({"Europe/Paris": "", "tzdata.zi": "# version 2031c\nR A"}, "2031c"),
        ({"Europe/Paris": "", "+VERSION": "2031d\n"}, "2031d"),
        ({"Europe/Paris": ""}, "unknown"),
    ],
)
def test_the_version_of_the_data(search_path: Path, files: dict[str, str], version: str) -> None:
    for name, text in files.items():
        (search_path / name).parent.mkdir(exist_ok=True)
        (search_path / name).write_text(text)
    assert zones.zone_data_version() == version


def test_the_version_of_the_package_counts_without_files(search_path: Path) -> None:
    assert zones.zone_data_version()[:2] == "20"
