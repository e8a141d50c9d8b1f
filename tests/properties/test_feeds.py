"""In whatever order events reach the projector, the read model ends the same."""

from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.application.errors import CommandRefused
from core.application.handling import Accepted
from core.application.log import catch_up, rebuild
from core.application.projection import project
from core.domain.manifest import BOOKS
from core.ports.catalogue import Catalogue
from core.ports.event_store import OrderedEventStore
from core.ports.read_model import Aside
from core.ports.refusals import Refusal
from core.ports.views import Projected
from tests.properties.requests import books, patches
from tests.properties.shelf import TITLE_ORDER
from tests.properties.stores import OPENERS
from tests.support.books import books_by
from tests.support.desk import Desk
from tests.support.logs import events_of
from tests.support.share import examples
from tests.support.walking import listed

commands = st.lists(
    st.tuples(st.sampled_from(("add", "revise", "revise", "revise", "remove")), books, patches),
    min_size=5,
    max_size=20,
)
Commands = list[tuple[str, dict[str, object], dict[str, object]]]
randoms = st.randoms(use_true_random=False)


def write(store: OrderedEventStore[Any], wanted: Commands) -> None:
    """Send commands, skipping refused ones; revisions and removals take the books in turn."""
    desk = Desk(store)
    ids = [desk.add({"title": title, "authors": ["Jane Austen"]}).id for title in TITLE_ORDER]
    for number, (kind, book, patch) in enumerate(wanted):
        desk.pass_time(1)
        book_id = ids[number % len(ids)]
        try:
            done = send(desk, kind, book_id, book, patch)
        except (CommandRefused, Refusal):
            continue
        ids = list(dict.fromkeys([*ids, done.id]))


def send(
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
    catalogue: Catalogue[Any], ids: set[str]
) -> tuple[dict[str, Projected[Any] | None], list[list[str]]]:
    """Return all that a catalogue has of the books ``ids``."""
    listings = [
        *(
            books_by(sort=sort, descending=d)
            for sort in BOOKS.listing.sort_names
            for d in (False, True)
        ),
        *(books_by(words=(word,)) for word in ("e", "emma", "jane", "東")),
        books_by(author="jane austen"),
        books_by(subject="courtship"),
        books_by(language="en"),
        books_by(isbn="9780141439587"),
    ]
    return {i: catalogue.get(i) for i in ids}, [listed(catalogue, listing) for listing in listings]


def fail(aside: Aside, error: Exception) -> None:
    raise AssertionError(aside) from error


@pytest.mark.parametrize("adapter", OPENERS)
@settings(max_examples=examples(20, thoroughly=400))
@given(wanted=commands, random=randoms)
def test_a_shuffled_and_doubled_feed_ends_as_an_ordered_one(
    adapter: str, wanted: Commands, random: Random
) -> None:
    with OPENERS[adapter]() as (store, ordered), OPENERS[adapter]() as (_, shuffled):
        write(store, wanted)
        catch_up("test", ordered, store, BOOKS, fail)
        feed = events_of(store) * 2
        random.shuffle(feed)
        for event in feed:
            project(event, shuffled.live(), store, BOOKS)

        ids = {event.stream for event in feed}
        assert contents(shuffled.live(), ids) == contents(ordered.live(), ids)


@pytest.mark.parametrize("adapter", OPENERS)
@settings(max_examples=examples(10, thoroughly=200))
@given(wanted=commands, random=randoms)
def test_a_shuffled_feed_during_a_rebuild_is_in_the_new_read_model_too(
    adapter: str,
    wanted: Commands,
    random: Random,
) -> None:
    with OPENERS[adapter]() as (store, model), OPENERS[adapter]() as (_, fresh):
        write(store, wanted)
        model.begin_rebuild()
        feed = events_of(store)
        random.shuffle(feed)
        for event in feed:
            for catalogue in model.targets():
                project(event, catalogue, store, BOOKS)
        rebuild(model, store, BOOKS, fail, lambda _: None)
        catch_up("test", fresh, store, BOOKS, fail)

        ids = {event.stream for event in feed}
        assert contents(model.live(), ids) == contents(fresh.live(), ids)
