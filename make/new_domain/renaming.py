"""From this project's words to those of a new one: an ordered table for contents and paths."""

import re
from collections.abc import Callable
from typing import Final

from make.new_domain.names import Names

Rename = Callable[[str], str]

_VOWELS: Final = "aeiou"


def table(names: Names) -> list[tuple[re.Pattern[str], str]]:
    """Return what is replaced by what, in order: whole names before the words in them."""
    one, many = names.aggregate, names.plural
    article = "an" if one[0] in _VOWELS else "a"
    rows = [
        # the project
        (r"Books CQRS", names.title),
        (r"Your own domain in place of books", "The domain"),
        (r"books-cqrs", names.project),
        (r"\bbooks-(?=command|query|\*|\[|stand-in|dockerd|registry|\$?\{)", f"{names.project}-"),
        (r"\bbooks(?=\.db\b|\.example|\.test\b)", names.project),
        (r"/v1/catalog\b", f"/v1/{names.project}"),
        # the aggregate
        (r"\b([Aa]) (?=`*[Bb]ook)(?!bookworm)", rf"\g<1>{article[1:]} "),
        (r"(?<![a-z])a_(?=book(?:_|\b))", f"{article}_"),
        (r"(?<!RUN)BOOK", one.upper()),
        (r"Book", one.capitalize()),
        (r"(?<![Rr]un)book(?!worm\b)", one),  # what to do at an alarm, and a Debian
        # its example
        (r"EMMA", "EXAMPLE"),
        (r"Emma", "Example"),
        (r"emma", "example"),
        (r"\bshelf\b", "filled"),
        (r"\b([Aa])n (?=ISBN)", r"\g<1> "),
        (r"\ban_(?=isbn)|(?<=_)an_(?=isbn)", "a_"),
        (r"(?<=_)ISBN|ISBN(?=S\b)", "REFERENCE"),
        (r"ISBN", "reference"),
        (r"Isbn", "Reference"),
        (r"isbn", "reference"),
    ]
    # A plural with rules of its own, such as "copies", stands before the singular that is in it.
    plurals = [
        (r"BOOKS", many.upper()),
        (r"Books", many.capitalize()),
        (r"books", many),
    ]
    at = next(index for index, (pattern, _) in enumerate(rows) if pattern.endswith("BOOK"))
    return [(re.compile(p), to) for p, to in (*rows[:at], *plurals, *rows[at:])]


def renamer(names: Names) -> Rename:
    """Return the function that renames a text."""
    rows = table(names)

    def rename(text: str) -> str:
        for pattern, replacement in rows:
            text = pattern.sub(replacement, text)
        return text

    return rename
