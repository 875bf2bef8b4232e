"""Which folders and which store the options and the environment mean."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobistemer_tui.errors import HomeNotWritable, UsageError
from jobistemer_tui.settings.locations import find_locations


def test_a_home_holds_everything(tmp_path: Path) -> None:
    found = find_locations(tmp_path, None, {})
    assert found.config_dir == found.data_dir == tmp_path
    assert found.config_file == tmp_path / "config.toml"
    assert found.jobs_dir == tmp_path / "jobs"
    assert found.database == tmp_path / "jobistemer.db"
    assert found.store_url == f"sqlite:{tmp_path}/jobistemer.db"
    assert found.nodes_dir == tmp_path / "jobistemer.db.nodes"
    assert found.attempts_root == tmp_path / "attempts"
    assert found.log_file == tmp_path / "jobistemer.log"
    assert found.label == str(tmp_path)


def test_the_option_wins_over_the_environment(tmp_path: Path) -> None:
    environ = {"JOBISTEMER_HOME": "/elsewhere", "JOBISTEMER_STORE": "sqlite:/elsewhere/x.db"}
    assert find_locations(None, None, environ).data_dir == Path("/elsewhere")
    assert find_locations(None, None, environ).database == Path("/elsewhere/x.db")
    found = find_locations(tmp_path, f"sqlite:{tmp_path}/y.db", environ)
    assert (found.data_dir, found.database) == (tmp_path, tmp_path / "y.db")


def test_without_a_home_the_platform_decides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    environ = {"XDG_CONFIG_HOME": str(tmp_path / "c"), "XDG_DATA_HOME": str(tmp_path / "d"), "HOME": str(tmp_path)}
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    found = find_locations(None, None, environ)
    assert found.jobs_dir == tmp_path / "c/jobistemer/jobs"
    assert found.database == tmp_path / "d/jobistemer/jobistemer.db"
    assert found.label == "~/d/jobistemer"


@pytest.mark.parametrize("environ", [{}, {"HOME": ""}, {"HOME": "relative"}, {"XDG_DATA_HOME": "/only/one"}])
def test_nobody_without_a_home_gets_a_guess(environ: dict[str, str]) -> None:
    with pytest.raises(HomeNotWritable, match="HOME is not set") as caught:
        find_locations(None, None, environ)
    assert "--home" in caught.value.hint


def test_a_relative_home_is_made_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert find_locations(Path("here"), None, {}).data_dir == tmp_path / "here"
    assert find_locations(Path("here"), "sqlite:there/x.db", {}).database == tmp_path / "there/x.db"


def test_two_names_of_a_database_share_their_locks(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "real", target_is_directory=True)
    by_link = find_locations(tmp_path, f"sqlite:{tmp_path}/link/x.db", {})
    by_name = find_locations(tmp_path, f"sqlite://{tmp_path}/real/x.db", {})
    assert by_link.nodes_dir == by_name.nodes_dir == tmp_path / "real/x.db.nodes"


def test_stores_in_memory_share_no_locks(tmp_path: Path) -> None:
    one, other = find_locations(tmp_path, "memory:", {}), find_locations(tmp_path, "memory:", {})
    assert one.database is None
    assert one.store_url == "memory:"
    assert one.nodes_dir != other.nodes_dir
    assert one.nodes_dir.parent == tmp_path


@pytest.mark.parametrize("url", ["jobs.db", "sqlite:", "sqlite://", "sqlite://host/x.db", "memory:x", "mysql:x"])
def test_a_store_that_means_nothing_is_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(UsageError) as caught:
        find_locations(tmp_path, url, {})
    assert "sqlite:PATH" in caught.value.hint


def test_a_password_in_a_url_is_not_shown(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        find_locations(tmp_path, "mysql://eva:hunter2@db/jobs", {})
    assert "hunter2" not in str(caught.value)
    assert "mysql" in str(caught.value)


def test_a_store_on_a_server(tmp_path: Path) -> None:
    url = "postgresql://me@db.example/jobs?schema=night"
    found = find_locations(tmp_path, url, {})
    assert (found.on_server, found.database, found.store_url) == (True, None, url)
    located = found.with_store("an-id")
    assert located.nodes_dir == tmp_path / "nodes" / "an-id"
    assert find_locations(tmp_path, None, {}).with_store("an-id").nodes_dir == tmp_path / "jobistemer.db.nodes"
