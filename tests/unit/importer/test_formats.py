from pathlib import Path

import pytest

from apps.importer.formats import Format, format_of, opened_books
from apps.importer.outcomes import rejected

BOOK = {"title": "A", "authors": ["B"]}


@pytest.mark.parametrize(
    ("name", "named", "expected"),
    [
        ("books.csv", None, Format.CSV),
        ("books.NDJSON", "", Format.NDJSON),
        ("books.jsonl", None, Format.NDJSON),
        ("books.csv", "ndjson", Format.NDJSON),
        ("books", "JSONL", Format.NDJSON),
        ("books.txt", "csv", Format.CSV),
    ],
)
def test_the_format_is_the_one_named_else_that_of_the_extension(
    name: str, named: str | None, expected: Format
) -> None:
    assert format_of(Path(name), named) is expected


@pytest.mark.parametrize(
    ("name", "named"), [("books", None), ("books.txt", None), ("b.csv", "xml")]
)
def test_an_unknown_format_is_refused_with_those_that_are_known(
    name: str, named: str | None
) -> None:
    with pytest.raises(ValueError, match=r"use \.csv, \.ndjson or \.jsonl"):
        format_of(Path(name), named)


@pytest.mark.parametrize(
    ("file_format", "text"),
    [(Format.CSV, "title,authors\nA,B\n"), (Format.NDJSON, '{"title": "A", "authors": ["B"]}\n')],
)
def test_the_rejects_of_a_file_are_a_file_of_its_format(
    file_format: Format, text: str, tmp_path: Path
) -> None:
    path, rejects, again = tmp_path / "books", tmp_path / "rejects", tmp_path / "again"
    path.write_text(text)
    with opened_books(path, file_format, rejects) as (books, reject):
        for row in books:
            reject(row, rejected("bad"))
    with opened_books(rejects, file_format, again) as (books, _):
        assert [row.content for row in books] == [BOOK]
