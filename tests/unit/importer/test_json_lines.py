import json
from pathlib import Path

import pytest

from apps.importer.cleaning import Unusable
from apps.importer.json_lines import MAX_LINE_BYTES, JsonLines
from apps.importer.rows import Row, UnusableFile

BOOK = {"title": "A", "authors": ["B"]}


def lines_of(tmp_path: Path, content: bytes) -> list[Row]:
    path = tmp_path / "books.ndjson"
    path.write_bytes(content)
    with JsonLines(path) as lines:
        rows = list(lines)
        assert lines.position == lines.size
    return rows


def line(**fields: object) -> bytes:
    return json.dumps(fields).encode() + b"\n"


def test_each_line_is_a_book_as_it_is_sent(tmp_path: Path) -> None:
    book = {"title": " É ", "authors": ["B"], "subjects": [], "isbn": "0-306-40615-2", "pages": 7}
    (row,) = lines_of(tmp_path, json.dumps(book).encode())
    assert row == Row(1, (json.dumps(book),), book)


def test_a_null_is_the_absence_of_a_field_except_of_an_unknown_one(tmp_path: Path) -> None:
    (row,) = lines_of(tmp_path, line(**BOOK, isbn=None, pages=None))
    assert row.content == {**BOOK, "pages": None}


def test_a_byte_order_mark_crlf_and_blank_lines_change_nothing(tmp_path: Path) -> None:
    rows = lines_of(tmp_path, b"\xef\xbb\xbf" + line(**BOOK)[:-1] + b"\r\n\n \r\n" + line(**BOOK))
    assert [(row.number, row.content) for row in rows] == [(1, BOOK), (4, BOOK)]


def test_only_a_line_feed_ends_a_line(tmp_path: Path) -> None:
    book = {"title": "A\u2028B\u0085C", "authors": ["B"]}
    (row,) = lines_of(tmp_path, json.dumps(book, ensure_ascii=False).encode())
    assert row.content == book


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (b'{"title": }', "is not JSON in UTF-8: Expecting value at character 10"),
        (b'{"title": "Caf\xe9"}', "is not JSON in UTF-8: it has bytes or escapes that are not"),
        (b'{"title": "\\ud800"}', "is not JSON in UTF-8: it has bytes or escapes that are not"),
        (b'{"title": NaN}', "is not JSON in UTF-8: NaN is not a JSON value"),
        (b'{"title": "A", "title": "B"}', "is not JSON in UTF-8: an object has a name twice"),
        (b"[" * 100_000, "is not JSON in UTF-8: it is nested too deeply"),
        (b"9" * 10_000, "is not JSON in UTF-8: a number is too long"),
        (b'["A", "B"]', "is not a JSON object"),
        (b" " * 3 * MAX_LINE_BYTES + b"{}", "is a line of more than 1,048,576 bytes"),
    ],
    ids=[
        "no JSON",
        "no UTF-8",
        "a lone surrogate",
        "no number",
        "a name twice",
        "deep",
        "a long number",
        "no object",
        "a long line",
    ],
)
def test_a_bad_line_is_reported_with_its_number_and_the_next_is_read(
    tmp_path: Path, bad: bytes, reason: str
) -> None:
    rows = lines_of(tmp_path, line(**BOOK) + bad + b"\n" + line(**BOOK))
    assert [row.number for row in rows] == [1, 2, 3]
    assert isinstance(rows[1].content, Unusable)
    assert str(rows[1].content).startswith(reason)
    assert rows[2].content == BOOK


def test_a_file_of_rejected_lines_is_read_without_its_report(tmp_path: Path) -> None:
    (row,) = lines_of(tmp_path, line(row=7, outcome="rejected", reason="bad", **BOOK))
    assert row.content == BOOK


def test_other_encodings_of_unicode_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnusableFile, match="save it as UTF-8"):
        lines_of(tmp_path, "{}".encode("utf-16"))
