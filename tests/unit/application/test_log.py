"""Following the log, and rebuilding the read model while the old one serves."""

from collections.abc import Iterator
from typing import Any

import pytest

from core.adapters.memory.event_store import MemoryEventStore
from core.adapters.memory.read_model import MemoryReadModel
from core.application.batches import CHECKPOINT_EVERY
from core.application.log import catch_up, lag, rebuild
from core.application.projection import CannotProject
from core.domain.details import BookDetails
from core.domain.events import BookRevised
from core.domain.manifest import BOOKS
from core.ports.decider import ImpossibleHistory
from core.ports.event_store import OrderedEventStore
from core.ports.events import Envelope
from core.ports.listing import Listing
from core.ports.read_model import Aside
from tests.support.books import envelope
from tests.support.desk import Desk
from tests.support.example import EMMA
from tests.support.unreliable_stores import Intercepted
from tests.support.walking import listed


@pytest.fixture
def model() -> MemoryReadModel[BookDetails]:
    return MemoryReadModel(BOOKS.listing)


def fail(aside: Aside, error: Exception) -> None:
    raise AssertionError(aside) from error


def quiet(events: int) -> None:
    """Ignore progress."""


def follow(model: MemoryReadModel[BookDetails], store: OrderedEventStore[Any]) -> int:
    return catch_up("test", model, store, BOOKS, fail)


def titles(model: MemoryReadModel[BookDetails]) -> list[str]:
    page = model.live().find(Listing(), None, 100)
    return [view.details.title for view in page.items]


def test_catching_up_reads_new_events_once(desk: Desk, model: MemoryReadModel[BookDetails]) -> None:
    book = desk.add().id
    first = follow(model, desk.store)
    desk.revise(book, {"title": "E"})

    assert (first, follow(model, desk.store), follow(model, desk.store)) == (1, 1, 0)
    assert titles(model) == ["E"]


def test_each_event_is_handed_on_once_it_is_projected(
    desk: Desk, model: MemoryReadModel[BookDetails]
) -> None:
    desk.revise(desk.add().id, {"title": "E"})
    kept: list[tuple[Any, list[str]]] = []
    catch_up("test", model, desk.store, BOOKS, fail, lambda e: kept.append((e, titles(model))))

    assert [event for event, _ in kept] == [event for _, event in desk.store.read_all()]
    assert kept[-1][1] == ["E"]


@pytest.mark.parametrize("number", [CHECKPOINT_EVERY - 1, CHECKPOINT_EVERY, CHECKPOINT_EVERY + 1])
def test_a_checkpoint_is_saved_after_the_last_event_read(
    desk: Desk, model: MemoryReadModel[BookDetails], number: int
) -> None:
    for _ in range(number):
        desk.add()

    assert [follow(model, desk.store) for _ in range(2)] == [number, 0]


def test_followers_of_different_names_have_their_own_checkpoints(
    desk: Desk, model: MemoryReadModel[BookDetails]
) -> None:
    desk.add()
    follow(model, desk.store)

    assert catch_up("another", model, desk.store, BOOKS, fail) == 1


class Stopping(MemoryEventStore[Any]):
    """An event store whose reader is stopped in the middle of the log."""

    stop_at: int | None = None

    def follow(self, after: str | None) -> Iterator[tuple[str, Envelope[Any]]]:
        for count, pair in enumerate(super().follow(after), 1):
            if count == self.stop_at:
                raise KeyboardInterrupt
            yield pair


def test_a_stopped_follower_resumes_from_its_checkpoint(
    model: MemoryReadModel[BookDetails],
) -> None:
    store = Stopping()
    desk = Desk(store)
    added = sorted(desk.add().id for _ in range(CHECKPOINT_EVERY + 10))
    store.stop_at = CHECKPOINT_EVERY + 5
    with pytest.raises(KeyboardInterrupt):
        follow(model, store)
    store.stop_at = None

    assert follow(model, store) == 10
    assert sorted(listed(model.live(), Listing())) == added


def test_an_event_that_cannot_be_applied_is_reported_and_the_others_are_applied(
    desk: Desk, model: MemoryReadModel[BookDetails]
) -> None:
    revised = BookRevised(changes={"title": "E"})
    desk.add({**EMMA, "title": "Before"})
    desk.store.append("broken", 0, [envelope("broken", 1, revised)])
    desk.add({**EMMA, "title": "Later"})
    reported: list[tuple[str, type[Exception]]] = []

    count = catch_up(
        "test",
        model,
        desk.store,
        BOOKS,
        lambda aside, error: reported.append((aside.stream, type(error))),
    )

    assert (count, reported) == (3, [("broken", ImpossibleHistory)])
    assert titles(model) == ["Before", "Later"]
    assert [(aside.stream, aside.version) for aside in model.aside()] == [("broken", 1)]


def test_a_gap_in_the_log_itself_is_reported(
    desk: Desk, model: MemoryReadModel[BookDetails]
) -> None:
    class WithGap(MemoryEventStore[Any]):
        def load(
            self, stream: str, after: int = 0, limit: int | None = None
        ) -> list[Envelope[Any]]:
            return []

        def follow(self, after: str | None) -> Iterator[tuple[str, Envelope[Any]]]:
            yield "1", envelope("book", 2)

    reported: list[type[Exception]] = []
    catch_up("test", model, WithGap(), BOOKS, lambda _, error: reported.append(type(error)))

    assert reported == [CannotProject]


def test_a_rebuilt_read_model_is_equal_to_the_old_one(
    desk: Desk, model: MemoryReadModel[BookDetails]
) -> None:
    kept, removed = desk.add().id, desk.add().id
    desk.revise(kept, {"title": "E"})
    desk.remove(removed)
    follow(model, desk.store)
    old = model.live()

    assert rebuild(model, desk.store, BOOKS, fail, quiet) == 4
    assert model.live() is not old
    assert [model.live().get(b) for b in (kept, removed)] == [old.get(b) for b in (kept, removed)]


def test_a_rebuild_restores_a_lost_read_model(desk: Desk) -> None:
    desk.add()
    model = MemoryReadModel(BOOKS.listing)
    rebuild(model, desk.store, BOOKS, fail, quiet)

    assert titles(model) == ["Emma"]


def test_the_old_read_model_serves_until_the_new_one_is_complete(
    desk: Desk, model: MemoryReadModel[BookDetails]
) -> None:
    for _ in range(2 * CHECKPOINT_EVERY):
        desk.add()
    follow(model, desk.store)
    seen: list[int] = []
    rebuild(model, desk.store, BOOKS, fail, lambda _: seen.append(len(titles(model))))

    assert seen == [100, 100, 100]


def test_events_appended_during_a_rebuild_are_in_the_old_and_the_new_read_model(
    desk: Desk, model: MemoryReadModel[BookDetails]
) -> None:
    for _ in range(CHECKPOINT_EVERY):
        desk.add()
    follow(model, desk.store)
    old = model.live()
    written: list[str] = []

    def meanwhile(events: int) -> None:
        if not written:
            written.append(desk.add().id)
            follow(model, desk.store)

    rebuild(model, desk.store, BOOKS, fail, meanwhile)

    assert old.get(written[0]) is not None
    assert model.live().get(written[0]) == old.get(written[0])


def test_a_stopped_rebuild_resumes(model: MemoryReadModel[BookDetails]) -> None:
    store = Stopping()
    desk = Desk(store)
    added = sorted(desk.add().id for _ in range(CHECKPOINT_EVERY + 10))
    store.stop_at = CHECKPOINT_EVERY + 5
    with pytest.raises(KeyboardInterrupt):
        rebuild(model, store, BOOKS, fail, quiet)
    store.stop_at = None

    assert rebuild(model, store, BOOKS, fail, quiet) == 10
    assert sorted(listed(model.live(), Listing())) == added


def test_following_the_log_appends_nothing_to_it(
    desk: Desk, model: MemoryReadModel[BookDetails]
) -> None:
    desk.add()
    store = Intercepted(desk.store)
    follow(model, store)
    rebuild(model, store, BOOKS, fail, quiet)

    assert store.appends == 0


# --- lag ------------------------------------------------------------------------------------------


def seconds_behind(desk: Desk, model: MemoryReadModel[BookDetails]) -> float:
    return lag("test", model, desk.store, lambda: desk.now).total_seconds()


def test_a_read_model_that_has_everything_does_not_lag(
    desk: Desk, model: MemoryReadModel[BookDetails]
) -> None:
    assert seconds_behind(desk, model) == 0
    desk.add()
    follow(model, desk.store)
    desk.pass_time(60)

    assert seconds_behind(desk, model) == 0


def test_the_lag_is_the_age_of_the_first_event_that_is_not_projected(
    desk: Desk, model: MemoryReadModel[BookDetails]
) -> None:
    for _ in range(3):
        desk.add()
        desk.pass_time(60)

    assert seconds_behind(desk, model) == 180


def test_a_clock_that_is_behind_makes_no_negative_lag(
    desk: Desk, model: MemoryReadModel[BookDetails]
) -> None:
    desk.add()
    desk.pass_time(-5)

    assert seconds_behind(desk, model) == 0
