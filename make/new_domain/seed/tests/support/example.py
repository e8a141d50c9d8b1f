"""The example of the domain in the tests of the use cases and the apps."""

from collections.abc import Mapping
from typing import Any, Final

BOOKS: Final = "/v1/catalog/books"
EMMA: Final[Mapping[str, Any]] = {"title": "Emma"}
"""The smallest body of a new book."""

EMMAS_ISBN: Final = "9780141439587"
"""What only one book may have."""

FILTER: Final = "label"
"""A filter that several books may match, ..."""

FILTERED: Final[Mapping[str, Any]] = {"label": "s & t"}
"""... and the fields of a book that it finds by ``s & t``."""

FIELDS: Final = ("title", "label", "reference")
FILTERS: Final = ("label",)
OTHER_FIELDS: Final[Mapping[str, str]] = {"title": "E", "label": "L", "reference": "R"}
"""Fields that ``EMMA`` does not have, or not with these values."""

UNSAID: Final = frozenset[str]()
"""Fields whose JSON Schema leaves some rule out, such as a check digit."""

SHOWN_BY_EXAMPLES: Final = {
    "docs/reference/api.md": {
        '"title":"The Sea, the Sea"': 5,  # read, three listings, history
        '"version":2': 1,
        '"type":"BookRevised"': 1,
        '"title":"No such book"': 1,
    },
}
"""What the examples of each document print, and how often at least."""
