"""What ``make status`` prints, and how it exits."""

import json
from pathlib import Path

import pytest

from apps.status import __main__ as program
from core.adapters.sqlite.event_store import SqliteEventStore
from core.adapters.sqlite.figures import read_figures
from core.adapters.sqlite.read_model import SqliteReadModel
from core.application.log import lag
from core.bootstrap import operations, process, projection, stores
from core.config import read_settings
from core.domain.manifest import BOOKS
from core.ports.read_model import Aside
from tests.support.sample import NOON
from tests.support.samples import SAMPLES

SAMPLE = next(iter(SAMPLES.values()))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file with three events, none of which is projected, and one stream set aside."""
    path = tmp_path / "store.db"
    store = SqliteEventStore(path, SAMPLE.domain.events)
    store.append("a", 0, SAMPLE.history("a", 1, 3))
    SqliteReadModel(path, SAMPLE.domain.listing).set_aside(Aside("a", 2, "newer"))
    return path


def run(path: Path, monkeypatch: pytest.MonkeyPatch, **environment: str) -> None:
    given = {"SQLITE_PATH": str(path), "STORE": "sqlite", **environment}
    for name, value in {"QUEUE_URL": "", "FORMAT": "", **given}.items():
        monkeypatch.setenv(name, value)
    model = SqliteReadModel(path, BOOKS.listing)
    store = SqliteEventStore(path, BOOKS.events)
    monkeypatch.setattr(process, "settings", lambda: read_settings(given))
    monkeypatch.setattr(stores, "read_model", lambda: model)
    monkeypatch.setattr(operations, "figures", lambda: read_figures(path, "projector"))
    monkeypatch.setattr(projection, "lag", lambda: lag("projector", model, store, lambda: NOON))
    program.main()


def test_the_status_of_a_file_is_printed(
    path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run(path, monkeypatch)
    assert capsys.readouterr().out.splitlines() == [
        f"events        3 in {path}",
        f"views         0 in {path}",
        "              (views of what was removed are not counted)",
        "generation    1 serves, none is being built",
        "lag           0.0 s: since the first event that waits; 3 events not projected yet",
        "set aside     1",
        "              a, version 2: newer",
        "dead letters  not looked at: QUEUE_URL names the queue, in AWS",
    ]


def test_the_status_is_json_on_demand(
    path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run(path, monkeypatch, FORMAT="json")
    assert json.loads(capsys.readouterr().out)["waiting"] == 3


@pytest.mark.parametrize(
    ("environment", "reason"),
    [
        ({"STORE": "memory"}, "status: STORE=memory has no status of its own."),
        ({"SQLITE_PATH": "/none/store.db"}, "status: there is no file /none/store.db."),
    ],
)
def test_what_has_no_status_is_reported_in_one_line(
    environment: dict[str, str], reason: str, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SystemExit) as ended:
        run(path, monkeypatch, **environment)
    assert ended.value.code == reason
