"""The edits that make other versions of the code fit the present one."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.reliability.processes.mutants import (
    ACKNOWLEDGED_TOO_EARLY,
    KEYS_IN_MEMORY,
    LOST_RESPONSE_IS_A_CONFLICT,
)
from tests.reliability.processes.trees import NEXT_VERSION, Edit, edited_tree


@pytest.mark.parametrize(
    "edits",
    [
        pytest.param(NEXT_VERSION, id="next version"),
        pytest.param(ACKNOWLEDGED_TOO_EARLY, id="acknowledged too early"),
        pytest.param(KEYS_IN_MEMORY, id="keys in memory"),
        pytest.param(LOST_RESPONSE_IS_A_CONFLICT, id="lost response"),
    ],
)
def test_the_edits_fit_and_leave_python(edits: Sequence[Edit], tmp_path: Path) -> None:
    tree = edited_tree(tmp_path / "tree", edits)
    for edit in edits:
        compile((tree / edit.path).read_text("utf-8"), edit.path, "exec")
