"""Long streams: old keys are recognised, and commands and ``as_of`` have a cost that is flat."""

from collections.abc import Callable

import pytest

from core.application import snapshots
from core.application.errors import KeyReused
from core.application.handling import Accepted
from core.application.past import load_past, recent_events
from core.ports.event_store import NEWEST_SNAPSHOT
from core.ports.refusals import NotFound
from tests.unit.application.lamps import LAMPS, Light, PutOutLamp, lamp_handler
from tests.unit.application.long_lamps import (
    DAMAGES,
    LAMP,
    Counting,
    as_of,
    damage,
    keep_all,
    keyed,
    long_history,
)

EVERY = LAMPS.snapshot_every
RECENT = recent_events(LAMPS)


# --- keys ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def projected() -> Callable[[int], Counting]:
    """Return a maker of stores with a lamp of that many events, projected up to the last."""
    kept: dict[int, Counting] = {}

    def store(length: int) -> Counting:
        if length not in kept:
            kept[length] = Counting()
            kept[length].append(LAMP, 0, events := long_history(length))
            keep_all(kept[length], events)
        copy = Counting()
        copy._streams = dict(kept[length]._streams)
        copy._snapshots = dict(kept[length]._snapshots)
        return copy

    return store


Projected = Callable[[int], Counting]


@pytest.mark.parametrize("version", [1, 50, 51, 399, 400, 401, 940, 941, 1_000])
def test_a_replay_is_recognised_whatever_was_stored_since(
    projected: Projected, version: int
) -> None:
    handler, about = lamp_handler(projected(1_000)), keyed(str(version))
    assert handler.handle(LAMP, Light("x"), about) == Accepted(LAMP, version, replayed=True)
    with pytest.raises(KeyReused):
        handler.handle(LAMP, Light("x"), keyed(str(version), "another"))


@pytest.mark.parametrize("since", [0, 500])
def test_a_replay_gets_the_last_version_of_those_that_its_command_made(since: int) -> None:
    events = long_history(302 + since)
    events[300] = events[300]._replace(idempotency_key=events[299].idempotency_key)
    store = Counting()
    store.append(LAMP, 0, events)
    keep_all(store, events)
    replay = lamp_handler(store).handle(LAMP, Light("x"), keyed("300"))
    assert replay == Accepted(LAMP, 301, replayed=True)


def test_a_replay_of_a_creation_is_recognised_whatever_was_stored_since() -> None:
    store = Counting()
    handler = lamp_handler(store)
    first = handler.create(Light("red"), keyed("key"))
    for number in range(2 * EVERY):
        handler.handle(first.id, Light(str(number)), keyed(None))
    keep_all(store, store.load(first.id))
    assert handler.create(Light("red"), keyed("key")) == first._replace(replayed=True)
    # Refused by rules that have become stricter since.
    assert handler.create(PutOutLamp(), keyed("key")) == first._replace(replayed=True)


def test_a_key_that_is_taken_for_another_costs_a_read_and_changes_nothing(
    projected: Projected, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = projected(1_000)
    monkeypatch.setattr(snapshots.Snapshot, "may_have", lambda _, __: True)
    assert lamp_handler(store).handle(LAMP, Light("x"), keyed("new")) == Accepted(LAMP, 1_001)
    assert store.reads == [RECENT, 0, 1_000]


# --- costs ---------------------------------------------------------------------------------------


def test_a_short_stream_is_one_read(projected: Projected) -> None:
    for length in (1, 10, RECENT):
        store = projected(length)
        lamp_handler(store).handle(LAMP, Light("x"), keyed("new"))
        assert store.reads == [length]


@pytest.mark.parametrize("length", [RECENT + 1, 1_000, 10_000])
@pytest.mark.parametrize("key", ["new", None])
def test_a_command_reads_as_many_events_of_any_longer_stream(
    projected: Projected, length: int, key: str | None
) -> None:
    store = projected(length)
    lamp_handler(store).handle(LAMP, Light("x"), keyed(key))
    assert store.reads == [RECENT, 0]


@pytest.mark.parametrize("behind", [10, 11, EVERY])
def test_a_command_reads_the_events_since_the_newest_snapshot(behind: int) -> None:
    store = Counting()
    store.append(LAMP, 0, events := long_history(1_000 + EVERY + behind))
    keep_all(store, events[:1_000])
    store.reads.clear()
    lamp_handler(store).handle(LAMP, Light("x"), keyed("new"))
    assert store.reads == [RECENT, 0, *([] if behind < 11 else [EVERY + behind])]


def test_without_a_snapshot_all_events_are_read(projected: Projected) -> None:
    store = projected(1_000)
    store.forget(NEWEST_SNAPSHOT)
    lamp_handler(store).handle(LAMP, Light("x"), keyed("new"))
    assert store.reads == [RECENT, 0, 1_000]


@pytest.mark.parametrize("length", [1_000, 10_000])
@pytest.mark.parametrize(
    ("after", "reads"),
    [(1.0, [EVERY]), (321.0, [0, EVERY]), (999.5, [0, EVERY]), (10**5, [])],
)
def test_a_view_as_of_an_instant_reads_as_much_of_any_stream(
    projected: Projected, length: int, after: float, reads: list[int]
) -> None:
    store = projected(length + 7)
    assert as_of(store, after).version == min(int(after), length + 7)
    assert store.reads == [RECENT, 0, *reads]


@pytest.mark.parametrize("how", DAMAGES)
def test_a_view_as_of_an_instant_does_not_depend_on_the_snapshot_before_it(
    projected: Projected, how: str
) -> None:
    store = projected(1_000)
    right = as_of(store, 321)
    damage(store, LAMPS, 300, how)
    store.reads.clear()
    assert as_of(store, 321) == right
    assert store.reads == [RECENT, 0, 0, 1_000]


def test_only_the_events_after_the_snapshot_are_applied(projected: Projected) -> None:
    past = load_past(LAMP, projected(1_007), LAMPS)
    assert [event.version for event in past.since] == list(range(1_001, 1_008))


def test_a_view_before_all_times_reads_no_more(projected: Projected) -> None:
    store = projected(1_000)
    with pytest.raises(NotFound):
        as_of(store, 0)
    assert store.reads == [RECENT, 0]
