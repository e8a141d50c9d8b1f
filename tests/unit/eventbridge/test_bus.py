"""EventBridge's requests, and what becomes of its responses."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from botocore.stub import Stubber
from hypothesis import given
from hypothesis import strategies as st

from core.adapters.eventbridge.bus import MAX_BYTES, MAX_ENTRIES, EventBridgeBus
from core.ports.messages import BusUnavailable, CloudEvent

MESSAGE: CloudEvent = {
    "id": "1",
    "type": "lamps.lamp-lit.v1",
    "time": "2024-05-17T12:00:01Z",
    "data": {"colour": "grün 😀"},
}


def client_error(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "PutEvents")


@dataclass
class FakeEvents:
    """EventBridge, as far as it is used: ``respond`` makes the results of a request's entries."""

    respond: Callable[[list[Any]], list[Mapping[str, str]]] = lambda entries: [
        {"EventId": "1"} for _ in entries
    ]
    requests: list[list[Any]] = field(default_factory=list)

    def put_events(self, Entries: list[Any]) -> dict[str, Any]:  # noqa: N803 - AWS's name
        self.requests.append(Entries)
        return {"FailedEntryCount": 0, "Entries": self.respond(Entries)}


def bus(client: Any) -> EventBridgeBus:
    return EventBridgeBus(client, "the-bus", "lamps")


def failing(error: Exception) -> FakeEvents:
    def respond(_: list[Any]) -> Any:
        raise error

    return FakeEvents(respond)


def with_bytes(count: int) -> CloudEvent:
    """Return a message whose entry has so many bytes, as EventBridge counts them."""
    empty = {**MESSAGE, "data": ""}
    [entry] = requests_of(empty)
    counted = sum(len(entry[name].encode()) for name in ("Source", "DetailType", "Detail")) + 14
    return {**MESSAGE, "data": "x" * (count - counted)}


def requests_of(*messages: CloudEvent) -> list[Any]:
    events = FakeEvents()
    bus(events).send(messages)
    [request] = events.requests
    return request


def test_an_entry_has_the_whole_cloud_event_as_its_detail() -> None:
    [entry] = requests_of(MESSAGE)
    assert json.loads(entry.pop("Detail")) == MESSAGE
    assert entry == {
        "EventBusName": "the-bus",
        "Source": "lamps",
        "DetailType": "lamps.lamp-lit.v1",
        "Time": datetime(2024, 5, 17, 12, 0, 1, tzinfo=UTC),
    }


def test_boto3_takes_the_request() -> None:
    client = boto3.client(
        "events", region_name="eu-central-1", aws_access_key_id="a", aws_secret_access_key="b"
    )
    with Stubber(client) as stub:
        stub.add_response("put_events", {"FailedEntryCount": 0, "Entries": [{"EventId": "1"}]})
        assert bus(client).send([MESSAGE]) == [None]


@given(st.lists(st.integers(200, MAX_BYTES // 2 + 500), min_size=1, max_size=14))
def test_as_many_fit_as_a_request_may_have(sizes: list[int]) -> None:
    count = bus(FakeEvents()).fitting([with_bytes(size) for size in sizes])
    assert 1 <= count <= MAX_ENTRIES
    assert count == 1 or sum(sizes[:count]) <= MAX_BYTES
    assert count in (len(sizes), MAX_ENTRIES) or sum(sizes[: count + 1]) > MAX_BYTES


def test_a_message_that_is_too_large_is_refused_for_ever_and_not_sent() -> None:
    events = FakeEvents()
    [largest] = bus(events).send([with_bytes(MAX_BYTES)])
    [refused] = bus(events).send([with_bytes(MAX_BYTES + 1)])
    assert largest is None
    assert refused is not None
    assert refused.is_final
    assert len(events.requests) == 1
    assert bus(events).fitting([with_bytes(MAX_BYTES + 1), MESSAGE]) == 1


@pytest.mark.parametrize(
    ("code", "is_final"),
    [
        ("InternalFailure", False),
        ("ThrottlingException", False),
        ("NotAuthorizedForSourceException", False),
        ("MalformedDetail", True),
        ("InvalidArgument", True),
    ],
)
def test_an_entry_fails_alone(code: str, is_final: bool) -> None:
    events = FakeEvents(lambda _: [{"EventId": "1"}, {"ErrorCode": code, "ErrorMessage": "no"}])
    taken, refused = bus(events).send([MESSAGE, MESSAGE])
    assert taken is None
    assert refused is not None
    assert refused == (f"{code}: no", is_final)


@pytest.mark.parametrize(
    "error",
    [
        client_error("ThrottlingException"),
        client_error("AccessDeniedException"),
        client_error("ResourceNotFoundException"),
        EndpointConnectionError(endpoint_url="https://events.test"),
    ],
    ids=["throttled", "denied", "no bus", "no connection"],
)
def test_a_request_that_may_succeed_later_is_an_outage(error: Exception) -> None:
    with pytest.raises(BusUnavailable):
        bus(failing(error)).send([MESSAGE])


def test_a_response_without_every_entry_is_an_outage() -> None:
    with pytest.raises(BusUnavailable):
        bus(FakeEvents(lambda _: [])).send([MESSAGE])


def test_of_an_invalid_request_each_entry_is_tried_alone() -> None:
    def respond(entries: list[Any]) -> list[Mapping[str, str]]:
        if any("bad" in entry["Detail"] for entry in entries):
            raise client_error("ValidationException")
        return [{"EventId": "1"} for _ in entries]

    outcomes = bus(FakeEvents(respond)).send([MESSAGE, {**MESSAGE, "id": "bad"}, MESSAGE])
    assert [outcome and outcome.is_final for outcome in outcomes] == [None, True, None]
