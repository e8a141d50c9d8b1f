"""Made-up books in any number: common words are common, and rare words rare."""

import random
from collections.abc import Iterator
from typing import Any

from tests.support.books import BookView, view

LANGUAGES = ("en", "en", "en", "de", "fr", "es")
SYLLABLES = ("ba", "con", "de", "fi", "gra", "hol", "in", "ker", "lo", "mun", "nor", "pe")
SEED = 7


def made_up_books(count: int) -> Iterator[BookView]:
    """Yield ``count`` books, the same at each call."""
    chance = random.Random(SEED)
    for number in range(count):
        title = " ".join(_word(chance) for _ in range(chance.randint(2, 6)))
        details: dict[str, Any] = {
            "title": title,
            "authors": (f"{_word(chance)} {_word(chance)}",),
            "language": chance.choice(LANGUAGES),
            "published": str(chance.randint(1800, 2024)),
        }
        yield view(f"{chance.getrandbits(64):016x}", added=number, **details)


def _word(chance: random.Random) -> str:
    rank = int(chance.paretovariate(0.6)) % 50_000
    letters = ""
    while True:
        rank, digit = divmod(rank, len(SYLLABLES))
        letters += SYLLABLES[digit]
        if not rank:
            return letters
