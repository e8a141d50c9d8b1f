"""The faults of a run follow from its seed, and a short run has one of each kind."""

from collections.abc import Iterable
from itertools import islice

import pytest

from tests.reliability.processes.cluster import PROCESSES
from tests.reliability.processes.history import Run
from tests.reliability.processes.schedule import Step, schedule


def beginnings(lanes: Iterable[Iterable[Step]]) -> list[list[Step]]:
    return [list(islice(lane, 40)) for lane in lanes]


@pytest.mark.parametrize("store", ["sqlite", "dynamodb"])
def test_the_same_seed_gives_the_same_faults(store: str) -> None:
    run = Run(store, 7, 30.0)
    assert beginnings(schedule(run)) == beginnings(schedule(run))
    assert beginnings(schedule(run)) != beginnings(schedule(Run(store, 8, 30.0)))


@pytest.mark.parametrize("store", ["sqlite", "dynamodb"])
def test_twenty_faults_of_a_lane_have_each_of_its_kinds(store: str) -> None:
    *dealt, _ = schedule(Run(store, 7, 30.0))
    for lane in dealt:
        steps = [(step.fault, step.target) for step in islice(lane, 200)]
        assert set(steps[:20]) == set(steps)


def test_a_deployment_reaches_every_process_and_goes_back_once() -> None:
    for seed in range(20):
        *_, deployment = schedule(Run("sqlite", seed, 30.0))
        steps = [(step.fault, step.target) for step in deployment]
        assert {target for fault, target in steps if fault == "deploy"} == set(PROCESSES)
        assert steps[1] == ("roll back", steps[0][1])
        assert steps[2] == ("deploy", steps[0][1])
