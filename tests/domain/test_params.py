"""Parameters of a trigger: what a job declares, what is given, what is refused."""

from __future__ import annotations

import pytest

from jobistemer_tui.domain.params import Param, chosen, is_valid_name, with_defaults
from jobistemer_tui.errors import UsageError

DECLARED = {"day": Param(), "target": Param("staging", ("staging", "production")), "note": Param("")}


def test_what_is_not_given_has_its_default() -> None:
    assert chosen("a", DECLARED, {"day": "1"}) == {"target": "staging", "note": "", "day": "1"}
    assert chosen("a", DECLARED, {"day": "1", "target": "production"})["target"] == "production"
    assert with_defaults(DECLARED, {"old": "x"}) == {"target": "staging", "note": "", "old": "x"}


@pytest.mark.parametrize(
    ("given", "message", "hint"),
    [
        ({}, "needs a value for day", "--param day=VALUE"),
        ({"days": "1"}, "no parameter 'days'", '"day"'),
        ({"zzz": "1"}, "no parameter 'zzz'", "it has day, target, note"),
        ({"day": "1", "target": "stagin"}, "cannot be 'stagin'", '"staging"'),
        ({"day": "1", "target": "x"}, "cannot be 'x'", "it may be staging, production"),
        ({"day": "a\0b"}, "NUL", ""),
    ],
)
def test_what_is_refused(given: dict[str, str], message: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        chosen("a", DECLARED, given)
    assert message in caught.value.message
    assert hint in caught.value.hint


def test_a_job_without_parameters_says_so() -> None:
    with pytest.raises(UsageError) as caught:
        chosen("a", {}, {"day": "1"})
    assert "declares none" in caught.value.hint


@pytest.mark.parametrize(("name", "valid"), [("a", True), ("A_1", True), ("1a", False), ("a-b", False), ("é", False)])
def test_names(name: str, valid: bool) -> None:
    assert is_valid_name(name) is valid


def test_json_and_back() -> None:
    for param in DECLARED.values():
        assert Param.from_json(param.to_json()) == param
