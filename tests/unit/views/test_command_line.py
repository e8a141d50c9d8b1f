"""What ``make verify`` and ``make reproject`` print, and how they exit."""

from collections.abc import Callable
from pathlib import Path

import pytest

from apps.views import __main__ as program
from core.adapters.sqlite.event_store import SqliteEventStore
from core.adapters.sqlite.read_model import SqliteReadModel
from core.application.log import catch_up
from core.application.reprojecting import reproject
from core.bootstrap import operations, process, stores
from core.config import read_settings
from core.ports.errors import StoreUnavailable
from core.ports.events import AsStored, StoredEvent
from core.ports.read_model import Aside
from tests.support.samples import SAMPLES

Run = Callable[..., str]
SAMPLE = next(iter(SAMPLES.values()))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file whose stream a is projected up to version 2 of 3, and b not at all."""
    path = tmp_path / "store.db"
    store = SqliteEventStore(path, SAMPLE.domain.events)
    model = SqliteReadModel(path, SAMPLE.domain.listing)
    store.append("a", 0, SAMPLE.history("a", 1, 2))
    catch_up("projector", model, store, SAMPLE.domain, lambda *_: pytest.fail("set aside"))
    store.append("a", 2, SAMPLE.history("a", 3, 3))
    store.append("b", 0, SAMPLE.history("b", 1, 1))
    return path


@pytest.fixture
def run(path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return what runs a program on the file, and returns what it prints."""
    events = SqliteEventStore(path, SAMPLE.domain.events)
    model = SqliteReadModel(path, SAMPLE.domain.listing)

    def run(wanted: str, **environment: str) -> str:
        given = {"SQLITE_PATH": str(path), "STORE": "sqlite", **environment}
        for name, value in {"ID": "", "REPAIR": "", **given}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(process, "settings", lambda: read_settings(given))
        monkeypatch.setattr(stores, "read_model", lambda: model)
        monkeypatch.setattr(operations, "stored_events", lambda: SqliteEventStore(path, AsStored()))
        monkeypatch.setattr(
            operations, "reproject", lambda stream: reproject(stream, model, events, SAMPLE.domain)
        )
        monkeypatch.setattr("sys.argv", ["apps.views", wanted])
        program.main()
        return capsys.readouterr().out

    return run


def cause(run: Run, wanted: str, **environment: str) -> list[str]:
    """Return the lines that are printed on an exit with 1."""
    with pytest.raises(SystemExit) as ended:
        run(wanted, **environment)
    return str(ended.value.code).strip().splitlines()


def test_one_stream_is_projected_again(run: Run) -> None:
    assert run("reproject", ID="a") == "a: the view is at version 3. Before: 2.\n"
    assert run("reproject", ID="b") == "b: the view is at version 1. Before: missing.\n"


def test_stale_views_are_listed_with_the_remedy(run: Run) -> None:
    assert cause(run, "verify") == [
        "verify: of 2 streams (4 events), 2 views not at the version of the log:",
        "  a: the log has version 3, the view 2",
        "  b: the log has version 1, there is no view",
        "`make verify REPAIR=1` projects those that are behind.",
    ]


def test_a_long_list_is_cut(run: Run, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = SqliteEventStore(path, SAMPLE.domain.events)
    for number in range(program.MAX_NAMED):
        store.append(f"c{number}", 0, SAMPLE.history(f"c{number}", 1, 1))
    lines = cause(run, "verify")
    assert len(lines) == 1 + program.MAX_NAMED + 2
    assert lines[-2] == "  ... and 2 more"
    monkeypatch.setattr("apps.views.verifying.MAX_DIFFERENCES", 2)
    assert cause(run, "verify") == [
        f"verify: more than 10,000 views are not at the version of the log. {program.REBUILD}"
    ]


def test_stale_views_are_repaired(run: Run) -> None:
    *repaired, last = run("verify", REPAIR="1").splitlines()
    assert [line.partition(":")[0] for line in repaired] == ["a", "b"]
    assert last == "The views of 2 streams (4 events) are at the versions of the log."
    assert run("verify").splitlines() == [last]


def test_what_cannot_be_repaired_is_listed_with_the_remedy(run: Run, path: Path) -> None:
    [last] = SqliteEventStore(path, AsStored()).load("b")
    newer = SAMPLE.envelope("b", 2, StoredEvent("OfTheFuture", 1, {}))
    SqliteEventStore(path, AsStored()).append("b", last.version, [newer])
    assert cause(run, "reproject", ID="b")[0].startswith("reproject: An event OfTheFuture")
    head, left, remedy = cause(run, "verify", REPAIR="1")
    assert head == "verify: of 2 streams (5 events), 1 view not at the version of the log:"
    assert left.startswith("  b: the log has version 2, there is no view")
    assert remedy == program.REBUILD


def test_what_is_set_aside_is_listed_with_its_reason(run: Run, path: Path) -> None:
    SqliteReadModel(path, SAMPLE.domain.listing).set_aside(Aside("b", 1, "of a newer version"))
    lines = cause(run, "verify")
    assert "  b: the log has version 1, there is no view (set aside: of a newer version)" in lines
    assert lines[-1].startswith("What is set aside heals with a version of the code that")


def test_a_view_ahead_of_the_log_needs_a_rebuild(run: Run, path: Path) -> None:
    run("verify", REPAIR="1")
    [event] = SqliteEventStore(path, AsStored()).load("a", after=2)
    model = SqliteReadModel(path, SAMPLE.domain.listing)
    shown = model.live().get("a")
    model.live().replace(shown, SAMPLE.view("a", event.version + 1))
    assert cause(run, "reproject", ID="a") == [
        f"reproject: the view of a is at version 4, and the log ends at 3. {program.REBUILD}"
    ]
    assert cause(run, "verify", REPAIR="1")[1:] == [
        "  a: the log has version 3, the view 4",
        program.REBUILD,
    ]


@pytest.mark.parametrize(
    ("environment", "reason"),
    [
        ({}, "reproject: name a stream: make reproject ID=..."),
        ({"ID": "c"}, "reproject: the log has no events of c"),
    ],
)
def test_what_cannot_begin_is_reported_in_one_line(
    environment: dict[str, str], reason: str, run: Run
) -> None:
    assert cause(run, "reproject", **environment) == [reason]


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (StoreUnavailable("throttled."), "throttled. Run it again."),
        (KeyboardInterrupt(), "stopped"),
    ],
)
def test_what_ends_it_is_reported_in_one_line(
    error: BaseException, reason: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(program, "verify", fail)
    [line] = cause(run, "verify")
    assert line.startswith(f"verify: {reason}")
