from pathlib import Path

import pytest

from apps.importer.cleaning import Unusable
from apps.importer.rows import BookFile, Row, UnusableFile

DIRTY_BOOKS = Path(__file__).with_name("dirty_books.csv")


def rows_of(tmp_path: Path, content: str | bytes) -> list[Row]:
    path = tmp_path / "books.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with BookFile(path) as books:
        return list(books)


def titles(rows: list[Row]) -> list[str]:
    return [str(r.content) if isinstance(r.content, Unusable) else r.content["title"] for r in rows]


def refusal_of(tmp_path: Path, content: str | bytes) -> str:
    with pytest.raises(UnusableFile) as refusal:
        rows_of(tmp_path, content)
    return str(refusal.value)


def test_a_goodbooks_file_is_recognised_by_its_columns_and_read_row_by_row() -> None:
    with BookFile(DIRTY_BOOKS) as books:
        rows = list(books)
        assert books.position == books.size
    assert [row.number for row in rows] == list(range(2, 11))
    unusable = {row.number: str(row.content) for row in rows if isinstance(row.content, Unusable)}
    assert list(unusable) == [6, 9]
    assert unusable[6].startswith("isbn '306406153' must be")
    assert unusable[9].startswith("language 'klingonese' is not a language code")
    assert rows[1].content == {
        "isbn": "9780002070003",
        "title": "Song of Salt",
        "authors": ["Bruno Fennel", "Ida Fennel"],
        "published": "-0750",
        "language": "fr",
    }
    assert rows[2].content == rows[6].content


def test_a_byte_order_mark_and_crlf_change_nothing(tmp_path: Path) -> None:
    plain = "title,authors\nA,B\nC,D\n"
    marked = b"\xef\xbb\xbf" + plain.replace("\n", "\r\n").encode()
    assert rows_of(tmp_path, marked) == rows_of(tmp_path, plain)


def test_column_names_may_have_capitals_spaces_and_any_order(tmp_path: Path) -> None:
    (row,) = rows_of(tmp_path, "Language, Authors ,TITLE\neng,B,A\n")
    assert row.content == {"title": "A", "authors": ["B"], "language": "en"}


def test_a_row_is_named_by_the_line_it_starts_on(tmp_path: Path) -> None:
    content = 'title,authors,description\nA,B,"one\ntwo\r\n\nthree"\n\n\nC,D,\n'
    rows = rows_of(tmp_path, content)
    assert [(row.number, row.cells[0]) for row in rows] == [(2, "A"), (8, "C")]
    assert isinstance(rows[0].content, dict)
    assert rows[0].content["description"] == "one\ntwo\r\n\nthree"


def test_a_row_of_the_wrong_length_is_reported_and_the_next_is_read(tmp_path: Path) -> None:
    rows = rows_of(tmp_path, "title,authors\nA\nC,D,E\nF,G\n")
    assert titles(rows) == [
        "has 1 cells where the header has 2",
        "has 3 cells where the header has 2",
        "F",
    ]


def test_a_row_that_is_not_utf8_is_reported_and_the_next_is_read(tmp_path: Path) -> None:
    rows = rows_of(tmp_path, "title,authors\nCafé,B\nC,D\n".encode("latin-1"))
    assert titles(rows) == ["is not in UTF-8: save the file as UTF-8", "C"]


def test_a_misplaced_quote_is_reported_and_the_next_row_is_read(tmp_path: Path) -> None:
    rows = rows_of(tmp_path, 'title,authors\n"A"b,B\nC,D\n')
    assert [row.number for row in rows] == [2, 3]
    assert titles(rows)[0].startswith("is not CSV up to line 2")
    assert titles(rows)[1] == "C"


def test_an_unclosed_quote_is_reported_with_the_lines_it_swallowed(tmp_path: Path) -> None:
    (row,) = rows_of(tmp_path, 'title,authors\n"A,B\nC,D\n')
    assert row.number == 2
    assert str(row.content).startswith("is not CSV up to line 3")


def test_an_endless_cell_does_not_fill_the_memory(tmp_path: Path) -> None:
    rows = rows_of(tmp_path, 'title,authors\n"' + "A,B\n" * 100_000)
    assert "field larger than field limit" in titles(rows)[0]


def test_a_file_of_rejected_rows_can_be_corrected_and_imported(tmp_path: Path) -> None:
    (row,) = rows_of(tmp_path, "row,outcome,reason,title,authors\n7,rejected,bad,A,B\n")
    assert row.content == {"title": "A", "authors": ["B"]}


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_other_encodings_of_unicode_are_refused(tmp_path: Path, encoding: str) -> None:
    assert "save it as UTF-8" in refusal_of(tmp_path, "title,authors\n".encode(encoding))


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("", "is empty"),
        ("title", "missing: 'authors'"),
        ("title,authors,pages", "unknown: 'pages'"),
        ("title;authors", "missing: 'title', 'authors'; unknown: 'title;authors'"),
        ("title,authors,title", "names a column twice: 'title'"),
        ('"title', "is not CSV"),
    ],
)
def test_a_file_without_the_right_columns_is_refused(
    tmp_path: Path, header: str, reason: str
) -> None:
    assert reason in refusal_of(tmp_path, header)


def test_a_refusal_names_the_required_columns(tmp_path: Path) -> None:
    refusal = refusal_of(tmp_path, "name\n")
    assert "title and authors" in refusal
    assert "original_publication_year" in refusal


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnusableFile, match="No such file"):
        BookFile(tmp_path / "absent.csv")
    with pytest.raises(UnusableFile, match="Is a directory"):
        BookFile(tmp_path)
