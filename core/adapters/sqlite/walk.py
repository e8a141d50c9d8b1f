"""Reading along the lists of the index, in the order of the listing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from sqlite3 import Connection
from typing import Final

from core.adapters.sqlite.lists import (
    ALL_VIEWS,
    Places,
    Visit,
    Wanted,
    and_in,
    values_of,
)
from core.adapters.sqlite.places import BEFORE_ALL, END, neighbours
from core.ports.listing import Position

FIRST_WORDS, WORDS_AT_ONCE = 20, 100
NEXT_WORD: Final = "\0"
"""What a word is followed by in the first text that comes after it: no word has it."""

Start = tuple[str, int]
"""A matched word and a place: a page begins after them."""


@dataclass(frozen=True, slots=True)
class Walk:
    """A way along the lists of a listing.

    ``sample`` is how many entries on a list is looked at to find out how sparse it is; ``reaches``
    has what was found.
    """

    connection: Connection
    generation: int
    wanted: Wanted
    sample: int
    reaches: dict[tuple[Places, int], float] = field(default_factory=dict)

    def along_words(self, after: Start | None) -> Iterator[Visit]:
        """Visit the entries of the words that begin as asked, word by word.

        A view belongs to the first of its words that do: there the word before does not begin so.
        The beginning of some words is a visit too, so that words without entries are counted.
        """
        first, last = self.wanted.word_range
        if after is not None:
            word, start = after
            next_word = word + NEXT_WORD
            # A client may make up a word that does not begin so.
            for _, number, _ in self._words(max(first, word), min(next_word, last), 1):
                yield from self.along(word, self._lists_with(number), start)
            first = max(first, next_word)
        at_once = FIRST_WORDS
        while words := self._words(first, last, at_once):
            yield Visit(words[0][0], BEFORE_ALL, belongs=False)
            for is_long, some in groupby(words, key=itemgetter(2)):
                if is_long:
                    for word, number, _ in some:
                        yield from self.along(word, self._lists_with(number), self._outside)
                else:
                    yield from self._along_short(*(word for word, *_ in some))
            first, at_once = words[-1][0] + NEXT_WORD, WORDS_AT_ONCE

    def along(self, word: str, lists: Sequence[Places], start: int) -> Iterator[Visit]:
        """Visit the entries of the sparsest of ``lists``, or all views, beyond the place ``start``.

        ``word`` is the matched word. A view belongs if it is in all the lists.
        """
        sort = self.wanted.sort
        driver, *others = self._sparsest_first(lists, start) if lists else [ALL_VIEWS]
        entries = self.connection.execute(
            f"SELECT place, 1{driver.only_first}{and_in(self.generation, others)}"
            f" FROM {driver.table}_{self.generation} AS entry"
            f" WHERE {driver.whole().condition}{self._beyond}",
            (
                *driver.values(sort)[2:],
                *values_of(sort, others),
                *driver.whole().values(sort),
                start,
            ),
        )
        for place, belongs in entries:
            yield Visit(word, place, bool(belongs))

    def start(self, after: Position | None) -> int:
        """Return the place beyond which the views after ``after``, a key and an id, are."""
        place = None
        if after is not None:
            near = neighbours(self.connection, self.generation, self.wanted.sort, *after)
            outer = near.above if self.wanted.backwards else near.below
            place = outer if near.at is None else near.at
        return self._outside if place is None else place

    @property
    def _outside(self) -> int:
        return END if self.wanted.backwards else BEFORE_ALL

    @property
    def _beyond(self) -> str:
        if self.wanted.backwards:
            return " AND place < ? ORDER BY place DESC"
        return " AND place > ? ORDER BY place"

    def _words(self, first: str, last: str, at_most: int) -> list[tuple[str, int, bool]]:
        """Return words from ``first`` to before ``last``, with their numbers, and whether long.

        A long one has so many entries that another list may be sparser.
        """
        is_long, values = "0", tuple[int, ...]()
        if self.wanted.lists:
            is_long = (
                f"EXISTS (SELECT 1 FROM matches_{self.generation} AS entry"
                " WHERE entry.number = words.number AND sort = ? LIMIT 1 OFFSET ?)"
            )
            values = (self.wanted.sort, self.sample)
        return self.connection.execute(
            f"SELECT word, number, {is_long} FROM words_{self.generation} AS words"
            " WHERE word >= ? AND word < ? ORDER BY word LIMIT ?",
            (*values, first, last, at_most),
        ).fetchall()

    def _along_short(self, first: str, *others: str) -> Iterator[Visit]:
        """Visit the entries of words that follow each other."""
        sort, lists = self.wanted.sort, self.wanted.lists
        entries = self.connection.execute(
            f"SELECT word, place, shared < ?{and_in(self.generation, lists)}"
            f" FROM words_{self.generation} AS words CROSS JOIN matches_{self.generation} AS entry"
            " ON entry.number = words.number AND entry.sort = ?"
            " WHERE word >= ? AND word <= ? ORDER BY word, place",
            (
                len(self.wanted.prefix),
                *values_of(sort, lists),
                sort,
                first,
                others[-1] if others else first,
            ),
        )
        for word, place, belongs in entries:
            yield Visit(word, place, bool(belongs))

    def _lists_with(self, word: int) -> list[Places]:
        return [Places("matches", word, len(self.wanted.prefix)), *self.wanted.lists]

    def _sparsest_first(self, lists: Sequence[Places], start: int) -> Sequence[Places]:
        if len(lists) == 1:
            return lists
        return sorted(lists, key=lambda each: self._reach(each, start), reverse=True)

    def _reach(self, each: Places, start: int) -> float:
        """Return how far from ``start`` the last of a sample of a list is; infinite without it."""
        whole = each.whole()
        if (known := self.reaches.get((whole, start))) is not None:
            return known
        found = self.connection.execute(
            f"SELECT place FROM {whole.table}_{self.generation}"
            f" WHERE {whole.condition}{self._beyond} LIMIT 1 OFFSET ?",
            (*whole.values(self.wanted.sort), start, self.sample),
        ).fetchone()
        reach = float("inf") if found is None else abs(found[0] - start)
        self.reaches[whole, start] = reach
        return reach
