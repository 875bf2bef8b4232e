"""A consistent copy in a file, while others write; it keeps the store's id."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobistemer_tui.errors import HomeNotWritable, JobistemerError, Refused, StoreFull
from jobistemer_tui.storage import backup
from jobistemer_tui.storage.backup import backup_store
from jobistemer_tui.storage.open import open_store
from jobistemer_tui.storage.tables import EVENTS_BY_SEQUENCE
from tests.support.child_process import ending
from tests.support.racing_store import go, start_racer
from tests.support.store_work import insert_job

KINDS = ("sqlite", "lmdb")


@pytest.mark.parametrize("kind", KINDS)
def test_a_backup_while_another_process_writes(kind: str, tmp_path: Path) -> None:
    url = f"{kind}:{tmp_path / 'store'}"
    store = open_store(url)
    store.write(insert_job(1))
    with ending(start_racer("append", url, 100)) as racer:
        assert racer.stdout is not None
        assert racer.stdout.readline() == "ready\n"
        go([racer])
        told = int(racer.stdout.readline())
        backup_store(url, tmp_path / "backup")
        racer.communicate(timeout=100)
    copy = open_store(f"{kind}:{tmp_path / 'backup'}")
    numbers = [event.sequence for event in copy.read(lambda r: r.scan(EVENTS_BY_SEQUENCE))]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) >= told
    assert copy.id == store.id
    copy.check(thorough=True)
    assert copy.write(insert_job(2)) is True
    assert (tmp_path / "backup").stat().st_mode & 0o777 == 0o600
    store.close()
    copy.close()


@pytest.mark.parametrize("kind", KINDS)
def test_what_cannot_be_backed_up_leaves_nothing(kind: str, tmp_path: Path) -> None:
    url = f"{kind}:{tmp_path / 'store'}"
    open_store(url).close()
    (tmp_path / "there").touch()
    with pytest.raises(Refused, match="there already"):
        backup_store(url, tmp_path / "there")
    with pytest.raises(HomeNotWritable, match="nowhere/backup cannot be written"):
        backup_store(url, tmp_path / "nowhere" / "backup")
    with pytest.raises(JobistemerError):
        backup_store(f"{kind}:{tmp_path / 'there' / 'x'}", tmp_path / "backup")
    assert {entry.name.removesuffix(".checkpoint") for entry in tmp_path.iterdir()} == {"store", "there"} | (
        {"store-lock"} if kind == "lmdb" else set()
    )


@pytest.mark.parametrize("kind", KINDS)
def test_two_into_one_file_do_not_mix(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Regression: both wrote to one name beside the file, and the first to end gave it to what the other had begun."""
    url = f"{kind}:{tmp_path / 'store'}"
    open_store(url).close()
    keep, others = backup._keep, [tmp_path / "backup"]

    def keep_after_another(beside: Path, target: Path) -> None:
        if others:
            backup_store(url, others.pop())
        keep(beside, target)

    monkeypatch.setattr(backup, "_keep", keep_after_another)
    with pytest.raises(Refused, match="there already"):
        backup_store(url, tmp_path / "backup")
    copy = open_store(f"{kind}:{tmp_path / 'backup'}")
    copy.check(thorough=True)
    copy.close()


def test_a_full_disk_is_the_backups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fill(path: Path, target: Path) -> None:
        raise StoreFull(f"{path}: no space is left")

    monkeypatch.setitem(backup._WAYS, "sqlite", fill)
    with pytest.raises(StoreFull, match=f"no space is left for {tmp_path / 'backup'}"):
        backup_store(f"sqlite:{tmp_path / 'store'}", tmp_path / "backup")
    assert list(tmp_path.iterdir()) == []


def test_a_store_without_a_file() -> None:
    with pytest.raises(Refused, match="memory"):
        backup_store("memory:", Path("/nowhere"))


def test_a_folder_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "no")

    url = f"sqlite:{tmp_path / 'store'}"
    open_store(url).close()
    monkeypatch.setattr("os.rename", refuse)
    with pytest.raises(HomeNotWritable):
        backup_store(url, tmp_path / "backup")
