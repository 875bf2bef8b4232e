"""Which files are read: regular, small, of their owner alone, and never one that makes us wait."""

from __future__ import annotations

import errno
import grp
import os
import pwd
import socket
import stat
from pathlib import Path

import pytest

from jobistemer_tui.errors import JobFileError
from jobistemer_tui.jobfiles import FileReading, read_config, read_paths, trust
from jobistemer_tui.jobfiles.trust import Untrusted, check_file, check_link, has_others, is_private_group

GOOD = b"[jobs.a]\nrun = 'x'\n"
ME = os.geteuid()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a.toml"
    path.write_bytes(GOOD)
    path.chmod(0o600)
    return path


def refusal(path: Path) -> tuple[str, str]:
    (found,) = (reading := read(path)).diagnostics
    assert reading.content_hash == ""
    assert reading.jobs == ()
    assert (found.line, found.column, found.source_line) == (0, 0, "")
    assert found.text().startswith(f"{path}: error: ")
    return found.message, found.hint


def read(path: Path) -> FileReading:
    return read_paths([path]).files[0]


def test_a_file_of_ones_own_is_read(file: Path) -> None:
    assert read(file).ok
    file.chmod(0o644)
    assert read(file).ok


def test_a_symbolic_link_is_refused(file: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.toml"
    link.symlink_to(file)
    assert refusal(link) == ("is a symbolic link", "put the file itself here; links are not followed")


def link_in(folder: Path, target: Path | str) -> FileReading:
    """The reading of the only job file of a folder: a link."""
    folder.mkdir(exist_ok=True)
    (folder / "link.toml").symlink_to(target)
    (found,) = read_paths([folder]).files
    return found


@pytest.mark.parametrize("target", ["../a.toml", "../jobs2/a.toml", "/etc/passwd"])
def test_a_link_that_leads_elsewhere_is_refused(file: Path, target: str) -> None:
    (file.parent / "jobs2").mkdir()
    found = link_in(file.parent / "jobs", target).diagnostics[0]
    assert found.message == f"is a symbolic link that leads out of {file.parent / 'jobs'}"
    assert found.hint == "put the file itself here"


def test_a_link_that_stays_inside_is_followed(tmp_path: Path) -> None:
    hidden = tmp_path / "jobs" / "..2026"
    hidden.mkdir(parents=True)
    (hidden / "a.toml").write_bytes(GOOD)
    (tmp_path / "jobs" / "..data").symlink_to("..2026")
    found = link_in(tmp_path / "jobs", "..data/a.toml")
    assert found.ok
    assert (found.path, found.jobs[0].definition.cwd) == (str(tmp_path / "jobs/link.toml"), str(tmp_path / "jobs"))
    hidden.chmod(0o777)
    assert read_paths([tmp_path / "jobs"]).files[0].diagnostics[0].code == "untrusted"


def test_a_dangling_link_and_one_that_turns_in_a_circle_are_refused(tmp_path: Path) -> None:
    (nothing,) = link_in(tmp_path / "a", "nothing").diagnostics
    assert nothing.message == "is a symbolic link that leads to nothing"
    (circle,) = link_in(tmp_path / "b", "link.toml").diagnostics
    assert circle.message.startswith("is a symbolic link")


def test_a_link_of_somebody_else_is_refused() -> None:
    with pytest.raises(Untrusted, match="is a symbolic link of user 54321"):
        check_link(os.stat_result((stat.S_IFLNK | 0o777, 0, 0, 1, 54321, 0, 0, 0, 0, 0)), ME)


def test_a_named_pipe_is_refused_without_waiting_for_a_writer(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.toml")
    assert refusal(tmp_path / "a.toml") == ("is a named pipe, not a file", "")


def test_a_socket_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("a.toml")
        assert refusal(tmp_path / "a.toml")[0].startswith("cannot be opened: ")


def test_what_everybody_can_write_is_refused(file: Path) -> None:
    file.chmod(0o646)
    assert refusal(file) == ("can be written by everybody", "chmod o-w it")


def test_in_a_folder_that_everybody_can_write_nothing_is_read(file: Path) -> None:
    file.parent.chmod(0o777)
    message, hint = refusal(file)
    assert message == f"its folder {file.parent} can be written by everybody"
    assert hint == f"chmod o-w {file.parent}"
    file.parent.chmod(0o1777)
    assert read(file).ok


def test_a_mebibyte_is_read_and_no_more(file: Path) -> None:
    file.write_bytes(GOOD + b"#" * (trust.MAX_SIZE - len(GOOD)))
    assert read(file).ok
    file.write_bytes(GOOD + b"#" * (trust.MAX_SIZE + 1 - len(GOOD)))
    assert refusal(file) == ("is 1048577 bytes long; at most 1 MiB is read", "split it into several files")


def test_a_file_that_may_not_be_opened_has_a_diagnostic(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = os.open

    def refuse(path: str, flags: int) -> int:
        if path == str(file):
            raise PermissionError(errno.EACCES, "Permission denied")
        return opened(path, flags)

    monkeypatch.setattr(os, "open", refuse)
    assert refusal(file) == ("cannot be opened: Permission denied", f"chmod u+r {file}")


def test_a_file_that_fails_while_it_is_read_has_a_diagnostic(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: int) -> bytes:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "pread", fail)
    assert refusal(file)[0] == "cannot be read: Input/output error"


def test_a_file_that_is_being_written_is_read_again_until_it_rests(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writes = iter([b"[jobs.b]\n", b"run = 'y'\n"])
    read_content = os.pread

    def write_meanwhile(handle: int, count: int, offset: int) -> bytes:
        result = read_content(handle, count, offset)
        if not result and (more := next(writes, b"")):
            with file.open("ab") as other:
                other.write(more)
        return result

    monkeypatch.setattr(os, "pread", write_meanwhile)
    assert [job.definition.name for job in read(file).jobs] == ["a", "b"]


def test_a_file_that_is_written_without_end_is_not_taken_by_half(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read_content = os.pread

    def write_meanwhile(handle: int, count: int, offset: int) -> bytes:
        with file.open("ab") as other:
            other.write(b"#")
        return read_content(handle, min(count, 5), offset)

    monkeypatch.setattr(os, "pread", write_meanwhile)
    monkeypatch.setattr(trust, "MAX_SIZE", 60)
    assert refusal(file)[0] == "is being written"


def found(mode: int, uid: int, gid: int = 12345, size: int = 10) -> os.stat_result:
    return os.stat_result((stat.S_IFREG | mode, 1, 1, 1, uid, gid, size, 0, 0, 0))


@pytest.mark.parametrize(("uid", "trusted"), [(4321, 4321), (0, 4321), (0, 0)])
def test_files_of_the_user_and_of_root_are_trusted(uid: int, trusted: int) -> None:
    check_file(found(0o644, uid), trusted)


@pytest.mark.parametrize(("uid", "trusted"), [(4321, 4322), (4321, 0)])
def test_files_of_others_are_not(uid: int, trusted: int) -> None:
    with pytest.raises(Untrusted, match=r"belongs to "):
        check_file(found(0o600, uid), trusted)


def test_whose_files_are_trusted_can_be_said(file: Path) -> None:
    reading = read_paths([file], trusted_uid=ME + 1).files[0]
    assert reading.ok == (ME == 0)


class Accounts:
    """A machine's users and groups."""

    def __init__(self, users: dict[int, tuple[str, int]], groups: dict[int, list[str]]) -> None:
        self.users = [pwd.struct_passwd((name, "x", uid, gid, "", "", "")) for uid, (name, gid) in users.items()]
        self.groups = {gid: grp.struct_group((f"g{gid}", "x", gid, members)) for gid, members in groups.items()}

    def getpwuid(self, uid: int) -> pwd.struct_passwd:
        for user in self.users:
            if user.pw_uid == uid:
                return user
        raise KeyError(uid)

    def getpwall(self) -> list[pwd.struct_passwd]:
        return self.users

    def getgrgid(self, gid: int) -> grp.struct_group:
        return self.groups[gid]


@pytest.mark.parametrize(
    ("users", "members", "private"),
    [
        ({1: ("me", 7)}, [], True),
        ({1: ("me", 7)}, ["me"], True),
        ({1: ("me", 7), 2: ("other", 8)}, [], True),
        ({1: ("me", 7)}, ["other"], False),
        ({1: ("me", 7), 2: ("other", 7)}, [], False),
        ({1: ("me", 8)}, ["me"], False),
        ({2: ("other", 8)}, [], False),
    ],
)
def test_group_write_is_fine_where_the_group_is_the_owners_private_one(
    users: dict[int, tuple[str, int]], members: list[str], private: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts = Accounts(users, {7: members})
    for module, name in ((pwd, "getpwuid"), (pwd, "getpwall"), (grp, "getgrgid")):
        monkeypatch.setattr(module, name, getattr(accounts, name))
    is_private_group.cache_clear()
    try:
        assert is_private_group(1, 7) == private
        if private:
            check_file(found(0o660, 1, 7), 1)
        else:
            with pytest.raises(Untrusted, match="can be written by the group g7"):
                check_file(found(0o660, 1, 7), 1)
    finally:
        is_private_group.cache_clear()


@pytest.mark.parametrize(
    ("users", "members", "others"),
    [
        ({1: ("me", 7), 0: ("root", 0)}, ["me", "root"], False),
        ({1: ("me", 8)}, [], False),
        ({1: ("me", 7), 2: ("other", 8)}, ["other"], True),
        ({1: ("me", 7), 2: ("other", 7)}, [], True),
    ],
)
def test_a_folder_that_a_group_can_write_is_fine_while_nobody_else_is_in_it(
    users: dict[int, tuple[str, int]], members: list[str], others: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts = Accounts(users, {7: members})
    for module, name in ((pwd, "getpwall"), (grp, "getgrgid")):
        monkeypatch.setattr(module, name, getattr(accounts, name))
    has_others.cache_clear()
    try:
        assert has_others(1, 7) == others
        assert not has_others(1, 54321)
    finally:
        has_others.cache_clear()


def test_in_a_folder_that_a_group_can_write_nothing_is_read(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trust, "has_others", lambda uid, gid: True)
    file.parent.chmod(0o770)
    message, hint = refusal(file)
    assert message.startswith(f"its folder {file.parent} can be written by the group ")
    assert hint == f"chmod g-w {file.parent}"
    file.parent.chmod(0o1770)
    assert read(file).ok


def test_a_group_that_nobody_knows_is_nobodys_own(file: Path) -> None:
    with pytest.raises(Untrusted, match="can be written by the group 54321"):
        check_file(found(0o660, ME, 54321), ME)


def test_the_configuration_is_trusted_by_the_same_rules(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("max_concurrent_jobs = 5\n")
    path.chmod(0o666)
    with pytest.raises(JobFileError, match="can be written by everybody"):
        read_config(path)
