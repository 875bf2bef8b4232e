"""The golden ids: a change here would orphan every history."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from uuid import NAMESPACE_DNS, UUID, uuid5

import pytest

from jobistemer_tui.domain import identity

JOB = UUID("63d7aac8-7e71-5d9f-b9fe-d3141cf6e48f")
OCCURRENCE = UUID("a1d013bd-b21b-5605-844e-2338a3bfd9c8")
TASK = UUID("b2ba8436-8144-5f9e-bc3c-cb35bf1f27d8")
TASK_RUN = UUID("1cec7aa7-7c95-5269-88d7-39f2bbb8612a")
INSTANT = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_root_and_job() -> None:
    assert uuid5(NAMESPACE_DNS, "jobistemer") == identity.ROOT
    assert identity.job_id("nightly-backup") == JOB


def test_task() -> None:
    assert identity.task_id(JOB, "dump") == TASK


def test_scheduled_occurrence() -> None:
    assert identity.occurrence_id(JOB, INSTANT) == OCCURRENCE
    late = INSTANT + timedelta(milliseconds=250)
    assert identity.occurrence_id(JOB, late) == UUID("243bd2a6-536b-5d4b-8475-695bb6d9a11e")


def test_an_instant_has_one_id_in_whatever_zone_it_is_told() -> None:
    in_berlin = INSTANT.astimezone(timezone(timedelta(hours=2)))
    assert identity.occurrence_id(JOB, in_berlin) == OCCURRENCE


def test_manual_occurrence() -> None:
    request = UUID("01890a5d-ac96-774b-bcce-b302099a8057")
    assert identity.manual_occurrence_id(JOB, request) == UUID("0044d3cf-cfe1-5c11-b885-0ea01223ebbd")


def test_replay() -> None:
    assert identity.replay_occurrence_id(OCCURRENCE, 1) == UUID("426da1ef-1f72-57fb-91c8-d178669d6328")


def test_task_run_and_attempts() -> None:
    assert identity.task_run_id(OCCURRENCE, TASK) == TASK_RUN
    assert identity.attempt_id(TASK_RUN, 1) == UUID("bd25f8a4-ca00-5995-812c-bc832a4c5207")
    assert identity.attempt_id(TASK_RUN, 2) == UUID("b683f0fc-b9be-5378-a92b-cb64231a3166")


@pytest.mark.parametrize("key", ["a", "0", "nightly-backup", "A.b_c-9", "x" * 64])
def test_valid_keys(key: str) -> None:
    assert identity.is_valid_key(key)


@pytest.mark.parametrize("key", ["", "-a", ".a", "_a", "a b", "a/b", "ä", "a\n", "x" * 65, "a@b", "a:b"])
def test_invalid_keys(key: str) -> None:
    assert not identity.is_valid_key(key)


def test_random_ids_are_random_and_version_4() -> None:
    made = {new() for new in (identity.new_request_id, identity.new_incarnation, identity.new_store_id) for _ in "ab"}
    assert len(made) == 6
    assert {value.version for value in made} == {4}
