"""What a request makes a process import: a cold start pays for nothing that the request can spare.

Each request is sent to a fresh process, as a Lambda function gets it. What a domain and a store's
adapter consist of and use is their own affair, but for what is unwanted.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Set
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest

from core.adapters.dynamodb.event_store import DynamoDbEventStore
from core.adapters.dynamodb.read_model import DynamoDbReadModel
from core.adapters.sqlite.event_store import SqliteEventStore
from core.adapters.sqlite.read_model import SqliteReadModel
from core.application.log import catch_up, rebuild
from core.domain.manifest import BOOKS as DOMAIN
from core.ports.read_model import Aside
from tests.support import dynamodb
from tests.support.example import BOOKS, EMMA
from tests.support.gateway import ANN, event_of

ROOT: Final = Path(__file__).resolve().parents[2]

PROBE: Final = """
import json, sys
import http.client, logging, traceback  # as Lambda's runtime has done

at_start, importers = set(sys.modules), {}

class Watch:
    def find_spec(name, path=None, target=None):
        frame = sys._getframe(1)
        while "importlib" in frame.f_code.co_filename:
            frame = frame.f_back
        importers.setdefault(name, frame.f_globals.get("__name__", ""))

sys.meta_path.insert(0, Watch)
service, event = json.load(sys.stdin)
from importlib import import_module
response = import_module(f"apps.{service}.app").app(event, None)
found = {name: importers.get(name, "") for name in sorted(set(sys.modules) - at_start)}
print(json.dumps([response, found]))
"""
"""Prints the response and, for each module that was imported, by which one it was first."""

ENVIRONMENT: Final = {"STORE": "sqlite", "METRICS_NAMESPACE": "on"}

OURS: Final = {"chalice_terraform", "core"}

BOTH: Final = {
    "chalice_terraform",
    "chalice_terraform.runtime",
    "chalice_terraform.runtime.app",
    "chalice_terraform.runtime.authorizer",
    "chalice_terraform.runtime.claims",
    "chalice_terraform.runtime.enforcement",
    "chalice_terraform.runtime.payloads",
    "chalice_terraform.runtime.refusals",
    "core",
    "core.adapters",
    "core.adapters.http",
    "core.adapters.http.app",
    "core.adapters.http.callers",
    "core.adapters.http.handling",
    "core.adapters.http.observability",
    "core.adapters.http.operations",
    "core.adapters.http.problems",
    "core.adapters.http.requests",
    "core.adapters.http.responses",
    "core.adapters.http.service",
    "core.adapters.json_logger",
    "core.application",
    "core.application.errors",
    "core.application.queries",
    "core.application.requests",
    "core.bootstrap",
    "core.bootstrap.domain",
    "core.bootstrap.process",
    "core.bootstrap.stores",
    "core.config",
    "core.domain",
    "core.loopback",
    "core.ports",
    "core.ports.catalogue",
    "core.ports.domain",
    "core.ports.errors",
    "core.ports.folding",
    "core.ports.ids",
    "core.ports.json_text",
    "core.ports.listing",
    "core.ports.records",
    "core.ports.refusals",
    "core.ports.text",
    "core.ports.views",
}
GET: Final = BOTH | {
    "core.bootstrap.queries",
    "core.ports.read_model",
}
POST: Final = BOTH | {
    "core.adapters.emf",
    "core.adapters.http.command_metrics",
    "core.application.handling",
    "core.application.past",
    "core.bootstrap.commands",
    "core.ports.clock",
    "core.ports.decider",
    "core.ports.event_store",
    "core.ports.events",
    "core.ports.input",
    "core.ports.plain_text",
}

OWN_AFFAIR: Final = ("core.domain.", "core.ports.json_schema", "core.adapters.sqlite")

UNWANTED: Final = {
    "argparse",
    "asyncio",
    "boto3",
    "botocore",
    "chalice.cli",
    "chalice.deploy",
    "chalice.local",
    "concurrent",
    "cryptography",
    "joserfc",
    "multiprocessing",
    "pydoc",
    "subprocess",
    "unittest",
    "urllib.request",
    "xml",
}
"""Modules that are slow to import, and what is for other requests or other programs."""

PYDANTIC: Final = {
    "annotated_types",
    "pydantic",
    "pydantic_core",
    "typing_extensions",
    "typing_inspection",
}

OF_THE_DOMAIN: Final = {"stdnum"}
"""Packages that a domain may use to check what it is sent."""

EVENTS: Final = {
    "core.adapters.sqlite.event_store",
    "core.domain.decider",
    "core.domain.rules",
    "uuid",
}
"""What reading a view does without, besides what is listed."""


ADAPTER: Final = "core.adapters.dynamodb"
DYNAMODB: Final = {
    "core.adapters.dynamodb",
    "core.adapters.dynamodb.client",
    "core.adapters.dynamodb.connecting",
    "core.adapters.dynamodb.connections",
    "core.adapters.dynamodb.environment",
    "core.adapters.dynamodb.errors",
    "core.adapters.dynamodb.items",
    "core.adapters.dynamodb.own",
    "core.adapters.dynamodb.responses",
    "core.adapters.dynamodb.retries",
    "core.adapters.dynamodb.shapes",
    "core.adapters.dynamodb.signing",
}
"""What both services need of the adapter."""

POST_ON_DYNAMODB: Final = DYNAMODB | {
    "core.adapters.dynamodb.envelopes",
    "core.adapters.dynamodb.event_store",
    "core.adapters.dynamodb.paging",
    "core.adapters.dynamodb.snapshots",
    "core.adapters.dynamodb.transactions",
}
ON_DYNAMODB: Final[Mapping[str, Set[str]]] = {
    "GET": DYNAMODB
    | {
        "core.adapters.dynamodb.asides",
        "core.adapters.dynamodb.batches",
        "core.adapters.dynamodb.catalogue",
        "core.adapters.dynamodb.generations",
        "core.adapters.dynamodb.keys",
        "core.adapters.dynamodb.listings",
        "core.adapters.dynamodb.paging",
        "core.adapters.dynamodb.parallel",
        "core.adapters.dynamodb.read_model",
        "core.adapters.dynamodb.sweeping",
        "core.adapters.dynamodb.transactions",
        "core.adapters.dynamodb.views",
    },
    "POST": POST_ON_DYNAMODB,
    "traced POST": POST_ON_DYNAMODB
    | {
        "core.adapters.dynamodb.spans",
        "core.adapters.dynamodb.xray",
    },
}

POSTED: Final = event_of(
    BOOKS, "POST", BOOKS, {"Content-Type": "application/json"}, json.dumps(EMMA).encode(), ANN
)


class Sent(NamedTuple):
    """A response's body, and who imported each module that the request needed."""

    body: Any
    importers: Mapping[str, str]


def send(service: str, event: Mapping[str, Any], settings: Mapping[str, str]) -> Sent:
    """Send a request to a service in a fresh process."""
    done = subprocess.run(
        [sys.executable, "-c", PROBE],
        cwd=ROOT,
        env={**os.environ, **ENVIRONMENT, **settings},
        input=json.dumps([service, event]),
        capture_output=True,
        text=True,
        check=True,
    )
    response, importers = json.loads(done.stdout.splitlines()[-1])
    assert response["statusCode"] in (200, 201), response
    return Sent(json.loads(response["body"]), importers)


def wait(_: float) -> None:
    """Wait for nobody: no request reads the old read model."""


def fail(aside: Aside, error: Exception, /) -> None:
    raise AssertionError(aside) from error


@pytest.fixture(scope="module")
def requests(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Sent]:
    """Return what a POST does, and then a GET of what it has written."""
    database = tmp_path_factory.mktemp("imports") / "b.db"
    settings = {"STORE": "sqlite", "SQLITE_PATH": str(database)}
    post = send("command", POSTED, settings)

    read_model = SqliteReadModel(database, DOMAIN.listing)
    catch_up("test", read_model, SqliteEventStore(database, DOMAIN.events), DOMAIN, fail)
    return {"POST": post, "GET": send("query", read(post.body["id"]), settings)}


@pytest.fixture(scope="module")
def on_dynamodb() -> Iterator[Mapping[str, Sent]]:
    """Yield the same on DynamoDB, and what another POST does while it is traced."""
    wire = dynamodb.database()
    with dynamodb.fresh_events_table() as events, dynamodb.fresh_catalogue_table() as catalogue:
        settings = {
            **dynamodb.credentials(),
            "STORE": "dynamodb",
            "DYNAMODB_ENDPOINT": dynamodb.endpoint(),
            "EVENTS_TABLE": events,
            "CATALOGUE_TABLE": catalogue,
        }
        post = send("command", POSTED, settings)
        store = DynamoDbEventStore(wire, events, DOMAIN.events, wait)
        read_model = DynamoDbReadModel(wire, catalogue, DOMAIN, wait, lambda: 0.0)
        rebuild(read_model, store, DOMAIN, fail, lambda _: None)
        get = send("query", read(post.body["id"]), settings)
        traced = send("command", POSTED, {**settings, "TRACING": "xray"})
        yield {"POST": post, "GET": get, "traced POST": traced}


def read(written: str) -> Mapping[str, Any]:
    """Return the event of a GET of what was written."""
    route, path = f"{BOOKS}/{{id}}", f"{BOOKS}/{written}"
    return event_of(route, "GET", path, path_parameters={"id": written})


def chain(name: str, importers: Mapping[str, str]) -> str:
    """Return who imported a module, and so on, up to the app."""
    names = [name]
    while names[-1] in importers and importers[names[-1]] not in names:
        names.append(importers[names[-1]])
    return " <- ".join(names)


def check(found: set[str], allowed: Set[str], sent: Sent) -> None:
    """Fail with the chain of imports of what is new."""
    new = [chain(name, sent.importers) for name in sorted(found - allowed)]
    assert not new, (
        "The request imports more than it did. Import it where it is used, or list it in"
        " tests/apps/test_imports.py:\n" + "\n".join(new)
    )


@pytest.mark.parametrize(("method", "listed"), [("GET", GET), ("POST", POST)])
def test_a_request_imports_these_modules_of_ours(
    requests: Mapping[str, Sent], method: str, listed: Set[str]
) -> None:
    sent = requests[method]
    ours = {
        name
        for name in sent.importers
        if name.partition(".")[0] in OURS and not name.startswith(OWN_AFFAIR)
    }

    check(ours, listed, sent)
    assert listed - ours == set(), "the request imports less than it did: take these off the list"


@pytest.mark.parametrize(("method", "listed"), [("GET", set()), ("POST", PYDANTIC)])
def test_a_request_imports_these_packages(
    requests: Mapping[str, Sent], method: str, listed: Set[str]
) -> None:
    sent = requests[method]
    packages = {name.partition(".")[0] for name in sent.importers} - sys.stdlib_module_names
    known = {"apps", "chalice", "__main__", *OURS, *listed, *OF_THE_DOMAIN}

    check({p for p in packages if not p.startswith("_sysconfigdata")}, known, sent)


@pytest.mark.parametrize(("method", "unwanted"), [("GET", UNWANTED | EVENTS), ("POST", UNWANTED)])
def test_a_request_imports_nothing_that_it_can_spare(
    requests: Mapping[str, Sent], method: str, unwanted: Set[str]
) -> None:
    sent = requests[method]
    found = {name for name in sent.importers if any(map(name.startswith, unwanted))}

    check(found, set(), sent)


@pytest.mark.parametrize("method", ON_DYNAMODB)
def test_a_request_on_dynamodb_imports_these_modules_of_the_adapter(
    on_dynamodb: Mapping[str, Sent], method: str
) -> None:
    sent, listed = on_dynamodb[method], ON_DYNAMODB[method]
    ours = {name for name in sent.importers if name.startswith(ADAPTER)}

    check(ours, listed, sent)
    assert listed - ours == set(), "the request imports less than it did: take these off the list"


@pytest.mark.parametrize("method", ON_DYNAMODB)
def test_a_request_on_dynamodb_imports_no_sdk_and_nothing_else_that_it_can_spare(
    on_dynamodb: Mapping[str, Sent], method: str
) -> None:
    sent = on_dynamodb[method]
    check({name for name in sent.importers if any(map(name.startswith, UNWANTED))}, set(), sent)
