"""Books to write and listings to read: few values, so that clients get in each other's way."""

from collections.abc import Mapping
from random import Random
from typing import Any, Final

from tests.reliability.processes.history import SERIES

_WORDS: Final = ("sea", "season", "tide", "ocean", "night", "river", "garden", "house")
_AUTHORS: Final = ("Iris Murdoch", "Émile Zola", "Ursula K. Le Guin", "Τζένη Μαστοράκη")
_SUBJECTS: Final = ("fiction", "théâtre", "philosophy", "travel")
_LANGUAGES: Final = ("en", "fr", "el")
_DATES: Final = ("1978", "1985-03", "2001-05-17", "-0750", "0044")
_SORTS: Final = ("title", "-title", "published", "-published", "added", "-added")

Json = dict[str, Any]


def _isbn(number: int) -> str:
    digits = f"978{number:09d}"
    weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return f"{digits}{-weighted % 10}"


ISBNS: Final = tuple(_isbn(140_000_000 + number) for number in range(24))
"""Few, so that they are contended for."""

ALL_FILTERS: Final[tuple[Mapping[str, str], ...]] = (
    *({"author": author} for author in _AUTHORS),
    *({"subject": subject} for subject in _SUBJECTS),
    *({"language": language} for language in _LANGUAGES),
    *({"isbn": isbn} for isbn in ISBNS),
    *({"q": query} for query in ("sea", "se", "tide oc", "zola night", "gar")),
    {"author": _AUTHORS[0], "subject": _SUBJECTS[1], "language": _LANGUAGES[0]},
)


def all_listings() -> list[Json]:
    """Return the parameters of the listings that are compared at the end of a run."""
    sorted_ones: list[Json] = [{"sort": sort} for sort in _SORTS]
    return sorted_ones + [dict(filters) for filters in ALL_FILTERS]


def some_listing(rng: Random) -> Json:
    """Return the parameters of a listing."""
    filters: Json = dict(rng.choice(ALL_FILTERS))
    if "q" not in filters and rng.random() < 0.7:
        filters["sort"] = rng.choice(_SORTS)
    return filters | {"limit": str(rng.choice((2, 5, 20, 100)))}


def some_isbn(rng: Random) -> str:
    """Return one of the contended ISBNs."""
    return rng.choice(ISBNS)


def new_book(rng: Random, *, newer: bool) -> Json:
    """Return the body of a request to add a book; a ``newer`` one has the next version's field."""
    return {
        "title": _title(rng),
        "authors": rng.sample(_AUTHORS, rng.choice((1, 1, 2))),
        **({"isbn": some_isbn(rng)} if rng.random() < 0.3 else {}),
        **({"published": rng.choice(_DATES)} if rng.random() < 0.5 else {}),
        **({"language": rng.choice(_LANGUAGES)} if rng.random() < 0.6 else {}),
        **({"subjects": rng.sample(_SUBJECTS, 2)} if rng.random() < 0.6 else {}),
        **({"description": "wave " * rng.randrange(1, 40) + "end"} if rng.random() < 0.2 else {}),
        **({SERIES: "The Sea"} if newer else {}),
    }


def some_patch(rng: Random, *, newer: bool) -> Json:
    """Return a JSON Merge Patch; some change nothing when they are applied twice."""
    patch: Json = rng.choice(
        (
            {"title": _title(rng)},
            {"subjects": rng.sample(_SUBJECTS, rng.choice((1, 2)))},
            {"language": rng.choice((*_LANGUAGES, None))},
            {"published": rng.choice((*_DATES, None))},
            {"isbn": some_isbn(rng)},
            {"isbn": None},
            {"authors": rng.sample(_AUTHORS, 1), "title": _title(rng)},
        )
    )
    return patch | ({SERIES: rng.choice(("The Sea", None))} if newer else {})


def _title(rng: Random) -> str:
    return " ".join(rng.choices(_WORDS, k=rng.choice((1, 2, 3))))
