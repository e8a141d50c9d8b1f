"""What ``make export-events`` and ``make import-events`` print, and how they exit."""

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from apps.log import __main__ as program
from core.adapters.sqlite.event_store import SqliteEventStore
from core.bootstrap import operations, process
from core.config import read_settings
from core.ports.errors import StoreUnavailable
from core.ports.event_store import VersionConflict
from core.ports.events import AsStored, Envelope, StoredEvent
from tests.support.sample import NOON
from tests.support.samples import SAMPLES

Run = Callable[..., str]
SAMPLE = next(iter(SAMPLES.values()))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "log.ndjson"


@pytest.fixture
def run(
    tmp_path: Path,
    file: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """Return what runs a program on the log in a SQLite file, and returns what it prints."""

    def run(wanted: str, database: str, store: Any = None, **environment: str) -> str:
        given = {"SQLITE_PATH": str(tmp_path / database), "FILE": str(file), **environment}
        for name, value in given.items():
            monkeypatch.setenv(name, value)
        opened = store or SqliteEventStore(tmp_path / database, AsStored())
        batch = getattr(opened, "batch", nullcontext)
        monkeypatch.setattr(process, "settings", lambda: read_settings(given))
        monkeypatch.setattr(operations, "stored_events", lambda: opened)
        monkeypatch.setattr(operations, "batch_of_stored_events", batch)
        monkeypatch.setattr("sys.argv", ["apps.log", wanted])
        program.main()
        return capsys.readouterr().out

    return run


def stored(version: int = 1, name: str | None = None) -> Envelope[StoredEvent]:
    event = SAMPLE.domain.events.encode(SAMPLE.first)
    kept = event if name is None else StoredEvent(name, 1, {})
    return Envelope("a", version, f"id-{version}", kept, NOON, "ann", "request", "message")


@pytest.fixture
def filled(tmp_path: Path) -> None:
    SqliteEventStore(tmp_path / "old.db", AsStored()).append("a", 0, [stored()])


@pytest.mark.usefixtures("filled")
def test_a_log_is_copied_and_the_next_step_is_named(run: Run, file: Path, tmp_path: Path) -> None:
    assert run("export", "old.db").startswith(f"{file}: 1 event of {tmp_path}/old.db, in ")
    whole, appended, next_step = run("import", "new.db").splitlines()
    assert whole == f"{file} is whole: 1 event, 0 of them there."
    assert appended.startswith(f"1 event appended to {tmp_path}/new.db, in ")
    assert "make rebuild" in next_step
    assert f"{file} is whole: 1 event, 1 of them there." in run("import", "new.db")


def cause(ended: "pytest.ExceptionInfo[SystemExit]") -> str:
    """Return what is printed on an exit with 1."""
    assert isinstance(ended.value.code, str)
    return ended.value.code.strip()


@pytest.mark.parametrize(
    ("wanted", "environment", "reason"),
    [
        ("export", {"FILE": ""}, "export-events: name a file: make export-events FILE="),
        ("import", {"FILE": ""}, "import-events: name a file: make import-events FILE="),
        ("export", {"STORE": "memory"}, "export-events: STORE=memory keeps no log."),
        ("export", {}, "export-events: the log of {folder}/old.db has no events:"),
        ("import", {}, "import-events: {folder}/log.ndjson: it cannot be read (No such file"),
        ("export", {"FILE": "{folder}"}, "export-events: {folder}: it is there already: remove"),
        ("export", {"FILE": "/none/log"}, "export-events: /none/log: it cannot be written (No suc"),
    ],
)
def test_what_cannot_begin_is_reported_in_one_line(
    wanted: str, environment: dict[str, str], reason: str, run: Run, tmp_path: Path, file: Path
) -> None:
    given = {name: value.format(folder=tmp_path) for name, value in environment.items()}
    with pytest.raises(SystemExit) as ended:
        run(wanted, "old.db", **given)
    assert cause(ended).startswith(reason.format(folder=tmp_path))
    assert "\n" not in cause(ended)
    assert not file.exists()


class Ends:
    """A store of which nothing can be read or written."""

    def __init__(self, error: BaseException) -> None:
        self._error = error

    def read_all(self) -> Iterator[Any]:
        raise self._error


@pytest.mark.parametrize(
    ("wanted", "error", "line"),
    [
        ("export", StoreUnavailable("throttled."), "throttled. Run it again: it begins again."),
        ("import", StoreUnavailable("throttled."), "throttled. Run it again to continue."),
        ("export", KeyboardInterrupt(), "stopped. Run it again: it begins again."),
        (
            "import",
            VersionConflict("a", 3),
            "others write to the log: stream a is not at version 3. Stop them, and run it again.",
        ),
    ],
)
@pytest.mark.usefixtures("filled")
def test_what_ends_it_is_reported_in_one_line(
    wanted: str, error: BaseException, line: str, run: Run, file: Path
) -> None:
    if wanted == "import":
        run("export", "old.db")
    with pytest.raises(SystemExit) as ended:
        run(wanted, "new.db", Ends(error))
    assert cause(ended) == f"{wanted}-events: {line}"
    assert file.exists() == (wanted == "import")


def test_unreadable_events_are_named_and_imported_on_demand(run: Run, tmp_path: Path) -> None:
    old = SqliteEventStore(tmp_path / "old.db", AsStored())
    old.append("a", 0, [stored(), stored(2, "OfTheFuture")])
    run("export", "old.db")
    with pytest.raises(SystemExit) as ended:
        run("import", "new.db")
    head, named, remedy = cause(ended).splitlines()
    assert head == "import-events: this version of the code cannot read 1 of the events:"
    assert named.startswith("  a, version 2: An event OfTheFuture")
    assert "UNREADABLE=1" in remedy
    assert "2 events appended" in run("import", "new.db", UNREADABLE="1")
