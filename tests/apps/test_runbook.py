"""The queries of docs/how-to/runbook.md find what the services write."""

import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from core.adapters.emf import embedder
from core.adapters.http.problems import KINDS
from core.adapters.json_logger import JsonLogger
from core.adapters.memory.event_store import MemoryEventStore
from core.adapters.memory.read_model import MemoryReadModel
from core.adapters.stream.metrics import measured
from core.adapters.stream.projector import Projection, log_aside, project_records
from core.adapters.stream.publisher import publish_records
from core.bootstrap import process
from core.domain.manifest import BOOKS
from core.ports.errors import StoreUnavailable
from core.ports.events import Unreadable
from core.ports.messages import CloudEvent, Refused
from core.ports.read_model import Aside
from tests.apps.conftest import Use
from tests.support.api import Api
from tests.support.unreliable_stores import Broken

ROOT = Path(__file__).resolve().parents[2]
RUNBOOK = (ROOT / "docs" / "how-to" / "runbook.md").read_text()
QUERIES = re.findall(r"^```text\n(.+?)^```$", RUNBOOK, re.MULTILINE | re.DOTALL)
ACCESS_LOG = set(
    re.findall(r'(\w+) += "\$context\.', (ROOT / "terraform" / "api_override.tf").read_text())
)
OF_INSIGHTS = {"@timestamp", "@message", "@requestId", "@type"}
OF_LAMBDAS_REPORT = {"@maxMemoryUsed", "@duration", "@initDuration"}
WORDS = (
    "fields filter stats sort limit by asc desc and or not in like as count sum max min avg pct bin"
)
NOW = datetime(2026, 1, 1, tzinfo=UTC)

Line = Mapping[str, Any]


class NoBus:
    """A bus that nothing is sent to."""

    def fitting(self, messages: Sequence[CloudEvent]) -> int:
        return len(messages)

    def send(self, messages: Sequence[CloudEvent]) -> Sequence[Refused | None]:
        return [None for _ in messages]


@pytest.fixture
def lines(api: Api, use: Use, monkeypatch: pytest.MonkeyPatch) -> list[Line]:
    """Return a line of each kind that the runbook is about."""
    out = io.StringIO()
    monkeypatch.setenv("_X_AMZN_TRACE_ID", "Root=1-5759e988-bd862e3f")
    monkeypatch.setattr(process.logger("command"), "out", out)
    api.add()
    for error in (StoreUnavailable("why"), RuntimeError("why")):
        use(events=Broken(error))
        api.add()
    project(JsonLogger("projector", "INFO", out, {}))
    return [json.loads(line) for line in out.getvalue().splitlines()]


def project(logger: JsonLogger) -> None:
    log_aside(logger)(Aside("a stream", 1, "why"), RuntimeError("why"))
    record = {"eventName": "INSERT", "dynamodb": {"NewImage": {}, "SequenceNumber": "1"}}
    project_records(
        {"Records": [record]},
        lambda _: Unreadable("a stream", 1, "why"),
        MemoryReadModel(BOOKS.listing),
        MemoryEventStore(),
        BOOKS,
        logger,
        lambda: False,
    )
    publish_records(
        {"Records": [record]},
        lambda _: Unreadable("a stream", 1, "why"),
        lambda _: [],
        NoBus(),
        lambda *_: None,
        lambda _: True,
        NOW,
        0,
        logger,
    )
    metrics = measured(Projection(None, NOW, 0), NOW, embedder("ours"))
    logger.info("projected", extra={"records": 1}, metrics=metrics)


def fields_of(query: str) -> set[str]:
    """Return the names of fields that a query reads."""
    bare = re.sub(r'"[^"]*"|/[^/\n]+/', "", query)
    names = re.findall(r"(?<![\w.])@?[A-Za-z_]\w*(?!\w*\()", bare)
    return set(names) - set(WORDS.split())


def names(lines: Iterable[Line]) -> Set[str]:
    return {name for line in lines for name in line}


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.split("\n")[0])
def test_a_query_reads_fields_that_the_lines_have(lines: list[Line], query: str) -> None:
    messages = re.findall(r'message = "(.+?)"', query)
    found = [line for line in lines if not messages or line["message"] in messages]
    assert {line["message"] for line in found} >= set(messages)
    known = (names(found) | OF_INSIGHTS, ACCESS_LOG, OF_LAMBDAS_REPORT | OF_INSIGHTS)
    assert any(fields_of(query) <= names for names in known), fields_of(query)


def test_messages_that_the_runbook_explains_are_written() -> None:
    table = re.findall(r"^\| `(.+?)` \| ", RUNBOOK.partition("| message | do |")[2], re.MULTILINE)
    titles = {kind.title for kind in KINDS.values() if kind.status >= 500}
    assert set(table) <= {"unexpected error", *titles}
    assert len(table) == 5


def test_every_target_of_make_that_the_runbook_names_exists() -> None:
    files = [ROOT / "Makefile", *(ROOT / "make").glob("*.mk")]
    targets = {
        name
        for file in files
        for name in re.findall(r"^([a-z-]+):.*##", file.read_text(), re.MULTILINE)
    }
    named = set(re.findall(r"\bmake (?:--silent )?([a-z][a-z-]+)", RUNBOOK))
    assert named <= targets
    assert {"redrive", "rebuild", "reproject", "rollback", "status", "verify"} <= named
