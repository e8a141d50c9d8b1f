"""Responses of DynamoDB that a test writes, records or breaks, as they come over the wire."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING, Any, NamedTuple
from zlib import crc32

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.httpsession import URLLib3Session

from core.adapters.dynamodb.boto import new_boto3_client, through_boto3
from core.adapters.dynamodb.client import DynamoDb
from core.adapters.dynamodb.connections import HttpResponse
from core.adapters.dynamodb.environment import target_of
from core.adapters.dynamodb.own import over
from core.adapters.dynamodb.retries import MAX_QUOTA
from tests.support.dynamodb import OWN, credentials, with_credentials

if TYPE_CHECKING:
    from tests.support.dynamodb_wire import Interceptor, Send, Wire

UNREACHABLE = "http://127.0.0.1:9"
ERROR_TYPE = "com.amazonaws.dynamodb.v20120810#"


class Response(NamedTuple):
    """A response, with the checksum that AWS sends with each where ``headers`` is not given."""

    status: int
    body: bytes
    headers: Mapping[str, str] | None = None

    def all_headers(self) -> Mapping[str, str]:
        """Return the headers, those of a whole response unless there are others."""
        whole = {"Content-Length": f"{len(self.body)}", "x-amz-crc32": f"{crc32(self.body)}"}
        return whole if self.headers is None else self.headers

    def as_http(self) -> HttpResponse:
        """Return it as the own client receives it."""
        headers = {name.lower(): value for name, value in self.all_headers().items()}
        return HttpResponse(self.status, headers, self.body)

    def received(self, url: str) -> AWSResponse:
        """Return it as botocore's HTTP session does."""
        return AWSResponse(url, self.status, self.all_headers(), _Raw(self.body))  # type: ignore[arg-type]


class _Raw(BytesIO):
    def stream(self) -> Iterator[bytes]:
        yield self.read()


def success(content: object) -> Response:
    """Return a whole response to a request that succeeded."""
    return Response(200, json.dumps(content).encode())


def failure(code: str, *, status: int = 400, **members: object) -> Response:
    """Return a whole response to a request that failed."""
    return Response(status, json.dumps({"__type": ERROR_TYPE + code, **members}).encode())


def sent(request: AWSPreparedRequest) -> Response:
    """Send a request and return the response."""
    response = URLLib3Session().send(request)
    return Response(response.status_code, response.content, dict(response.headers))


class Scripted:
    """A client whose DynamoDB responds as ``script`` says, which has a response for each action.

    With ``retries=False`` it sends each request once.
    """

    def __init__(self, carrier: str = OWN, *, retries: bool = True) -> None:
        self.client = self._own(retries) if carrier == OWN else self._boto3(retries)
        self.script: Callable[[str], Response] = lambda _: success({})
        self.actions: list[str] = []

    def _own(self, retries: bool) -> DynamoDb:
        def post(headers: Mapping[str, str], _: bytes) -> HttpResponse:
            return self._respond(headers["x-amz-target"]).as_http()

        target = target_of(credentials(), UNREACHABLE)
        return over(post, target, credentials(), quota=MAX_QUOTA if retries else 0)

    def _boto3(self, retries: bool) -> DynamoDb:
        def before_send(request: AWSPreparedRequest, event_name: str, **_: Any) -> AWSResponse:
            return self._respond(event_name).received(request.url)

        with with_credentials():
            client = new_boto3_client(UNREACHABLE)
        if not retries:
            client.meta.events.unregister("needs-retry.dynamodb", unique_id="retry-config-dynamodb")
        client.meta.events.register("before-send.dynamodb", before_send)  # type: ignore[arg-type]
        return through_boto3(client)

    def _respond(self, name: str) -> Response:
        action = name.rpartition(".")[2]
        self.actions.append(action)
        return self.script(action)


def cut_responses(action: str, count: int) -> "Interceptor":
    """Return what cuts off the responses to the next ``count`` requests, which are executed.

    Nothing but the body says so: the length is that of what is left, and there is no checksum.
    """
    left = [count]

    def intercept(requested: str, send: "Send") -> Response | None:
        if requested != action or left[0] == 0:
            return None
        left[0] -= 1
        return cut(send(), 0.5)

    return intercept


def cut(response: Response, part: float) -> Response:
    """Return the response with that part of its body, less than 1, and nothing that shows it."""
    body = response.body[: int(len(response.body) * part)]
    return Response(response.status, body, {"Content-Length": str(len(body))})


@contextmanager
def recorded(wire: "Wire") -> Iterator[dict[str, Response]]:
    """Yield the last response to each action, as it is received within the block."""
    responses: dict[str, Response] = {}

    def record(action: str, send: "Send") -> Response:
        responses[action] = send()
        return responses[action]

    wire.intercept = record
    yield responses
    wire.intercept = None
