"""Broken versions of the program: each breaks one promise, and the simulator must notice.

A mutant patches the program of this process, for good.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any, Final

from core.adapters.dynamodb import catalogue, event_store, generations, replacement
from core.adapters.dynamodb.event_store import DynamoDbEventStore
from core.adapters.dynamodb.placement import Placement
from core.adapters.dynamodb.read_model import DynamoDbReadModel
from core.adapters.dynamodb.replacement import Replacement
from core.adapters.dynamodb.replacing import Replacing
from core.adapters.stream import projector
from core.adapters.stream.projector import Projection
from core.application import aside, handling, log, projection
from core.application.handling import Accepted, CommandHandler
from core.application.snapshots import Snapshot
from core.ports.errors import StoreUnavailable
from core.ports.event_store import NO_CLAIMS, Claims

Patch = Callable[[], None]


def claims_unchecked() -> None:
    """A name is taken whoever holds it."""
    take = DynamoDbEventStore._take

    def unchecked(self: Any, stream: str, name: str) -> Any:
        put = take(self, stream, name)["Put"]
        return {"Put": {"TableName": put["TableName"], "Item": put["Item"]}}

    _set(DynamoDbEventStore, "_take", unchecked)


def claims_kept() -> None:
    """A stream does not release the names that it no longer has."""
    claims = CommandHandler._claims

    def kept(self: Any, before: Any, events: Any) -> Claims:
        return claims(self, before, events)._replace(release=NO_CLAIMS.release)

    _set(CommandHandler, "_claims", kept)


def old_keys_forgotten() -> None:
    """A snapshot does not know the keys of the events before it."""
    _set(Snapshot, "may_have", lambda _, __: False)


def version_unchecked() -> None:
    """An event is put whether or not its version is taken."""
    put_event = DynamoDbEventStore._put_event

    def unchecked(self: Any, item: Any) -> Any:
        put = put_event(self, item)["Put"]
        return {"Put": {"TableName": put["TableName"], "Item": put["Item"]}}

    _set(DynamoDbEventStore, "_put_event", unchecked)


def own_event_not_recognised() -> None:
    """An append that boto3 repeats takes its own event for somebody else's."""
    _set(event_store, "_are_stored", lambda *_: False)


def replay_decided_anew() -> None:
    """A repeat is handled as a new command."""
    _set(CommandHandler, "_first_response", lambda *_: None)


def if_match_unchecked() -> None:
    """If-Match is not looked at."""
    _set(CommandHandler, "_checked_state", lambda self, past, _: past.state(self.domain))


def time_goes_back() -> None:
    """An event has the time of whatever clock its process has."""
    _set(handling, "_not_before", lambda history, now: now)


def nothing_changed_not_recorded() -> None:
    """A command with a key that changes nothing leaves no record."""
    run = CommandHandler._run

    def unrecorded(self: Any, stream: str, command: Any, request: Any, past: Any) -> Accepted:
        state = past.state(self.domain)
        is_there = past.version and not self.domain.decider.is_terminal(state)
        if is_there and not self.domain.decider.decide(state, command):
            return Accepted(stream, past.version)
        return run(self, stream, command, request, past)

    _set(CommandHandler, "_run", unrecorded)


def stale_view_written() -> None:
    """A view is replaced whatever it has become meanwhile."""

    put_view = Replacement.put_view

    def unchecked(self: Any, table: str) -> Any:
        put = put_view(self, table)["Put"]
        return {"Put": {name: put[name] for name in ("TableName", "Item", "ReturnValues")}}

    _set(Replacement, "put_view", unchecked)


def gap_not_healed() -> None:
    """An event is applied whether or not the view has the ones before it."""
    _set(projection, "_continuing", lambda view, event, store: [event])


def removed_view_forgotten() -> None:
    """A removed view leaves no tombstone."""
    put_view = Replacement.put_view

    def forgotten(self: Any, table: str) -> Any:
        put = put_view(self, table)["Put"]
        if "doc" in self.view:
            return {"Put": put}
        guard = {name: value for name, value in put.items() if name != "Item"}
        return {"Delete": {"Key": {"pk": self.view["pk"], "sk": self.view["sk"]}, **guard}}

    _set(Replacement, "put_view", forgotten)


def places_left_behind() -> None:
    """Places that a view no longer has are not deleted."""
    _set(Placement, "delete", lambda *_: None)


def shown_wherever_it_is_found() -> None:
    """A listing shows a view at each place that finds it, whatever its position is."""
    _set(catalogue, "position_key", lambda _: _Anything())


class _Anything:
    def __eq__(self, _: object) -> bool:
        return True

    __hash__ = None  # type: ignore[assignment]


def checkpoint_ahead() -> None:
    """A rebuild saves its checkpoint before the events up to there are projected."""
    rebuild = log.rebuild

    def ahead(model: Any, store: Any, *others: Any) -> int:
        return rebuild(model, _SavingAhead(store, model), *others)

    _set(log, "rebuild", ahead)


class _SavingAhead:
    def __init__(self, store: Any, model: Any) -> None:
        self._store = store
        self._model = model

    def read_all(self, after: str | None = None) -> Iterator[Any]:
        events = iter(self._store.read_all(after))
        while ahead := list(islice(events, 20)):
            self._model.save_checkpoint("rebuild", ahead[-1][0])
            yield from ahead

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


def rebuild_without_live_writes() -> None:
    """Events that are stored during a rebuild are projected to the old generation alone."""
    targets = DynamoDbReadModel.targets
    _set(DynamoDbReadModel, "targets", lambda self: targets(self)[:1])


def generation_known_for_ever() -> None:
    """A process goes on reading the generation that it has read first."""
    _set(generations, "CACHE_SECONDS", 1e9)
    sleep = "_sleep"  # finish_rebuild waits for it, and must not wait so long
    finish = DynamoDbReadModel.finish_rebuild

    def at_once(self: Any) -> None:
        before = getattr(self, sleep)
        setattr(self, sleep, lambda seconds: before(min(seconds, 35.0)))
        finish(self)

    _set(DynamoDbReadModel, "finish_rebuild", at_once)


def outage_set_aside() -> None:
    """A record that an outage prevents is taken for one that cannot be applied."""
    project = projection.project

    def poisoned(*arguments: Any) -> bool:
        try:
            return project(*arguments)
        except StoreUnavailable as error:
            raise ValueError("unavailable") from error

    _set(aside, "project", poisoned)


def failed_records_dropped() -> None:
    """The function reports the records that it could not project as done."""
    project_records = projector.project_records

    def dropping(*arguments: Any) -> Projection:
        return project_records(*arguments)._replace(failed=None)

    _set(projector, "project_records", dropping)


def view_written_before_its_places() -> None:
    """The view is written first, and then its places."""

    def apart(self: Any, generation: Any, old: Any, new: Any) -> None:
        wanted = replacement.replacement(generation, self._domain, old, new)
        self._replace_view(generation, wanted, new.id)
        self._placement.put(wanted.places, wanted.base, wanted.version)
        self._placement.delete(wanted.gone, wanted.version)

    _set(Replacing, "replace", apart)


def _set(owner: Any, name: str, value: object) -> None:
    getattr(owner, name)  # what is not there cannot be broken
    setattr(owner, name, value)


_ALL: Final[Sequence[Patch]] = (
    claims_unchecked,
    claims_kept,
    version_unchecked,
    own_event_not_recognised,
    replay_decided_anew,
    if_match_unchecked,
    time_goes_back,
    nothing_changed_not_recorded,
    old_keys_forgotten,
    stale_view_written,
    gap_not_healed,
    removed_view_forgotten,
    places_left_behind,
    shown_wherever_it_is_found,
    checkpoint_ahead,
    rebuild_without_live_writes,
    generation_known_for_ever,
    outage_set_aside,
    failed_records_dropped,
    view_written_before_its_places,
)
MUTANTS: Final = {mutant.__name__: mutant for mutant in _ALL}
