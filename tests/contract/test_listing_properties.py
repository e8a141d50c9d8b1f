"""Properties of every catalogue's listings, whatever the domain.

They are compared with what looking at each view finds.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.ports.catalogue import Catalogue
from core.ports.views import Tombstone, View
from tests.support.sample import every_listing, ids, listings, put, views
from tests.support.samples import AnySample
from tests.support.share import examples
from tests.support.walking import expected, items, listed, walk

NewCatalogue = Callable[[], AbstractContextManager[Catalogue[Any]]]
limits = st.integers(1, 5)
each_its_own_store = settings(
    max_examples=examples(12, thoroughly=200),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@each_its_own_store
@given(data=st.data(), limit=limits)
def test_a_listing_has_exactly_the_views_that_match(
    new_catalogue: NewCatalogue, sample: AnySample, data: st.DataObject, limit: int
) -> None:
    declaration = sample.domain.listing
    shelf = data.draw(views(sample))
    listing = data.draw(listings(declaration, shelf))
    with new_catalogue() as catalogue:
        put(catalogue, *shelf)
        assert items(walk(catalogue, listing, limit)) == expected(declaration, shelf, listing)


@each_its_own_store
@given(data=st.data(), removed=st.sets(st.integers(0, 11)))
def test_a_listing_has_nothing_of_replaced_and_removed_views(
    new_catalogue: NewCatalogue, sample: AnySample, data: st.DataObject, removed: set[int]
) -> None:
    declaration = sample.domain.listing
    before, after = data.draw(views(sample)), data.draw(views(sample))
    listing = data.draw(listings(declaration, [*before, *after]))
    with new_catalogue() as catalogue:
        put(catalogue, *before)
        now = {view.id: view for view in before}
        for view in after:
            new = View(view.id, 2, view.details, view.added_at, view.revised_at)
            catalogue.replace(now.get(new.id), new)
            now[new.id] = new
        for gone in sorted(now.keys() & {f"view-{number}" for number in removed}):
            catalogue.replace(now.pop(gone), Tombstone(gone, 3))
        assert items(walk(catalogue, listing, 2)) == expected(declaration, now.values(), listing)


@each_its_own_store
@given(data=st.data(), limit=limits)
def test_unchanged_views_are_on_exactly_one_page_while_others_come_and_go(
    new_catalogue: NewCatalogue, sample: AnySample, data: st.DataObject, limit: int
) -> None:
    declaration = sample.domain.listing
    staying, leaving = data.draw(views(sample, "m")), data.draw(views(sample, "c"))
    coming = [*data.draw(views(sample, "a")), *data.draw(views(sample, "z"))]
    listing = data.draw(listings(declaration, [*staying, *leaving, *coming]))
    next_coming, next_leaving = iter(coming), iter(leaving)

    with new_catalogue() as catalogue:

        def meanwhile() -> None:
            if (new := next(next_coming, None)) is not None:
                put(catalogue, new)
            if (old := next(next_leaving, None)) is not None:
                catalogue.replace(old, Tombstone(old.id, 2))

        put(catalogue, *staying, *leaving)
        seen = items(walk(catalogue, listing, limit, meanwhile))
    assert _of(seen, "m") == expected(declaration, staying, listing)
    assert len(set(ids(seen))) == len(seen)
    assert seen == expected(declaration, seen, listing)


def _of(views: Sequence[View[Any]], prefix: str) -> list[View[Any]]:
    return [view for view in views if view.id.startswith(prefix)]


@each_its_own_store
@given(data=st.data())
def test_a_view_is_found_by_each_of_its_terms_and_words(
    new_catalogue: NewCatalogue, sample: AnySample, data: st.DataObject
) -> None:
    view = sample.view("found", details=data.draw(sample.details))
    with new_catalogue() as catalogue:
        put(catalogue, view)
        for listing in every_listing(sample.domain.listing, [view]):
            assert listed(catalogue, listing) == ["found"]
