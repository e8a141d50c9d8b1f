"""Whether a read costs more as the catalogue grows: medians by size, and their ratio.

    python -m tests.benchmarks.growth --store sqlite --sizes 1000 10000 100000
    python -m tests.benchmarks.growth --store dynamodb --sizes 1000 10000

With DynamoDB (DynamoDB Local unless DYNAMODB_ENDPOINT is set) the capacity units of each read are
shown too. Those are what AWS would count; the times are the emulator's, and only their ratio is
meaningful.
"""

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from core.adapters.dynamodb.catalogue import DynamoDbCatalogue
from core.adapters.sqlite.read_model import SqliteReadModel
from core.domain.details import BookDetails
from core.domain.manifest import BOOKS
from core.ports.catalogue import Catalogue
from core.ports.folding import fold
from core.ports.listing import Listing
from core.ports.text import words
from tests.support.books import BookView, books_by, view
from tests.support.dynamodb import fresh_catalogue_table
from tests.support.dynamodb_wire import Call, Wire, fresh_wire

READS = 200
WRITERS = 4
LANGUAGES = ("en", "en", "en", "de", "fr", "es")
COMMON_WORD = "ba"
SYLLABLES = ("ba", "con", "de", "fi", "gra", "hol", "in", "ker", "lo", "mun", "nor", "pe")


@dataclass(frozen=True, slots=True)
class Read:
    """A kind of read, done for one book after another."""

    name: str
    act: Callable[[Catalogue[BookDetails], BookView], object]


def _rarest(book: BookView) -> str:
    """Return the rarest word of the title: the longer a made-up word, the rarer it is."""
    return max(words(book.details.title), key=len)


def page(
    listing: Callable[[BookView], Listing], *, deep: bool = False
) -> Callable[[Catalogue[BookDetails], BookView], object]:
    """Return a read of a page of 20 of the listing that ``listing`` makes for a book.

    It is the first page or, with ``deep``, the one after the book.
    """

    def act(catalogue: Catalogue[BookDetails], book: BookView) -> object:
        wanted = listing(book)
        return catalogue.find(wanted, BOOKS.listing.position(book, wanted) if deep else None, 20)

    return act


READS_OF = [
    Read("get", lambda catalogue, book: catalogue.get(book.id)),
    Read("first page", page(lambda _: books_by())),
    Read(
        "deep page, newest first",
        page(lambda _: books_by(sort="added", descending=True), deep=True),
    ),
    Read("an author", page(lambda book: books_by(author=fold(book.details.authors[0])))),
    Read(
        "a language, deep",
        page(lambda book: books_by(language=book.details.language or ""), deep=True),
    ),
    Read("a prefix", page(lambda book: books_by((words(book.details.title)[0][:4],)))),
    Read("two words", page(lambda book: books_by(words(book.details.title)[:2]))),
    Read("a rare and a common word", page(lambda book: books_by((_rarest(book), COMMON_WORD)))),
    Read("a common and a rare word", page(lambda book: books_by((COMMON_WORD, _rarest(book))))),
    Read("a rare word and a letter", page(lambda book: books_by((_rarest(book), COMMON_WORD[0])))),
]


def books(chance: random.Random, first: int, last: int) -> Iterator[BookView]:
    """Yield made-up books, numbered from ``first`` to before ``last``; common words are common."""
    for number in range(first, last):
        title = " ".join(_word(chance) for _ in range(chance.randint(2, 6)))
        details = BookDetails(
            title=title,
            authors=(f"{_word(chance)} {_word(chance)}",),
            language=chance.choice(LANGUAGES),
            published=str(chance.randint(1800, 2024)),
        )
        yield view(f"{chance.getrandbits(64):016x}", added=number, **asdict(details))


def _word(chance: random.Random) -> str:
    rank = int(chance.paretovariate(0.6)) % 50_000
    letters = ""
    while True:
        rank, digit = divmod(rank, len(SYLLABLES))
        letters += SYLLABLES[digit]
        if not rank:
            return letters


def fill(catalogue: Catalogue[BookDetails], size: int) -> list[BookView]:
    """Put ``size`` books in and return those that will be read."""
    chance = random.Random(7)
    shelf = list(books(chance, 0, size))
    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(lambda book: catalogue.replace(None, book), shelf))
    return chance.sample(shelf, min(READS, size))


def measure(
    read: Read,
    filled: Sequence[tuple[Catalogue[BookDetails], list[BookView]]],
    calls: Sequence[Call],
) -> list[tuple[float, float]]:
    """Return the median milliseconds of a read, and its mean units, in each catalogue.

    ``calls`` are the requests so far. The catalogues take turns, so what else the machine does
    falls on all alike.
    """
    times: list[list[float]] = [[] for _ in filled]
    taken = [0.0 for _ in filled]
    for turn in range(READS):
        for number, (catalogue, sample) in enumerate(filled):
            book = sample[turn % len(sample)]
            started = time.perf_counter()
            read.act(catalogue, book)
            times[number].append(1000 * (time.perf_counter() - started))
            taken[number] += calls[-1].units if calls else 0.0
    return [(statistics.median(t), u / READS) for t, u in zip(times, taken, strict=True)]


def compare(
    filled: Sequence[tuple[Catalogue[BookDetails], list[BookView]]],
    calls: Sequence[Call],
    sizes: Sequence[int],
) -> None:
    """Measure each read in each catalogue, and print."""
    heads = "".join(f"{size:>18,}" for size in sizes)
    print(f"{'median ms (units)':<26}{heads}{'ratio':>8}")
    for read in READS_OF:
        results = measure(read, filled, calls)
        cells = "".join(f"{f'{ms:.2f} ({mean:.1f})':>18}" for ms, mean in results)
        print(f"{read.name:<26}{cells}{results[-1][0] / results[0][0]:>8.2f}", flush=True)


@contextmanager
def sqlite() -> Iterator[Catalogue[BookDetails]]:
    """Yield an empty catalogue in SQLite."""
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(SqliteReadModel(Path(folder) / "books.db", BOOKS.listing)) as model,
    ):
        yield model.live()


@contextmanager
def dynamodb(wire: Wire) -> Iterator[Catalogue[BookDetails]]:
    """Yield an empty catalogue in DynamoDB."""
    with fresh_catalogue_table() as table:
        yield DynamoDbCatalogue(wire.client, table, BOOKS, lambda: 1, time.sleep)


def main() -> None:
    """Measure as the command line asks."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--store", choices=["sqlite", "dynamodb"], default="sqlite")
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    arguments = parser.parse_args()
    sizes = sorted(arguments.sizes)
    with ExitStack() as stack:
        if arguments.store == "sqlite":
            catalogues = [stack.enter_context(sqlite()) for _ in sizes]
            calls: Sequence[Call] = ()
        else:
            wire = fresh_wire()
            catalogues = [stack.enter_context(dynamodb(wire)) for _ in sizes]
            calls = wire.calls
        filled = [(c, fill(c, size)) for c, size in zip(catalogues, sizes, strict=True)]
        compare(filled, calls, sizes)


if __name__ == "__main__":
    main()
