"""The example of the domain in the tests of the use cases and the apps.

Another domain replaces these values, and most of those tests need no other change.
"""

from collections.abc import Mapping
from typing import Any, Final

BOOKS: Final = "/v1/catalog/books"
EMMA: Final[Mapping[str, Any]] = {"title": "Emma", "authors": ["Jane Austen"]}
"""The smallest body of a new book."""

EMMAS_ISBN: Final = "9780141439587"
"""What only one book may have."""

FILTER: Final = "subject"
"""A filter that several books may match, ..."""

FILTERED: Final[Mapping[str, Any]] = {"subjects": ["s & t"]}
"""... and the fields of a book that it finds by ``s & t``."""

FIELDS: Final = (
    "isbn",
    "title",
    "authors",
    "description",
    "published",
    "language",
    "subjects",
)
FILTERS: Final = ("author", "isbn", "language", "subject")
OTHER_FIELDS: Final[Mapping[str, str]] = {
    "title": "E",
    "description": "D",
    "language": "en",
    "published": "1815",
}
"""Fields that ``EMMA`` does not have, or not with these values."""

UNSAID: Final = frozenset({"isbn", "published"})
"""Fields whose JSON Schema leaves some rule out: a check digit, the days of a month."""

SHOWN_BY_EXAMPLES: Final = {
    "docs/reference/api.md": {
        '"title":"The Sea, the Sea"': 5,  # read, three listings, history
        '"version":2': 1,
        '"type":"BookRevised"': 1,
        '"title":"No such book"': 1,
    },
    "docs/tutorial.md": {
        '"title":"Middlemarch"': 2,
        "Idempotent-Replayed: true": 1,
        '"title":"The book has changed"': 1,
        '"type":"BookRevised"': 1,
    },
}
"""What the examples of each document print, and how often at least."""
