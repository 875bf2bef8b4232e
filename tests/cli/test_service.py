"""`service`: what is written for systemd or cron, and never over what somebody else wrote."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import pytest

from jobistemer_tui.errors import UsageError
from jobistemer_tui.operations.service.units import (
    Service,
    cron_line,
    has_cron_line,
    unit_command,
    unit_files,
    unit_word,
    without_cron_line,
)
from tests.cli.fake_system import FakeSystem
from tests.cli.home import Home

NAMES = ["jobistemer-supervisor.service", "jobistemer.service"]


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeSystem:
    return FakeSystem(tmp_path / "system", monkeypatch)


@pytest.fixture
def manager(system: FakeSystem) -> FakeSystem:
    """A machine with a systemd user manager, without lingering."""
    system.has("manager")
    system.has("linger", "no\n")
    return system


@pytest.fixture
def units(isolated_home: Path) -> Path:
    return isolated_home / ".config" / "systemd" / "user"


def settings_of(path: Path) -> dict[str, str]:
    lines = [line for line in path.read_text().splitlines() if "=" in line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


def test_two_units_are_written_and_started(home: Home, manager: FakeSystem, units: Path) -> None:
    done = home.run("service", "install")
    assert done.code == 0
    assert sorted(path.name for path in units.iterdir()) == NAMES
    engine, supervisor = settings_of(units / NAMES[1]), settings_of(units / NAMES[0])
    assert engine["KillMode"] == "process"
    assert {name: supervisor[name] for name in ("KillMode", "OOMPolicy", "Delegate", "Restart")} == {
        "KillMode": "mixed", "OOMPolicy": "continue", "Delegate": "yes", "Restart": "always",
    }  # fmt: skip
    assert engine["Wants"] == engine["After"] == NAMES[0]
    assert "PartOf" not in supervisor
    assert "BindsTo" not in engine
    assert engine["ExecStart"] == f"{sys.executable} -m jobistemer_tui --home {home.folder} run"
    assert supervisor["ExecStart"].endswith(" service supervisor")
    assert [line for line in manager.asked if "daemon-reload" in line or "enable" in line][:2] == [
        "systemctl --user daemon-reload", "systemctl --user enable --now jobistemer.service",
    ]  # fmt: skip
    assert "enable-linger" in done.err


def test_with_lingering_there_is_no_hint(home: Home, manager: FakeSystem) -> None:
    manager.has("linger", "yes\n")
    done = home.run("service", "install")
    assert (done.code, "linger" in done.err) == (0, False)
    assert "lingering  yes" in done.out


def test_status_tells_what_there_is(home: Home, manager: FakeSystem, units: Path) -> None:
    before = home.run("service", "status", "--json")
    assert before.code == 1
    assert before.json == {
        "kind": "systemd", "installed": False, "enabled": False, "running": False, "lingering": False, "files": [],
    }  # fmt: skip
    home.run("service", "install")
    after = home.run("service", "status", "--json")
    assert after.code == 0
    assert after.json == {
        "kind": "systemd", "installed": True, "enabled": True, "running": True, "lingering": False,
        "files": [str(units / name) for name in NAMES],
    }  # fmt: skip


def test_installing_again_replaces_its_own_files(home: Home, manager: FakeSystem, units: Path, tmp_path: Path) -> None:
    (tmp_path / "my jobs").mkdir()
    assert home.run("service", "install").code == 0
    assert home.run("service", "install", str(tmp_path / "my jobs")).code == 0
    assert settings_of(units / NAMES[1])["ExecStart"].endswith(f' run "{tmp_path}/my jobs"')


def test_a_file_of_somebody_else_is_kept(home: Home, manager: FakeSystem, units: Path, tmp_path: Path) -> None:
    units.mkdir(parents=True)
    (units / NAMES[1]).write_text("[Service]\nExecStart=/usr/bin/mine\n")
    done = home.run("service", "install")
    assert (done.code, "--force" in done.err) == (1, True)
    assert [path.name for path in units.iterdir()] == [NAMES[1]]
    assert (units / NAMES[1]).read_text().startswith("[Service]")
    assert home.run("service", "uninstall").code == 1
    assert (units / NAMES[1]).exists()
    assert home.run("service", "install", "--force").code == 0
    other = home.run("--home", str(tmp_path / "other"), "service", "install")
    assert (other.code, "this home" in other.err) == (1, True)


def test_a_dry_run_writes_nothing(home: Home, manager: FakeSystem, units: Path) -> None:
    done = home.run("service", "install", "--dry-run")
    assert done.code == 0
    assert f"# {units}/jobistemer.service\n" in done.out
    assert "KillMode=process" in done.out
    assert set(home.run("service", "install", "--dry-run", "--json").json["files"]) == {str(units / n) for n in NAMES}
    assert not units.exists()
    assert not home.folder.exists()
    assert [line for line in manager.asked if " show " not in line] == []


def test_uninstalling_leaves_nothing(home: Home, manager: FakeSystem, units: Path) -> None:
    home.run("service", "install")
    assert home.run("service", "uninstall").code == 0
    assert list(units.iterdir()) == []
    assert f"systemctl --user disable --now {NAMES[1]} {NAMES[0]}" in manager.asked
    assert home.run("service", "uninstall").code == 0


def test_what_systemctl_refuses_is_told(home: Home, manager: FakeSystem) -> None:
    manager.has("refuses")
    done = home.run("service", "install", "--json")
    assert (done.code, done.error["code"]) == (1, "service")
    assert "cannot" in done.error["message"]


def test_without_systemd_cron_starts_it(home: Home, system: FakeSystem) -> None:
    system.has("crontab", "MAILTO=me\n0 5 * * * /usr/bin/backup")
    assert home.run("service", "status").code == 1
    done = home.run("service", "install")
    assert (done.code, "cron starts it with the machine" in done.err) == (0, True)
    *kept, line = system.crontab.splitlines()
    assert kept == ["MAILTO=me", "0 5 * * * /usr/bin/backup"]
    assert line.startswith(f"@reboot {sys.executable} -m jobistemer_tui --home {home.folder} run >")
    home.run("service", "install")
    assert system.crontab.count("@reboot") == 1
    assert home.run("service", "status", "--json").json["installed"] is True
    assert home.run("service", "uninstall").code == 0
    assert system.crontab == "MAILTO=me\n0 5 * * * /usr/bin/backup\n"
    asked = len(system.asked)
    home.run("service", "uninstall")
    assert "crontab -" not in system.asked[asked:]


def test_each_byte_of_a_crontab_is_kept(home: Home, system: FakeSystem) -> None:
    content = b"# a\r\n0 5 * * * printf 'a\rb' \xff \x0c\n\n1 1 * * * \xe2\x80\xa8 x\n"
    (system.state / "crontab").write_bytes(content)
    assert home.run("service", "install").code == 0
    assert (system.state / "crontab").read_bytes().startswith(content + b"@reboot ")
    assert home.run("service", "uninstall").code == 0
    assert (system.state / "crontab").read_bytes() == content


def test_the_line_of_another_home_is_left_alone(home: Home, system: FakeSystem, tmp_path: Path) -> None:
    other = ("--home", str(tmp_path / "other"), "service")
    home.run("service", "install")
    assert home.run(*other, "status").code == 1
    assert home.run(*other, "install").code == 0
    assert system.crontab.count("@reboot") == 2
    home.run(*other, "uninstall")
    assert home.run("service", "status").code == 0


def test_a_link_of_somebody_else_is_kept(home: Home, manager: FakeSystem, units: Path) -> None:
    units.mkdir(parents=True)
    (units / NAMES[1]).symlink_to("/nowhere/mine.service")
    assert home.run("service", "install").code == 1
    assert (units / NAMES[1]).is_symlink()


def test_a_person_without_a_crontab_gets_one(home: Home, system: FakeSystem) -> None:
    assert home.run("service", "install").code == 0
    assert system.crontab.startswith("@reboot ")


def test_a_crontab_that_cannot_be_read_is_not_replaced(home: Home, system: FakeSystem) -> None:
    system.has("crontab", "0 5 * * * /usr/bin/backup\n")
    system.has("broken")
    assert home.run("service", "install").code == 1
    assert system.crontab == "0 5 * * * /usr/bin/backup\n"


def test_where_neither_is_that_is_said(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    done = home.run("service", "status")
    assert (done.code, "neither" in done.err) == (1, True)


def test_a_store_in_memory_has_no_service(home: Home, manager: FakeSystem) -> None:
    assert home.run("--store", "memory:", "service", "install").code == 64


@pytest.mark.parametrize(
    ("word", "written"),
    [
        ("/usr/bin/python3", "/usr/bin/python3"),
        ("/home/a b", '"/home/a b"'),
        ("50%", "50%%"),
        ('say "hi"', '"say \\"hi\\""'),
        ("back\\slash", '"back\\\\slash"'),
        ("it's", '"it\'s"'),
        ("", '""'),
        (";", '";"'),
        ("é", '"é"'),
    ],
)
def test_words_are_quoted_as_systemd_reads_them(word: str, written: str) -> None:
    assert unit_word(word) == written


def test_a_dollar_is_doubled_in_arguments_only() -> None:
    assert unit_command(("/opt/$x/p", "--home", "/h/$y")) == '"/opt/$x/p" --home "/h/$$y"'


@pytest.mark.parametrize("path", ["a\nb", "a\x00b", "\x1b"])
def test_what_no_unit_can_hold_is_refused(path: str) -> None:
    service = Service(("/usr/bin/python3", "--home", path), (), "", "x")
    with pytest.raises(UsageError):
        unit_files(service)
    with pytest.raises(UsageError):
        cron_line(service)


def test_the_line_of_the_crontab_survives_any_path() -> None:
    service = Service(("/py", "--home", "/a b/50% $x 'y'"), ("/j",), "", "/a b/50%")
    line = cron_line(service)
    command = line.removeprefix("@reboot ").partition(" >/dev/null")[0].replace("\\%", "%")
    assert shlex.split(command) == ["/py", "--home", "/a b/50% $x 'y'", "run", "/j"]
    assert has_cron_line(f"x\n{line}\n", service)
    assert without_cron_line(f"x\n{line}\ny", service) == "x\ny"


def test_a_label_cannot_add_a_setting() -> None:
    text = unit_files(Service(("/py",), (), "", "x\nExecStart=/bin/evil"))[NAMES[1]]
    assert text.count("\nExecStart=") == 1
