"""``make rebuild`` while the services run."""

import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.support.services import ROOT, RUNNER, paste, running

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e")]


def rebuild(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "apps.rebuild"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_rebuild_while_the_services_run_shows_the_same_books(
    environment: dict[str, str], tmp_path: Path
) -> None:
    with running(RUNNER, environment) as service:
        book = paste(service.lines, tmp_path).splitlines()[-1]
        done = rebuild(environment)
        assert done.returncode == 0, done.stderr
        assert done.stdout.endswith("The new read model serves: 1 event.\n")
        url = service.lines[2].split('"')[1]
        with urllib.request.urlopen(url) as response:
            assert response.read().decode() == book


@pytest.mark.parametrize(
    ("wrong", "reported"),
    [
        ({"STORE": "tape"}, "rebuild: STORE must be one of sqlite, dynamodb, memory"),
        ({"SQLITE_PATH": "/dev/null/books.db"}, "The old read model still serves"),
    ],
)
def test_a_rebuild_that_cannot_begin_reports_why_in_one_line(
    wrong: dict[str, str], reported: str, environment: dict[str, str]
) -> None:
    done = rebuild({**environment, **wrong})
    assert done.returncode == 1
    assert reported in done.stderr
    assert len(done.stderr.splitlines()) == 1
