"""The functions that are compared, peers and ours: what they do, and how they are started.

Each reads a book from DynamoDB by its id (GET: one GetItem, JSON out), and stores a new one (POST:
a JSON body in, one PutItem). API Gateway has verified the caller's token.
"""

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from subprocess import run
from typing import Any, Final
from uuid import uuid4

from apps.local.credentials import ANY_CREDENTIALS
from core.adapters.dynamodb.read_model import DynamoDbReadModel
from core.config import PROJECT_NAME
from core.domain.manifest import BOOKS
from harness.gateway_events import Event, HttpRequest, payload_1, payload_2
from tests.benchmarks.peers.books import item_of
from tests.benchmarks.peers.needs import NEEDS
from tests.support.books import view
from tests.support.container_engine import docker, import_base_image
from tests.support.dynamodb import (
    client,
    database,
    endpoint,
    fresh_catalogue_table,
    fresh_events_table,
)
from tests.support.gateway import AUDIENCE, ISSUER
from tests.support.lambda_emulator import (
    ROOT,
    Function,
    function_in_container,
    function_in_process,
    make_task,
)
from tests.support.sample import put

OURS: Final = "ours"
BASELINE: Final = "bare boto3"
TITLES: Final = {
    "bare_signed": "bare signed",
    "bare_boto3": BASELINE,
    "chalice_boto3": "Chalice",
    "powertools": "Powertools",
    "powertools_validated": "Powertools + validation",
    "powertools_logged": "Powertools + validation + log",
    "flask_apig_wsgi": "Flask + apig-wsgi",
    "fastapi_mangum": "FastAPI + Mangum",
}
PEERS: Final = ROOT / "tests" / "benchmarks" / "peers"
APPS: Final = {"GET": "query", "POST": "command"}
"""Our app for each kind of request."""

ID: Final = "0190163d-8694-739b-aea5-966c26f8ad91"
BOOK: Final[dict[str, Any]] = {
    "title": "The Hound of the Baskervilles",
    "authors": ["Arthur Conan Doyle"],
    "language": "en",
    "published": "1902-03-25",
    "subjects": ["Detective and mystery stories", "Dartmoor (England)", "Fiction"],
    "description": "Sherlock Holmes looks into a legend.",
}
"""Without an ISBN, so that adding it is one PutItem for ours too."""

_ROUTE: Final = BOOKS.collection
_CLAIMS: Final = {"iss": ISSUER, "aud": AUDIENCE, "sub": "ann", "scope": "books:write"}
REQUESTS: Final = {
    "GET": HttpRequest("GET", _ROUTE + "/{id}", {"id": ID}),
    "POST": HttpRequest(
        "POST",
        _ROUTE,
        headers=[("content-type", "application/json")],
        body=json.dumps(BOOK).encode(),
        claims=_CLAIMS,
    ),
}

Start = Callable[[], AbstractContextManager[Function]]


def event(peer: str, kind: str) -> Event:
    """Return the event that ``peer`` gets: in payload format 2.0 unless it knows only 1.0."""
    if peer == "chalice_boto3":
        return payload_1(REQUESTS[kind])
    return payload_2(REQUESTS[kind])


def check(response: Mapping[str, Any], kind: str) -> None:
    """Raise AssertionError unless ``response`` is what a client asked for."""
    content = json.loads(response["body"])
    if kind == "GET":
        assert response["statusCode"] == 200, response
        assert content["title"] == BOOK["title"], response
    else:
        assert response["statusCode"] == 201, response
        assert content["id"], response


@contextmanager
def filled_store() -> Iterator[dict[str, str]]:
    """Yield the environment of a function whose DynamoDB has the book, in ours and in theirs."""
    peers = f"peers-{uuid4()}"
    client().create_table(
        TableName=peers,
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    client().put_item(TableName=peers, Item=item_of(ID, BOOK))
    with fresh_events_table() as events, fresh_catalogue_table() as catalogue:
        fill(DynamoDbReadModel(database(), catalogue, BOOKS, lambda _: None, lambda: 0.0))
        yield {
            **ANY_CREDENTIALS,
            "STORE": "dynamodb",
            "DYNAMODB_ENDPOINT": endpoint(),
            "EVENTS_TABLE": events,
            "CATALOGUE_TABLE": catalogue,
            "PEERS_TABLE": peers,
            "JWT_ISSUER": ISSUER,
            "JWT_AUDIENCE": AUDIENCE,
        }
    client().delete_table(TableName=peers)


def fill(read_model: DynamoDbReadModel[Any]) -> None:
    """Put the book into our catalogue, as the projector would."""
    [catalogue] = read_model.targets()
    lists = {name: tuple(BOOK[name]) for name in ("authors", "subjects")}
    put(catalogue, view(ID, **{**BOOK, **lists}))


def build_images(engine: Mapping[str, str], scratch: Path) -> dict[str, str]:
    """Build our images and that of all peers, on one base. Return their names."""
    base = import_base_image(engine)
    given = {**engine, "VERSION": "benchmark", "BASE_IMAGE": base}
    build = ["make", "docker-build", "DOCKER_BUILD_ARGS=--network host"]
    run(build, cwd=ROOT, env=given, check=True, capture_output=True)
    context = scratch / "peers"
    shutil.copytree(PEERS, context / "peers", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "requirements" / "bench.txt", context)
    shutil.copy(ROOT / "make" / "images" / "slimming.py", context)
    peers = f"{PROJECT_NAME}/peers:benchmark"
    arguments = ["--network", "host", "--build-arg", f"BASE_IMAGE={base}"]
    if index := engine.get("PIP_INDEX_URL"):
        arguments += ["--build-arg", f"PIP_INDEX_URL={index}"]
    file = ("--file", str(PEERS / "Dockerfile"))
    docker(engine, "build", *arguments, *file, "--tag", peers, str(context))
    ours = {app: f"{PROJECT_NAME}/{app}:benchmark" for app in APPS.values()}
    return {"peers": peers, **ours}


def in_containers(
    engine: Mapping[str, str],
    images: Mapping[str, str],
    scratch: Path,
    environment: Mapping[str, str],
    kind: str,
) -> dict[str, Start]:
    """Return how to start each function for requests of ``kind`` in a container, as Lambda does."""

    def start(image: str, command: str | None = None, peer: str = "") -> Start:
        path = {"PYTHONPATH": f"/peers/{peer}"} if peer else {}
        given = {**environment, **path}
        return lambda: function_in_container(engine, images[image], command, given, scratch)

    peers = {title: start("peers", f"peers.{peer}.handler", peer) for peer, title in TITLES.items()}
    return {**peers, OURS: start(APPS[kind])}


def in_processes(
    python: Path, scratch: Path, environment: Mapping[str, str], kind: str
) -> dict[str, Start]:
    """Return how to start each function for requests of ``kind`` with ``python``."""

    def start(task: Path, handler: str) -> Start:
        return lambda: function_in_process(python, task, handler, environment, scratch)

    peers = {title: start(PEERS.parent, f"peers.{peer}.handler") for peer, title in TITLES.items()}
    task = scratch / kind
    task.mkdir()
    return {**peers, OURS: start(make_task(APPS[kind], task), "app.app")}


def events(kind: str) -> dict[str, Event]:
    """Return the event of each function."""
    return {OURS: event(OURS, kind), **{TITLES[peer]: event(peer, kind) for peer in NEEDS}}
