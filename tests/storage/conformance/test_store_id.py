"""A store's id: random, made with it, kept for its life."""

from __future__ import annotations

from pathlib import Path

from jobistemer_tui.storage.contract import Store
from tests.support.store_backends import Backend, Place


def test_it_is_a_random_uuid(store: Store) -> None:
    assert store.id.version == 4
    assert store.id == store.id


def test_it_is_kept(place: Place) -> None:
    first = place.fresh()
    first.close()
    again = place.reopen()
    assert (again.id == first.id) is again.capabilities.durable


def test_every_store_has_its_own(backend: Backend, tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("a", "b")]
    places = [Place(backend, folder) for folder in folders]
    stores = [place.fresh() for place in places]
    assert stores[0].id != stores[1].id
    for place in places:
        place.close()


def test_two_that_open_the_same_store_see_one_store(place: Place) -> None:
    first, second = place.fresh(), place.reopen()
    assert (first.id == second.id) is first.capabilities.processes


def test_the_files_are_ours(store: Store) -> None:
    assert store.files_are_ours() is True
