"""Responses that are not whole, valid ones of DynamoDB, row by row: each is StoreUnavailable."""

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache
from typing import Any
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.adapters.dynamodb.catalogue import DynamoDbCatalogue
from core.adapters.dynamodb.client import MAX_ATTEMPTS
from core.adapters.dynamodb.envelopes import item_from_envelope
from core.adapters.dynamodb.event_store import DynamoDbEventStore
from core.adapters.dynamodb.generations import Fixed, Generation
from core.adapters.dynamodb.read_model import DynamoDbReadModel
from core.adapters.dynamodb.sweeping import delete_generations_before
from core.adapters.dynamodb.views import projected_attributes
from core.domain.details import BookDetails
from core.domain.events import BookEvent
from core.domain.manifest import BOOKS
from core.ports.catalogue import StaleView, UnreadableView
from core.ports.errors import StoreUnavailable, UnknownEvent
from core.ports.event_store import Claims, ClaimTaken, VersionConflict
from core.ports.events import Unreadable
from core.ports.read_model import Aside
from tests.support.books import books_by, envelope, view
from tests.support.dynamodb import (
    CARRIERS,
    catalogue_at,
    fresh_catalogue_table,
    fresh_events_table,
)
from tests.support.dynamodb_responses import Response, Scripted, failure, recorded, success
from tests.support.dynamodb_wire import fresh_wire

TAKE = Claims(take=frozenset(["isbn:1"]))
# Their ids are in the names of tests, which are the same in every process.
STORED, OTHER, NEXT = (
    envelope("emma", version, event_id=event_id)
    for version, event_id in ((1, "stored"), (1, "other"), (2, "next"))
)
VIEW, REVISED = view("emma"), view("emma", 2)
EVENT_ITEM = item_from_envelope(STORED, BOOKS.events)
VIEW_ITEM = {"pk": {"S": "000001#book#emma"}, "sk": {"S": "view"}, **projected_attributes(VIEW)}
PLACE = {"pk": {"S": "000001#title:all"}, "sk": {"S": "emma\x1femma"}}


class Adapters:
    """All that reads and writes the tables, by one client."""

    def __init__(self, client: Any, events: str = "events", catalogue: str = "catalogue") -> None:
        self.client, self.catalogue_table = client, catalogue
        self.events: DynamoDbEventStore[BookEvent] = DynamoDbEventStore(
            client, events, BOOKS.events, lambda _: None
        )
        self.catalogue = catalogue_at(client, catalogue, BOOKS, 1)
        views = Fixed(client, catalogue, Generation(1, has_places=False))
        self.views: DynamoDbCatalogue[BookDetails] = DynamoDbCatalogue(
            client, catalogue, BOOKS, views, lambda _: None
        )
        self.read_model: DynamoDbReadModel[BookDetails] = DynamoDbReadModel(
            client, catalogue, BOOKS, lambda _: None, lambda: 0.0
        )


Act = Callable[[Adapters], object]

ACTS: dict[str, Act] = {
    "load": lambda a: a.events.load("emma"),
    "load the last": lambda a: a.events.load_last("emma", 1),
    "load a snapshot": lambda a: a.events.load_snapshot("emma", 50),
    "save a snapshot": lambda a: a.events.save_snapshot("emma", 50, "text"),
    "append": lambda a: a.events.append("emma", 0, [STORED]),
    "append with a claim": lambda a: a.events.append("emma", 0, [STORED], TAKE),
    "append after a version": lambda a: a.events.append("emma", 1, [NEXT]),
    "read all": lambda a: list(a.events.read_all()),
    "check the events": lambda a: a.events.check(),
    "get": lambda a: a.catalogue.get("emma"),
    "find": lambda a: a.catalogue.find(books_by(), None, 10),
    "replace": lambda a: a.catalogue.replace(None, VIEW),
    "finish": lambda a: a.catalogue.finish(VIEW),
    "check the catalogue": lambda a: a.catalogue.check(),
    "read the pointer": lambda a: a.read_model.targets(),
    "begin a rebuild": lambda a: a.read_model.begin_rebuild(),
    "checkpoint": lambda a: a.read_model.checkpoint("projector"),
    "save a checkpoint": lambda a: a.read_model.save_checkpoint("projector", "1"),
    "list what is aside": lambda a: a.read_model.aside(),
    "set aside": lambda a: a.read_model.set_aside(Aside("emma", 1, "newer")),
    "resume": lambda a: a.read_model.resume(Aside("emma", 1, "newer")),
    "sweep": lambda a: delete_generations_before(2, a.client, a.catalogue_table, lambda _: None),
}


@cache
def _scripted(carrier: str) -> Scripted:
    # One for all tests: its quota of retries is soon used up, so they take no time.
    return Scripted(carrier)


@pytest.fixture
def scripted(carrier: str) -> Scripted:
    return _scripted(carrier)


@pytest.fixture
def adapters(scripted: Scripted) -> Adapters:
    return Adapters(scripted.client)


# --- what is not whole ----------------------------------------------------------------------------

HTML = b"<html><body>Bad gateway</body></html>"

NOT_WHOLE: dict[str, tuple[Response, str]] = {
    "no body": (Response(200, b""), "HTTP 200: the body is not JSON"),
    "cut off": (Response(200, b'{"Item":{"version'), "HTTP 200: the body is not JSON"),
    "too short": (Response(200, b"{}", {"Content-Length": "79"}), "the body has 2 of 79 bytes"),
    "too long": (Response(200, b"{}", {"Content-Length": "1"}), "the body has 2 of 1 bytes"),
    "no length": (Response(200, b"{}", {"content-length": "2, 2"}), "the body has 2 of 2, 2"),
    "changed": (Response(200, b"{}", {"x-amz-crc32": "1"}), "does not have the CRC32 1"),
    "a proxy's page": (Response(200, HTML), "HTTP 200: the body is not JSON"),
    "not UTF-8": (Response(200, b'{"Item": "\xff"}'), "not JSON in UTF-8"),
    "UTF-16": (Response(200, "{}".encode("utf-16")), "not JSON in UTF-8"),
    "null": (Response(200, b"null"), "not a JSON object"),
    "a list": (Response(200, b"[]"), "not a JSON object"),
    "a text": (Response(200, b'"{}"'), "not a JSON object"),
    "nested without end": (Response(200, b'{"a":' * 100_000), "not JSON"),
    "another success": (Response(204, b"{}"), "HTTP 204: DynamoDB has no responses"),
    "a redirection": (Response(302, b"{}"), "HTTP 302: DynamoDB has no responses"),
    "an error cut off": (Response(400, b'{"__type":"com.am'), "HTTP 400: the body is not JSON"),
    "an error changed": (
        failure("ResourceNotFoundException")._replace(headers={"x-amz-crc32": "1"}),
        "HTTP 400: the body does not have",
    ),
    "an error without a type": (Response(400, b"{}"), "HTTP 400: the error has no type"),
    "an error with a number": (Response(400, b'{"__type": 5}'), "the error has no type"),
    "a list for an error": (Response(400, b"[]"), "not a JSON object"),
    "a proxy's error": (Response(404, HTML), "HTTP 404: the body is not JSON"),
    "an unavailable proxy": (Response(503, HTML), "HTTP 503: the body is not JSON"),
    "no body, and 500": (Response(500, b""), "HTTP 500: the body is not JSON"),
    "500, not UTF-8": (Response(500, b"\xff"), "HTTP 500: the body is not JSON"),
    "a list with 503": (Response(503, b"[]"), "HTTP 503: the body is not a JSON object"),
}


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("name", NOT_WHOLE)
def test_what_is_not_whole_is_store_unavailable(
    scripted: Scripted, adapters: Adapters, name: str, act: str
) -> None:
    response, reason = NOT_WHOLE[name]
    scripted.script = lambda _: response
    with pytest.raises(StoreUnavailable, match=f"Malformed: .*{reason}") as trouble:
        ACTS[act](adapters)
    assert str(trouble.value).startswith(("table events: ", "table catalogue: "))
    assert "DYNAMODB_ENDPOINT" in str(trouble.value)


@pytest.mark.parametrize("act", ["load", "append", "append with a claim", "get", "find"])
def test_what_is_not_whole_is_requested_again_as_what_is_lost(carrier: str, act: str) -> None:
    scripted = Scripted(carrier)
    content: dict[str, object] = {"Items": []} if act in {"load", "find"} else {}
    responses = iter([Response(200, b"{"), Response(400, b"{"), success(content)])
    scripted.script = lambda _: next(responses)
    ACTS[act](Adapters(scripted.client))
    assert len(scripted.actions) == 3


def test_it_is_requested_as_often_as_what_is_lost(carrier: str) -> None:
    scripted = Scripted(carrier)
    scripted.script = lambda _: Response(200, b"")
    with pytest.raises(StoreUnavailable, match="Query"):
        ACTS["load"](Adapters(scripted.client))
    assert scripted.actions == ["Query"] * MAX_ATTEMPTS


def test_a_whole_error_is_not_requested_again(carrier: str) -> None:
    scripted = Scripted(carrier)
    scripted.script = lambda _: failure("ResourceNotFoundException", message="no table")
    with pytest.raises(StoreUnavailable, match="ResourceNotFoundException"):
        ACTS["load"](Adapters(scripted.client))
    assert scripted.actions == ["Query"]


# --- what is whole, but not what was asked for ----------------------------------------------------


def without(item: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in item.items() if key != name}


def with_doc(doc: str) -> Response:
    return success({"Item": {**VIEW_ITEM, "doc": {"S": doc}}})


def page(*items: object, **members: object) -> Response:
    return success({"Items": items, **members})


def cancelled(*reasons: object) -> Response:
    return failure("TransactionCanceledException", CancellationReasons=reasons)


DOC = json.loads(VIEW_ITEM["doc"]["S"])
NO_REASON = {"Code": "None"}
FAILED = "ConditionalCheckFailed"

OTHERWISE: list[tuple[str, Response, str]] = [
    # a Query and a Scan
    ("load", success({}), "table events: Query: .*Items is missing"),
    ("load", success({"Items": None}), "Items does not"),
    ("load", success({"Items": {}}), "Items does not"),
    ("load", page(None), "Items does not"),
    ("load", page({"stream": "emma"}), "Items does not"),
    ("load", page({"stream": {}}), "Items does not"),
    ("load", page({"stream": {"S": 5}}), "Items does not"),
    ("load", page({"stream": {"S": None}}), "Items does not"),
    ("load", page({"stream": {"S": "emma", "N": "1"}}), "Items does not"),
    ("load", page({"stream": {"X": "emma"}}), "Items does not"),
    ("load", page({"stream": {"SS": [5]}}), "Items does not"),
    ("load", page({"stream": {"M": []}}), "Items does not"),
    ("load", page({"stream": {"L": [5]}}), "Items does not"),
    ("load", page({"stream": {"BOOL": "yes"}}), "Items does not"),
    ("load", page(LastEvaluatedKey=None), "LastEvaluatedKey does not"),
    ("load", page(LastEvaluatedKey={}), "LastEvaluatedKey does not"),
    ("load", page(LastEvaluatedKey=["emma"]), "LastEvaluatedKey does not"),
    ("load", page(LastEvaluatedKey={"stream": "emma"}), "LastEvaluatedKey does not"),
    ("load a snapshot", success({}), "table events: Query: .*Items is missing"),
    ("read all", success({}), "table events: Scan: .*Items is missing"),
    ("read all", page(without(EVENT_ITEM, "stream")), "Scan: .*attribute stream of type S"),
    ("read all", page(without(EVENT_ITEM, "version")), "Scan: .*attribute version of type N"),
    ("sweep", success({}), "table catalogue: Scan: .*Items is missing"),
    # a view
    ("get", success({"Item": None}), "table catalogue: GetItem: .*Item does not"),
    ("get", success({"Item": []}), "Item does not"),
    ("get", success({"Item": {}}), "Item does not"),
    ("get", success({"Item": {"version": 5}}), "Item does not"),
    # a page of a listing
    ("find", success({}), "table catalogue: Query: .*Items is missing"),
    ("find", page(without(PLACE, "sk")), "attribute sk of type S"),
    ("find", page(PLACE, LastEvaluatedKey={"pk": {"S": "x"}}), "attribute sk of type S"),
    ("find", page(PLACE), "BatchGetItem: .*Responses is missing"),
    # the read model as a whole
    ("read the pointer", success({"Item": {"building": {"N": "2"}}}), "attribute live of type N"),
    ("read the pointer", success({"Item": {"live": {"N": "x"}}}), "live is no whole number"),
    (
        "read the pointer",
        success({"Item": {"live": {"N": "1"}, "building": {"S": "2"}}}),
        "attribute building of type N",
    ),
    ("checkpoint", success({"Item": {"pk": {"S": "x"}}}), "attribute position of type S"),
    ("list what is aside", success({}), "Items is missing"),
    ("list what is aside", page({"stream": {"S": "a"}}), "attribute version of type N"),
    # the conditions of writes
    ("append", failure(FAILED + "Exception"), "attribute event_id of type S"),
    ("append", failure(FAILED + "Exception", Item=None), "PutItem: .*Item does not"),
    ("append", failure(FAILED + "Exception", Item={"event_id": 5}), "Item does not"),
    (
        "append with a claim",
        failure("TransactionCanceledException"),
        "TransactWriteItems: .*HTTP 400: CancellationReasons is missing",
    ),
    ("append with a claim", cancelled(), "0 CancellationReasons for 2 operations"),
    ("append with a claim", cancelled(*[NO_REASON] * 3), "3 CancellationReasons for 2 operations"),
    ("append with a claim", cancelled(NO_REASON, None), "CancellationReasons does not"),
    ("append with a claim", cancelled(NO_REASON, {}), "CancellationReasons does not"),
    ("append with a claim", cancelled(NO_REASON, {"Code": 5}), "CancellationReasons does not"),
    ("append with a claim", cancelled(NO_REASON, {"Code": FAILED}), "attribute owner of type S"),
    ("append with a claim", cancelled({"Code": FAILED}, NO_REASON), "attribute event_id of type S"),
    (
        "append with a claim",
        cancelled(NO_REASON, {"Code": FAILED, "Item": []}),
        "CancellationReasons does not",
    ),
    (
        "append with a claim",
        cancelled(NO_REASON, {"Code": "ValidationError", "Message": 5}),
        "CancellationReasons does not",
    ),
    ("replace", failure(FAILED + "Exception", Item={"pk": {"S": "x"}}), "attribute version of"),
    ("replace", success({"Attributes": None}), "PutItem: .*Attributes does not"),
    ("finish", success({"Item": {**VIEW_ITEM, "was": {"S": "{"}}}), "was is not what a view"),
    ("finish", success({"Item": {**VIEW_ITEM, "was": {"S": "[5]"}}}), "was is not what a view"),
    ("finish", success({"Item": {**VIEW_ITEM, "was": {"N": "5"}}}), "attribute was of type S"),
]


@pytest.mark.parametrize(
    ("act", "response", "reason"),
    OTHERWISE,
    ids=[f"{act}: {response.body[:80]!r}" for act, response, _ in OTHERWISE],
)
def test_what_was_not_asked_for_is_store_unavailable(
    scripted: Scripted, adapters: Adapters, act: str, response: Response, reason: str
) -> None:
    scripted.script = lambda _: response
    with pytest.raises(StoreUnavailable, match=reason) as trouble:
        ACTS[act](adapters)
    assert ": Malformed: " in str(trouble.value)


UNREADABLE_VIEWS: list[tuple[str, Response]] = [
    ("get", success({"Item": {**VIEW_ITEM, "version": {"S": "1"}}})),
    ("get", success({"Item": {**VIEW_ITEM, "version": {"N": "x"}}})),
    ("get", success({"Item": {**VIEW_ITEM, "doc": {"N": "1"}}})),
    ("get", with_doc("{")),
    ("get", with_doc("[]")),
    ("get", with_doc(json.dumps(without(DOC, "details")))),
    ("get", with_doc(json.dumps({**DOC, "details": {"title": 5}}))),
    ("get", with_doc(json.dumps(without(DOC, "added_at")))),
    ("get", with_doc(json.dumps({**DOC, "added_at": 5}))),
    ("get", with_doc(json.dumps({**DOC, "revised_at": "x"}))),
]


@pytest.mark.parametrize(
    ("act", "response"),
    UNREADABLE_VIEWS,
    ids=[f"{act}: {response.body[:80]!r}" for act, response in UNREADABLE_VIEWS],
)
def test_a_whole_response_with_a_view_of_another_shape_is_an_unreadable_view(
    scripted: Scripted, adapters: Adapters, act: str, response: Response
) -> None:
    scripted.script = lambda _: response
    with pytest.raises(UnreadableView, match="emma"):
        ACTS[act](adapters)


@pytest.mark.parametrize(
    "item", [{**VIEW_ITEM, "version": {"S": "1"}}, {**VIEW_ITEM, "doc": {"N": "1"}}], ids=str
)
def test_a_page_with_a_view_of_another_shape_has_an_unreadable_view(
    scripted: Scripted, adapters: Adapters, item: object
) -> None:
    batch = success({"Responses": {"catalogue": [item]}, "UnprocessedKeys": {}})
    scripted.script = {"Query": page(PLACE), "BatchGetItem": batch}.__getitem__
    with pytest.raises(UnreadableView, match="emma"):
        ACTS["find"](adapters)


@pytest.mark.parametrize(
    "unprocessed",
    [
        {},
        {"UnprocessedItems": None},
        {"UnprocessedItems": []},
        {"UnprocessedItems": {"catalogue": {}}},
        {"UnprocessedItems": {"catalogue": [{"PutRequest": {"Item": VIEW_ITEM}}]}},
        {"UnprocessedItems": {"catalogue": [{"DeleteRequest": {"Key": {}}}]}},
        {"UnprocessedItems": {"catalogue": [{"DeleteRequest": {"Key": {"pk": "x"}}}]}},
    ],
    ids=str,
)
def test_unprocessed_items_of_another_shape_are_store_unavailable(
    scripted: Scripted, adapters: Adapters, unprocessed: object
) -> None:
    key = {"pk": {"S": "000001#x"}, "sk": {"S": "view"}}
    responses = {"Scan": page(key), "BatchWriteItem": success(unprocessed)}
    scripted.script = responses.__getitem__
    with pytest.raises(StoreUnavailable, match=r"BatchWriteItem: .*UnprocessedItems (is|does)"):
        ACTS["sweep"](adapters)


UNREADABLE = [
    without(EVENT_ITEM, "type"),
    without(EVENT_ITEM, "data"),
    {**EVENT_ITEM, "data": {"S": "{"}},
    {**EVENT_ITEM, "data": {"N": "1"}},
    {**EVENT_ITEM, "occurred_at": {"S": "noon"}},
    {**EVENT_ITEM, "schema_version": {"N": "99"}},
]


@pytest.mark.parametrize("item", UNREADABLE, ids=str)
def test_an_event_that_cannot_be_read_is_no_outage(
    scripted: Scripted, adapters: Adapters, item: object
) -> None:
    scripted.script = lambda _: page(item)
    with pytest.raises(UnknownEvent):
        adapters.events.load("emma")
    [(_, logged)] = adapters.events.read_all()
    assert isinstance(logged, Unreadable)
    assert (logged.stream, logged.version) == ("emma", 1)


@pytest.mark.parametrize("item", [{"stream": {"S": "x"}}, {"snapshot": {"N": "1"}}], ids=str)
def test_an_item_without_the_shape_of_a_snapshot_is_none(
    scripted: Scripted, adapters: Adapters, item: object
) -> None:
    scripted.script = lambda _: page(item)
    assert adapters.events.load_snapshot("emma", 50) is None


# --- responses of a real DynamoDB, altered --------------------------------------------------------

ON_REAL_TABLES: dict[str, Act] = {
    **{name: ACTS[name] for name in ("load", "append", "append with a claim", "read all")},
    **{name: ACTS[name] for name in ("check the events", "get", "find")},
    **{name: ACTS[name] for name in ("checkpoint", "list what is aside")},
    "append anew": lambda a: a.events.append("anne", 0, [envelope("anne", 1)]),
    "append in conflict": lambda a: a.events.append("emma", 0, [OTHER]),
    "take what is taken": lambda a: a.events.append("jane", 0, [envelope("jane", 1)], TAKE),
    "load what is not there": lambda a: a.events.load("fanny"),
    "get what is not there": lambda a: a.catalogue.get("fanny"),
    "replace": lambda a: a.views.replace(None, VIEW),
    "replace what is stale": lambda a: a.views.replace(None, REVISED),
}


class Recording:
    """What DynamoDB responds in each act, and what the adapters make of the responses."""

    def __init__(self) -> None:
        with fresh_events_table() as events, fresh_catalogue_table() as catalogue:
            self.tables = events, catalogue
            wire = fresh_wire()
            real = Adapters(wire.client, *self.tables)
            real.events.append("emma", 0, [STORED], TAKE)
            real.catalogue.replace(None, VIEW)
            real.read_model.save_checkpoint("projector", "1")
            real.read_model.set_aside(Aside("emma", 1, "newer"))
            self.responses: dict[str, dict[str, Response]] = {}
            for name, act in ON_REAL_TABLES.items():
                with recorded(wire) as responses, suppress(VersionConflict, ClaimTaken, StaleView):
                    act(real)
                self.responses[name] = responses

    def outcome(self, carrier: str, name: str, **altered: Response) -> object:
        """Return what an act returns or raises with these responses."""
        scripted = _scripted(carrier)
        scripted.script = {**self.responses[name], **altered}.__getitem__
        try:
            return ON_REAL_TABLES[name](Adapters(scripted.client, *self.tables))
        except Exception as error:  # noqa: BLE001 - the outcome may be any
            return type(error), str(error)


@cache
def recording() -> Recording:
    return Recording()


Body = tuple[str, str, Response]


@st.composite
def responses(draw: st.DrawFn) -> Body:
    """Draw an act, and an action in it with its response."""
    name = draw(st.sampled_from(sorted(ON_REAL_TABLES)))
    action = draw(st.sampled_from(sorted(recording().responses[name])))
    return name, action, recording().responses[name][action]


def is_store_unavailable(outcome: object) -> bool:
    return isinstance(outcome, tuple) and outcome[0] is StoreUnavailable


@pytest.mark.parametrize("carrier", CARRIERS)
@given(response=responses(), data=st.data())
def test_a_response_cut_at_any_byte_is_store_unavailable(
    carrier: str, response: Body, data: st.DataObject
) -> None:
    name, action, (status, body, headers) = response
    left = body[: data.draw(st.integers(0, len(body) - 1))]
    shown = data.draw(st.sampled_from([headers, {}, {"Content-Length": str(len(left))}]))
    outcome = recording().outcome(carrier, name, **{action: Response(status, left, shown)})
    assert is_store_unavailable(outcome)


@pytest.mark.parametrize("carrier", CARRIERS)
@given(response=responses(), data=st.data())
def test_with_its_checksum_a_changed_response_is_right_or_store_unavailable(
    carrier: str, response: Body, data: st.DataObject
) -> None:
    name, action, (status, body, _) = response
    changed = bytearray(body)
    changes = st.tuples(st.integers(0, len(body) - 1), st.integers(0, 255))
    for position, byte in data.draw(st.lists(changes, min_size=1, max_size=3)):
        changed[position] = byte
    checksum = {"x-amz-crc32": str(crc32(body))}
    outcome = recording().outcome(
        carrier, name, **{action: Response(status, bytes(changed), checksum)}
    )
    if bytes(changed) == body:
        assert outcome == recording().outcome(carrier, name)
    else:
        assert is_store_unavailable(outcome)


@pytest.mark.parametrize("name", ON_REAL_TABLES)
def test_an_act_with_the_recorded_responses_has_its_usual_outcome(carrier: str, name: str) -> None:
    """Or the two tests above would prove nothing."""
    expected = {
        "append in conflict": VersionConflict,
        "take what is taken": ClaimTaken,
        "replace what is stale": StaleView,
    }
    outcome = recording().outcome(carrier, name)
    raised = outcome[0] if isinstance(outcome, tuple) and isinstance(outcome[0], type) else None
    assert raised is expected.get(name)
