"""Export all books to a CSV or NDJSON file that the importer takes, through the query service.

FILE appears when it is whole. Until then the books are in FILE.part: start a stopped export again
to continue it.
Exit status: 0 when FILE is written, 1 when the export could not continue, 2 for a wrong call or
file, 130 when interrupted.
"""

import argparse
import os
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from apps.counting import counted
from apps.exporter.filling import fill
from apps.exporter.journal import Journal
from apps.exporter.pages import NoBooks, QueryClient
from apps.exporter.writing import Lossy, write_books
from apps.importer.connecting import QUERY_URL, connect, count_text, url_text
from apps.importer.formats import FORMAT_HELP, Format, format_of
from apps.importer.report import shown_progress
from apps.importer.retrying import GaveUp, Patience
from apps.importer.rows import UnusableFile
from apps.importer.stopping import INTERRUPTED, Stop, stop_on_signals


@dataclass(frozen=True, slots=True)
class Options:
    """The command line, checked."""

    file: Path
    format: Format
    url: str
    parallel: int


def parse_options(arguments: Sequence[str], environment: Mapping[str, str]) -> Options:
    """Return the options of the command line and the environment.

    Exit with 2 and a line on stderr when they are wrong.
    """
    parser = argparse.ArgumentParser(prog="python -m apps.exporter", description=__doc__)
    # A make variable that is not set is an empty environment variable.
    file = environment.get("FILE") or None
    url = environment.get("QUERY_URL") or environment.get("URL") or QUERY_URL
    parser.add_argument("file", type=Path, nargs="?", default=file, help="default: FILE")
    parser.add_argument("--format", default=environment.get("FORMAT"), help=FORMAT_HELP)
    parser.add_argument(
        "--url", type=url_text, default=url, help=f"default: QUERY_URL, or URL, or {QUERY_URL}"
    )
    parser.add_argument(
        "--parallel", type=count_text, default=8, help="requests at once (default 8)"
    )
    given = parser.parse_args(arguments)
    if given.file is None:
        parser.error("name the file to write: make export FILE=books.ndjson")
    if given.file.exists() and not given.file.is_file():
        parser.error(f"{given.file} is not a file")
    try:
        file_format = format_of(given.file, given.format)
    except ValueError as error:
        parser.error(str(error))
    return Options(given.file, file_format, given.url, given.parallel)


def main() -> None:
    """Export to the file that the command line names."""
    options = parse_options(sys.argv[1:], os.environ)
    stop = Stop()
    stop_on_signals(stop)
    try:
        with Journal(options.file.with_name(f"{options.file.name}.part"), options.url) as journal:
            export_books(options, journal, stop)
            is_whole = journal.is_whole
    except UnusableFile as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    except (GaveUp, Lossy, NoBooks, OSError) as error:
        print(f"{error}\n{options.file} is not written.", file=sys.stderr)
        sys.exit(INTERRUPTED if stop.is_asked() else 1)
    sys.exit(0 if is_whole else INTERRUPTED)


def export_books(options: Options, journal: Journal, stop: Stop) -> None:
    """Add the missing pages to the journal, and write the file when it has all.

    Raise GaveUp, Lossy, NoBooks and OSError. The journal keeps the pages that were read.
    """
    if journal.count:
        print(f"Continuing {journal.path}, which has {counted(journal.count, 'book')}.")
    begin, already = time.monotonic(), journal.count
    with (
        connect(options.url, options.parallel) as http,
        ThreadPoolExecutor(options.parallel, thread_name_prefix="export") as workers,
        shown_progress(Console(stderr=True), None, time.monotonic) as show,
    ):
        client = QueryClient(http, Patience(stop.pause), workers)
        for count in fill(journal, client.page, options.format, stop):
            show(counted(count, "book"), count)
    books = counted(journal.count, "book")
    if not journal.is_whole:
        print(f"Stopped: {journal.path} has {books}. Start it again to continue.")
        return
    write_books(options.file, options.format, journal.books())
    journal.remove()
    elapsed = time.monotonic() - begin
    rate = (journal.count - already) / elapsed if elapsed else 0.0
    print(f"{options.file}: {books}, in {elapsed:,.1f} s ({rate:,.0f} a second)")


if __name__ == "__main__":
    main()
