"""The model answers as DynamoDB does: the same requests to both, drawn at random."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from apps.local.dynamodb_tables import catalogue_table
from core.adapters.dynamodb.client import ServiceError
from tests.reliability.simulation.dynamodb import ModelDynamoDb
from tests.support import dynamodb

TEXTS = st.sampled_from(["a", "ab", "b", "é", "z"])
PARTITIONS = st.sampled_from(["p", "q"])
SETS = st.sets(TEXTS, min_size=1).map(sorted)

Request = tuple[str, dict[str, Any]]


def text(value: str) -> dict[str, str]:
    return {"S": value}


@st.composite
def items(draw: st.DrawFn) -> dict[str, Any]:
    """Draw an item, with some of the attributes that the adapters have."""
    optional = {
        "holder": TEXTS.map(text),
        "terms": SETS.map(lambda texts: {"SS": texts}),
        "previous_word": TEXTS.map(text),
        "version": st.integers(1, 3).map(lambda number: {"N": str(number)}),
        "pending": st.integers(1, 3).map(lambda number: {"M": {"version": {"N": str(number)}}}),
    }
    item: dict[str, Any] = draw(st.fixed_dictionaries({}, optional=optional))
    return {"pk": text(draw(PARTITIONS)), "sk": text(draw(TEXTS)), **item}


VERSION = {
    "ExpressionAttributeNames": {"#version": "version"},
    "ExpressionAttributeValues": {":old": {"N": "2"}},
}
CONDITIONS: list[dict[str, Any]] = [
    {},
    {"ConditionExpression": "attribute_not_exists(pk)"},
    {"ConditionExpression": "attribute_exists(holder) AND attribute_not_exists(pending)"},
    {"ConditionExpression": "#version = :old", **VERSION},
    {"ConditionExpression": "attribute_not_exists(pk) OR #version <= :old", **VERSION},
    {"ConditionExpression": "NOT #version > :old", **VERSION},
    {"ConditionExpression": "pending.#version = :old AND #version < :old", **VERSION},
    {
        "ConditionExpression": "(attribute_not_exists(pk) OR #version = :old) AND holder = :holder",
        "ExpressionAttributeNames": {"#version": "version"},
        "ExpressionAttributeValues": {":old": {"N": "2"}, ":holder": {"S": "a"}},
    },
]
ALL_OLD = {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"}


@st.composite
def guards(draw: st.DrawFn) -> dict[str, Any]:
    condition = draw(st.sampled_from(CONDITIONS))
    return {**condition, **(ALL_OLD if condition and draw(st.booleans()) else {})}


def key_of(item: Mapping[str, Any]) -> dict[str, Any]:
    return {"pk": item["pk"], "sk": item["sk"]}


def key_text(request: Mapping[str, Any]) -> str:
    """Return the key of an item, or of the one that an operation is for, as text."""
    whole = request if "pk" in request else next(iter(request.values()))
    return str(key_of(whole.get("Item", whole.get("Key", whole))))


@st.composite
def operations(draw: st.DrawFn) -> dict[str, Any]:
    item, guard = draw(items()), draw(guards())
    match draw(st.sampled_from(["Put", "Delete", "ConditionCheck", "Update"])):
        case "Put":
            return {"Put": {"Item": item, **guard}}
        case "Delete":
            return {"Delete": {"Key": key_of(item), **guard}}
        case "Update":
            pending = {":pending": {"M": {"version": {"N": "1"}}}}
            values = {**guard.get("ExpressionAttributeValues", {}), **pending}
            update = {"UpdateExpression": "SET pending = :pending"}
            return {
                "Update": {
                    "Key": key_of(item),
                    **guard,
                    **update,
                    "ExpressionAttributeValues": values,
                }
            }
        case _:
            condition = guard or CONDITIONS[1]
            return {"ConditionCheck": {"Key": key_of(item), **condition}}


UPDATES: list[tuple[str, dict[str, Any]]] = [
    ("SET version = :new", {":new": {"N": "2"}}),
    ("SET version = :new ADD terms :terms", {":new": {"N": "3"}, ":terms": {"SS": ["a", "z"]}}),
    ("SET version = :new REMOVE previous_word", {":new": {"N": "3"}}),
    (
        "SET version = :new ADD terms :terms REMOVE previous_word",
        {":new": {"N": "1"}, ":terms": {"SS": ["b"]}},
    ),
]


@st.composite
def updates(draw: st.DrawFn) -> dict[str, Any]:
    guard, (expression, values) = draw(guards()), draw(st.sampled_from(UPDATES))
    return {
        "Key": key_of(draw(items())),
        "UpdateExpression": expression,
        **guard,
        "ExpressionAttributeValues": {**guard.get("ExpressionAttributeValues", {}), **values},
    }


RETURNS = st.sampled_from([{}, {"ReturnValues": "ALL_OLD"}])


def writes() -> st.SearchStrategy[Request]:
    puts = st.builds(
        lambda item, *more: {"Item": item, **_merged(more)}, items(), guards(), RETURNS
    )
    removals = st.builds(lambda item, guard: {"Key": key_of(item), **guard}, items(), guards())
    # DynamoDB Local looks at conditions before it refuses two operations on one item.
    transactions = st.lists(operations(), min_size=1, max_size=4, unique_by=key_text)
    deletes = st.lists(items(), min_size=1, max_size=3, unique_by=key_text)
    return st.one_of(
        st.tuples(st.just("put_item"), puts),
        st.tuples(st.just("update_item"), updates()),
        st.tuples(st.just("delete_item"), removals),
        st.tuples(
            st.just("transact_write_items"), transactions.map(lambda x: {"TransactItems": x})
        ),
        st.tuples(
            st.just("batch_write_item"),
            deletes.map(
                lambda x: {"RequestItems": [{"DeleteRequest": {"Key": key_of(i)}} for i in x]}
            ),
        ),
    )


def _merged(parts: Iterable[dict[str, Any]]) -> dict[str, Any]:
    return {name: value for part in parts for name, value in part.items()}


@st.composite
def queries(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a Query."""
    values = {":p": text(draw(PARTITIONS))}
    low, high = sorted(draw(st.tuples(TEXTS, TEXTS)))
    ranges = {
        "": {},
        " AND sk > :low": {":low": text(low)},
        " AND sk < :low": {":low": text(low)},
        " AND sk BETWEEN :low AND :high": {":low": text(low), ":high": text(high)},
        " AND begins_with(sk, :low)": {":low": text(low)},
    }
    asked = draw(st.sampled_from(list(ranges)))
    filters: dict[str, dict[str, Any]] = {
        "": {},
        "contains(terms, :with)": {":with": text(draw(TEXTS))},
        "NOT begins_with(previous_word, :with)": {":with": text(draw(TEXTS))},
        "NOT begins_with(previous_word, :with) AND contains(terms, :with)": {
            ":with": text(draw(TEXTS))
        },
        "version > :number": {":number": {"N": "1"}},
    }
    kept = draw(st.sampled_from(list(filters)))
    request: dict[str, Any] = {
        "KeyConditionExpression": f"pk = :p{asked}",
        "ExpressionAttributeValues": {**values, **ranges[asked], **filters[kept]},
        "ScanIndexForward": draw(st.booleans()),
    }
    if kept:
        request["FilterExpression"] = kept
    if draw(st.booleans()):
        request["ProjectionExpression"] = "pk, version, sk"
    if draw(st.booleans()):
        request["Limit"] = draw(st.integers(1, 4))
    return request


def reads() -> st.SearchStrategy[Request]:
    keys = st.builds(lambda p, s: {"pk": text(p), "sk": text(s)}, PARTITIONS, TEXTS)
    return st.one_of(
        st.tuples(st.just("get_item"), keys.map(lambda key: {"Key": key, "ConsistentRead": True})),
        st.tuples(st.just("query"), queries()),
        st.tuples(
            st.just("batch_get_item"),
            st.lists(keys, min_size=1, max_size=4, unique_by=str).map(
                lambda found: {"RequestItems": {"Keys": found, "ConsistentRead": True}}
            ),
        ),
    )


def in_table(request: Request, table: str, prefix: str) -> Request:
    """Return a request as one to ``table``, with partitions of its own by ``prefix``."""

    def own(value: Any, name: str = "") -> Any:
        if isinstance(value, dict) and set(value) == {"S"} and name in {"pk", ":p"}:
            return text(prefix + value["S"])
        if isinstance(value, dict):
            return {key: own(inner, key) for key, inner in value.items()}
        return [own(inner) for inner in value] if isinstance(value, list) else value

    method, arguments = request[0], own(request[1])
    if method in {"batch_write_item", "batch_get_item"}:
        return method, {"RequestItems": {table: arguments["RequestItems"]}}
    if method != "transact_write_items":
        return method, {"TableName": table, **arguments}
    operations = [
        {action: {"TableName": table, **operation} for action, operation in item.items()}
        for item in arguments["TransactItems"]
    ]
    return method, {"TransactItems": operations}


def response(client: Any, request: Request) -> Any:
    """Return what a client responds, or raises, as far as the adapters look at it."""
    method, arguments = request
    try:
        found = getattr(client, method)(**arguments)
    except ServiceError as error:
        reasons: list[Any] = error.content.get("CancellationReasons", [])
        parts = [(reason["Code"], plain(reason.get("Item"))) for reason in reasons]
        return error.code, parts, plain(error.content.get("Item"))
    if method == "batch_get_item":
        ((_, batch),) = found["Responses"].items()
        return sorted(map(plain, batch), key=lambda item: str(key_of(item)))
    names = ("Item", "Items", "Count", "ScannedCount", "LastEvaluatedKey", "Attributes")
    return {name: plain(found[name]) for name in names if name in found}


def plain(value: Any) -> Any:
    """Return a response's part with its sets in order."""
    if isinstance(value, dict):
        return {k: sorted(v) if k == "SS" else plain(v) for k, v in value.items()}
    return list(map(plain, value)) if isinstance(value, list) else value


def is_at_the_limit(request: Request, found: Any) -> bool:
    """Return whether a Query ended at its limit.

    When that was the last item too, DynamoDB Local leaves the key to go on after out, at times;
    Amazon's documentation lets both be.
    """
    return request[0] == "query" and found["ScannedCount"] == request[1].get("Limit")


@pytest.fixture(scope="module")
def table() -> str:
    return dynamodb.shared_catalogue_table()


# Not shrunk: it takes minutes, and the message names the one request that matters.
@settings(
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
@given(
    before=st.lists(items(), max_size=8),
    requests=st.lists(st.one_of(writes(), reads(), reads()), min_size=5, max_size=25),
)
def test_dynamodb_and_the_model_respond_alike(
    table: str, before: list[dict[str, Any]], requests: list[Request]
) -> None:
    real, model, prefix = dynamodb.database(), ModelDynamoDb(), f"{uuid4()}-"
    model.create_table(**catalogue_table(table))
    put: list[Request] = [("put_item", {"Item": item}) for item in before]
    for request in [*put, *requests]:
        own = in_table(request, table, prefix)
        expected, found = response(real, own), response(model, own)
        if is_at_the_limit(own, found) and "LastEvaluatedKey" not in expected:
            del found["LastEvaluatedKey"]
        assert found == expected, own
