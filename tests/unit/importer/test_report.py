import csv
import io
from pathlib import Path

import pytest
from rich.console import Console

from apps.importer.cleaning import Unusable
from apps.importer.outcomes import Outcome, Tally, Verdict, failed, rejected
from apps.importer.report import rejects_file, shown_progress, summary
from apps.importer.rows import BookFile, Row, UnusableFile


def some_tally(problems: int = 1) -> Tally:
    tally = Tally()
    tally.add(2, Outcome(Verdict.ADDED))
    tally.add(3, Outcome(Verdict.ALREADY_THERE))
    for number in range(4, 4 + problems):
        tally.add(number, rejected("isbn is wrong"))
    return tally


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


def test_the_summary_has_all_counts_the_rate_the_lag_and_the_first_reasons() -> None:
    lines = summary(some_tally(), 1.5, "0.20 s", Path("r.csv")).splitlines()
    assert [line.split() for line in lines[:5]] == [
        ["rows", "read", "3"],
        ["added", "1"],
        ["already", "there", "1"],
        ["rejected", "1"],
        ["failed", "0"],
    ]
    assert "2 rows a second" in lines[5]
    assert "0.20 s" in lines[6]
    assert lines[7] == "row 4 rejected: isbn is wrong"
    assert "All 1 rows that were not imported" in lines[8]
    assert "r.csv" in lines[8]


def test_the_summary_shows_only_the_first_few_problems() -> None:
    text = summary(some_tally(problems=500), 0.0, "-", Path("r.csv"))
    assert text.count("isbn is wrong") == 10
    assert "All 500 rows" in text


def test_without_a_terminal_progress_is_an_occasional_line() -> None:
    now = [0.0]
    output = io.StringIO()
    with shown_progress(Console(file=output), 1000, lambda: now[0]) as show:
        show(some_tally(), 100)
        now[0] = 5.0
        show(some_tally(), 500)
        show(some_tally(), 510)
    assert output.getvalue().splitlines() == [
        " 50%  3 rows: 1 added, 1 already there, 1 rejected, 0 failed"
    ]


def test_on_a_terminal_progress_is_a_bar() -> None:
    output = io.StringIO()
    console = Console(file=output, force_terminal=True, width=120)
    with shown_progress(console, 1000, lambda: 0.0) as show:
        show(some_tally(), 500)
    assert "50%" in output.getvalue()
    assert "3 rows: 1 added" in output.getvalue()
