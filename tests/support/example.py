"""The domain's example, for tests of the use cases, the apps and whole processes.

All that they know of the domain is here: another one replaces these values, and most tests pass.
"""

from collections.abc import Mapping
from typing import Any, Final

BOOKS: Final = "/v1/catalog/books"
EMMA: Final[Mapping[str, Any]] = {"title": "Emma", "authors": ["Jane Austen"]}
"""The smallest body of a new book."""

EMMAS_ISBN: Final = "9780141439587"
"""A value that only one book may have."""

FILTER: Final = "subject"
"""A filter that several books may match, ..."""

FILTERED: Final[Mapping[str, Any]] = {"subjects": ["s & t"]}
"""... and the fields of a book that it finds by ``s & t``."""

FIELDS: Final = ("isbn", "title", "authors", "description", "published", "language", "subjects")
FILTERS: Final = ("author", "isbn", "language", "subject")
OTHER_FIELDS: Final[Mapping[str, str]] = {
    "title": "E",
    "description": "D",
    "language": "en",
    "published": "1815",
}
"""Fields that ``EMMA`` does not have, or not with these values."""
