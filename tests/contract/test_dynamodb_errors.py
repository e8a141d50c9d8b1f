"""From DynamoDB's errors to those of the ports, row by row."""

import os
from collections import deque
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from core.adapters.dynamodb.client import DynamoDb, ServiceError
from core.adapters.dynamodb.connecting import by_boto3, by_own_client
from core.adapters.dynamodb.errors import TROUBLES
from core.adapters.dynamodb.event_store import DynamoDbEventStore
from core.adapters.dynamodb.transactions import MAX_ATTEMPTS
from core.domain.events import BookEvent
from core.domain.manifest import BOOKS
from core.ports.errors import StoreUnavailable
from core.ports.event_store import Claims, ClaimTaken, EventTooLarge, VersionConflict
from tests.support.books import books_by, envelope, view
from tests.support.dynamodb import OWN, catalogue_at, database, with_credentials
from tests.support.dynamodb_responses import Response, Scripted, failure, success

TAKE = Claims(take=frozenset(["isbn:1"]))
ANOTHER_EVENT = {"event_id": {"S": "another"}}
PRESENT = {"ConditionalCheckFailed": {"Item": ANOTHER_EVENT}}


class Stubbed:
    """An event store whose DynamoDB responds as the test says."""

    def __init__(self, scripted: Scripted) -> None:
        scripted.script = self._respond
        self.client = scripted.client
        self.responses: deque[tuple[str, Response]] = deque()
        self.pauses: list[float] = []
        self.store = DynamoDbEventStore(self.client, "events", BOOKS.events, self.pauses.append)

    def responds(self, action: str, response: Response) -> "Stubbed":
        self.responses.append((action, response))
        return self

    def fails(self, action: str, code: str, **more: Any) -> "Stubbed":
        return self.responds(action, failure(code, **{"message": "in AWS's words", **more}))

    def cancels(self, *reasons: str, message: str = "in AWS's words") -> "Stubbed":
        """Cancel a transaction, with the code of each item's reason."""
        listed = [{"Code": code, "Message": message, **PRESENT.get(code, {})} for code in reasons]
        return self.fails(
            "TransactWriteItems", "TransactionCanceledException", CancellationReasons=listed
        )

    def _respond(self, action: str) -> Response:
        expected, response = self.responses.popleft()
        assert action == expected
        return response


@cache
def scripted(carrier: str) -> Scripted:
    return Scripted(carrier, retries=False)


@pytest.fixture
def stubbed(carrier: str) -> Stubbed:
    return Stubbed(scripted(carrier))


def append(store: DynamoDbEventStore[BookEvent], claims: Claims = TAKE) -> None:
    store.append("emma", 0, [envelope("emma", 1)], claims)


Act = Callable[[DynamoDbEventStore[BookEvent]], object]

ACTIONS: list[tuple[str, Act]] = [
    ("Query", lambda store: store.load("emma")),
    ("PutItem", lambda store: append(store, Claims())),
    ("TransactWriteItems", append),
    ("Scan", lambda store: list(store.read_all())),
    ("GetItem", lambda store: store.check()),
]


@pytest.mark.parametrize("code", [c for c in TROUBLES if c != "TransactionConflictException"])
@pytest.mark.parametrize(("action", "act"), ACTIONS, ids=[a[0] for a in ACTIONS])
def test_store_unavailable_names_table_action_and_what_to_do(
    stubbed: Stubbed, code: str, action: str, act: Act
) -> None:
    stubbed.fails(action, code)
    with pytest.raises(StoreUnavailable) as trouble:
        act(stubbed.store)
    assert str(trouble.value) == f"table events: {action}: {code}: {TROUBLES[code].advice}"
    assert trouble.value.retry_after == TROUBLES[code].retry_after >= 1


@pytest.mark.parametrize("status", [500, 502, 503])
def test_any_5xx_response_raises_store_unavailable(stubbed: Stubbed, status: int) -> None:
    stubbed.fails("Query", "Unheard", status=status)
    with pytest.raises(StoreUnavailable, match=r"Query.*an internal error"):
        stubbed.store.load("emma")


@pytest.mark.parametrize(("action", "act"), ACTIONS, ids=[a[0] for a in ACTIONS])
def test_an_invalid_request_is_not_hidden(stubbed: Stubbed, action: str, act: Act) -> None:
    stubbed.fails(action, "ValidationException")
    with pytest.raises(ServiceError, match=f"{action}: ValidationException: in AWS's words"):
        act(stubbed.store)


@pytest.mark.parametrize(
    ("reasons", "error"),
    [
        (("ConditionalCheckFailed", "None"), VersionConflict),
        (("ConditionalCheckFailed", "ConditionalCheckFailed"), VersionConflict),
        (("ConditionalCheckFailed", "ThrottlingError"), VersionConflict),
        (("None", "TransactionInProgressException"), StoreUnavailable),
    ],
)
def test_each_reason_of_a_cancelled_transaction_has_its_error(
    stubbed: Stubbed, reasons: tuple[str, ...], error: type[Exception]
) -> None:
    stubbed.cancels(*reasons)
    with pytest.raises(error):
        append(stubbed.store)


def test_a_taken_claim_is_reported_with_its_owner(stubbed: Stubbed) -> None:
    held = {"Code": "ConditionalCheckFailed", "Item": {"owner": {"S": "persuasion"}}}
    stubbed.fails(
        "TransactWriteItems",
        "TransactionCanceledException",
        CancellationReasons=[{"Code": "None"}, held],
    )
    with pytest.raises(ClaimTaken) as taken:
        append(stubbed.store)
    assert (taken.value.name, taken.value.owner) == ("isbn:1", "persuasion")


@pytest.mark.parametrize("code", ["ThrottlingError", "ProvisionedThroughputExceeded"])
def test_a_transaction_that_is_throttled_is_sent_again(stubbed: Stubbed, code: str) -> None:
    stubbed.cancels("None", code)
    stubbed.responds("TransactWriteItems", success({}))
    append(stubbed.store)
    assert len(stubbed.pauses) == 1


def test_throttling_has_a_longer_retry_after(stubbed: Stubbed) -> None:
    for _ in range(MAX_ATTEMPTS):
        stubbed.cancels("None", "ThrottlingError")
    with pytest.raises(StoreUnavailable, match="throttled") as trouble:
        append(stubbed.store)
    assert trouble.value.retry_after == 5


def test_a_cancelled_transaction_with_an_invalid_request_is_not_hidden(stubbed: Stubbed) -> None:
    stubbed.cancels("ValidationError", "None")
    with pytest.raises(ServiceError, match="TransactionCanceledException"):
        append(stubbed.store)


def test_an_item_that_dynamodb_refuses_as_too_large_raises_event_too_large(
    stubbed: Stubbed,
) -> None:
    too_large = "Item size has exceeded the maximum allowed size"
    stubbed.cancels("ValidationError", "None", message=too_large)
    with pytest.raises(EventTooLarge):
        append(stubbed.store)
    stubbed.fails("PutItem", "ValidationException", message=too_large)
    with pytest.raises(EventTooLarge):
        append(stubbed.store, Claims())


@pytest.mark.parametrize("other", ["None", "ConditionalCheckFailed"])
def test_a_transaction_that_conflicts_with_another_is_sent_again(
    stubbed: Stubbed, other: str
) -> None:
    stubbed.cancels("TransactionConflict", other)
    stubbed.cancels("None", "TransactionConflict")
    stubbed.responds("TransactWriteItems", success({}))
    append(stubbed.store)
    assert len(stubbed.pauses) == 2


def test_a_put_that_conflicts_with_a_transaction_is_sent_again(stubbed: Stubbed) -> None:
    stubbed.fails("PutItem", "TransactionConflictException")
    stubbed.responds("PutItem", success({}))
    append(stubbed.store, Claims())
    assert len(stubbed.pauses) == 1


def test_a_transaction_is_not_sent_again_for_ever(stubbed: Stubbed) -> None:
    for _ in range(MAX_ATTEMPTS):
        stubbed.cancels("TransactionConflict", "None")
    with pytest.raises(StoreUnavailable, match="TransactWriteItems: TransactionConflict"):
        append(stubbed.store)
    assert not stubbed.responses
    assert len(stubbed.pauses) == MAX_ATTEMPTS - 1


def test_pauses_grow_with_each_attempt_within_bounds(stubbed: Stubbed) -> None:
    for _ in range(MAX_ATTEMPTS):
        stubbed.cancels("TransactionConflict", "None")
    with pytest.raises(StoreUnavailable):
        append(stubbed.store)
    bounds = [0.02 * 2**attempt for attempt in range(1, MAX_ATTEMPTS)]
    assert all(0 <= pause < bound for pause, bound in zip(stubbed.pauses, bounds, strict=True))


def test_errors_of_the_catalogue_name_its_table(stubbed: Stubbed) -> None:
    catalogue = catalogue_at(stubbed.client, "catalogue", BOOKS, 1)
    stubbed.fails("Query", "AccessDeniedException")
    with pytest.raises(StoreUnavailable, match="table catalogue: Query"):
        catalogue.find(books_by(), None, 10)
    stubbed.fails("PutItem", "ResourceNotFoundException")
    with pytest.raises(StoreUnavailable, match="table catalogue: PutItem"):
        catalogue.replace(None, view("emma"))


def connected(carrier: str, endpoint: str | None = "http://127.0.0.1:9") -> DynamoDb:
    if carrier == OWN:
        names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION")
        return by_own_client({name: os.environ.get(name, "") for name in names}, endpoint)
    return by_boto3(endpoint)


def test_missing_credentials_are_reported_with_what_to_do(
    carrier: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    store = DynamoDbEventStore(connected(carrier), "events", BOOKS.events, lambda _: None)
    with pytest.raises(StoreUnavailable, match=r"table events: Query: NoCredentials: .*a role"):
        store.load("emma")


def test_an_unreachable_endpoint_is_reported(carrier: str) -> None:
    with with_credentials():
        unreachable = connected(carrier)
    store = DynamoDbEventStore(unreachable, "events", BOOKS.events, lambda _: None)
    with pytest.raises(StoreUnavailable, match=r"NoResponse: .*DYNAMODB_ENDPOINT"):
        store.check()


def test_a_missing_region_is_reported_with_what_to_set(
    carrier: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    for name in ("AWS_DEFAULT_REGION", "AWS_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    with pytest.raises(StoreUnavailable, match="AWS_REGION"):
        connected(carrier, None)


def test_a_missing_table_is_reported_by_dynamodb_itself(carrier: str) -> None:
    with pytest.raises(StoreUnavailable, match="table missing: Query: ResourceNotFoundException"):
        DynamoDbEventStore(database(carrier), "missing", BOOKS.events, lambda _: None).load("emma")
