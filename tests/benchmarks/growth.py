"""Whether a read costs more as the catalogue grows, in SQLite and in DynamoDB (Local)."""

import random
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import fmean

from core.adapters.sqlite.read_model import SqliteReadModel
from core.domain.details import BookDetails
from core.domain.manifest import BOOKS
from core.ports.catalogue import Catalogue
from core.ports.folding import fold
from core.ports.listing import Listing
from core.ports.text import words
from tests.benchmarks.made_up_books import SEED, made_up_books
from tests.benchmarks.measuring import Data, megabytes, significant, take_turns
from tests.support.books import BookView, books_by
from tests.support.dynamodb import catalogue_at, fresh_catalogue_table
from tests.support.dynamodb_wire import Call, Wire, fresh_wire

FILE = "books.db"
SAMPLE = 200
WRITERS = 4
COMMON_WORD = "ba"


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


def fill(catalogue: Catalogue[BookDetails], size: int) -> list[BookView]:
    """Put ``size`` books in and return those that will be read."""
    shelf = list(made_up_books(size))
    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(lambda book: catalogue.replace(None, book), shelf))
    return random.Random(SEED).sample(shelf, min(SAMPLE, size))


def measure(
    rounds: int = 200,
    *,
    sqlite_sizes: Sequence[int] = (1_000, 10_000, 100_000),
    dynamodb_sizes: Sequence[int] = (1_000, 10_000),
) -> Data:
    """Return, by store and read, the milliseconds and units in a catalogue of each size.

    Those of DynamoDB Local are the emulator's, and only their ratio means anything; the units are
    what AWS would count. The files of SQLite are given in MB.
    """
    with ExitStack() as stack:
        folders = [Path(stack.enter_context(tempfile.TemporaryDirectory())) for _ in sqlite_sizes]
        on_disk = [stack.enter_context(sqlite(folder)) for folder in folders]
        filled = [(c, fill(c, size)) for c, size in zip(on_disk, sqlite_sizes, strict=True)]
        in_sqlite = compare(filled, (), sqlite_sizes, rounds)
        files = [megabytes(folder / FILE) for folder in folders]
        wire = fresh_wire()
        tables = [stack.enter_context(dynamodb(wire)) for _ in dynamodb_sizes]
        filled = [(c, fill(c, size)) for c, size in zip(tables, dynamodb_sizes, strict=True)]
        in_dynamodb = compare(filled, wire.calls, dynamodb_sizes, rounds)
    sized = zip(map(str, sqlite_sizes), files, strict=True)
    return {"sqlite": in_sqlite, "dynamodb": in_dynamodb, "sqlite_file_mb": dict(sized)}


def compare(
    filled: Sequence[tuple[Catalogue[BookDetails], list[BookView]]],
    calls: Sequence[Call],
    sizes: Sequence[int],
    rounds: int,
) -> Data:
    """Return each read's milliseconds and mean units by size. ``calls`` are the requests so far."""
    return {read.name: _read(read, filled, calls, sizes, rounds) for read in READS_OF}


def _read(
    read: Read,
    filled: Sequence[tuple[Catalogue[BookDetails], list[BookView]]],
    calls: Sequence[Call],
    sizes: Sequence[int],
    rounds: int,
) -> Data:
    units: dict[str, list[float]] = {str(size): [] for size in sizes}

    def act(size: int, catalogue: Catalogue[BookDetails], sample: list[BookView]) -> float:
        taken = units[str(size)]
        book = sample[len(taken) % len(sample)]
        started = time.perf_counter()
        read.act(catalogue, book)
        milliseconds = 1000 * (time.perf_counter() - started)
        taken.append(calls[-1].units if calls else 0.0)
        return milliseconds

    acts = {
        str(size): partial(act, size, catalogue, sample)
        for size, (catalogue, sample) in zip(sizes, filled, strict=True)
    }
    times = take_turns(acts, rounds)
    means = {size: significant(fmean(taken)) for size, taken in units.items()}
    return {"ms": times, "units": means} if calls else {"ms": times}


@contextmanager
def sqlite(folder: Path) -> Iterator[Catalogue[BookDetails]]:
    """Yield an empty catalogue in SQLite."""
    with closing(SqliteReadModel(folder / FILE, BOOKS.listing)) as model:
        yield model.live()


@contextmanager
def dynamodb(wire: Wire) -> Iterator[Catalogue[BookDetails]]:
    """Yield an empty catalogue in DynamoDB."""
    with fresh_catalogue_table() as table:
        yield catalogue_at(wire.client, table, BOOKS, 1)
