"""Books and loans in one process and one log: neither domain sees anything of the other."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import pytest

from core.application.errors import AlreadyClaimed, KeyReused
from core.application.handling import Accepted, CommandHandler
from core.application.log import catch_up, rebuild
from core.application.projection import project
from core.application.queries import QueryHandler
from core.ports.domain import WriteSide
from core.ports.event_store import EventStore, OrderedEventStore
from core.ports.events import NothingChanged
from core.ports.listing import Listing
from core.ports.read_model import Aside, ReadModel
from core.ports.refusals import NotFound
from core.ports.views import Projected
from tests.lending.sample import LOAN_SAMPLE
from tests.support.adapters import EVENT_STORES, ORDERED_EVENT_STORES, READ_MODELS, AnyDomain
from tests.support.book_sample import BOOK_SAMPLE
from tests.support.desk import ANN, BOB, NOON, ids
from tests.support.desk import request as command_request
from tests.support.logs import events_of
from tests.support.sample import every_listing
from tests.support.samples import AnySample
from tests.support.walking import listed

Store_co = TypeVar("Store_co", bound=EventStore[Any], covariant=True)
Query = Callable[[QueryHandler[Any, Any, Any], str], object]
QUERIES: dict[str, Query] = {
    "view": lambda queries, stream: queries.view(stream),
    "view as of": lambda queries, stream: queries.view_as_of(stream, NOON),
    "history": lambda queries, stream: queries.history(stream, after=0, limit=10),
}


@dataclass(frozen=True)
class Service:
    """One domain's write side and read side on the shared log."""

    sample: AnySample
    store: EventStore[Any]
    read_model: ReadModel[Any]
    new_id: Callable[[], str]

    @property
    def domain(self) -> AnyDomain:
        return self.sample.domain

    @property
    def handler(self) -> CommandHandler[Any, Any, Any]:
        return CommandHandler(self.domain, self.store, clock=lambda: NOON, new_id=self.new_id)

    @property
    def queries(self) -> QueryHandler[Any, Any, Any]:
        return QueryHandler(
            self.domain,
            self.read_model,
            lambda: self.store,
            clock=lambda: NOON,
            sleep=lambda _: None,
            stopwatch=lambda: 0.0,
        )

    def create(self, command: Any = None, key: str | None = None, actor: Any = ANN) -> Accepted:
        command = command or self.sample.create
        return self.handler.create(command, command_request(repr(command), None, key, actor))

    def handle(self, stream: str, command: Any, key: str | None = None) -> Accepted:
        return self.handler.handle(stream, command, command_request(repr(command), None, key))

    def listed(self) -> list[str]:
        return listed(self.read_model.live(), Listing())

    def content(
        self, streams: Sequence[str]
    ) -> tuple[list[Projected[Any] | None], list[list[str]]]:
        """Return all that a client can see of ``streams``, and their tombstones."""
        live = self.read_model.live()
        views = [self.sample.view("any", details=self.sample.plain)]
        every = every_listing(self.domain.listing, views)
        return [live.get(stream) for stream in streams], [listed(live, each) for each in every]


@dataclass(frozen=True)
class SharedLog(Generic[Store_co]):
    """Two domains' services on one log."""

    store: Store_co
    books: Service
    loans: Service

    @property
    def services(self) -> tuple[Service, Service]:
        return self.books, self.loans

    def project(self) -> None:
        """Project every event of the log for each domain, as the records of one stream are."""
        for event in events_of(self.store):
            for service in self.services:
                for target in service.read_model.targets():
                    project(event, target, self.store, service.domain)


AnySharedLog = SharedLog[EventStore[Any]]


@contextmanager
def opened(
    new_store: Callable[[AnyDomain, Path], AbstractContextManager[Store_co]],
    new_read_model: Callable[[AnyDomain, Path], AbstractContextManager[ReadModel[Any]]],
    folder: Path,
) -> Iterator[SharedLog[Store_co]]:
    """Open a log that both domains share, and a read model of its own for each."""
    new_id = ids()
    with ExitStack() as stack:

        def fresh(name: str) -> Path:
            (folder / name).mkdir()
            return folder / name

        def service(sample: AnySample) -> Service:
            read_model = new_read_model(sample.domain, fresh(sample.domain.noun))
            return Service(sample, store, stack.enter_context(read_model), new_id)

        either: AnyDomain = BOOK_SAMPLE.domain
        joined = either.events.joined(LOAN_SAMPLE.domain.events)
        both = either._replace(write_side=lambda: WriteSide(either.decider, joined))
        store = stack.enter_context(new_store(both, fresh("log")))
        yield SharedLog(store, service(BOOK_SAMPLE), service(LOAN_SAMPLE))


@pytest.fixture(params=EVENT_STORES)
def shared(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[AnySharedLog]:
    with opened(EVENT_STORES[request.param], READ_MODELS[request.param], tmp_path) as shared_log:
        yield shared_log


@pytest.fixture(params=ORDERED_EVENT_STORES)
def followed(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[SharedLog[OrderedEventStore[Any]]]:
    """Yield a shared log that has an order."""
    with opened(
        ORDERED_EVENT_STORES[request.param], READ_MODELS[request.param], tmp_path
    ) as shared_log:
        yield shared_log


def fail(aside: Aside, error: Exception) -> None:
    raise AssertionError(aside) from error


def fill(shared: AnySharedLog) -> list[str]:
    """Write streams of both domains: changed, ended, and with keyed commands without changes."""
    streams = []
    for service in shared.services:
        sample = service.sample
        for commands in (
            [sample.change(1), sample.change(2)],
            [sample.same],
            [sample.same, sample.change(1), sample.end],
        ):
            stream = service.create(sample.create).id
            for number, command in enumerate(commands):
                service.handle(stream, command, f"key-{number}")
            streams.append(stream)
            if commands[-1] is not sample.end:  # the claim is to be free for the next one
                service.handle(stream, sample.end)
    for service in shared.services:
        streams.append(service.create().id)
        service.handle(streams[-1], service.sample.same, "key")
    return streams


def test_each_domain_shows_only_its_own(shared: AnySharedLog) -> None:
    book, loan = (service.create().id for service in shared.services)
    shared.project()
    assert shared.books.listed() == [book]
    assert shared.loans.listed() == [loan]
    assert shared.books.queries.view(book).details != shared.loans.queries.view(loan).details
    assert shared.books.read_model.live().get(loan) is None
    assert shared.loans.read_model.live().get(book) is None


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_a_query_for_a_stream_of_the_other_domain_is_not_found(
    shared: AnySharedLog, query: Query
) -> None:
    streams = [service.create().id for service in shared.services]
    shared.project()
    for service, other in zip(shared.services, reversed(streams), strict=True):
        with pytest.raises(NotFound, match=f"no such {service.domain.noun}"):
            query(service.queries, other)


def test_records_without_changes_are_in_the_history_of_their_own_domain_alone(
    shared: AnySharedLog,
) -> None:
    for service, other in (shared.services, shared.services[::-1]):
        stream = service.create().id
        service.handle(stream, service.sample.same, "key")
        own, _ = service.queries.history(stream, after=1, limit=10)
        assert [e.event for e in own] == [NothingChanged()]
        assert other.queries.history(stream, after=1, limit=10) == ([], None)


def test_a_command_for_a_stream_of_the_other_domain_is_not_found(shared: AnySharedLog) -> None:
    for service, other in (shared.services, shared.services[::-1]):
        stream = service.create().id
        service.handle(stream, service.sample.same, "key")
        for command in (other.sample.change(1), other.sample.same, other.sample.end):
            for key in (None, "another key"):
                with pytest.raises(NotFound, match=f"no such {other.domain.noun}"):
                    other.handle(stream, command, key)
            with pytest.raises(KeyReused):
                other.handle(stream, command, "key")
        assert len(shared.store.load(stream)) == 2


def test_a_key_of_a_creation_cannot_be_reused_in_the_other_domain(shared: AnySharedLog) -> None:
    for number, (service, other) in enumerate((shared.services, shared.services[::-1])):
        key = f"key-{number}"
        first = service.create(key=key)
        with pytest.raises(KeyReused):
            other.create(key=key)
        assert service.create(key=key) == first._replace(replayed=True)
        service.handle(first.id, service.sample.end)


def test_a_key_belongs_to_its_caller_across_domains(shared: AnySharedLog) -> None:
    book = shared.books.create(key="key", actor=ANN)
    loan = shared.loans.create(key="key", actor=BOB)
    assert book.id != loan.id
    assert not loan.replayed


def test_a_key_of_a_change_is_independent_in_each_domain(shared: AnySharedLog) -> None:
    streams = [service.create().id for service in shared.services]
    for is_repeat in (False, True):
        for service, stream in zip(shared.services, streams, strict=True):
            accepted = service.handle(stream, service.sample.change(1), "key")
            assert accepted == Accepted(stream, 2, replayed=is_repeat)


def test_a_keyed_command_without_changes_is_remembered_for_its_own_domain(
    shared: AnySharedLog,
) -> None:
    for service in shared.services:
        stream = service.create().id
        assert service.handle(stream, service.sample.same, "key") == Accepted(stream, 2)
        assert service.handle(stream, service.sample.change(1), "next") == Accepted(stream, 3)
        repeated = service.handle(stream, service.sample.same, "key")
        assert repeated == Accepted(stream, 2, replayed=True)
        assert [e.event for e in shared.store.load(stream)][1] == NothingChanged()
        shared.project()
        assert service.listed() == [stream]
        assert service.queries.view(stream).version == 3
    book, loan = shared.books.listed()[0], shared.loans.listed()[0]
    assert shared.books.read_model.live().get(loan) is None
    assert shared.loans.read_model.live().get(book) is None


def test_claims_are_refused_within_their_domain(shared: AnySharedLog) -> None:
    for service in shared.services:
        service.create()
    for service in shared.services:
        with pytest.raises(AlreadyClaimed, match=f"belongs to the {service.domain.noun} "):
            service.create(service.sample.rival)


def test_an_event_of_the_other_domain_leaves_the_catalogue_as_it_is(shared: AnySharedLog) -> None:
    for service, other in (shared.services, shared.services[::-1]):
        stream = service.create().id
        service.handle(stream, service.sample.same, "key")
        catalogue = other.read_model.live()
        for event in reversed(shared.store.load(stream)):
            assert not project(event, catalogue, shared.store, other.domain)
        assert catalogue.get(stream) is None


def test_each_read_model_is_rebuilt_from_the_shared_log(shared: AnySharedLog) -> None:
    streams = fill(shared)
    shared.project()
    for service in shared.services:
        before = service.content(streams)
        assert len(service.listed()) == 1
        events = rebuild(
            service.read_model, shared.store, service.domain, fail, progress=lambda _: None
        )
        assert events == len(list(shared.store.read_all()))
        assert service.content(streams) == before


def test_two_projectors_follow_one_log(followed: SharedLog[OrderedEventStore[Any]]) -> None:
    streams = fill(followed)
    for service in followed.services:
        log = followed.store
        assert catch_up("projector", service.read_model, log, service.domain, fail) > 0
        assert catch_up("projector", service.read_model, log, service.domain, fail) == 0
    for service in followed.services:
        following = service.content(streams)
        rebuild(service.read_model, followed.store, service.domain, fail, progress=lambda _: None)
        assert service.content(streams) == following
