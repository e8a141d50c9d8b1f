"""The model of the catalogue: a dict of dicts. It shares no code with ``core``.

The results of folding, sorting and splitting into words are listed here for the few values used.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

PLAIN = {
    "Emma": "emma",
    "ÉMILE": "emile",
    "Emma & Émile": "emma emile",
    "The Émigré": "the emigre",
    "Jane Austen": "jane austen",
    "Emil Jané": "emil jane",
    "東": "東",
}
"""Titles and authors, and their words in plain letters."""

TITLE_ORDER = ("ÉMILE", "Emma", "Emma & Émile", "The Émigré")
AUTHORS = ("Jane Austen", "Emil Jané", "東")
ISBNS = ("9780141439587", "9780140434156", "9780141199078")
LANGUAGES = ("en", "en-GB")
SUBJECTS = ("Courtship", "Éducation")
DATE_ORDER = (None, "-0750", "0999", "1815", "1815-12", "1815-12-23", "1816")

Fields = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Request:
    """A command as a client sends it."""

    kind: str
    book_id: str
    body: Any
    actor: str
    key: str | None
    if_match: frozenset[int] | None = None

    @property
    def content(self) -> str:
        """What two requests with one key must have in common."""
        return self.kind + json.dumps(self.body, sort_keys=True)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of a request: a version of a book, or the name of a refusal."""

    refusal: str | None = None
    book_id: str | None = None
    version: int | None = None
    replayed: bool = False


@dataclass
class ShelvedBook:
    """A book of the model; one without fields has been removed."""

    version: int
    fields: Fields | None
    added: int


@dataclass
class Shelf:
    """All books, and the responses to requests with a key."""

    books: dict[str, ShelvedBook] = field(default_factory=dict)
    remembered: dict[tuple[str, str, str], tuple[str, int]] = field(default_factory=dict)
    added_by_key: dict[tuple[str, str], str] = field(default_factory=dict)
    requests: int = 0

    def handle(self, request: Request, new_id: str | None) -> Outcome:
        """Apply ``request``; return the expected outcome. A book that is added gets ``new_id``."""
        self.requests += 1
        if request.kind == "AddBook":
            added = self.added_by_key.get((request.actor, request.key)) if request.key else None
            return self._replay(request, added) if added else self._add(request, new_id)
        if request.key and (request.actor, request.key, request.book_id) in self.remembered:
            return self._replay(request, request.book_id)
        return self._change(request)

    def _replay(self, request: Request, book_id: str) -> Outcome:
        content, version = self.remembered[request.actor, request.key or "", book_id]
        if content != request.content:
            return Outcome("KeyReused")
        return Outcome(None, book_id, version, replayed=True)

    def _add(self, request: Request, new_id: str | None) -> Outcome:
        if (owner := self.owner(request.body.get("isbn"))) is not None:
            return Outcome("AlreadyClaimed", owner)
        if new_id is None or new_id in self.books:
            return Outcome("(a new id)")
        if request.key:
            self.added_by_key[request.actor, request.key] = new_id
        self.books[new_id] = ShelvedBook(0, None, self.requests)
        return self._store(request, new_id, {"subjects": [], **_without_nulls(request.body)})

    def _change(self, request: Request) -> Outcome:
        book = self.books.get(request.book_id)
        if book is None or book.fields is None:
            return Outcome("NotFound")
        if request.if_match is not None and book.version not in request.if_match:
            return Outcome("PreconditionFailed")
        if request.kind == "RemoveBook":
            return self._store(request, request.book_id, None)
        fields = {"subjects": [], **_without_nulls({**book.fields, **request.body})}
        if not {"title", "authors"} <= fields.keys():
            return Outcome("InvalidInput")
        owner = self.owner(fields.get("isbn"))
        if owner not in (None, request.book_id):
            return Outcome("AlreadyClaimed", owner)
        if fields == book.fields and not request.key:
            return Outcome(None, request.book_id, book.version)
        return self._store(request, request.book_id, fields)

    def _store(self, request: Request, book_id: str, fields: Fields | None) -> Outcome:
        book = self.books[book_id]
        book.version, book.fields = book.version + 1, fields
        if request.key:
            mark = (request.actor, request.key, book_id)
            self.remembered[mark] = (request.content, book.version)
        return Outcome(None, book_id, book.version)

    def owner(self, isbn: str | None) -> str | None:
        """Return the book that has ``isbn``."""
        present = self.present()
        return next(
            (b for b, fields in present.items() if isbn and fields.get("isbn") == isbn), None
        )

    def present(self) -> dict[str, Fields]:
        """Return the books that have not been removed."""
        return {b: book.fields for b, book in self.books.items() if book.fields is not None}

    def listed(self, wanted: Mapping[str, str], sort: str = "title") -> list[str]:
        """Return the ids of the books that have the ``wanted`` values, in order."""
        found = [b for b, fields in self.present().items() if _has(fields, wanted)]
        found.sort(key=lambda b: (self._rank(b, sort.removeprefix("-")), b))
        return found[::-1] if sort.startswith("-") else found

    def _rank(self, book_id: str, sort: str) -> int:
        fields = self.present()[book_id]
        match sort:
            case "title":
                return TITLE_ORDER.index(fields["title"])
            case "published":
                return DATE_ORDER.index(fields.get("published"))
            case _:
                return self.books[book_id].added

    def found(self, query: str) -> list[str]:
        """Return the ids that a search finds, by the word matched by its last, then by title."""
        *whole, prefix = query.split()
        positions = []
        for book_id, fields in self.present().items():
            own = sorted(
                {w for text in (fields["title"], *fields["authors"]) for w in PLAIN[text].split()}
            )
            matched = [word for word in own if word.startswith(prefix)]
            if matched and set(whole) <= set(own):
                positions.append((matched[0], self._rank(book_id, "title"), book_id))
        return [book_id for *_, book_id in sorted(positions)]


def _without_nulls(fields: Mapping[str, Any]) -> Fields:
    return {name: value for name, value in fields.items() if value is not None}


def _has(fields: Fields, wanted: Mapping[str, str]) -> bool:
    own = {name: value if isinstance(value, list) else [value] for name, value in fields.items()}
    return all(value in own.get(name, []) for name, value in wanted.items())
