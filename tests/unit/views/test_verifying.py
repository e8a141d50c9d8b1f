"""Views that are not at the log's version are found, and those that are about to be are not."""

from collections.abc import Iterator
from typing import Any

import pytest

from apps.views.verifying import Difference, Verified, verify
from core.adapters.memory.event_store import MemoryEventStore
from core.adapters.memory.read_model import MemoryReadModel
from core.application.log import catch_up
from core.ports.catalogue import Catalogue, UnreadableView
from core.ports.event_store import EventStore
from core.ports.views import Projected
from tests.support.samples import SAMPLES

SAMPLE = next(iter(SAMPLES.values()))


class Shelf:
    """A log and its read model."""

    def __init__(self) -> None:
        self.store: MemoryEventStore[Any] = MemoryEventStore()
        self.model: MemoryReadModel[Any] = MemoryReadModel(SAMPLE.domain.listing)

    def append(self, stream: str, first: int, last: int) -> None:
        self.store.append(stream, first - 1, SAMPLE.history(stream, first, last))

    def project(self) -> None:
        catch_up("test", self.model, self.store, SAMPLE.domain, lambda *_: pytest.fail("aside"))


@pytest.fixture
def shelf() -> Shelf:
    """A read model that has all of its log."""
    shelf = Shelf()
    for stream in "abc":
        shelf.append(stream, 1, 2)
    shelf.project()
    return shelf


def verified(
    shelf: Shelf,
    store: EventStore[Any] | None = None,
    catalogue: Catalogue[Any] | None = None,
    threads: int = 1,
) -> Verified:
    return verify(store or shelf.store, catalogue or shelf.model.live(), threads, lambda _: None)


@pytest.mark.parametrize("threads", [1, 4])
def test_a_read_model_that_has_all_differs_nowhere(shelf: Shelf, threads: int) -> None:
    assert verified(shelf, threads=threads) == Verified(3, 6, [])


def test_views_that_are_behind_or_missing_are_found(shelf: Shelf) -> None:
    shelf.append("b", 3, 4)
    shelf.append("d", 1, 1)
    found = verified(shelf)
    assert found == Verified(4, 9, [Difference("b", 4, 2), Difference("d", 1, 0)])
    assert all(each.is_stale for each in found.differences)
    assert [str(each) for each in found.differences] == [
        "b: the log has version 4, the view 2",
        "d: the log has version 1, there is no view",
    ]


def test_a_view_ahead_of_the_log_is_found_and_not_stale(shelf: Shelf) -> None:
    restored: MemoryEventStore[Any] = MemoryEventStore()
    restored.append("a", 0, shelf.store.load("a", limit=1))
    [difference] = verified(shelf, restored).differences
    assert difference == Difference("a", 1, 2)
    assert not difference.is_stale


def test_a_view_that_cannot_be_read_is_found(shelf: Shelf) -> None:
    class Broken:
        def get(self, stream: str) -> Projected[Any] | None:
            if stream == "b":
                raise UnreadableView(stream)
            return shelf.model.live().get(stream)

    broken: Any = Broken()
    [difference] = verified(shelf, catalogue=broken).differences
    assert str(difference) == "b: the log has version 2, the view cannot be read"
    assert not difference.is_stale


def test_what_is_projected_meanwhile_is_no_difference(shelf: Shelf) -> None:
    shelf.append("b", 3, 3)

    class Late:
        """A catalogue that the projector comes to after it was first asked."""

        def __init__(self) -> None:
            self._asked = 0

        def get(self, stream: str) -> Projected[Any] | None:
            self._asked += 1
            if self._asked == 4:
                shelf.append("b", 4, 4)
                shelf.project()
            return shelf.model.live().get(stream)

    late: Any = Late()
    assert verified(shelf, catalogue=late) == Verified(3, 7, [])


def test_what_is_appended_while_the_log_is_read_is_no_difference(shelf: Shelf) -> None:
    class Growing(MemoryEventStore[Any]):
        def read_all(self, after: str | None = None) -> Iterator[Any]:
            yield from shelf.store.read_all(after)
            shelf.append("c", 3, 3)
            shelf.project()

        def load_last(self, stream: str, count: int) -> list[Any]:
            return shelf.store.load_last(stream, count)

    assert verified(shelf, Growing()) == Verified(3, 6, [])
