"""When another engine may be called lost, and when we have to give up ourselves: judged from looks alone."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest

from jobistemer_tui.engine.host import machine_id
from jobistemer_tui.engine.liveness import HELD_FOR_S, Observer, OneOfMany, TheOnlyEngine
from jobistemer_tui.storage.presence import Sight
from tests.support.engine_world import START
from tests.support.sample_records import sample_node

A, B = UUID(int=1), UUID(int=2)


def sight(*alive: UUID, server: str = "one", mine: bool = True) -> Sight:
    return Sight(server, mine, frozenset(alive))


def watch(observer: Observer, start: float, end: float, *alive: UUID, **how: object) -> float:
    """Look every 5 seconds."""
    at = start
    while at <= end:
        observer.see(sight(*alive, **how), (A, B), at)  # type: ignore[arg-type]  # what a sight takes
        at += 5
    return at - 5


def test_a_lock_that_was_free_throughout_is_a_lost_node() -> None:
    observer = Observer(300)
    watch(observer, 0, 295, B)
    assert observer.lost(295, {}) == {}
    watch(observer, 300, 300, B)
    assert observer.lost(300, {}) == {A: 300}


def test_the_longer_of_its_and_our_patience_counts() -> None:
    """Regression: a node that is cut off waits for half of its own, and was declared lost after ours."""
    observer = Observer(100)
    watch(observer, 0, 100)
    assert observer.lost(100, {A: 200, B: 50}) == {B: 100}
    watch(observer, 105, 200)
    assert observer.lost(200, {A: 200, B: 50}) == {A: 200, B: 200}


def test_one_sign_of_life_begins_the_count_anew() -> None:
    observer = Observer(300)
    watch(observer, 0, 200, B)
    watch(observer, 205, 205, A, B)
    watch(observer, 210, 505, B)
    assert observer.lost(505, {}) == {}
    watch(observer, 510, 510, B)
    assert observer.lost(510, {}) == {A: 300}


@pytest.mark.parametrize("how", [{"server": "two"}, {"mine": False}])
def test_another_server_or_a_lock_that_was_not_ours_begins_everything_anew(how: dict[str, object]) -> None:
    observer = Observer(300)
    watch(observer, 0, 290, B)
    observer.see(sight(B, **how), (A, B), 295)  # type: ignore[arg-type]
    watch(observer, 300, 590, B)
    assert observer.lost(590, {}) == {}
    watch(observer, 595, 605, B)
    assert A in observer.lost(605, {})


def test_a_server_that_does_not_answer_begins_everything_anew() -> None:
    observer = Observer(300)
    watch(observer, 0, 290, B)
    observer.see_nothing()
    assert observer.lost(300, {}) == {}
    watch(observer, 300, 595, B)
    assert observer.lost(595, {}) == {}


def test_whoever_has_not_looked_for_long_has_seen_nothing() -> None:
    observer = Observer(300)
    watch(observer, 0, 100, B)
    watch(observer, 400, 600, B)
    assert observer.lost(600, {}) == {}


def test_an_observer_has_to_have_held_its_own_lock_for_a_while() -> None:
    observer = Observer(300)
    observer.see(sight(B), (A, B), 0)
    assert observer.lost(HELD_FOR_S - 1, {}) == {}
    quick = Observer(2)
    quick.see(sight(B), (A, B), 0)
    quick.see(sight(B), (A, B), 1)
    assert quick.lost(2, {}) == {A: 2}


def test_cut_off_for_half_of_that_time() -> None:
    observer = Observer(300)
    assert not observer.is_cut_off(10)  # the count begins with the first question
    assert observer.is_cut_off(160)
    observer.see(sight(B), (A, B), 200)
    observer.see_nothing()
    observer.see(sight(B, mine=False), (A, B), 300)
    assert not observer.is_cut_off(349)
    assert observer.is_cut_off(350)


def test_looks_are_close_enough() -> None:
    assert Observer(300).look_every_s == 5
    assert Observer(2).look_every_s == pytest.approx(0.2)


def test_who_is_gone(tmp_path: Path) -> None:
    only = TheOnlyEngine()
    assert only.place == machine_id()
    assert only.is_gone(A, None)
    one = OneOfMany(tmp_path, lambda owner: owner == B)
    here, there = sample_node(machine_id=one.place), sample_node(machine_id="elsewhere")
    assert one.is_gone(A, here)
    assert not one.is_gone(A, there)
    assert one.is_gone(A, sample_node(machine_id="elsewhere", lost_at=START))
    assert not one.is_gone(A, None)
    assert one.is_gone(B, None), "it has recorded a command here"
