from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.exporter.writing import Lossy, encode, write_books
from apps.importer.cleaning import Book
from apps.importer.formats import Format, opened_books
from core.domain.rules import parse_details
from core.ports.plain_text import clean
from core.ports.records import to_data
from core.ports.refusals import InvalidInput
from tests.unit.exporter.hard_books import BOOKS, NOT_IN_CSV


def read(path: Path, file_format: Format) -> list[Any]:
    with opened_books(path, file_format, path.with_name("rejects")) as (books, _):
        return [row.content for row in books]


@pytest.mark.parametrize("file_format", Format)
def test_a_file_is_read_as_the_books_that_were_written(file_format: Format, tmp_path: Path) -> None:
    path = tmp_path / "books"
    write_books(path, file_format, BOOKS)
    assert read(path, file_format) == BOOKS


@pytest.mark.parametrize(("book", "field"), NOT_IN_CSV)
def test_a_book_that_csv_cannot_express_is_refused_and_ndjson_takes_it(
    book: Book, field: str, tmp_path: Path
) -> None:
    with pytest.raises(Lossy, match=rf"'A' cannot be written as CSV \(.*{field}.*use \.ndjson"):
        encode(book, Format.CSV)
    write_books(tmp_path / "books", Format.NDJSON, [book])
    assert read(tmp_path / "books", Format.NDJSON) == [book]


def texts(more: str = "") -> st.SearchStrategy[str]:
    plain = st.characters(exclude_categories=("Cc", "Cs"))
    return st.text(plain | st.sampled_from(f";,\"' {more}"), min_size=1, max_size=8).map(clean)


def is_book(book: Book) -> bool:
    try:
        stored = parse_details(book)
    except InvalidInput:
        return False
    return to_data(stored) == book


books = st.fixed_dictionaries(
    {"title": texts(), "authors": st.lists(texts(), min_size=1, max_size=3)},
    optional={
        "isbn": st.sampled_from(["9780141439587", "9780306406157"]),
        "description": texts("\t\r\n"),
        "published": st.sampled_from(["1999", "-0750", "0000", "0008", "1999-05", "1999-05-17"]),
        "language": st.sampled_from(["en", "pt-BR", "iw", "zh-Hant", "abcde", "en-x-a"]),
        "subjects": st.lists(texts(), min_size=1, max_size=3),
    },
).filter(is_book)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("books")


@settings(deadline=None)
@pytest.mark.parametrize("file_format", Format)
@given(st.lists(books, max_size=3))
def test_whatever_the_service_stores_is_written_without_loss_or_refused(
    file_format: Format, folder: Path, stored: list[Book]
) -> None:
    path = folder / "books"
    try:
        write_books(path, file_format, stored)
    except Lossy:
        assert file_format is Format.CSV
        return
    assert read(path, file_format) == stored


def test_a_file_is_replaced_only_by_a_whole_one(tmp_path: Path) -> None:
    path = tmp_path / "books.ndjson"
    path.write_text("the old one")

    def interrupted() -> Iterator[Book]:
        yield BOOKS[0]
        assert path.read_text() == "the old one"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_books(path, Format.NDJSON, interrupted())
    assert path.read_text() == "the old one"
    write_books(path, Format.NDJSON, BOOKS)
    assert read(path, Format.NDJSON) == BOOKS
