"""``make integration-events`` on a log of SQLite's, as a program of its own."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from core.adapters.sqlite.event_store import SqliteEventStore
from core.domain.manifest import BOOKS
from tests.support.book_sample import BOOK_SAMPLE
from tests.support.services import ROOT

pytestmark = pytest.mark.e2e


def run(environment: dict[str, str], **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "apps.local.integration_events"],
        cwd=ROOT,
        env={**environment, "ONCE": "1", **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def write(environment: dict[str, str], versions: int = 2) -> str:
    """Write a stream and return its id."""
    stream = str(uuid4())
    store = SqliteEventStore(Path(environment["SQLITE_PATH"]), BOOKS.events)
    store.append(stream, 0, BOOK_SAMPLE.history(stream, 1, versions))
    store.close()
    return stream


def told(text: str) -> list[tuple[Any, Any]]:
    messages = [json.loads(line) for line in text.splitlines()]
    return sorted((message["subject"], message["streamversion"]) for message in messages)


def test_the_log_is_told_on_standard_output_from_the_first_event_each_time(
    environment: dict[str, str],
) -> None:
    stream = write(environment)
    first, second = run(environment), run(environment)
    assert (first.returncode, first.stderr) == (0, "")
    assert told(first.stdout) == told(second.stdout) == [(stream, 1), (stream, 2)]


def test_a_file_is_continued_and_written_anew_when_it_was_removed(
    environment: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "messages.ndjson"
    one = write(environment)
    assert run(environment, FILE=str(file)).returncode == 0
    two = write(environment, versions=1)
    assert run(environment, FILE=str(file)).returncode == 0
    assert told(file.read_text()) == sorted([(one, 1), (one, 2), (two, 1)])
    file.unlink()
    assert run(environment, FILE=str(file)).returncode == 0
    assert told(file.read_text()) == sorted([(one, 1), (one, 2), (two, 1)])


@pytest.mark.parametrize(
    ("wrong", "line"),
    [
        ({"FILE": "a", "URL": "http://a"}, "FILE and URL cannot both be set"),
        ({"URL": "nonsense"}, "URL must be an http or https URL, not 'nonsense'"),
        ({"FILE": "/nowhere/a"}, "[Errno 2] No such file or directory: '/nowhere/a'"),
        ({"STORE": "memory"}, "STORE must be sqlite or dynamodb, not memory"),
    ],
    ids=["both", "url", "file", "store"],
)
def test_what_is_wrong_is_said_in_one_line(
    environment: dict[str, str], wrong: dict[str, str], line: str
) -> None:
    done = run(environment, **wrong)
    assert (done.returncode, done.stderr) == (1, f"integration-events: {line}\n")
