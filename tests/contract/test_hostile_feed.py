"""Whatever the stream does, the read model ends equal to a fresh rebuild.

The records are those of the table's stream: each twice and more, shuffled across books and
versions, late, with claims between them, cut into batches anywhere, while the stores fail at any
call, before or after they did what was asked.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from io import StringIO
from itertools import pairwise
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.local.stream import Record, deliver
from core.adapters.dynamodb.envelopes import is_event, item_from_envelope, logged_from_item
from core.adapters.json_logger import JsonLogger
from core.adapters.memory.event_store import MemoryEventStore
from core.adapters.memory.read_model import MemoryReadModel
from core.adapters.stream.projector import Projection, project_records
from core.application.log import rebuild
from core.ports.catalogue import Catalogue
from core.ports.erasure import ERASED
from core.ports.errors import StoreUnavailable
from core.ports.event_store import EventStore
from core.ports.events import Envelope, Unreadable
from core.ports.read_model import Aside, ReadModel
from core.ports.refusals import Refusal
from core.ports.views import View
from tests.support.adapters import READ_MODELS
from tests.support.failing import FailingAt
from tests.support.logs import events_of
from tests.support.sample import every_listing
from tests.support.samples import AnySample
from tests.support.walking import items, walk

LOGGER = JsonLogger("test", "CRITICAL", StringIO(), {})
STREAMS = ("stream-a", "stream-b", "stream-c")
CLAIM = {
    "stream": {"S": "claim#kind:value"},
    "version": {"N": "0"},
    "owner": {"S": "stream-a"},
}
OUTCOMES = st.sampled_from(["fine", "fine", "fine", "before", "lost"])


def asked_of(sample: AnySample) -> st.SearchStrategy[list[tuple[str, Any]]]:
    """Draw commands, each for one of the streams."""
    streams = st.sampled_from(STREAMS)
    return st.lists(st.tuples(streams, sample.commands), min_size=1, max_size=12)


def stored(sample: AnySample, asked: Sequence[tuple[str, Any]]) -> MemoryEventStore[Any]:
    """Return an event store that has what the accepted commands caused."""
    store: MemoryEventStore[Any] = MemoryEventStore()
    for stream, command in asked:
        present = store.load(stream)
        try:
            events = sample.domain.decider.decide(sample.domain.fold(present), command)
        except Refusal:
            continue
        for version, event in enumerate(events, len(present) + 1):
            store.append(stream, version - 1, [sample.envelope(stream, version, event)])
    return store


def record(number: int, item: dict[str, Any]) -> Record:
    return {
        "eventID": str(number),
        "eventName": "INSERT",
        "eventSource": "aws:dynamodb",
        "dynamodb": {
            "SequenceNumber": str(number),
            "ApproximateCreationDateTime": 0.0,
            "NewImage": item,
            "StreamViewType": "NEW_IMAGE",
        },
    }


def unavailable() -> StoreUnavailable:
    return StoreUnavailable("unavailable, as planned")


class FailingReadModel:
    """A read model whose every catalogue fails by one plan."""

    def __init__(self, read_model: ReadModel[Any], plan: Iterator[str]) -> None:
        self._read_model = read_model
        self._plan = plan

    def targets(self) -> Sequence[Catalogue[Any]]:
        if next(self._plan, "fine") != "fine":
            raise unavailable()
        return [FailingAt(target, self._plan, unavailable) for target in self._read_model.targets()]

    def set_aside(self, aside: Aside) -> None:
        raise AssertionError(aside)


def projected(
    sample: AnySample, records: Sequence[Record], read_model: Any, store: Any
) -> dict[str, Any]:
    """Invoke the projector once."""

    def decode(image: Any) -> Envelope[Any] | Unreadable | None:
        return logged_from_item(image, sample.domain.events) if is_event(image) else None

    return project_records(
        {"Records": list(records)}, decode, read_model, store, sample.domain, LOGGER, lambda: True
    ).response()


def project_until_done(
    sample: AnySample, batch: Sequence[Record], read_model: Any, store: Any
) -> None:
    """Invoke the projector as the event source mapping does, all at one moment."""

    def handler(event: Any) -> Any:
        return projected(sample, event["Records"], read_model, store)

    def never(record: Record) -> None:
        pytest.fail(f"{record} was given up")

    assert deliver(batch, handler, never, lambda _: True, lambda: 0.0)


def content(sample: AnySample, catalogue: Catalogue[Any]) -> tuple[Any, ...]:
    """Return all that a client can see of a catalogue, and its tombstones."""
    known = [catalogue.get(stream) for stream in STREAMS]
    views = [projected for projected in known if isinstance(projected, View)]
    found = [items(walk(catalogue, x)) for x in every_listing(sample.domain.listing, views)]
    return known, found


def rebuilt(sample: AnySample, store: EventStore[Any]) -> Catalogue[Any]:
    fresh: MemoryReadModel[Any] = MemoryReadModel(sample.domain.listing)
    rebuild(fresh, store, sample.domain, must_not_fail, lambda _: None)
    return fresh.live()


def must_not_fail(aside: Aside, error: Exception) -> None:
    raise AssertionError(aside) from error


@pytest.mark.parametrize("adapter", [name for name in READ_MODELS if name != "dynamodb-boto3"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_the_read_model_ends_equal_to_a_fresh_rebuild(
    adapter: str, sample: AnySample, tmp_path: Path, data: st.DataObject
) -> None:
    store, domain = stored(sample, data.draw(asked_of(sample))), sample.domain
    log = [item_from_envelope(event, domain.events) for event in events_of(store)]
    doubled = data.draw(st.permutations([CLAIM, *log, CLAIM, *log]))
    records = [record(number, item) for number, item in enumerate(doubled)]
    cuts = sorted(data.draw(st.sets(st.integers(0, len(records)), max_size=5)) | {0, len(records)})
    plan = iter(data.draw(st.lists(OUTCOMES, max_size=80)))
    with READ_MODELS[adapter](domain, Path(mkdtemp(dir=tmp_path))) as read_model:
        building_from = data.draw(st.none() | st.integers(0, len(cuts)))
        for number, (start, end) in enumerate(pairwise(cuts)):
            if number == building_from:
                read_model.begin_rebuild()
            failing = FailingReadModel(read_model, plan)
            failing_store = FailingAt(store, plan, unavailable)
            project_until_done(sample, records[start:end], failing, failing_store)
        if len(read_model.targets()) > 1:
            rebuild(read_model, store, domain, must_not_fail, lambda _: None)
        assert content(sample, read_model.live()) == content(sample, rebuilt(sample, store))


def test_a_record_of_an_event_whose_actor_was_erased_is_no_news(sample: AnySample) -> None:
    store, domain = stored(sample, [("stream-a", sample.create)]), sample.domain
    [item] = [item_from_envelope(event, domain.events) for event in events_of(store)]
    read_model: MemoryReadModel[Any] = MemoryReadModel(domain.listing)

    def decode(image: Any) -> Any:
        raise AssertionError(image)

    erased = {**record(1, {**item, "actor": {"S": ERASED}}), "eventName": "MODIFY"}
    done = project_records(
        {"Records": [erased]}, decode, read_model, store, domain, LOGGER, lambda: True
    )
    # Its time would be taken for a lag.
    assert done == Projection(failed=None, oldest=None, set_aside=0)


POISON: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "unknown type": lambda item: {**item, "type": {"S": "Burnt"}},
    "newer schema": lambda item: {**item, "schema_version": {"N": "99"}},
    "wrong shape": lambda item: {**item, "data": {"S": "{}"}},
    "no envelope": lambda item: {"event_id": {"S": "only"}, **_key(item)},
    "no predecessor anywhere": lambda item: {**item, "version": {"N": "2"}},
}


def _key(item: dict[str, Any]) -> dict[str, Any]:
    return {name: item[name] for name in ("stream", "version")}


@pytest.mark.parametrize("poison", POISON)
def test_a_stream_with_a_poison_record_is_set_aside_and_the_others_are_projected(
    poison: str, sample: AnySample
) -> None:
    store = stored(sample, [(stream, sample.create) for stream in STREAMS])
    log = [item_from_envelope(event, sample.domain.events) for event in events_of(store)]
    valid = item_from_envelope(sample.envelope("stream-x", 1), sample.domain.events)
    images = [log[0], POISON[poison](valid), *log[1:]]
    records = [record(number, item) for number, item in enumerate(images)]
    read_model: MemoryReadModel[Any] = MemoryReadModel(sample.domain.listing)
    response = projected(sample, records, read_model, store)
    assert response == {"batchItemFailures": []}
    assert [aside.stream for aside in read_model.aside()] == ["stream-x"]
    assert content(sample, read_model.live()) == content(sample, rebuilt(sample, store))


def test_an_outage_sets_nothing_aside_and_the_batch_goes_on_where_it_was(sample: AnySample) -> None:
    store = stored(sample, [(stream, sample.create) for stream in STREAMS])
    log = [item_from_envelope(event, sample.domain.events) for event in events_of(store)]
    records = [record(number, item) for number, item in enumerate(log)]
    read_model: MemoryReadModel[Any] = MemoryReadModel(sample.domain.listing)
    plan = iter(["fine", "fine", "fine", "before"])  # targets; get and replace; get
    response = projected(sample, records, FailingReadModel(read_model, plan), store)
    assert response == {"batchItemFailures": [{"itemIdentifier": "1"}]}
    assert read_model.aside() == []
    assert projected(sample, records[1:], read_model, store) == {"batchItemFailures": []}
    assert content(sample, read_model.live()) == content(sample, rebuilt(sample, store))


def test_the_lag_is_that_of_events_that_have_changed_a_view_and_not_of_repeats(
    sample: AnySample,
) -> None:
    store = stored(sample, [(stream, sample.create) for stream in STREAMS])
    log = [item_from_envelope(event, sample.domain.events) for event in events_of(store)]
    records = [record(number, item) for number, item in enumerate(log)]
    read_model: MemoryReadModel[Any] = MemoryReadModel(sample.domain.listing)

    def projection(some: Sequence[Mapping[str, Any]]) -> Projection:
        def decode(image: Mapping[str, Any]) -> Envelope[Any] | Unreadable | None:
            return logged_from_item(image, sample.domain.events)

        return project_records(
            {"Records": some}, decode, read_model, store, sample.domain, LOGGER, lambda: True
        )

    oldest = [event.occurred_at for event in events_of(store)]
    assert projection(records[:1]).oldest == oldest[0]
    assert projection(records).oldest == min(oldest[1:])
    assert projection(records).oldest is None


def test_no_record_is_begun_when_the_time_of_the_invocation_is_over(sample: AnySample) -> None:
    store = stored(sample, [(stream, sample.create) for stream in STREAMS])
    log = [item_from_envelope(event, sample.domain.events) for event in events_of(store)]
    records = [record(number, item) for number, item in enumerate(log)]
    read_model: MemoryReadModel[Any] = MemoryReadModel(sample.domain.listing)
    left = iter([True, True, False])
    kept: list[Envelope[Any] | Unreadable] = []
    log_file = StringIO()
    projection = project_records(
        {"Records": records},
        lambda image: logged_from_item(image, sample.domain.events),
        read_model,
        store,
        sample.domain,
        JsonLogger("test", "INFO", log_file, {}),
        lambda: next(left),
        kept.append,
    )
    assert projection.failed == "2"
    line = json.loads(log_file.getvalue())
    named = {name: line[name] for name in ("sequence_number", "stream", "version")}
    assert named == {"sequence_number": "2", "stream": events_of(store)[2].stream, "version": 1}
    assert kept == events_of(store)[:2]
    assert [read_model.live().get(s) is None for s in STREAMS] == [False, False, True]
