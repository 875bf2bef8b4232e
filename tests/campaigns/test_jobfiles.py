"""`--campaign jobfiles`: many more mutations of valid files than the normal run has time for."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, given, settings

from tests.jobfiles.mutations import judge, mutated

EXAMPLES = int(os.environ.get("JOBFILES_EXAMPLES", "20000"))


@pytest.mark.campaign("jobfiles")
@pytest.mark.timeout(14_400)
@settings(max_examples=EXAMPLES, derandomize=False, suppress_health_check=list(HealthCheck))
@given(mutated())
def test_no_mutation_of_a_valid_file_crashes_the_reader(file: tuple[str, bytes]) -> None:
    judge(*file)
