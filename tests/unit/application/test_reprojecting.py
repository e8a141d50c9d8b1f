"""One stream is projected again, and what that cannot repair is reported."""

from dataclasses import replace
from typing import Any

import pytest

from core.adapters.memory.catalogue import MemoryCatalogue
from core.adapters.memory.event_store import MemoryEventStore
from core.adapters.memory.read_model import MemoryReadModel
from core.application.log import catch_up, rebuild
from core.application.projection import CannotProject
from core.application.reprojecting import NotRepaired, Reprojected, reproject
from core.domain.details import BookDetails
from core.domain.manifest import BOOKS
from core.ports.errors import UnknownEvent
from core.ports.event_store import EventStore
from core.ports.read_model import Aside
from core.ports.views import View
from tests.support.books import history
from tests.support.unreliable_stores import Forgetful

A_REASON = "of a newer version"


@pytest.fixture
def store() -> Forgetful:
    store = Forgetful()
    store.append("a", 0, history("a", 1, 3))
    return store


@pytest.fixture
def model() -> MemoryReadModel[BookDetails]:
    return MemoryReadModel(BOOKS.listing)


def again(model: MemoryReadModel[BookDetails], store: EventStore[Any]) -> Reprojected:
    return reproject("a", model, store, BOOKS)


def project_all(model: MemoryReadModel[BookDetails], store: Any) -> None:
    catch_up("test", model, store, BOOKS, lambda aside, _: pytest.fail(aside.reason))


def rebuilt(store: EventStore[Any]) -> object:
    model = MemoryReadModel(BOOKS.listing)
    rebuild(model, store, BOOKS, lambda aside, _: pytest.fail(aside.reason), lambda _: None)
    return model.live().get("a")


def test_a_view_that_is_missing_is_made_in_every_generation(
    model: MemoryReadModel[BookDetails], store: Forgetful
) -> None:
    model.begin_rebuild()
    assert again(model, store) == Reprojected(3, [0, 0])
    assert [each.get("a") for each in model.targets()] == [rebuilt(store)] * 2


def test_a_view_that_is_behind_is_brought_up_to_the_log(
    model: MemoryReadModel[BookDetails], store: Forgetful
) -> None:
    project_all(model, store)
    store.append("a", 3, history("a", 4, 6))
    assert again(model, store) == Reprojected(6, [3])
    assert model.live().get("a") == rebuilt(store)
    assert again(model, store) == Reprojected(6, [6])


def test_a_stream_that_was_set_aside_is_so_no_more(
    model: MemoryReadModel[BookDetails], store: Forgetful
) -> None:
    for stream in "ab":
        model.set_aside(Aside(stream, 2, A_REASON))
    again(model, store)
    assert model.aside() == [Aside("b", 2, A_REASON)]


def test_a_stream_that_cannot_be_read_stays_aside(
    model: MemoryReadModel[BookDetails], store: Forgetful
) -> None:
    model.set_aside(Aside("a", 2, A_REASON))
    store.newer = {("a", 2)}
    with pytest.raises(UnknownEvent):
        again(model, store)
    assert model.aside() == [Aside("a", 2, A_REASON)]


def test_a_stream_without_events_is_refused(model: MemoryReadModel[BookDetails]) -> None:
    with pytest.raises(CannotProject, match="no events of a"):
        again(model, MemoryEventStore())


def test_a_view_ahead_of_the_log_is_reported(
    model: MemoryReadModel[BookDetails], store: Forgetful
) -> None:
    project_all(model, store)
    restored: MemoryEventStore[Any] = MemoryEventStore()
    restored.append("a", 0, store.load("a", limit=2))
    with pytest.raises(NotRepaired, match="the view of a is at version 3, and the log ends at 2"):
        again(model, restored)


def test_a_view_of_other_content_is_reported(
    model: MemoryReadModel[BookDetails], store: Forgetful
) -> None:
    project_all(model, store)
    damaged = MemoryReadModel(BOOKS.listing)
    view = model.live().get("a")
    assert isinstance(view, View)
    damaged.live().replace(None, replace(view, revised_at=view.added_at))
    with pytest.raises(NotRepaired, match="the view of a at version 3 is not what the log says"):
        again(damaged, store)


def test_an_event_that_is_appended_meanwhile_is_no_difference(
    model: MemoryReadModel[BookDetails], store: Forgetful
) -> None:
    class Racing(MemoryCatalogue[BookDetails]):
        """Another projector is faster, with an event that was appended after the log was read."""

        def replace(self, old: Any, new: Any) -> None:
            super().replace(old, new)
            if new.version == 3:
                store.append("a", 3, history("a", 4, 4))
                project_all(model, store)

    catalogue = Racing(BOOKS.listing)
    model.targets = lambda: [catalogue]  # type: ignore[method-assign]
    assert again(model, store) == Reprojected(3, [0])
    assert catalogue.get("a") == rebuilt(store)
