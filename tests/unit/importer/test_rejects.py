import csv
import io
from pathlib import Path

import pytest

from apps.importer.cleaning import Unusable
from apps.importer.json_lines import JsonLines
from apps.importer.outcomes import failed, rejected
from apps.importer.rejects import rejected_lines, rejects_file
from apps.importer.rows import BookFile, Row, UnusableFile


def test_rejected_rows_are_kept_with_number_reason_and_original_cells(tmp_path: Path) -> None:
    path = tmp_path / "rejects.csv"
    row = Row(7, ("A,\nB", "C"), Unusable("bad"))
    with rejects_file(path, ("title", "authors")) as reject:
        reject(row, rejected("bad"))
        written = path.read_bytes().decode()
        reject(Row(9, ("only one",), Unusable("short")), failed("away"))
    assert list(csv.reader(io.StringIO(written, newline=""))) == [
        ["row", "outcome", "reason", "title", "authors"],
        ["7", "rejected", "bad", "A,\nB", "C"],
    ]
    assert path.read_text(encoding="utf-8").endswith("9,failed,away,only one\n")


def test_rejects_of_rejects_do_not_repeat_their_columns(tmp_path: Path) -> None:
    path = tmp_path / "rejects.csv"
    columns = ("row", "outcome", "reason", "title", "authors")
    with rejects_file(path, columns) as reject:
        reject(Row(2, ("7", "rejected", "old", "A", "B"), {}), rejected("new"))
    assert path.read_text().splitlines()[1] == "2,rejected,new,A,B"
    with BookFile(path) as books:
        assert [row.content for row in books] == [{"title": "A", "authors": ["B"]}]


def test_bytes_that_are_not_utf8_are_written_to_the_rejects_unchanged(tmp_path: Path) -> None:
    source = tmp_path / "books.csv"
    source.write_bytes(b"title,authors\nCaf\xe9,B\n")
    with BookFile(source) as books, rejects_file(tmp_path / "r.csv", books.header) as reject:
        for row in books:
            reject(row, rejected("is not in UTF-8"))
    assert b"Caf\xe9,B" in (tmp_path / "r.csv").read_bytes()


def test_a_rejects_file_that_cannot_be_written_is_reported_at_once(tmp_path: Path) -> None:
    with (
        pytest.raises(UnusableFile, match="--rejects"),
        rejects_file(tmp_path / "absent" / "r.csv", ()),
    ):
        pytest.fail("opened")


def test_a_file_of_rejected_lines_can_be_corrected_and_imported(tmp_path: Path) -> None:
    source, path = tmp_path / "books.ndjson", tmp_path / "rejects.ndjson"
    source.write_text('{"title": "É"}\n{"title": \n', encoding="utf-8")
    with JsonLines(source) as lines, rejected_lines(path) as reject:
        for row in lines:
            reject(row, rejected("bad"))
    assert path.read_text(encoding="utf-8") == (
        '{"row": 1, "outcome": "rejected", "reason": "bad", "title": "É"}\n'
        '{"row": 2, "outcome": "rejected", "reason": "bad", "line": "{\\"title\\":"}\n'
    )
    with JsonLines(path) as lines:
        assert [row.content for row in lines] == [{"title": "É"}, {"line": '{"title":'}]


def test_bytes_of_a_line_that_are_not_utf8_are_written_to_the_rejects_unchanged(
    tmp_path: Path,
) -> None:
    source, path = tmp_path / "books.ndjson", tmp_path / "rejects.ndjson"
    source.write_bytes(b'{"title": "Caf\xe9"}\n')
    with JsonLines(source) as lines, rejected_lines(path) as reject:
        for row in lines:
            reject(row, rejected("is not in UTF-8"))
    assert b"Caf\xe9" in path.read_bytes()
