"""The declaration of a domain's listings: by what views are filtered, ordered and found.

It is the one place where a listing's meaning is stated. The adapters' indexes, the query
parameters, the cursors and the error messages are made from it.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType
from typing import Any, Final, Generic, NamedTuple, TypeVar

from core.ports.folding import fold
from core.ports.records import Record, changed, check_record, default_of, has_default
from core.ports.text import cut_sort_key, index_words
from core.ports.views import View

V = TypeVar("V", bound=Record)

RESERVED_NAMES: Final = frozenset({"q", "sort", "limit", "cursor", "min_version", "as_of"})
"""Query parameters of every listing or view: no filter has such a name."""

EVERYTHING: Final = "all"
"""The name, in ``ListingDeclaration.spread``, of the term that every view has."""

WORDS: Final = "words"
"""The name, in ``ListingDeclaration.spread``, of the words of all views."""

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,29}", re.ASCII)


class Term(NamedTuple):
    """A filter's name and a folded value: what an index finds views by."""

    name: str
    value: str


def at_most(characters: int) -> Callable[[str], str]:
    """Return the check of a parameter that has no other rule than its length.

    It returns the text, or raises ValueError with a message for the client.
    """

    def check(text: str) -> str:
        if len(text) > characters:
            raise ValueError(f"must have at most {characters:,} characters")
        return text

    return check


def one_of(*values: str) -> Callable[[str], str]:
    """Return the check of a parameter that is one of ``values``; it does as that of ``at_most``."""

    def check(text: str) -> str:
        if text not in values:
            raise ValueError(f"must be one of {', '.join(values)}")
        return text

    return check


class Filter(NamedTuple, Generic[V]):
    """A filter: a query parameter that selects the views which have its value.

    ``read`` returns the values that a view has; a value None is none. ``check`` returns the
    parameter's text in the form in which views have it; it raises ValueError with a message that
    follows the parameter's name, such as "must be a number". Both sides are folded
    (``core.ports.folding.fold``), so they match whatever their accents and case. ``schema`` is what
    JSON Schema can say of the texts that ``check`` takes.

    ``unique`` says that one view has a value at a time, as the values of a claim are, except in
    passing: while a value moves, both may have it. A store may then keep less of it, and show the
    first 100 views at most where there are more.
    """

    name: str
    read: Callable[[View[V]], Iterable[str | None]]
    check: Callable[[str], str]
    schema: Mapping[str, Any] = MappingProxyType({})
    unique: bool = False

    def terms(self, view: View[V]) -> Iterable[Term]:
        """Return the terms by which this filter finds ``view``; what folds to nothing has none."""
        folded = dict.fromkeys(fold(value) for value in self.read(view) if value is not None)
        return [Term(self.name, value) for value in folded if value]

    def term(self, text: str) -> Term:
        """Return the term that the parameter ``text`` asks for. Raises ValueError."""
        folded = fold(self.check(text))
        if not folded:  # nothing but marks, which folding removes: it would match what is absent
            raise ValueError("must have a letter or a digit")
        return Term(self.name, folded)


class Sort(NamedTuple, Generic[V]):
    """An order: views are ordered by ``key``, compared by code point, and then by their id."""

    name: str
    key: Callable[[View[V]], str]


class Listing(NamedTuple):
    """A listing that a client asks for. The conditions combine with "and".

    ``filters`` has a folded value for each filter asked for, by its name. ``words``, folded: the
    view has all of them among its words, the last one as the beginning of a word. With ``words``
    the order is that of the matched word, then that of the default sort; ``sort`` and
    ``descending`` are not used. ``sort`` None is the default sort.
    """

    words: tuple[str, ...] = ()
    filters: Mapping[str, str] = MappingProxyType({})
    sort: str | None = None
    descending: bool = False

    @property
    def is_backwards(self) -> bool:
        """Return whether positions go down from view to view."""
        return self.descending and not self.words


Position = tuple[str, ...]
"""Where a view stands in a listing: (sort key, id), or (matched word, sort key, id) in a search.

Positions of one listing compare as tuples of strings do.
"""


class Page(NamedTuple, Generic[V]):
    """Views in the listing's order. ``next`` is set unless the listing has ended."""

    items: tuple[View[V], ...]
    next: Position | None


@dataclass(frozen=True, slots=True)
class ListingDeclaration(Generic[V]):
    """What can be listed of a domain's views.

    ``details`` is the class of the views' details. ``filters`` stand with the most selective one
    first: a store reads along the first one that a listing asks for. The first of ``sorts`` is the
    default. ``search_texts`` returns the texts whose words find a view, the most important ones
    first; without it there is no search. ``unlisted`` names the optional fields of the details that
    a listing leaves out.

    ``spread`` says over how many partitions a store of partitions keeps each term of a filter, by
    the filter's name, ``EVERYTHING`` and ``WORDS``: one where it says nothing. Of DynamoDB's,
    each takes 1,000 writes a second, so that is how many views with one term can be written.
    A page of a listing that is spread over n partitions costs n reads instead of one.

    All of this but the checks is part of what is stored: a change needs a rebuild. Raises
    ValueError for names that clash or cannot be query parameters, and TypeError for details that
    are no record (``core.ports.records``).
    """

    details: type[V]
    filters: tuple[Filter[V], ...]
    sorts: tuple[Sort[V], ...]
    search_texts: Callable[[View[V]], Iterable[str]] | None = None
    unlisted: frozenset[str] = frozenset()
    spread: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        names = [f.name for f in self.filters]
        bad = [n for n in (*names, *self.sort_names) if not _NAME.fullmatch(n)]
        bad += [n for n in names if n in RESERVED_NAMES or names.count(n) > 1]
        bad += [n for n in self.sort_names if self.sort_names.count(n) > 1]
        if bad or not self.sorts:
            raise ValueError(f"a listing needs sorts, and names of its own for its parts: {bad}")
        known = {EVERYTHING, WORDS, *names}
        if wrong := [n for n, count in self.spread.items() if n not in known or count < 1]:
            raise ValueError(f"only terms can be spread, over one partition or more, not {wrong}")
        check_record(self.details)
        optional = {part.name for part in fields(self.details) if has_default(part)}
        if required := sorted(self.unlisted - optional):
            raise ValueError(f"a listing can leave out optional fields only, not {required}")

    @property
    def sort_names(self) -> tuple[str, ...]:
        """Return the names of the sorts, the default first."""
        return tuple(sort.name for sort in self.sorts)

    @property
    def default_sort(self) -> str:
        """Return the name of the sort that is used when a listing names none."""
        return self.sorts[0].name

    def sort_of(self, listing: Listing) -> str:
        """Return the name of the sort that orders ``listing``."""
        return self.default_sort if listing.sort is None else listing.sort

    def sorts_of(self, name: str) -> tuple[str, ...]:
        """Return the names of the sorts in which a store keeps the terms of the filter ``name``."""
        is_unique = any(f.unique for f in self.filters if f.name == name)
        return self.sort_names[:1] if is_unique else self.sort_names

    def shards(self, name: str) -> int:
        """Return over how many partitions each term of ``name`` is spread."""
        return self.spread.get(name, 1)

    def summary(self, view: View[V]) -> View[V]:
        """Return ``view`` as listings show it, without the fields that are ``unlisted``."""
        own = fields(self.details)
        left_out = {part.name: default_of(part) for part in own if part.name in self.unlisted}
        return replace(view, details=changed(view.details, left_out))

    def terms(self, view: View[V]) -> tuple[Term, ...]:
        """Return the terms by which the filters find ``view``."""
        return tuple(term for f in self.filters for term in f.terms(view))

    def words(self, view: View[V]) -> tuple[str, ...]:
        """Return the words that find ``view``, sorted."""
        return () if self.search_texts is None else index_words(self.search_texts(view))

    def sort_keys(self, view: View[V]) -> dict[str, str]:
        """Return the key of ``view`` in each sort, by the sort's name."""
        return {sort.name: cut_sort_key(sort.key(view)) for sort in self.sorts}

    def wanted_terms(self, listing: Listing) -> tuple[Term, ...]:
        """Return the terms that every view of ``listing`` has, the most selective first."""
        asked = listing.filters
        return tuple(Term(f.name, asked[f.name]) for f in self.filters if f.name in asked)

    def position(self, view: View[V], listing: Listing) -> Position:
        """Return where ``view``, which belongs to ``listing``, stands in it."""
        keys = self.sort_keys(view)
        if listing.words:
            matched = matched_word(self.words(view), listing.words[-1]) or ""
            return (matched, keys[self.default_sort], view.id)
        return (keys[self.sort_of(listing)], view.id)

    def belongs(self, view: View[V], listing: Listing) -> bool:
        """Return whether ``view`` belongs to ``listing``."""
        if not set(self.wanted_terms(listing)) <= set(self.terms(view)):
            return False
        return not listing.words or _has_words(self.words(view), listing.words)


def matched_word(words: Sequence[str], prefix: str) -> str | None:
    """Return the first of a view's sorted ``words`` that begins with ``prefix``."""
    return next((word for word in words if word.startswith(prefix)), None)


def _has_words(own: Sequence[str], wanted: Sequence[str]) -> bool:
    return set(wanted[:-1]) <= set(own) and matched_word(own, wanted[-1]) is not None
