"""The index entries of a book: what its listings are read from.

There is one for each facet of the book (every book has the facet "all") and one for each of its words. Each carries
the book as listings show it, so that a page is one Query, and all facets of the book, for filters that combine.

A facet's entry is in three indexes at once, one for each sort. A word's entry is in the index by title alone, in the
partition of its first letter, where its key is the word and then the title: words with one beginning lie together.
"""

from core.adapters.dynamodb.items import Item
from core.adapters.dynamodb.keys import (
    ALL,
    INDEXES,
    book_partition,
    entry_sort_key,
    facet,
    facet_partition,
    place_key,
    word_partition,
)
from core.adapters.dynamodb.views import entry_attributes
from core.domain.text import fold
from core.ports.catalogue import BookView, Entry, Sort, book_sort_key, book_words


def index_entries(generation: int, entry: Entry | None) -> dict[str, Item]:
    """Return the items that find a book, by sort key. They are all in the book's own partition of the base table."""
    if not isinstance(entry, BookView):
        return {}
    facets = book_facets(entry)
    words = book_words(entry)
    items = [
        *_facet_entries(generation, entry, facets),
        *_word_entries(generation, entry, facets, words),
    ]
    return {item["sk"]["S"]: item for item in items}


def book_facets(view: BookView) -> tuple[str, ...]:
    """Return the facets of a book, sorted, "all" among them."""
    details = view.details
    facets = {
        ALL,
        *(facet("author", fold(author)) for author in details.authors),
        *(facet("subject", fold(subject)) for subject in details.subjects),
    }
    if details.language is not None:
        facets.add(facet("language", fold(details.language)))
    if details.isbn is not None:
        facets.add(facet("isbn", details.isbn))
    return tuple(sorted(facets))


def _facet_entries(generation: int, view: BookView, facets: tuple[str, ...]) -> list[Item]:
    content = _content(generation, view)
    places = {
        attribute: {"S": place_key((book_sort_key(view, sort), view.book_id))}
        for sort, (_, attribute) in INDEXES.items()
    }
    return [
        {
            **content,
            **places,
            "sk": {"S": entry_sort_key(own)},
            "facet": {"S": facet_partition(generation, own)},
            "facets": {"SS": list(facets)},
        }
        for own in facets
    ]


def _word_entries(
    generation: int, view: BookView, facets: tuple[str, ...], words: tuple[str, ...]
) -> list[Item]:
    content = _content(generation, view)
    title = book_sort_key(view, Sort.TITLE)
    of_words = [facet("word", word) for word in words]
    return [
        {
            **content,
            "sk": {"S": entry_sort_key(own)},
            "facet": {"S": word_partition(generation, word)},
            "title_key": {"S": place_key((word, title, view.book_id))},
            "facets": {"SS": [*facets, *of_words]},
            # A search shows a book by its first matching word only: where the one before does not match.
            **({"previous_word": {"S": previous}} if previous else {}),
        }
        for word, own, previous in zip(words, of_words, ("", *words), strict=False)
    ]


def _content(generation: int, view: BookView) -> Item:
    return {
        "pk": {"S": book_partition(generation, view.book_id)},
        **entry_attributes(view.summary()),
    }
