"""A store that is read for damage: a sound one passes, and a closed one is refused."""

from __future__ import annotations

import pytest

from jobistemer_tui.errors import StoreUnavailable
from jobistemer_tui.storage.contract import Store


@pytest.mark.parametrize("thorough", [False, True])
def test_a_sound_store_passes(store: Store, thorough: bool) -> None:
    store.check(thorough=thorough)


def test_a_closed_store_is_refused(store: Store) -> None:
    store.close()
    with pytest.raises(StoreUnavailable):
        store.check(thorough=True)
