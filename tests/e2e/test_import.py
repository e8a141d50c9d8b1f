"""The importer and the exporter against the real services.

Each row is added once, however often it is imported, and what is exported is imported again.
"""

import csv
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from apps.local.token import fetch_token
from tests.support.services import ROOT, RUNNER, new_environment, running

DIRTY_BOOKS = ROOT / "tests" / "unit" / "importer" / "dirty_books.csv"
TIMEOUT_SECONDS = 120.0
COUNTS = ("rows read", "added", "already there", "rejected", "failed")

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e")]


@dataclass(frozen=True)
class Services:
    """The URLs of the services."""

    command: str
    query: str
    issuer: str

    def importer(self, file: Path, *options: str) -> list[str]:
        urls = ["--url", self.command, "--query-url", self.query]
        return [sys.executable, "-m", "apps.importer", str(file), *urls, *options]

    def environment(self) -> dict[str, str]:
        ours = {k: v for k, v in os.environ.items() if k not in {"FILE", "URL", "BOOKS_TOKEN"}}
        return {**ours, "JWT_ISSUER": self.issuer}

    def run_importer(
        self, file: Path, *options: str, code: int = 0
    ) -> subprocess.CompletedProcess[str]:
        """Import ``file``; its rejects are written beside it."""
        ended = subprocess.run(
            self.importer(file, *options),
            cwd=file.parent,
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
        assert ended.returncode == code, ended.stdout + ended.stderr
        return ended

    def counts(self, file: Path) -> list[int]:
        return counts_of(self.run_importer(file).stdout)

    def found(self, **filters: str) -> list[dict[str, object]]:
        page = httpx.get(f"{self.query}/v1/catalog/books", params=filters, trust_env=False)
        items: list[dict[str, object]] = page.raise_for_status().json()["items"]
        return items


def counts_of(summary: str) -> list[int]:
    lines = summary.splitlines()[: len(COUNTS)]
    assert [line[:16].strip() for line in lines] == list(COUNTS)
    return [int(line[16:].replace(",", "")) for line in lines]


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """Yield the services of ``make run``, on free ports and with an empty store."""
    environment = new_environment(tmp_path_factory.mktemp("store"))
    with running(RUNNER, environment):
        ports = ("COMMAND_PORT", "QUERY_PORT", "IDENTITY_PORT")
        yield Services(*(f"http://127.0.0.1:{environment[port]}" for port in ports))


def write_books(path: Path, rows: list[tuple[str, ...]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("isbn", "title", "authors", "subjects", "description"), *rows])
    return path


def test_rows_of_a_dirty_file_are_imported_once_or_reported(
    services: Services, tmp_path: Path
) -> None:
    file = tmp_path / "dirty.csv"
    file.write_bytes(DIRTY_BOOKS.read_bytes())
    first = services.run_importer(file)
    assert counts_of(first.stdout) == [9, 5, 1, 3, 0]
    assert "s from the last write until it was shown" in first.stdout
    with (tmp_path / "dirty.rejects.csv").open(encoding="utf-8", newline="") as rejects:
        reasons = {row["row"]: row["reason"] for row in csv.DictReader(rejects)}
    assert list(reasons) == ["6", "9", "10"]
    assert "check digit" in reasons["6"]
    assert "is not a language code" in reasons["9"]
    assert reasons["10"] == "/authors is required"

    assert services.counts(file) == [9, 0, 6, 3, 0]
    (book,) = services.found(isbn="0002070006")
    assert book["title"] == "Song of Salt"
    assert book["authors"] == ["Bruno Fennel", "Ida Fennel"]
    assert (book["published"], book["language"]) == ("-0750", "fr")
    assert len(services.found(author="Chiyo Marsh")) == 1


def test_an_isbn_of_another_book_is_reported_with_that_book(
    services: Services, tmp_path: Path
) -> None:
    isbn = "9780804429573"
    services.run_importer(write_books(tmp_path / "a.csv", [(isbn, "One", "A", "", "")]))
    (holder,) = services.found(isbn=isbn)
    other = write_books(tmp_path / "b.csv", [(isbn, "Another", "A", "", "")])
    ended = services.run_importer(other)
    assert counts_of(ended.stdout) == [1, 0, 0, 1, 0]
    assert str(holder["id"]) in ended.stdout


def test_an_interrupted_import_that_is_started_again_adds_each_book_once(
    services: Services, tmp_path: Path
) -> None:
    def good(numbers: range) -> list[tuple[str, ...]]:
        return [("", f"Interrupted {i}", "A", "interruption", "") for i in numbers]

    bad = [("1", "Bad", "A", "", "long " * 2_000)] * 30
    file = write_books(tmp_path / "books.csv", good(range(30)) + bad + good(range(30, 60)))
    # The import cannot pass the bad rows before the signal: they are more than a pipe holds.
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    process = subprocess.Popen(
        services.importer(file, "--rejects", str(pipe)),
        env=services.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    guard = threading.Timer(TIMEOUT_SECONDS, process.kill)
    guard.start()
    with pipe.open(encoding="utf-8") as rejects:
        assert rejects.readline().startswith("row,outcome,reason")
        assert "rejected" in rejects.readline()
        process.send_signal(signal.SIGINT)
        rejects.read()
    shown, errors = process.communicate()
    guard.cancel()
    assert process.returncode == 130, errors
    assert "Start it again to continue" in shown
    read, added, already, rejected, failed = counts_of(shown)
    assert read == added + already + rejected + failed < 90
    assert (already, failed) == (0, 0)

    assert services.counts(file) == [90, 60 - added, added, 30, 0]
    titles = [item["title"] for item in services.found(subject="interruption", limit="100")]
    assert sorted(map(str, titles)) == sorted(f"Interrupted {i}" for i in range(60))


@pytest.mark.parametrize("name", ["books.csv", "books.ndjson"])
def test_an_exported_file_is_imported_without_adding_anything(
    services: Services, tmp_path: Path, name: str
) -> None:
    source = write_books(tmp_path / "source.csv", [("", "Kept", "A", "b;c", 'd, "e"\r\nf')])
    services.run_importer(source)
    exported = tmp_path / name
    exporter = [sys.executable, "-m", "apps.exporter", str(exported), "--url", services.query]
    subprocess.run(exporter, env=services.environment(), check=True, timeout=TIMEOUT_SECONDS)
    read, *others = services.counts(exported)
    assert others == [0, read, 0, 0]
    assert read >= 1
    assert counts_of(services.run_importer(exported, "--dry-run").stdout) == [read, read, 0, 0, 0]


@pytest.mark.parametrize(
    ("scope", "reason"),
    [("books:audit", "lacks the scope books:write"), (None, "refuses the token")],
)
def test_an_insufficient_token_stops_the_import_and_is_reported(
    services: Services, tmp_path: Path, scope: str | None, reason: str
) -> None:
    token = fetch_token(services.issuer, scope) if scope else "not.a.token"
    file = write_books(tmp_path / "books.csv", [("", "Nobody's", "A", "", "")])
    ended = services.run_importer(file, "--token", token, code=1)
    assert reason in ended.stdout
    assert token not in ended.stdout + ended.stderr
