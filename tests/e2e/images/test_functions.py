"""The functions as Lambda runs them, with events of API Gateway and of DynamoDB's stream."""

import gzip
import json
from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from core.adapters.http.problems import INTERNAL
from core.config import PROJECT_NAME
from harness.gateway_events import Event, HttpRequest, payload_1, payload_2
from tests.e2e.images.conftest import Functions
from tests.support.api import load_app
from tests.support.example import BOOKS, EMMA
from tests.support.gateway import AUDIENCE, ISSUER

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("engine")]

BOOK = BOOKS + "/{id}"
ASSET = "/v1/catalog/docs/{asset}"
KNOWN = {"name": INTERNAL.name, "asset": "swagger-ui-bundle.js"}
ANN = {"iss": ISSUER, "aud": AUDIENCE, "sub": "ann", "scope": "books:write books:audit"}
JSON = ("content-type", "application/json")
MERGE_PATCH = ("content-type", "application/merge-patch+json")
TABLE = f"arn:aws:dynamodb:us-east-1:123456789012:table/{PROJECT_NAME}-events"
STREAM = f"{TABLE}/stream/2026-11-24T00:00:00.000"


@dataclass
class Api:
    """Both services behind an API Gateway that sends ``form``, and the events table's stream."""

    functions: Functions
    form: Callable[[HttpRequest], Event]
    read_events: Callable[[], list[dict[str, Any]]]
    routes: Mapping[tuple[str, str], str]
    seen: set[tuple[str, str]] = field(default_factory=set)

    def send(self, method: str, route: str, id_: str | None = None, **about: Any) -> "HttpResponse":
        values = {"id": id_, **KNOWN}
        captured = {n: value for n, value in values.items() if value and f"{{{n}}}" in route}
        request = HttpRequest(method, route, captured or None, **about)
        self.seen.add((route, method))
        function = getattr(self.functions, self.routes[route, method])
        return HttpResponse(function.invoke(self.form(request)))

    def project(self) -> Any:
        """Invoke the projector with the whole table, as its stream would."""
        records = [record(number, item) for number, item in enumerate(self.read_events(), 1)]
        return self.functions.projector.invoke({"Records": records})


class HttpResponse:
    """The response that API Gateway would make of a function's result."""

    def __init__(self, result: Mapping[str, Any]) -> None:
        self.status: int = result["statusCode"]
        self.headers = {name.lower(): value for name, value in result["headers"].items()}
        self.text: str = result["body"]

    @property
    def json(self) -> Any:
        return json.loads(self.text)


def record(number: int, image: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record as in AWS's sample event ("Using AWS Lambda with Amazon DynamoDB")."""
    return {
        "eventID": f"{number:032x}",
        "eventVersion": "1.1",
        "dynamodb": {
            "ApproximateCreationDateTime": 1583348638,
            "Keys": {name: image[name] for name in ("stream", "version") if name in image},
            "NewImage": image,
            "StreamViewType": "NEW_IMAGE",
            "SequenceNumber": str(number),
            "SizeBytes": 200,
        },
        "awsRegion": "us-east-1",
        "eventName": "INSERT",
        "eventSourceARN": STREAM,
        "eventSource": "aws:dynamodb",
    }


@pytest.fixture(scope="session")
def routes() -> dict[tuple[str, str], str]:
    """Return the service of each route, by its path and method."""
    return {
        (path, method): service
        for service in ("command", "query")
        for path, methods in load_app(service).routes.items()
        for method in methods
    }


@pytest.fixture(params=[payload_1, payload_2], ids=["payload 1.0", "payload 2.0"])
def api(
    request: pytest.FixtureRequest,
    functions: Functions,
    events: Callable[[], list[dict[str, Any]]],
    routes: dict[tuple[str, str], str],
) -> Api:
    return Api(functions, request.param, events, routes)


def test_every_route_and_the_projector_respond_correctly(api: Api) -> None:
    emma = json.dumps({**EMMA, "title": "Émma"}).encode()

    added = api.send("POST", BOOKS, headers=[JSON], body=emma, claims=ANN)
    assert added.status == 201, added.text
    id_ = added.json["id"]
    assert (added.json["version"], added.headers["etag"]) == (1, '"1"')

    assert api.project() == {"batchItemFailures": []}
    read = api.send("GET", BOOK, id_)
    assert (read.status, read.json["title"]) == (200, "Émma")
    tag = ("if-none-match", read.headers["etag"])
    assert api.send("GET", BOOK, id_, headers=[tag]).status == 304

    patch = json.dumps({"title": f"Emma & {id_}"}).encode()
    headers = [MERGE_PATCH, ("if-match", '"1"')]
    revised = api.send("PATCH", BOOK, id_, headers=headers, body=patch, claims=ANN)
    assert (revised.status, revised.json["version"]) == (200, 2)
    assert api.send("PATCH", BOOK, id_, headers=headers, body=b"{}", claims=ANN).status == 412

    assert api.project() == {"batchItemFailures": []}
    read = api.send("GET", BOOK, id_, query=[("min_version", "2")])
    assert read.json["title"] == f"Emma & {id_}"
    found = api.send("GET", BOOKS, query=[("q", f"{id_} emma")])
    assert [item["id"] for item in found.json["items"]] == [id_]

    history = api.send("GET", f"{BOOK}/history", id_, claims=ANN)
    assert [item["type"] for item in history.json["items"]] == ["BookAdded", "BookRevised"]
    reader = {**ANN, "scope": "books:write"}
    assert api.send("GET", f"{BOOK}/history", id_, claims=reader).status == 403
    assert api.send("GET", f"{BOOK}/history", id_).status == 401

    removed = api.send("DELETE", BOOK, id_, claims=ANN)
    assert (removed.status, removed.json["version"]) == (200, 3)
    assert api.send("DELETE", BOOK, id_).status == 401
    assert api.project() == {"batchItemFailures": []}
    assert api.send("GET", BOOK, id_).status == 404

    for path, method in api.routes:
        if method in {"GET", "HEAD"} and path != BOOK:
            assert api.send(method, path, id_, claims=ANN).status == 200, path
    assert api.send("HEAD", BOOK, id_).status == 404
    assert api.seen == set(api.routes)


def test_a_browser_gets_the_script_of_the_documentation_page(api: Api) -> None:
    response = api.send("GET", ASSET, headers=[("accept-encoding", "gzip, br")])

    assert response.headers["content-type"] == "text/javascript; charset=utf-8"
    sent = b64decode(response.text)
    packed = response.headers.get("content-encoding") == "gzip"
    assert b"SwaggerUIBundle" in (gzip.decompress(sent) if packed else sent)


def test_a_record_that_cannot_be_projected_is_not_retried(functions: Functions) -> None:
    broken = {"stream": {"S": "x"}, "version": {"N": "1"}, "event_id": {"S": "e"}}
    claim = {"stream": {"S": "isbn#1"}, "version": {"N": "0"}}

    response = functions.projector.invoke({"Records": [record(7, claim), record(8, broken)]})

    assert response == {"batchItemFailures": []}
