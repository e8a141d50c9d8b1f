"""The program as it is started, against a service of three pages."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.support.services import ROOT

PAGES = {None: (["a", "b"], "1"), "1": (["c"], "2"), "2": (["d"], None)}
LINES = [f'{{"authors":["B"],"title":"{title}"}}' for title in "abcd"]
TIMEOUT_SECONDS = 60


@dataclass
class Service:
    """A query service; ``before`` is called with the cursor before a page is shown."""

    before: Callable[[str | None], None] = lambda cursor: None
    cursors: list[str | None] = field(default_factory=list)
    url: str = ""

    def show(self, target: str) -> object:
        path, query = urlsplit(target).path, parse_qs(urlsplit(target).query)
        if not path.endswith("/books"):
            return {"id": "x", "version": 1, "title": path[-1], "authors": ["B"], "subjects": []}
        cursor = query.get("cursor", [None])[0]
        self.cursors.append(cursor)
        self.before(cursor)
        ids, following = PAGES[cursor]
        return {"items": [{"id": i} for i in ids], **({"next": following} if following else {})}


@pytest.fixture
def service() -> Iterator[Service]:
    shown = Service()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(shown.show(self.path)).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever).start()
        shown.url = f"http://127.0.0.1:{server.server_address[1]}"
        yield shown
        server.shutdown()


def started(file: Path, service: Service) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "apps.exporter", str(file), "--url", service.url],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize(
    ("number", "status", "again"),
    [(signal.SIGINT, 130, ["2"]), (signal.SIGKILL, -signal.SIGKILL, ["1", "2"])],
    ids=["SIGINT", "SIGKILL"],
)
def test_an_export_that_was_stopped_continues_and_leaves_no_file_before_it_is_whole(
    number: int, status: int, again: list[str], service: Service, tmp_path: Path
) -> None:
    file = tmp_path / "books.ndjson"
    processes: list[subprocess.Popen[str]] = []
    is_started = threading.Event()

    def stop(cursor: str | None) -> None:
        if cursor == "1":
            is_started.wait(TIMEOUT_SECONDS)
            os.kill(processes[0].pid, number)

    service.before = stop
    processes.append(started(file, service))
    is_started.set()
    shown, errors = processes[0].communicate(timeout=TIMEOUT_SECONDS)
    assert processes[0].returncode == status, shown + errors
    assert not file.exists()
    assert service.cursors == [None, "1"]

    service.before = lambda cursor: None
    process = started(file, service)
    shown, errors = process.communicate(timeout=TIMEOUT_SECONDS)
    assert process.returncode == 0, errors
    assert shown.startswith(f"Continuing {file}.part")
    assert service.cursors == [None, "1", *again]
    assert file.read_text().splitlines() == LINES
    assert [path.name for path in tmp_path.iterdir()] == [file.name]


def test_a_service_that_does_not_list_books_is_reported_and_leaves_nothing(
    service: Service, tmp_path: Path
) -> None:
    service.url += "/elsewhere/x"
    service.show = lambda target: {"message": "Hello"}  # type: ignore[method-assign]
    process = started(tmp_path / "books.csv", service)
    _, errors = process.communicate(timeout=TIMEOUT_SECONDS)
    assert process.returncode == 1
    assert "Is that the query service?" in errors
    assert "books.csv is not written" in errors
    assert list(tmp_path.iterdir()) == []
