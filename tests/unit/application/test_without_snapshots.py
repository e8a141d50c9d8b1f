"""Whatever snapshots there are, commands and ``as_of`` have the outcome that they have without."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from core.application.requests import CommandRequest
from core.application.snapshotting import keep_snapshot
from core.ports.domain import WriteSide
from core.ports.event_store import NEWEST_SNAPSHOT, EventStore
from tests.unit.application.lamps import (
    LAMPS,
    LampCommand,
    LampDetails,
    LampEvent,
    LampState,
    Light,
    Lit,
    PutOutLamp,
    lamp_handler,
)
from tests.unit.application.long_lamps import (
    DAMAGES,
    LAMP,
    Counting,
    WithoutSnapshots,
    as_of,
    damage,
    fail,
    keyed,
    long_history,
)

MOST = 30


def _decide(state: LampState, command: LampCommand) -> Sequence[LampEvent]:
    """Decide by all that the state has: each event says how often the lamp was lit before it."""
    events = LAMPS.decider.decide(state, command)
    lit = 0 if state is None else len(state.colour)
    return [Lit(colour=f"{e.colour}{lit}") if isinstance(e, Lit) else e for e in events]


def _evolve(state: LampState, event: LampEvent) -> LampState:
    """Add to the state with each event, so that one that is left out or applied twice shows."""
    before = "" if state is None else state.colour
    return LampDetails(colour=before + event.colour[0]) if isinstance(event, Lit) else None


DECIDER = LAMPS.decider._replace(decide=_decide, evolve=_evolve)
QUICK = LAMPS._replace(snapshot_every=5, write_side=lambda: WriteSide(DECIDER, LAMPS.events))


@dataclass(slots=True)
class Twins:
    """A store with snapshots, and the oracle: what is done to one is done to the other."""

    with_snapshots: Counting
    without: WithoutSnapshots

    def handle(self, command: Any, request: CommandRequest) -> None:
        """Handle a command in both."""
        self._compare(lambda store: lamp_handler(store, QUICK).handle(LAMP, command, request))
        assert self.with_snapshots.load(LAMP) == self.without.load(LAMP)

    def ask(self, seconds: float) -> None:
        """Ask both for the lamp as it was."""
        self._compare(lambda store: as_of(store, seconds, QUICK))

    def _compare(self, act: Callable[[EventStore[Any]], Any]) -> None:
        assert _outcome(act, self.with_snapshots) == _outcome(act, self.without)

    def project(self, first: int, count: int) -> None:
        """Hand some of the events on for snapshots, again or for the first time."""
        for event in self.with_snapshots.load(LAMP, after=first, limit=count):
            keep_snapshot(event, self.with_snapshots, QUICK, fail)

    def spoil(self, version: int, how: str) -> None:
        """Damage a snapshot, or delete it."""
        damage(self.with_snapshots, QUICK, version, how)


def _outcome(act: Callable[[EventStore[Any]], Any], store: EventStore[Any]) -> Any:
    try:
        return act(store)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is compared
        return type(error), str(error)


Step = Callable[[Twins], None]

keys = st.none() | st.just("new") | st.integers(1, MOST).map(str)
bodies = st.sampled_from([None, None, None, "another"])
conditions = st.none() | st.frozensets(st.integers(0, MOST), min_size=1)
requests = st.builds(
    lambda key, body, if_match: keyed(key, body)._replace(if_match=if_match),
    keys,
    bodies,
    conditions,
)
commands = st.builds(Light, st.sampled_from(["red", "green", "blue"])) | st.builds(PutOutLamp)
projections: st.SearchStrategy[Step] = st.builds(
    lambda first, count: lambda twins: twins.project(first, count),
    st.sampled_from([0, 0, 0, 5, 7]),
    st.sampled_from([MOST, MOST, 5, 12]),
)
damages: st.SearchStrategy[Step] = st.builds(
    lambda version, how: lambda twins: twins.spoil(version, how),
    st.just(NEWEST_SNAPSHOT) | st.sampled_from(range(5, MOST, 5)),
    st.sampled_from(DAMAGES),
)
uses: st.SearchStrategy[Step] = st.one_of(
    st.builds(lambda c, r: lambda twins: twins.handle(c, r), commands, requests),
    st.builds(lambda at: lambda twins: twins.ask(at), st.integers(-10, MOST + 10)),
)
rounds = st.lists(
    st.tuples(projections, st.lists(damages, max_size=1), st.lists(uses, min_size=1, max_size=4)),
    min_size=1,
    max_size=3,
)


@settings(max_examples=300)
@given(st.integers(0, MOST), st.integers(0, 10**6), rounds)
def test_every_outcome_is_the_one_without_snapshots(
    length: int, chance: int, rounds: list[tuple[Step, list[Step], list[Step]]]
) -> None:
    twins = Twins(Counting(), WithoutSnapshots())
    if events := long_history(length, Random(chance)):
        twins.with_snapshots.append(LAMP, 0, events)
        twins.without.append(LAMP, 0, events)
    for projection, damaging, uses in rounds:
        for step in (projection, *damaging, *uses):
            step(twins)
