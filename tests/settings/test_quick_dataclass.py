"""Every class is made twice, by the standard library and by ours, and has to behave the same."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from copy import copy, deepcopy
from dataclasses import FrozenInstanceError, asdict, astuple, field, fields, replace
from typing import Any

import pytest

from jobistemer_tui.settings.quick_dataclass import dataclass
from jobistemer_tui.settings.quick_dataclass import replace as quickly_replaced

Make = Callable[[type[Any]], type[Any]]


def plain() -> type[Any]:
    class Plain:
        """Some fields."""

        name: str
        count: int = 3
        notes: dict[str, int] = field(default_factory=dict)
        secret: str = field(default="hidden", repr=False)
        cached: object = field(default=None, compare=False)

        def twice(self) -> int:
            return self.count * 2

    return Plain


def empty() -> type[Any]:
    class Empty:
        """Nothing."""

    return Empty


def single() -> type[Any]:
    class Single:
        """One field, and methods of its own."""

        name: str

        def __post_init__(self) -> None:
            if not self.name:
                raise ValueError("no name")

        def __repr__(self) -> str:
            return "mine"

    return Single


STANDARD: Make = dataclasses.dataclass(frozen=True, slots=True)
QUICK: Make = dataclass(frozen=True, slots=True)


def outcome(act: Callable[[], Any]) -> Any:
    """What it gives or raises, in words."""
    try:
        return act()
    except (TypeError, FrozenInstanceError) as error:
        return type(error), str(error)


ACTS: dict[str, Callable[[Any], Any]] = {
    "repr": lambda cls: repr(cls("a", 1, {"b": 2})),
    "defaults": lambda cls: repr(cls("a")),
    "named": lambda cls: repr(cls(count=1, name="a")),
    "a factory makes one each": lambda cls: cls("a").notes is cls("a").notes,
    "equal": lambda cls: (cls("a") == cls("a"), cls("a") != cls("b"), cls("a") == "a", cls("a", cached=1) == cls("a")),
    "too few": lambda cls: cls(),
    "too many": lambda cls: cls(1, 2, 3, 4, 5, 6),
    "unknown": lambda cls: cls("a", other=1),
    "hash of what cannot be hashed": lambda cls: hash(cls("a")),
    "fields": lambda cls: [(one.name, one.type, one.default) for one in fields(cls)],
    "replaced": lambda cls: repr(replace(cls("a"), count=9)),
    "replaced quickly": lambda cls: repr(quickly_replaced(cls("a", 1, {"b": 2}), count=9)),
    "replaced by nothing": lambda cls: quickly_replaced(cls("a")) == cls("a"),
    "below": lambda cls: repr(quickly_replaced(type("Below", (cls,), {})("a"), count=9)),
    "as dict": lambda cls: (asdict(cls("a")), astuple(cls("a"))),
    "matches": lambda cls: cls.__match_args__,
    "slots": lambda cls: (cls.__slots__, hasattr(cls("a"), "__dict__")),
    "copies": lambda cls: (repr(copy(cls("a", 1))), repr(deepcopy(cls("a", 1)))),
    "methods": lambda cls: cls("a").twice(),
    "set": lambda cls: setattr(cls("a"), "count", 1),
    "delete": lambda cls: delattr(cls("a"), "count"),
}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_it_is_what_the_standard_library_makes(act: Callable[[Any], Any]) -> None:
    assert outcome(lambda: act(QUICK(plain()))) == outcome(lambda: act(STANDARD(plain())))


def test_values_without_fields_and_with_one() -> None:
    for make in (STANDARD, QUICK):
        nothing, one = make(empty()), make(single())
        assert nothing() == nothing()
        assert len({nothing(), nothing(), one("a"), one("a"), one("b")}) == 3
        assert repr(one("a")) == "mine"
        with pytest.raises(ValueError, match="no name"):
            one("")
        with pytest.raises(ValueError, match="no name"):
            quickly_replaced(one("a"), name="")


def test_a_class_below_has_the_fields_of_both_and_is_another() -> None:
    above: Any = QUICK(plain())
    assert above("a").count == 3

    class Below(above):  # type: ignore[misc]  # a class that is made while the test runs
        """One field more."""

        more: int = 1

    below: Any = QUICK(Below)
    assert below("a", more=2) == below("a", more=2)
    assert below("a") != above("a")
    assert (below("a", more=2).name, below("a", more=2).more) == ("a", 2)


def test_what_is_set_stays() -> None:
    value: Any = QUICK(plain())("a")
    with pytest.raises(FrozenInstanceError):
        value.name = "b"
    with pytest.raises(FrozenInstanceError):
        value.other = "b"  # the standard library's trips over its own slots here: a TypeError of `super`
    with pytest.raises(FrozenInstanceError):
        quickly_replaced(value, count=4).name = "b"
    with pytest.raises(AttributeError):
        quickly_replaced(value, other="b")
    assert value.name == "a"


def test_a_class_without_words_is_called_by_its_name() -> None:
    """The standard library writes its signature instead, which takes longer than all the rest."""

    class Bare:
        name: str

    assert QUICK(Bare).__doc__ == "Bare"
