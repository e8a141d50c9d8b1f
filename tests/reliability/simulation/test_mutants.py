"""The simulator proved: it notices each broken version of the program, and says how.

The same seeds find nothing wrong with the program as it is (``test_simulation.py``).
"""

import pytest

from tests.reliability.simulation.mutants import MUTANTS
from tests.reliability.simulation.runs import run

SEEDS = range(1, 9)
OPERATIONS = 10_000


@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_broken_program_is_noticed(mutant: str) -> None:
    runs = (run(seed, OPERATIONS, "--mutant", mutant) for seed in SEEDS)
    assert any(not done.kept and "VIOLATION" in done.output for done in runs)
