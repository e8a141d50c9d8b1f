"""Broken versions of the code that only several processes, or a real connection, show.

The others are in ``tests/reliability/simulation/test_mutants.py``.
"""

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.reliability.processes.history import Run
from tests.reliability.processes.mutants import (
    ACKNOWLEDGED_TOO_EARLY,
    KEYS_IN_MEMORY,
    LOST_RESPONSE_IS_A_CONFLICT,
)
from tests.reliability.processes.run import perform
from tests.reliability.processes.schedule import Step
from tests.reliability.processes.trees import Edit
from tests.support.dynamodb import require_dynamodb_local

pytestmark = pytest.mark.e2e

SECONDS = 6.0


@pytest.mark.xdist_group("reliability-sqlite")
@pytest.mark.parametrize(
    ("mutant", "caught_by"),
    [
        pytest.param(ACKNOWLEDGED_TOO_EARLY, "each_command_is_one_event", id="early"),
        pytest.param(KEYS_IN_MEMORY, "each_command_is_one_event", id="keys"),
    ],
)
def test_a_broken_version_is_caught(mutant: Sequence[Edit], caught_by: str, tmp_path: Path) -> None:
    result = perform(Run("sqlite", 1, SECONDS), [], tmp_path / "run", mutant)
    assert caught_by in result.violations


@pytest.mark.xdist_group("reliability-dynamodb")
def test_a_version_that_takes_its_own_write_for_a_conflict_is_caught(tmp_path: Path) -> None:
    require_dynamodb_local()
    lost = [Step("wire", "lost-response", SECONDS, 0.0)]
    run = Run("dynamodb", 1, SECONDS)
    result = perform(run, [lost], tmp_path / "run", LOST_RESPONSE_IS_A_CONFLICT)
    assert "each_command_is_one_event" in result.violations
