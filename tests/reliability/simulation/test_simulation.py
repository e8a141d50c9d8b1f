"""A quarter of a million requests to the store in CI, and no promise broken.

``make test-thoroughly`` sends a million, and ``SIMULATION_OPERATIONS`` says how many otherwise. A
failure prints its seed, and ``python -m tests.reliability.simulation --seed N --operations M`` does
the same again.
"""

import os

import pytest

from tests.reliability.simulation.runs import run
from tests.support.share import THOROUGHLY

SEEDS = range(1, 21 if THOROUGHLY else 6)
OPERATIONS = int(os.environ.get("SIMULATION_OPERATIONS") or 50_000 * len(SEEDS))

UNDER_FAULTS = OPERATIONS * 4 // 5
"""The others come after the faults, when each run is brought to its end and checked."""


@pytest.mark.parametrize("seed", SEEDS)
def test_every_promise_is_kept(seed: int) -> None:
    done = run(seed, UNDER_FAULTS // len(SEEDS))
    assert done.kept, done.output


def test_an_outage_of_hours_loses_no_view() -> None:
    done = run(7, 3_000, "--outage-hours", "10")
    assert done.kept, done.output
    assert " 0 dead letters" in done.output


def test_what_an_outage_of_a_day_leaves_out_is_in_the_dead_letter_list_and_a_rebuild_heals_it() -> (
    None
):
    done = run(7, 3_000, "--outage-hours", "25")
    assert done.kept, done.output
    assert " 0 dead letters" not in done.output


def test_a_seed_gives_the_same_run_again() -> None:
    first, second = (run(99, 5_000, hash_seed=text) for text in ("1", "2"))
    assert first.trace == second.trace


def test_another_seed_gives_another_run() -> None:
    assert run(98, 1_000).trace != run(99, 1_000).trace
