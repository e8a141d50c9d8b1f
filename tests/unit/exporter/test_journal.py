from pathlib import Path

import pytest

from apps.exporter.journal import Journal
from apps.exporter.pages import Page
from apps.importer.rows import UnusableFile
from tests.unit.exporter.hard_books import BOOKS

SOURCE = "http://query.test"
FIRST, SECOND, LAST = Page(BOOKS[:3], "one"), Page([], "two"), Page(BOOKS[3:], None)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "books.ndjson.part"


def test_a_new_journal_begins_at_the_first_page(path: Path) -> None:
    with Journal(path, SOURCE) as journal:
        assert (journal.count, journal.cursor, journal.is_whole) == (0, None, False)
        assert list(journal.books()) == []
    assert not path.exists()


def test_a_journal_that_is_opened_again_continues_after_its_last_page(path: Path) -> None:
    with Journal(path, SOURCE) as journal:
        journal.append(FIRST)
        journal.append(SECOND)
    with Journal(path, SOURCE) as journal:
        assert (journal.count, journal.cursor, journal.is_whole) == (3, "two", False)
        journal.append(LAST)
        assert (journal.count, journal.cursor, journal.is_whole) == (7, None, True)
        assert list(journal.books()) == BOOKS
    with Journal(path, SOURCE) as journal:
        assert (journal.count, journal.is_whole) == (7, True)
        assert list(journal.books()) == BOOKS


def test_a_journal_that_was_cut_anywhere_continues_after_its_last_whole_line(path: Path) -> None:
    first, last = Page(BOOKS[:1], "one"), Page(BOOKS[1:2], None)
    with Journal(path, SOURCE) as journal:
        journal.append(first)
        journal.append(last)
    written = path.read_bytes()
    for length in range(len(written)):
        path.write_bytes(written[:length])
        with Journal(path, SOURCE) as journal:
            assert journal.count == (1 if written[:length].count(b"\n") == 2 else 0)
            assert not journal.is_whole
            for page in (first, last)[journal.count :]:
                journal.append(page)
            assert list(journal.books()) == BOOKS[:2]
        assert path.read_bytes() == written


@pytest.mark.parametrize("rest", [b"\0\0\0", b"\0\n\0", b"[]\n"], ids=["zeros", "lines", "JSON"])
def test_what_follows_the_last_whole_line_is_dropped(path: Path, rest: bytes) -> None:
    with Journal(path, SOURCE) as journal:
        journal.append(FIRST)
    written = path.read_bytes()
    path.write_bytes(written + rest)
    with Journal(path, SOURCE) as journal:
        assert journal.count == 3
    assert path.read_bytes() == written


def test_a_journal_of_another_service_is_left_as_it_is(path: Path) -> None:
    with Journal(path, SOURCE) as journal:
        journal.append(FIRST)
    written = path.read_bytes()
    with pytest.raises(UnusableFile, match="no unfinished export from http://other"):
        Journal(path, "http://other.test")
    assert path.read_bytes() == written


def test_a_file_that_is_no_journal_is_left_as_it_is(path: Path) -> None:
    path.write_text("somebody's own")
    with pytest.raises(UnusableFile, match="move it away"):
        Journal(path, SOURCE)
    assert path.read_text() == "somebody's own"


def test_two_exports_do_not_share_a_journal(path: Path) -> None:
    with Journal(path, SOURCE) as journal:
        with pytest.raises(UnusableFile, match="another export is writing"):
            Journal(path, SOURCE)
        journal.append(FIRST)
    with Journal(path, SOURCE) as journal:
        journal.remove()
    assert not path.exists()


def test_a_journal_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnusableFile, match=r"cannot write .*: No such file"):
        Journal(tmp_path / "absent" / "books.part", SOURCE)
