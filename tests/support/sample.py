"""What the contract suites need of a domain: something to fill stores with."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar
from uuid import uuid4

from hypothesis import strategies as st

from core.ports.catalogue import Catalogue
from core.ports.domain import Domain
from core.ports.events import Envelope, NothingChanged
from core.ports.listing import Listing, ListingDeclaration
from core.ports.records import Record
from core.ports.views import View

S = TypeVar("S")
C = TypeVar("C")
E = TypeVar("E")
V = TypeVar("V", bound=Record)

NOON = datetime(2024, 5, 17, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Sample(Generic[S, C, E, V]):
    """A domain with samples of everything in it.

    - ``first`` begins a stream; ``later`` returns an event that may follow it and any other of its
      own, different for each number; ``last`` ends a stream, after which there is nothing to see.
    - ``create`` begins a stream and holds a claim; ``rival`` begins another one and needs the same
      claim. ``change`` returns a command that changes what ``create`` has made, different for each
      number from 1 on; ``same`` changes nothing right after ``create``; ``end`` ends it and
      releases the claim. ``invalid`` is refused in any state.
    - ``commands`` draws commands of all kinds, many of them refused; ``details`` draws views'
      details out of few values, so that filters, words and sorts have much in common; ``plain`` is
      one of them.
    """

    domain: Domain[S, C, E, V]
    first: E
    later: Callable[[int], E]
    last: E
    create: C
    rival: C
    change: Callable[[int], C]
    same: C
    end: C
    invalid: C
    commands: st.SearchStrategy[C]
    details: st.SearchStrategy[V]
    plain: V

    def envelope(
        self, stream: str, version: int, event: E | NothingChanged | None = None, **changes: Any
    ) -> Envelope[E]:
        """Return an event of ``stream``, with an id of its own."""
        fields: dict[str, Any] = {
            "stream": stream,
            "version": version,
            "event_id": str(uuid4()),
            "event": event or (self.first if version == 1 else self.later(version)),
            "occurred_at": NOON + timedelta(seconds=version),
            "actor": "ann",
            "correlation_id": "request-1",
            "causation_id": "message-1",
        }
        return Envelope(**{**fields, **changes})

    def history(self, stream: str, first: int, last: int) -> list[Envelope[E]]:
        """Return events of ``stream`` with the versions ``first`` to ``last``."""
        return [self.envelope(stream, version) for version in range(first, last + 1)]

    def details_at(self, version: int) -> V:
        """Return the details after that many events of ``history``, different at each version."""
        details = self.domain.view(self.domain.fold(self.history("any", 1, version)))
        assert details is not None
        return details

    def view(
        self, stream: str, version: int = 1, details: V | None = None, added: int = 0
    ) -> View[V]:
        """Return a view, added ``added`` seconds after noon, with ``plain`` details by default."""
        return View(
            id=stream,
            version=version,
            details=details or self.plain,
            added_at=NOON + timedelta(seconds=added),
            revised_at=NOON + timedelta(seconds=added + version),
        )


def views(
    sample: Sample[Any, Any, Any, Any], prefix: str = "view-"
) -> st.SearchStrategy[list[View[Any]]]:
    """Draw views with ids that begin with ``prefix``."""
    drawn = st.lists(st.tuples(sample.details, st.integers(0, 3)), max_size=12)
    return drawn.map(
        lambda shelf: [
            sample.view(f"{prefix}{number}", details=details, added=added)
            for number, (details, added) in enumerate(shelf)
        ]
    )


def every_listing(
    declaration: ListingDeclaration[Any], views: Sequence[View[Any]]
) -> list[Listing]:
    """Return every simple listing that finds some of ``views``: by each sort, term and word."""
    orders = [
        Listing(sort=sort, descending=d) for sort in declaration.sort_names for d in (False, True)
    ]
    terms = sorted({term for view in views for term in declaration.terms(view)})
    words = sorted({word for view in views for word in declaration.words(view)})
    return [
        *orders,
        *(Listing(filters={term.name: term.value}) for term in terms),
        *(Listing(words=(word,)) for word in words),
    ]


def listings(
    declaration: ListingDeclaration[Any], views: Sequence[View[Any]]
) -> st.SearchStrategy[Listing]:
    """Draw listings with filters and words that ``views`` have, or nearly have."""
    filters = {
        f.name: st.sampled_from(
            sorted({term.value for view in views for term in f.terms(view)}) or ["nothing"]
        )
        for f in declaration.filters
    }
    known = sorted({word for view in views for word in declaration.words(view)})
    search: st.SearchStrategy[tuple[str, ...]] = st.just(())
    if known:
        whole = st.lists(st.sampled_from(known), max_size=2)
        beginnings = st.builds(lambda w, n: w[:n], st.sampled_from(known), st.integers(1, 9))
        search |= st.builds(lambda q, b: (*q, b), whole, beginnings)
    return st.builds(
        Listing,
        words=search,
        filters=st.fixed_dictionaries({}, optional=filters),
        sort=st.sampled_from(declaration.sort_names) | st.none(),
        descending=st.booleans(),
    )


def put(catalogue: Catalogue[Any], *views: View[Any]) -> None:
    """Put views in that were not there."""
    for new in views:
        catalogue.replace(None, new)


def ids(views: Iterable[View[Any]]) -> list[str]:
    """Return the ids of ``views``."""
    return [v.id for v in views]
