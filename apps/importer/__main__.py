"""Import a CSV or NDJSON file of books through the command service, over HTTP.

A row is added once, however often it is imported: start an interrupted import again to continue it.
Exit status: 0 when no row failed (rejected rows are reported), 1 when one did or the import could
not continue, 2 for a wrong call or file, 130 when interrupted.
"""

import argparse
import os
import sys
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
from rich.console import Console

from apps.importer.checking import check
from apps.importer.client import CommandClient, Halted, Tokens
from apps.importer.connecting import (
    COMMAND_URL,
    QUERY_URL,
    connect,
    count_text,
    secure_url_text,
    url_text,
)
from apps.importer.formats import FORMAT_HELP, Books, Format, Reject, format_of, opened_books
from apps.importer.lag import NotMeasured, projector_lag
from apps.importer.outcomes import Outcome, Tally, Verdict, Written
from apps.importer.report import shown_progress, summary
from apps.importer.retrying import Patience
from apps.importer.rows import Row, UnusableFile
from apps.importer.stopping import INTERRUPTED, SIGNALLED, Stop, stop_on_signals
from apps.importer.transfer import transfer
from apps.local.token import fetch_token
from core.config import DEFAULT_ISSUER
from core.loopback import is_loopback

_SCOPE = "books:write"


@dataclass(frozen=True, slots=True)
class Options:
    """The command line, checked."""

    file: Path
    format: Format
    dry_run: bool
    url: str
    query_url: str
    parallel: int
    rejects: Path
    token: str | None
    issuer: str


def parse_options(arguments: Sequence[str], environment: Mapping[str, str]) -> Options:
    """Return the options of the command line and the environment.

    Exit with 2 and a line on stderr when they are wrong.
    """
    parser = argparse.ArgumentParser(prog="python -m apps.importer", description=__doc__)
    # A make variable that is not set is an empty environment variable.
    file, url = environment.get("FILE") or None, environment.get("URL") or COMMAND_URL
    parser.add_argument("file", type=Path, nargs="?", default=file, help="default: FILE")
    parser.add_argument("--format", default=environment.get("FORMAT"), help=FORMAT_HELP)
    parser.add_argument(
        "--dry-run",
        action="store_true",
        default=environment.get("DRY_RUN") == "1",
        help="check the file and send nothing (default: whether DRY_RUN is 1)",
    )
    parser.add_argument(
        "--url", type=secure_url_text, default=url, help=f"default: URL or {COMMAND_URL}"
    )
    parser.add_argument(
        "--query-url",
        type=url_text,
        default=environment.get("QUERY_URL") or None,
        help="default: QUERY_URL, or port 8001 here, or --url elsewhere",
    )
    parser.add_argument(
        "--parallel", type=count_text, default=8, help="requests at once (default 8)"
    )
    parser.add_argument("--rejects", type=Path, help="default: FILE's name with .rejects, here")
    parser.add_argument("--token", help="default: BOOKS_TOKEN, or one requested from JWT_ISSUER")
    given = parser.parse_args(arguments)
    if given.file is None:
        parser.error("name the file to import: make import FILE=books.csv")
    try:
        file_format = format_of(given.file, given.format)
    except ValueError as error:
        parser.error(str(error))
    rejects = given.rejects or Path(f"{given.file.stem}.rejects.{file_format}")
    if rejects.resolve() == given.file.resolve():
        parser.error("--rejects must be another file than the one to import")
    return Options(
        given.file,
        file_format,
        given.dry_run,
        given.url,
        given.query_url or (QUERY_URL if is_loopback(httpx.URL(given.url).host) else given.url),
        given.parallel,
        rejects,
        given.token or environment.get("BOOKS_TOKEN"),
        environment.get("JWT_ISSUER", DEFAULT_ISSUER),
    )


def main() -> None:
    """Import the file that the command line names."""
    options = parse_options(sys.argv[1:], os.environ)
    stop = Stop()
    stop_on_signals(stop)
    try:
        with opened_books(options.file, options.format, options.rejects) as (books, reject):
            run = check_books if options.dry_run else import_books
            tally = run(options, books, reject, stop)
    except UnusableFile as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    except (Halted, OSError) as error:
        sys.exit(str(error))
    sys.exit(INTERRUPTED if stop.reason == SIGNALLED else int(tally[Verdict.FAILED] > 0))


def check_books(options: Options, books: Books, reject: Reject, stop: Stop) -> Tally:
    """Print the summary of an import into an empty catalogue. Nothing is sent."""
    begin = time.monotonic()
    tally = _follow(check(books, stop), books, reject, deque(maxlen=0))
    print(summary(tally, time.monotonic() - begin, None, options.rejects))
    print("Dry run: nothing was sent. This is what an import into an empty catalogue would do.")
    if stop.reason:
        print(f"Stopped: {stop.reason}")
    return tally


def import_books(options: Options, books: Books, reject: Reject, stop: Stop) -> Tally:
    """Send all books and print the summary. Raise Halted when there is no token to begin with."""
    with (
        connect(options.url, options.parallel) as command,
        connect(options.query_url, 1) as query,
    ):
        tokens = Tokens(_token_source(options))
        tokens.current()
        client = CommandClient(command, tokens, Patience(stop.pause), time.monotonic)
        begin = time.monotonic()
        # The last event in the log is among as many writes as were under way at once.
        last: deque[Written] = deque(maxlen=2 * options.parallel)
        outcomes = transfer(books, client.send, options.parallel, stop)
        tally = _follow(outcomes, books, reject, last)
        elapsed = time.monotonic() - begin
        print(summary(tally, elapsed, _lag(query, last, stop), options.rejects))
    if stop.reason:
        print(f"Stopped: {stop.reason}\nStart it again to continue: nothing is added twice.")
    return tally


def _follow(
    outcomes: Iterable[tuple[Row, Outcome]], books: Books, reject: Reject, last: deque[Written]
) -> Tally:
    """Show the progress, report what is not imported, and remember what was written ``last``."""
    tally = Tally()
    with shown_progress(Console(stderr=True), books.size, time.monotonic) as show:
        for row, outcome in outcomes:
            tally.add(row.number, outcome)
            if outcome.written:
                last.append(outcome.written)
            if outcome.reason:
                reject(row, outcome)
            show(tally, books.position)
    return tally


def _lag(query: httpx.Client, last: Collection[Written], stop: Stop) -> str:
    try:
        lag = projector_lag(query, last, time.monotonic, stop.pause)
    except NotMeasured as error:
        return f"not measured: {error}"
    return f"{lag:.2f} s from the last write until it was shown"


def _token_source(options: Options) -> Callable[[], str]:
    token = options.token
    if token is not None:
        return lambda: token
    return lambda: fetch_token(options.issuer, _SCOPE)


if __name__ == "__main__":
    main()
