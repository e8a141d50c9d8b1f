"""The projector under a hostile feed: whatever the stream does, the read model ends equal to a fresh rebuild.

The records are those of the table's stream: each twice and more, shuffled across books and versions, late, with claims
between them, cut into batches anywhere, while the stores fail at any call, before or after they did what was asked.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from aws_lambda_powertools import Logger
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.local.stream import Record, deliver
from core.adapters.dynamodb.envelopes import envelope_from_item, is_event, item_from_envelope
from core.adapters.memory.event_store import MemoryEventStore
from core.adapters.memory.read_model import MemoryReadModel
from core.adapters.stream.projector import project_records
from core.application.log import rebuild
from core.domain.book import BookDetails
from core.domain.commands import AddBook, BookCommand, RemoveBook, ReviseBook
from core.domain.decider import decide, fold_events
from core.domain.errors import DomainError
from core.ports.catalogue import Catalogue, Entry, Listing, Sort
from core.ports.errors import StoreUnavailable
from core.ports.event_store import Envelope, EventStore
from core.ports.read_model import ReadModel
from tests.support.adapters import READ_MODELS
from tests.support.failing import FailingAt
from tests.support.books import envelope
from tests.support.walking import listed

LOGGER = Logger(service="test", level="CRITICAL")
BOOKS = ("book-a", "book-b", "book-c")
CLAIM = {
    "stream": {"S": "claim#isbn:9780306406157"},
    "version": {"N": "0"},
    "owner": {"S": "book-a"},
}
OUTCOMES = st.sampled_from(["fine", "fine", "fine", "before", "lost"])

books = st.sampled_from(BOOKS)
words = st.sampled_from(["emma", "persuasion", "sense and sensibility"])
commands = st.one_of(
    st.builds(lambda b, t: AddBook(b, BookDetails(title=t, authors=("Ann",))), books, words),
    st.builds(lambda b, t, a: ReviseBook(b, {"title": t, "authors": [a]}), books, words, words),
    st.builds(RemoveBook, books),
)


def stored(asked: Sequence[BookCommand]) -> MemoryEventStore:
    """Return an event store that holds what came of the commands that were obeyed."""
    store = MemoryEventStore()
    for command in asked:
        present = store.load(command.book_id)
        try:
            events = decide(fold_events(e.event for e in present), command)
        except DomainError:
            continue
        for event in events:
            added = envelope(command.book_id, len(present) + 1, event)
            store.append(command.book_id, len(present), [added])
    return store


def record(number: int, item: dict[str, Any]) -> Record:
    return {
        "eventID": str(number),
        "eventName": "INSERT",
        "eventSource": "aws:dynamodb",
        "dynamodb": {
            "SequenceNumber": str(number),
            "NewImage": item,
            "StreamViewType": "NEW_IMAGE",
        },
    }


def decode(image: Any) -> Envelope | None:
    return envelope_from_item(image) if is_event(image) else None


def away() -> StoreUnavailable:
    return StoreUnavailable("away, as planned")


class FailingReadModel:
    """A read model whose every catalogue fails by one plan."""

    def __init__(self, read_model: ReadModel, plan: Iterator[str]) -> None:
        self._read_model = read_model
        self._plan = plan

    def targets(self) -> Sequence[Catalogue]:
        if next(self._plan, "fine") != "fine":
            raise away()
        return [FailingAt(target, self._plan, away) for target in self._read_model.targets()]


def project_until_done(batch: Sequence[Record], read_model: Any, store: Any) -> None:
    """Invoke the projector as the event source mapping does, without ever giving a record up."""

    def handler(event: Any) -> Any:
        while True:
            try:
                return project_records(event, decode, read_model, store, LOGGER)
            except StoreUnavailable:  # the whole invocation failed: Lambda sends the batch again
                continue

    remaining = list(batch)
    while remaining:
        given_up: list[Record] = []
        deliver(remaining, handler, given_up.append, lambda _: None)
        remaining = given_up


def content(catalogue: Catalogue) -> tuple[list[Entry | None], list[list[str]]]:
    """Return all that a client can see of a catalogue, and its tombstones."""
    listings = [Listing(sort=sort, descending=d) for sort in Sort for d in (False, True)]
    searches = [Listing(words=(word,)) for word in ("e", "emma", "persuasion", "ann", "sens")]
    return [catalogue.get(book) for book in BOOKS], [
        listed(catalogue, x) for x in listings + searches
    ]


def rebuilt(store: EventStore) -> Catalogue:
    fresh = MemoryReadModel()

    def report(event: Envelope, error: Exception) -> None:
        raise AssertionError(f"{event} could not be applied") from error

    rebuild(fresh, store, report, lambda _: None)
    return fresh.live()


@pytest.mark.parametrize("adapter", READ_MODELS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), asked=st.lists(commands, min_size=1, max_size=12))
def test_the_read_model_ends_equal_to_a_fresh_rebuild(
    adapter: str, tmp_path: Path, data: st.DataObject, asked: list[BookCommand]
) -> None:
    store = stored(asked)
    items = [CLAIM, *(item_from_envelope(event) for _, event in store.read_all())]
    doubled = data.draw(st.permutations([*items, *items]))
    records = [record(number, item) for number, item in enumerate(doubled)]
    cuts = sorted(data.draw(st.sets(st.integers(0, len(records)), max_size=5)) | {0, len(records)})
    plan = iter(data.draw(st.lists(OUTCOMES, max_size=80)))
    with READ_MODELS[adapter](Path(mkdtemp(dir=tmp_path))) as read_model:
        building_from = data.draw(st.none() | st.integers(0, len(cuts)))
        for number, (start, end) in enumerate(pairwise(cuts)):
            if number == building_from:
                read_model.begin_rebuild()
            failing = FailingReadModel(read_model, plan)
            project_until_done(records[start:end], failing, FailingAt(store, plan, away))
        if len(read_model.targets()) > 1:
            rebuild(read_model, store, lambda e, x: pytest.fail(f"{e}: {x}"), lambda _: None)
        assert content(read_model.live()) == content(rebuilt(store))


@pytest.mark.parametrize(
    "poison",
    [
        {**item_from_envelope(envelope("book-x", 1)), "type": {"S": "BookBurnt"}},
        {**item_from_envelope(envelope("book-x", 1)), "schema_version": {"N": "99"}},
        {**item_from_envelope(envelope("book-x", 1)), "data": {"S": "{}"}},
        {"event_id": {"S": "only"}},
        item_from_envelope(envelope("book-x", 2)),
    ],
    ids=["unknown type", "newer schema", "wrong shape", "no envelope", "no predecessor anywhere"],
)
def test_a_poison_record_is_reported_alone_and_the_others_are_projected(
    poison: dict[str, Any],
) -> None:
    store = stored([AddBook(b, BookDetails(title="Emma", authors=("Ann",))) for b in BOOKS])
    items = [item_from_envelope(event) for _, event in store.read_all()]
    records = [record(n, item) for n, item in enumerate([items[0], poison, *items[1:]])]
    read_model = MemoryReadModel()
    answer = project_records({"Records": records}, decode, read_model, store, LOGGER)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "1"}]}
    assert content(read_model.live()) == content(rebuilt(store))


def test_a_batch_of_poison_alone_is_reported_record_by_record() -> None:
    records = [record(n, {"event_id": {"S": "only"}}) for n in range(3)]
    answer = project_records(
        {"Records": records}, decode, MemoryReadModel(), MemoryEventStore(), LOGGER
    )
    assert [f["itemIdentifier"] for f in answer["batchItemFailures"]] == ["0", "1", "2"]
