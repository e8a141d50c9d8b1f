"""Projectors that stop, repeat and overtake each other never make a listing wrong.

Each request of a projector is one of DynamoDB's conditional writes of one item: any other projector
may go on between two of them, and any may die.
"""

from collections.abc import Callable, Sequence
from contextlib import closing
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from core.adapters.dynamodb import catalogue, placement, replacement, replacing
from tests.properties.cards import Card, histories
from tests.properties.projectors import LISTINGS, World
from tests.support.share import examples


class Turn(NamedTuple):
    """What happens next to a stream.

    A projector begins with the event that is ``ahead`` of the view by so many, sends some requests,
    and sleeps; then one that sleeps sends some, and dies if it is to. Then the event that is
    ``next`` is projected to its end.
    """

    ahead: int
    begun: int
    woken: int
    dies: bool
    next: int


_some = st.integers(0, 14)
turns = st.builds(
    Turn,
    ahead=st.integers(0, 3),
    begun=_some,
    woken=st.sampled_from([0, 0, 0, 1, 2, 3, 5, 8, 100]),
    dies=st.sampled_from([False, False, True]),
    next=st.sampled_from([0, 1, 1, 1, 2, 2, 3]),
)
plans = st.lists(turns, min_size=2, max_size=5)


def happen(world: World, plan: Sequence[Turn]) -> None:
    """Let what is planned happen, and look at the table after each request."""
    log = world.log["one"]

    def event_ahead(count: int) -> Any:
        return log[min(max(world.version("one") + count, 1), len(log)) - 1]

    def go_on(projector: Any, requests: int) -> None:
        for _ in range(requests):
            if projector.dead:
                return
            world.step(projector)
            world.check_places()

    for number, turn in enumerate(plan):
        if turn.ahead:
            go_on(world.start(event_ahead(turn.ahead), seed=number), turn.begun)
        if world.running:
            sleeper = world.running[0]
            go_on(sleeper, turn.woken)
            if turn.dies and not sleeper.dead:
                world.stop(sleeper)
        go_on(world.start(event_ahead(turn.next), seed=number), 1_000)
        world.check_listing(LISTINGS[(number + turn.begun) % len(LISTINGS)])
    while world.running:
        go_on(world.running[-1], 1_000)


def check_all(world: World) -> None:
    """Check all that is shown."""
    world.check_places()
    for listing in LISTINGS:
        world.check_listing(listing)


def repeat_all(world: World) -> None:
    """Project every event again, in order, as a stream does that is read from its beginning."""
    for log in world.log.values():
        for event in log:
            world.finish(world.start(event, seed=0))


def any_order(history: Sequence[Card | None], plan: list[Turn]) -> None:
    """Check all that is shown while ``plan`` happens, and that repeats bring all up to date."""
    with closing(World({"one": history, "two": [Card(label="a bb", code="k")]})) as world:
        world.finish(world.start(world.log["two"][0], seed=0))
        happen(world, plan)
        check_all(world)
        repeat_all(world)
        check_all(world)
        assert all(world.version(stream) == len(log) for stream, log in world.log.items())


in_any_order = given(history=histories, plan=plans)


@in_any_order
@settings(
    max_examples=examples(60, thoroughly=1_000),
    suppress_health_check=[HealthCheck.too_slow],
    deadline=None,
)
def test_whatever_projectors_do_each_view_is_where_its_listings_look_for_it(
    history: Sequence[Card | None], plan: list[Turn]
) -> None:
    any_order(history, plan)


# --- what stays behind ----------------------------------------------------------------------------

stops = st.lists(st.integers(0, 40), min_size=1, max_size=6)


def one_stop_each(history: Sequence[Card | None], plan: list[int]) -> None:
    """Project events in order; each may stop after some requests once, and is repeated."""
    with closing(World({"one": history})) as world:
        for number, event in enumerate(world.log["one"]):
            requests = plan[number % len(plan)]
            projector = world.start(event, seed=requests)
            for _ in range(requests):
                if not projector.dead:
                    world.step(projector)
            if not projector.dead:
                world.stop(projector)
            check_all(world)
            world.finish(world.start(event, seed=0))
            check_all(world)
            world.check_exact()


@given(history=histories, plan=stops)
@settings(max_examples=examples(30, thoroughly=500), deadline=None)
def test_a_projector_that_stops_and_repeats_its_event_leaves_nothing_behind(
    history: Sequence[Card | None], plan: list[int]
) -> None:
    one_stop_each(history, plan)


def overtaken(history: Sequence[Card | None], plan: list[tuple[int, int]]) -> None:
    """Two projectors project all events, each in order; one takes over where another stops."""
    with closing(World({"one": history})) as world:
        log = world.log["one"]
        projectors: list[Any] = [None, None]
        done = [0, 0]
        for side, count in plan:
            for _ in range(count):
                if projectors[side] is None or projectors[side].dead:
                    if done[side] == len(log) or done[side] > world.version("one"):
                        break
                    projectors[side] = world.start(log[done[side]], seed=count)
                    done[side] += 1
                else:
                    world.step(projectors[side])
                world.check_places()
        for projector in list(world.running):
            world.finish(projector)
        repeat_all(world)
        check_all(world)
        world.check_exact()


sides = st.lists(
    st.tuples(st.integers(0, 1), st.sampled_from([1, 2, 3, 5, 8, 12, 40, 80])), max_size=12
)


@given(history=histories, plan=sides)
@settings(max_examples=examples(30, thoroughly=500), deadline=None)
def test_projectors_that_read_a_stream_in_order_at_once_leave_nothing_behind(
    history: Sequence[Card | None], plan: list[tuple[int, int]]
) -> None:
    overtaken(history, plan)


# --- the properties proved: each notices a protocol without one of its rules ----------------------

Patch = Callable[[pytest.MonkeyPatch], None]


def _found_by_the_new_terms_alone(patch: pytest.MonkeyPatch) -> None:
    changed = replacement._changed

    def mutant(before: Any, after: Any) -> Any:
        return {key: after[key] for key in changed(before, after)}

    patch.setattr(replacement, "_changed", mutant)


def _only_new_places_written(patch: pytest.MonkeyPatch) -> None:
    def mutant(before: Any, after: Any) -> Any:
        return {key: place for key, place in after.items() if key not in before}

    patch.setattr(replacement, "_changed", mutant)


def _overwritten_unless_newer(patch: pytest.MonkeyPatch) -> None:
    put = placement.Placement.put

    def mutant(self: Any, places: Any, base: int, version: int) -> None:
        put(self, places, version - 1, version)

    patch.setattr(placement.Placement, "put", mutant)


def _overwritten_always(patch: pytest.MonkeyPatch) -> None:
    put = placement.Placement.put

    def mutant(self: Any, places: Any, base: int, version: int) -> None:
        put(self, places, 10**6, version)

    patch.setattr(placement.Placement, "put", mutant)


def _never_widened(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(placement.Placement, "_has", lambda self, present, *_: bool(present))


def _deleted_whatever_its_version(patch: pytest.MonkeyPatch) -> None:
    delete = placement.Placement.delete

    def mutant(self: Any, keys: Any, version: int) -> None:
        delete(self, keys, 10**6)

    patch.setattr(placement.Placement, "delete", mutant)


def _deleted_before_the_view(patch: pytest.MonkeyPatch) -> None:
    replace_view = replacing.Replacing._replace_view

    def mutant(self: Any, generation: Any, wanted: Any, stream: str) -> Any:
        self._placement.delete(wanted.gone, wanted.version)
        return replace_view(self, generation, wanted, stream)

    patch.setattr(replacing.Replacing, "_replace_view", mutant)


def _view_before_its_places(patch: pytest.MonkeyPatch) -> None:
    put = placement.Placement.put

    def mutant(self: Any, places: Any, base: int, version: int) -> None:
        self.late = (places, base, version)

    def delete(self: Any, keys: Any, version: int) -> None:
        put(self, *self.late)
        placement_delete(self, keys, version)

    placement_delete = placement.Placement.delete
    patch.setattr(placement.Placement, "late", ({}, 0, 0), raising=False)
    patch.setattr(placement, "Placement", _loose(placement.Placement, put=mutant, delete=delete))
    patch.setattr(replacing, "Placement", placement.Placement)


def _loose(cls: type, **methods: Any) -> type:
    """Return a class like a frozen one, with other methods, whose instances take attributes."""
    return type(cls.__name__, (cls,), {**methods, "__setattr__": object.__setattr__})


def _view_written_whatever_it_has_become(patch: pytest.MonkeyPatch) -> None:
    put_view = replacement.Replacement.put_view

    def mutant(self: Any, table: str) -> Any:
        put = put_view(self, table)["Put"]
        return {"Put": {name: put[name] for name in ("TableName", "Item", "ReturnValues")}}

    patch.setattr(replacement.Replacement, "put_view", mutant)


def _word_before_kept(patch: pytest.MonkeyPatch) -> None:
    changed = replacement._changed

    def mutant(before: Any, after: Any) -> Any:
        return {
            key: place._replace(previous_word=after[key].previous_word)
            for key, place in changed(before, after).items()
        }

    patch.setattr(replacement, "_changed", mutant)


def _stopped_replacements_not_finished(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(placement.Placement, "is_there", lambda *_: False)


def _stale_places_not_taken_back(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(replacing.Replacing, "_take_back", lambda *_: None)


def _shown_wherever_it_is_found(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(catalogue, "position_key", lambda _: _Anything())


class _Anything:
    def __eq__(self, _: object) -> bool:
        return True

    __hash__ = None  # type: ignore[assignment]


def run_any_order() -> None:
    """Look for a plan under which a listing is wrong."""
    _search(1_000)(in_any_order(any_order))()


def run_one_stop_each() -> None:
    """Look for a projector that leaves something behind."""
    _search(100)(given(history=histories, plan=stops)(one_stop_each))()


def run_overtaken() -> None:
    """Look for two projectors that leave something behind."""
    _search(200)(given(history=histories, plan=sides)(overtaken))()


def _search(examples: int) -> Any:
    return settings(
        max_examples=examples,
        phases=[Phase.generate],
        database=None,
        derandomize=True,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


MUTANTS: dict[Patch, Callable[[], None]] = {
    _found_by_the_new_terms_alone: run_any_order,
    _only_new_places_written: run_any_order,
    _overwritten_unless_newer: run_any_order,
    _overwritten_always: run_any_order,
    _never_widened: run_any_order,
    _deleted_whatever_its_version: run_any_order,
    _deleted_before_the_view: run_any_order,
    _view_before_its_places: run_any_order,
    _view_written_whatever_it_has_become: run_any_order,
    _word_before_kept: run_any_order,
    _shown_wherever_it_is_found: run_any_order,
    _stopped_replacements_not_finished: run_one_stop_each,
    _stale_places_not_taken_back: run_overtaken,
}


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.__name__.strip("_"))
def test_a_broken_protocol_is_noticed(mutant: Patch, monkeypatch: pytest.MonkeyPatch) -> None:
    mutant(monkeypatch)
    with pytest.raises((AssertionError, ExceptionGroup)):
        MUTANTS[mutant]()
