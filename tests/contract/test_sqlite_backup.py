"""The copy of a file that docs/how-to/backup.md describes is a consistent state of one moment."""

import re
import subprocess
import sys
from pathlib import Path
from threading import Event, Thread

import pytest

from core.adapters.sqlite.event_store import SqliteEventStore
from core.adapters.sqlite.read_model import SqliteReadModel
from core.application.log import catch_up
from tests.support.logs import events_of
from tests.support.samples import AnySample
from tests.support.waiting import until

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "backup.md"


def command(path: Path, copy: Path) -> list[str]:
    """Return the command of the page, for these files."""
    [shown] = re.findall(r'^\$ python3 -c "(import sqlite3; .+)"$', PAGE.read_text(), re.MULTILINE)
    program = re.sub(r"'\.local/.+?\.db'", repr(str(path)), shown)
    return [sys.executable, "-c", program.replace("'backup.db'", repr(str(copy)))]


def test_a_copy_that_is_made_while_programs_write_is_a_whole_log_with_its_views(
    sample: AnySample, tmp_path: Path
) -> None:
    path, copy = tmp_path / "store.db", tmp_path / "backup.db"
    stopped, written = Event(), [0]

    def work() -> None:
        store = SqliteEventStore(path, sample.domain.events)
        model = SqliteReadModel(path, sample.domain.listing)
        while not stopped.is_set():
            stream = f"stream-{written[0]}"
            store.append(stream, 0, sample.history(stream, 1, 2))
            catch_up("projector", model, store, sample.domain, lambda *_: pytest.fail("aside"))
            written[0] += 1

    worker = Thread(target=work)
    worker.start()
    try:
        until(lambda: written[0], lambda count: count > 20)
        subprocess.run(command(path, copy), check=True)
    finally:
        stopped.set()
        worker.join()

    store = SqliteEventStore(copy, sample.domain.events)
    model = SqliteReadModel(copy, sample.domain.listing)
    events = events_of(store)
    assert len(events) >= 40
    assert events == events_of(SqliteEventStore(path, sample.domain.events))[: len(events)]
    catch_up("projector", model, store, sample.domain, lambda *_: pytest.fail("aside"))
    shown = {stream: model.live().get(stream) for stream in {e.stream for e in events}}
    assert all(view is not None and view.version == 2 for view in shown.values())
    store.append("after", 0, sample.history("after", 1, 1))
