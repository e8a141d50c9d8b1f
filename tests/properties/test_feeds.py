"""However the records of the log reach the projector, the read model is the same in the end."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.application.handling import Accepted
from core.application.errors import CommandRefused
from core.application.log import catch_up, rebuild
from core.application.projection import project
from core.domain.errors import DomainError
from core.ports.catalogue import Catalogue, Projected, Listing, Sort
from core.ports.event_store import Envelope, OrderedEventStore
from tests.support.walking import listed
from tests.properties.requests import books, patches
from tests.properties.shelf import TITLE_ORDER
from tests.properties.stores import OPENERS
from tests.support.desk import Desk

commands = st.lists(
    st.tuples(st.sampled_from(("add", "revise", "revise", "revise", "remove")), books, patches),
    min_size=5,
    max_size=20,
)
Commands = list[tuple[str, dict[str, object], dict[str, object]]]
randoms = st.randoms(use_true_random=False)


def write(store: OrderedEventStore, wanted: Commands) -> None:
    """Obey what can be obeyed: revisions and removals are of the books in turn."""
    desk = Desk(store)
    ids = [desk.add({"title": title, "authors": ["Jane Austen"]}).id for title in TITLE_ORDER]
    for number, (kind, book, patch) in enumerate(wanted):
        desk.pass_time(1)
        book_id = ids[number % len(ids)]
        try:
            done = obey(desk, kind, book_id, book, patch)
        except (CommandRefused, DomainError):
            continue
        ids = list(dict.fromkeys([*ids, done.id]))


def obey(
    desk: Desk, kind: str, book_id: str, book: dict[str, object], patch: dict[str, object]
) -> Accepted:
    match kind:
        case "add":
            return desk.add(book)
        case "revise":
            return desk.revise(book_id, patch)
        case _:
            return desk.remove(book_id)


def contents(
    catalogue: Catalogue, ids: set[str]
) -> tuple[dict[str, Projected | None], list[list[str]]]:
    """All that a catalogue says of the books ``ids``."""
    listings = [
        *(books_by(sort=sort, descending=d) for sort in Sort for d in (False, True)),
        *(books_by(words=(word,)) for word in ("e", "emma", "jane", "東")),
        books_by(author="jane austen"),
        books_by(subject="courtship"),
        books_by(language="en"),
        books_by(isbn="9780141439587"),
    ]
    return {i: catalogue.get(i) for i in ids}, [listed(catalogue, listing) for listing in listings]


def fail(event: Envelope, error: Exception) -> None:
    raise AssertionError(event) from error


@pytest.mark.parametrize("adapter", OPENERS)
@settings(max_examples=40)
@given(wanted=commands, random=randoms)
def test_a_feed_that_is_shuffled_and_doubled_ends_as_one_in_order(
    adapter: str, wanted: Commands, random: Random
) -> None:
    with OPENERS[adapter]() as (store, orderly), OPENERS[adapter]() as (_, disorderly):
        write(store, wanted)
        catch_up("test", orderly, store, fail)
        feed = [event for _, event in store.read_all()] * 2
        random.shuffle(feed)
        for event in feed:
            project(event, disorderly.live(), store)

        ids = {event.stream for event in feed}
        assert contents(disorderly.live(), ids) == contents(orderly.live(), ids)


@pytest.mark.parametrize("adapter", OPENERS)
@settings(max_examples=20)
@given(wanted=commands, random=randoms)
def test_a_feed_in_disorder_during_a_rebuild_is_in_the_new_read_model_too(
    adapter: str,
    wanted: Commands,
    random: Random,
) -> None:
    with OPENERS[adapter]() as (store, model), OPENERS[adapter]() as (_, fresh):
        write(store, wanted)
        model.begin_rebuild()
        feed = [event for _, event in store.read_all()]
        random.shuffle(feed)
        for event in feed:
            for catalogue in model.targets():
                project(event, catalogue, store)
        rebuild(model, store, fail, lambda _: None)
        catch_up("test", fresh, store, fail)

        ids = {event.stream for event in feed}
        assert contents(model.live(), ids) == contents(fresh.live(), ids)
