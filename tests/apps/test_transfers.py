"""Files of books into and out of both services: what one writes, the other takes back."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from apps.exporter.filling import fill
from apps.exporter.journal import Journal
from apps.exporter.pages import NoBooks, QueryClient
from apps.exporter.writing import Lossy, write_books
from apps.importer.checking import check
from apps.importer.cleaning import Book, encode_book
from apps.importer.client import CommandClient, Tokens
from apps.importer.formats import Format, opened_books
from apps.importer.outcomes import Outcome, Verdict
from apps.importer.retrying import Backoff, Patience
from apps.importer.rows import Row
from apps.importer.stopping import Stop
from apps.importer.transfer import transfer
from core.bootstrap import commands, queries, stores
from tests.support.api import Api
from tests.support.gateway import ANN
from tests.unit.exporter.hard_books import BOOKS, NOT_IN_CSV

DIRTY_BOOKS = Path(__file__).parents[1] / "unit" / "importer" / "dirty_books.csv"
MANY = [{"title": f"Book {number}", "authors": ["A"]} for number in range(250)]
IMPATIENT = Patience(lambda _: False, Backoff(attempts=1))


@pytest.fixture
def http(api: Api) -> httpx.Client:
    """Return a client of both services, with the token of a caller."""

    def respond(request: httpx.Request) -> httpx.Response:
        target, headers = request.url.raw_path.decode(), dict(request.headers)
        response = api.gateway.send(
            request.method, target, headers=headers, body=request.content, caller=ANN
        )
        return httpx.Response(response.status, headers=dict(response.headers), text=response.text)

    return httpx.Client(transport=httpx.MockTransport(respond), base_url="http://catalogue.test")


@pytest.fixture
def query(http: httpx.Client) -> Iterator[QueryClient]:
    with ThreadPoolExecutor(1) as worker:
        yield QueryClient(http, IMPATIENT, worker)


def import_file(path: Path, file_format: Format, http: httpx.Client) -> list[tuple[Row, Outcome]]:
    client = CommandClient(http, Tokens(lambda: "token"), IMPATIENT, lambda: 0.0)
    with opened_books(path, file_format, path.with_suffix(".rejects")) as (books, _):
        outcomes = list(transfer(books, client.send, 1, Stop()))
    return sorted(outcomes, key=lambda of_row: of_row[0].number)


def export_file(path: Path, file_format: Format, query: QueryClient) -> list[Book]:
    """Export to ``path``, and return the books in it."""
    with Journal(path.with_suffix(".part"), "here") as journal:
        list(fill(journal, query.page, file_format, Stop()))
        write_books(path, file_format, journal.books())
        journal.remove()
    return read_file(path, file_format)


def read_file(path: Path, file_format: Format) -> list[Book]:
    with opened_books(path, file_format, path.with_suffix(".rejects")) as (books, _):
        return [row.content for row in books if isinstance(row.content, dict)]


def as_set(books: list[Book]) -> list[bytes]:
    return sorted(map(encode_book, books))


@pytest.mark.parametrize("file_format", Format)
def test_what_is_exported_and_imported_into_an_empty_catalogue_is_exported_again(
    file_format: Format, api: Api, http: httpx.Client, query: QueryClient, tmp_path: Path
) -> None:
    for book in BOOKS:
        assert api.add(book).status == 201
    revised, removed = api.added(isbn=None), api.added(isbn=None, title="Removed")
    api.revise(revised, {"title": "Revised", "language": None})
    api.remove(removed)
    api.project()
    exported = export_file(tmp_path / "a", file_format, query)
    assert len(exported) == len(BOOKS) + 1
    assert as_set(BOOKS) == as_set([book for book in exported if book["title"] != "Revised"])

    for cached in (stores.event_store, stores.read_model, commands.handler, queries.handler):
        cached.cache_clear()
    for verdict in (Verdict.ADDED, Verdict.ALREADY_THERE):
        outcomes = [outcome for _, outcome in import_file(tmp_path / "a", file_format, http)]
        assert [outcome.verdict for outcome in outcomes] == [verdict] * len(exported)
    api.project()
    assert as_set(export_file(tmp_path / "b", file_format, query)) == as_set(exported)


def test_an_export_that_was_stopped_has_each_book_once_whatever_changed_meanwhile(
    api: Api, query: QueryClient, tmp_path: Path
) -> None:
    ids = [str(api.add(book).json["id"]) for book in MANY]
    api.project()
    part, stop = tmp_path / "part", Stop()
    with Journal(part, "here") as journal:
        assert next(fill(journal, query.page, Format.NDJSON, stop)) == 100

    for number in (0, 249):
        assert api.revise(ids[number], {"title": f"Revised {number}"}).status == 200
    assert api.remove(ids[1]).status == api.remove(ids[248]).status == 200
    assert api.add({"title": "New", "authors": ["A"]}).status == 201
    api.project()

    with Journal(part, "here") as journal:
        assert list(fill(journal, query.page, Format.NDJSON, stop)) == [200, 250]
        titles = [book["title"] for book in journal.books()]
    # The first page is as it was; the others are as they are now.
    assert titles == [*(f"Book {number}" for number in range(248)), "Revised 249", "New"]


def test_a_stop_ends_the_export_after_the_page_under_way(
    api: Api, query: QueryClient, tmp_path: Path
) -> None:
    for book in MANY:
        api.add(book)
    api.project()
    stop = Stop()
    with Journal(tmp_path / "part", "here") as journal:
        counts = fill(journal, query.page, Format.NDJSON, stop)
        assert next(counts) == 100
        stop.ask("interrupted")
        assert list(counts) == []
        assert not journal.is_whole


def test_a_book_that_the_format_cannot_express_ends_the_export_before_its_page_is_kept(
    api: Api, query: QueryClient, tmp_path: Path
) -> None:
    for book in [*MANY[:100], NOT_IN_CSV[0][0]]:
        assert api.add(book).status == 201
    api.project()
    with Journal(tmp_path / "part", "here") as journal:
        counts = fill(journal, query.page, Format.CSV, Stop())
        assert next(counts) == 100
        with pytest.raises(Lossy, match=r"use \.ndjson"):
            next(counts)
        assert journal.count == 100


def test_a_cursor_that_the_service_refuses_ends_the_export_and_is_reported(
    query: QueryClient,
) -> None:
    with pytest.raises(NoBooks, match="start again without one"):
        query.page("from elsewhere")


ROWS = [
    {"title": "A", "authors": ["B"], "isbn": "0-14-143958-0"},
    {"title": "Z", "authors": ["B"], "isbn": "9780141439587"},
    {"title": "A", "authors": ["B"], "isbn": "0-14-143958-0"},
    {"title": "", "published": "soon", "pages": None},
    {"title": "A", "authors": "B", "subjects": ["c", "c"]},
    {"title": "A", "authors": ["B"], "description": "\U0001f4d6" * 20_000},
    {},
]


@pytest.mark.parametrize("file_format", Format)
def test_a_dry_run_reports_what_an_import_into_an_empty_catalogue_does(
    file_format: Format, http: httpx.Client, tmp_path: Path
) -> None:
    path = DIRTY_BOOKS
    if file_format is Format.NDJSON:
        path = tmp_path / "rows.ndjson"
        lines = [json.dumps(row, ensure_ascii=False) for row in ROWS]
        path.write_text("\n".join([*lines, "[]", "{", lines[0]]), encoding="utf-8")
    copy = tmp_path / "copy"
    copy.write_bytes(path.read_bytes())
    with opened_books(copy, file_format, tmp_path / "rejects") as (books, _):
        checked = [reported(outcome) for _, outcome in check(books, Stop())]
    imported = [reported(outcome) for _, outcome in import_file(copy, file_format, http)]
    assert checked == imported
    assert {verdict for verdict, _ in checked} == {
        Verdict.ADDED,
        Verdict.ALREADY_THERE,
        Verdict.REJECTED,
    }


def reported(outcome: Outcome) -> tuple[Verdict, str]:
    # The service names the book that has the ISBN by its id, and a dry run by its row.
    return outcome.verdict, outcome.reason.partition(" belongs to the book ")[0]
