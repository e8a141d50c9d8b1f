"""When which fault happens: drawn from the seed alone, so a run's faults can be repeated.

Faults are dealt from a shuffled deck, so that a short run has one of each kind before any repeats.
"""

from collections.abc import Iterable, Iterator, Sequence
from random import Random
from typing import Final, NamedTuple

from tests.reliability.processes.cluster import COMMANDS, PROCESSES, QUERIES
from tests.reliability.processes.fault_proxy import DOWN, MIXED, RESET, TROUBLES
from tests.reliability.processes.history import Run


class Step(NamedTuple):
    """A fault, what it is done to or with, and how long it lasts.

    ``pause`` is how many seconds before it are without a fault of its lane.
    """

    fault: str
    target: str
    seconds: float
    pause: float


_PROCESS_FAULTS: Final = (
    *(("kill", name) for name in (*COMMANDS, *QUERIES, "projector", "projector", "identity")),
    *(("stop", name) for name in (COMMANDS[0], QUERIES[0], "projector")),
    ("away", "projector"),
)
_REBUILDS: Final = (("rebuild", "killed"), ("rebuild", "whole"))
_CLOCKS: Final = (("clock", "ahead"), ("clock", "behind"))
_STORE_FAULTS: Final = {
    "sqlite": (("lock", "short"), ("lock", "long"), ("disk", "command"), ("disk", "projector")),
    "dynamodb": (
        *(("wire", kind) for kind in (*TROUBLES, RESET, MIXED, DOWN)),
        ("throttle", "catalogue"),
    ),
}


def schedule(run: Run) -> list[Iterable[Step]]:
    """Return the lanes of a run, which go on at the same time, without end but for one.

    There is one deployment.
    """

    def rng(lane: str) -> Random:
        return Random(f"{run.seed} {run.store} {lane}")

    return [
        _dealt(rng("processes"), _PROCESS_FAULTS, 1.0),
        _dealt(rng("store"), (*_CLOCKS, *_STORE_FAULTS[run.store]), 1.0),
        _dealt(rng("rebuilds"), _REBUILDS, 6.0),
        _deployment(rng("deployment"), run.seconds),
    ]


def _dealt(rng: Random, deck: Sequence[tuple[str, str]], max_pause: float) -> Iterator[Step]:
    while True:
        for fault, target in rng.sample(deck, len(deck)):
            seconds, pause = rng.uniform(0.5, 2.0), rng.uniform(0, max_pause)
            yield Step(fault, target, round(seconds, 2), round(pause, 2))


def _deployment(rng: Random, seconds: float) -> Sequence[Step]:
    """Return the steps of a deployment: process by process, the first one back and forth.

    What is left when the load ends is deployed then.
    """
    first, *others = rng.sample(PROCESSES, len(PROCESSES))
    steps = [("deploy", first), ("roll back", first), *(("deploy", n) for n in (first, *others))]
    pauses = [seconds / 4] + [seconds / 2 / len(steps)] * (len(steps) - 1)
    return [
        Step(fault, name, 0.0, pause) for (fault, name), pause in zip(steps, pauses, strict=True)
    ]
