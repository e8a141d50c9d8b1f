"""Streams that cannot be projected are set aside, and heal; outages are neither."""

from collections.abc import Callable, Sequence
from typing import Any, NoReturn

import pytest

from core.adapters.memory.catalogue import MemoryCatalogue
from core.adapters.memory.read_model import MemoryReadModel
from core.application.aside import (
    MAX_REASON_CHARACTERS,
    RETRY_EVERY_SECONDS,
    Retries,
    project_or_set_aside,
    retry_aside,
)
from core.application.batches import CHECKPOINT_EVERY
from core.application.log import catch_up, rebuild
from core.domain.details import BookDetails
from core.domain.manifest import BOOKS
from core.ports.errors import StoreUnavailable
from core.ports.read_model import Aside
from core.ports.views import Projected, View
from tests.support.books import envelope, history
from tests.support.unreliable_stores import Broken, Forgetful


class Reported:
    """Collects reports."""

    def __init__(self) -> None:
        self.asides: list[Aside] = []

    def __call__(self, aside: Aside, error: Exception, /) -> None:
        self.asides.append(aside)


@pytest.fixture
def reported() -> Reported:
    return Reported()


@pytest.fixture
def model() -> MemoryReadModel[BookDetails]:
    return MemoryReadModel(BOOKS.listing)


@pytest.fixture
def store() -> Forgetful:
    """An event store with two books of three versions, where the second of book a is newer."""
    store = Forgetful()
    for events in zip(history("a", 1, 3), history("b", 1, 3), strict=True):
        for event in events:
            store.append(event.stream, event.version - 1, [event])
    store.newer = {("a", 2)}
    return store


def versions(model: MemoryReadModel[BookDetails]) -> dict[str, int]:
    known = {stream: model.live().get(stream) for stream in "ab"}
    return {stream: view.version for stream, view in known.items() if view is not None}


def follow(model: MemoryReadModel[BookDetails], store: Forgetful, report: Reported) -> int:
    return catch_up("test", model, store, BOOKS, report)


def test_an_event_that_cannot_be_read_sets_its_stream_aside_and_the_others_go_on(
    model: MemoryReadModel[BookDetails], store: Forgetful, reported: Reported
) -> None:
    assert follow(model, store, reported) == 6
    assert versions(model) == {"a": 1, "b": 3}
    assert model.aside() == [Aside("a", 3, "newer")]
    assert reported.asides == [Aside("a", 2, "newer"), Aside("a", 3, "newer")]


def test_a_stream_heals_by_itself_once_its_events_can_be_read(
    model: MemoryReadModel[BookDetails], store: Forgetful, reported: Reported
) -> None:
    follow(model, store, reported)
    store.newer = set()

    assert retry_aside(model, store, BOOKS, reported) == 1
    assert versions(model) == {"a": 3, "b": 3}
    assert model.aside() == []


def test_a_stream_that_still_cannot_be_applied_stays_aside_and_is_reported(
    model: MemoryReadModel[BookDetails], store: Forgetful, reported: Reported
) -> None:
    follow(model, store, reported)
    again = Reported()
    store.newer = {("a", 3)}

    assert retry_aside(model, store, BOOKS, again) == 0
    assert again.asides == model.aside() == [Aside("a", 3, "newer")]


def test_a_later_event_heals_the_stream_on_its_way(
    model: MemoryReadModel[BookDetails], store: Forgetful, reported: Reported
) -> None:
    follow(model, store, reported)
    store.newer = set()
    store.append("a", 3, [envelope("a", 4)])
    follow(model, store, reported)

    assert versions(model) == {"a": 4, "b": 3}
    assert retry_aside(model, store, BOOKS, reported) == 1


def test_a_retry_brings_every_generation_up_to_date(
    model: MemoryReadModel[BookDetails], store: Forgetful, reported: Reported
) -> None:
    follow(model, store, reported)
    building = model.begin_rebuild()
    store.newer = set()
    retry_aside(model, store, BOOKS, reported)

    assert building.get("a") == model.live().get("a")
    assert isinstance(building.get("a"), View)


class Overtaken(MemoryReadModel[BookDetails]):
    """A read model in which something happens right after its generations were asked for."""

    def __init__(self) -> None:
        super().__init__(BOOKS.listing)
        self.meanwhile: Callable[[], object] | None = None

    def targets(self) -> Sequence[MemoryCatalogue[BookDetails]]:
        targets = super().targets()
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            meanwhile()
        return targets


def test_a_stream_that_an_older_version_sets_aside_in_a_new_generation_meanwhile_heals_there_too(
    store: Forgetful, reported: Reported
) -> None:
    model = Overtaken()
    follow(model, store, reported)

    def rebuild_by_the_older_version() -> None:
        store.newer = {("a", 2)}
        rebuild(model, store, BOOKS, reported, lambda _: None)
        store.newer = set()

    store.newer = set()
    model.meanwhile = rebuild_by_the_older_version
    assert retry_aside(model, store, BOOKS, reported) == 1
    assert versions(model) == {"a": 3, "b": 3}


def test_a_retry_ends_when_its_time_is_over_and_leaves_the_rest_aside(
    model: MemoryReadModel[BookDetails], store: Forgetful, reported: Reported
) -> None:
    store.newer = {("a", 1), ("b", 1)}
    follow(model, store, reported)
    store.newer = set()
    left = iter([True, False])

    assert retry_aside(model, store, BOOKS, reported, lambda: next(left)) == 1
    assert [aside.stream for aside in model.aside()] == ["b"]


def test_a_stream_that_the_log_lost_stays_aside(
    model: MemoryReadModel[BookDetails], store: Forgetful, reported: Reported
) -> None:
    lost = Aside("lost", 1, "newer")
    model.set_aside(lost)

    assert retry_aside(model, store, BOOKS, reported) == 0
    assert model.aside() == reported.asides == [lost]


def test_a_retry_is_due_at_once_and_then_every_few_minutes() -> None:
    times = iter([0.0, 0.0, 1.0, RETRY_EVERY_SECONDS, RETRY_EVERY_SECONDS + 1])
    retries = Retries(lambda: next(times))

    assert [retries.are_due() for _ in range(4)] == [True, False, True, False]


# --- outages --------------------------------------------------------------------------------------


class Unavailable(MemoryReadModel[BookDetails]):
    """A read model whose live catalogue cannot be written while ``down``."""

    down = True

    def targets(self) -> Any:
        return [Throttled(self.live())] if self.down else super().targets()


class Throttled:
    def __init__(self, catalogue: Any) -> None:
        self.get = catalogue.get

    def replace(self, old: Projected[Any] | None, new: Projected[Any]) -> NoReturn:
        raise StoreUnavailable("throttled")


def test_an_outage_sets_nothing_aside_and_loses_nothing(
    store: Forgetful, reported: Reported
) -> None:
    model = Unavailable(BOOKS.listing)
    store.newer = set()
    for _ in range(3):
        with pytest.raises(StoreUnavailable):
            follow(model, store, reported)
    model.down = False
    follow(model, store, reported)

    assert versions(model) == {"a": 3, "b": 3}
    assert (model.aside(), reported.asides) == ([], [])


def test_an_outage_of_the_log_ends_a_retry_and_forgets_nothing(
    model: MemoryReadModel[BookDetails], reported: Reported
) -> None:
    model.set_aside(aside := Aside("a", 1, "newer"))

    with pytest.raises(StoreUnavailable):
        retry_aside(model, Broken(StoreUnavailable("down")), BOOKS, reported)
    assert model.aside() == [aside]


@pytest.mark.parametrize(
    "mistake",
    [RuntimeError("x" * 5_000), KeyError("missing"), ZeroDivisionError(), ValueError("\ud800")],
)
def test_a_mistake_in_the_code_sets_a_stream_aside_with_a_short_reason(
    model: MemoryReadModel[BookDetails], reported: Reported, mistake: Exception
) -> None:
    project_or_set_aside(envelope("a", 2), model.targets(), model, Broken(mistake), BOOKS, reported)

    (aside,) = model.aside()
    assert 0 < len(aside.reason.encode()) <= MAX_REASON_CHARACTERS


# --- a rebuild ------------------------------------------------------------------------------------


def quiet(events: int) -> None:
    """Ignore progress."""


def test_a_rebuild_reports_each_stream_that_it_could_not_apply_once(
    model: MemoryReadModel[BookDetails], store: Forgetful, reported: Reported
) -> None:
    assert rebuild(model, store, BOOKS, reported, quiet) == 6
    assert versions(model) == {"a": 1, "b": 3}
    assert model.aside() == reported.asides == [Aside("a", 3, "newer")]


def test_a_rebuild_heals_what_was_aside(
    model: MemoryReadModel[BookDetails], store: Forgetful, reported: Reported
) -> None:
    follow(model, store, Reported())
    store.newer = set()
    rebuild(model, store, BOOKS, reported, quiet)

    assert versions(model) == {"a": 3, "b": 3}
    assert (model.aside(), reported.asides) == ([], [])


def test_a_resumed_rebuild_still_reports_what_it_could_not_apply_before_it_was_stopped(
    model: MemoryReadModel[BookDetails], store: Forgetful, reported: Reported
) -> None:
    for event in history("c", 1, CHECKPOINT_EVERY):
        store.append("c", event.version - 1, [event])

    def stop(events: int) -> NoReturn:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rebuild(model, store, BOOKS, reported, stop)
    assert reported.asides == []
    rebuild(model, store, BOOKS, reported, quiet)

    assert reported.asides == [Aside("a", 3, "newer")]
