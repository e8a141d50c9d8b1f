"""The deployed functions: the stream, their permissions and their logs (see ``test_stack.py``)."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from typing import Any

import pytest

from core.adapters.dynamodb.read_model import DynamoDbReadModel
from core.domain.manifest import BOOKS
from tests.e2e.stack.deployed import Stack, awaited
from tests.e2e.stack.mapping import maximum_record_age
from tests.support.emf import metrics_of

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("engine")]


def test_a_record_that_cannot_be_applied_is_set_aside_and_the_others_are_projected(
    stack: Stack,
) -> None:
    tables = stack.deployment.output("tables")
    before = stack.add(title="Before")
    # An item with the id of an event, and nothing else of one.
    odd = {"stream": {"S": "poison"}, "version": {"N": "1"}, "event_id": {"S": "odd"}}
    stack.client("dynamodb").put_item(TableName=tables["events"], Item=odd)
    after = stack.add(title="After")

    assert stack.seen(before, 1).status_code == 200
    assert stack.seen(after, 1).status_code == 200
    read_model = DynamoDbReadModel(
        stack.client("dynamodb"), tables["catalogue"], BOOKS, time.sleep, time.monotonic
    )
    [aside] = read_model.aside()
    assert (aside.stream, aside.version) == ("poison", 1)
    assert letters(stack) == []
    key = {name: odd[name] for name in ("stream", "version")}
    stack.client("dynamodb").delete_item(TableName=tables["events"], Key=key)
    read_model.resume(aside)


def test_a_record_that_an_outage_lets_grow_too_old_ends_in_the_dead_letter_queue(
    stack: Stack,
) -> None:
    with maximum_record_age(stack, seconds=1):
        with projector_without_permissions(stack):
            book = stack.add(title="Unseen")
            [letter] = awaited(lambda: letters(stack), len)
        assert letter["requestContext"]["condition"] == "MaxRecordAgeExceeded"
        batch = letter["DDBStreamBatchInfo"]
        assert book in records_at(stack, batch["streamArn"], batch["startSequenceNumber"])
    # The next event of the book repairs its view.
    stack.revise(book, title="Seen", if_match=1)
    assert stack.seen(book, 2).json()["title"] == "Seen"


def letters(stack: Stack) -> list[Any]:
    """Return the messages of the dead-letter queue, which are then in flight."""
    queue = stack.deployment.output("dead_letter_queue_url")
    sqs = stack.client("sqs")
    # Only the queue's name counts: the address in the output need not be the emulator's.
    url = sqs.get_queue_url(QueueName=queue.rpartition("/")[2])["QueueUrl"]
    messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    return [json.loads(message["Body"]) for message in messages]


@contextmanager
def projector_without_permissions(stack: Stack) -> Iterator[None]:
    """Let every call of the projector to DynamoDB fail: to it, that is an outage."""
    name = stack.deployment.output("functions")["projector"]
    function = stack.client("lambda").get_function(FunctionName=name)["Configuration"]
    role, iam = function["Role"].rpartition("/")[2], stack.client("iam")
    [policy] = iam.list_role_policies(RoleName=role)["PolicyNames"]
    document = iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
    iam.delete_role_policy(RoleName=role, PolicyName=policy)
    try:
        yield
    finally:
        iam.put_role_policy(RoleName=role, PolicyName=policy, PolicyDocument=json.dumps(document))


def records_at(stack: Stack, stream: str, sequence_number: str) -> list[str]:
    """Return the event stream of the record at ``sequence_number``, read as an operator would."""
    client = stack.client("dynamodbstreams")
    [shard] = client.describe_stream(StreamArn=stream)["StreamDescription"]["Shards"]
    iterator = client.get_shard_iterator(
        StreamArn=stream,
        ShardId=shard["ShardId"],
        ShardIteratorType="AT_SEQUENCE_NUMBER",
        SequenceNumber=sequence_number,
    )["ShardIterator"]
    records = client.get_records(ShardIterator=iterator, Limit=1)["Records"]
    return [record["dynamodb"]["Keys"]["stream"]["S"] for record in records]


KEYS = {
    "events": {"stream": {"S": "none"}, "version": {"N": "1"}},
    "catalogue": {"pk": {"S": "none"}, "sk": {"S": "none"}},
}


@pytest.mark.parametrize(
    ("function", "table", "operation"),
    [
        ("command", "catalogue", "get_item"),
        ("command", "catalogue", "put_item"),
        ("command", "events", "scan"),
        ("command", "events", "update_item"),
        ("query", "events", "put_item"),
        ("query", "catalogue", "put_item"),
        ("query", "catalogue", "delete_item"),
        ("projector", "events", "update_item"),
        ("projector", "events", "delete_item"),
        ("publisher", "events", "put_item"),
        ("publisher", "catalogue", "get_item"),
    ],
)
def test_a_function_is_denied_what_it_does_not_need(
    stack: Stack, function: str, table: str, operation: str
) -> None:
    assert stack.seen(stack.add(), 1).status_code == 200  # so that each of them runs
    tables = stack.deployment.output("tables")
    name = stack.deployment.output("functions")[function]
    client = stack.emulator.client_of_function("dynamodb", name)
    client.query(  # which all of them may do
        TableName=tables["events"],
        KeyConditionExpression="#stream = :stream",
        ExpressionAttributeNames={"#stream": "stream"},
        ExpressionAttributeValues={":stream": {"S": "none"}},
    )
    given: dict[str, Any] = {"put_item": {"Item": KEYS[table]}, "scan": {}}.get(
        operation, {"Key": KEYS[table]}
    )
    with pytest.raises(client.exceptions.ClientError) as refused:
        getattr(client, operation)(TableName=tables[table], **given)
    assert refused.value.response["Error"]["Code"] == "AccessDeniedException"


@pytest.mark.parametrize("function", ["command", "query", "projector", "publisher"])
def test_a_function_writes_to_its_log_group(stack: Stack, function: str) -> None:
    assert stack.seen(stack.add(), 1).status_code == 200
    assert awaited(lambda: logged(stack, function), len)


@pytest.mark.parametrize(
    ("function", "metric"), [("command", "CommandsAccepted"), ("projector", "ProjectionLag")]
)
def test_a_function_logs_metrics_that_cloudwatch_takes_and_the_dashboard_shows(
    stack: Stack, function: str, metric: str
) -> None:
    assert stack.seen(stack.add(), 1).status_code == 200

    def measured() -> list[dict[str, Any]]:
        lines = [json.loads(message) for message in logged(stack, function) if "{" in message[:1]]
        return [line for line in lines if metric in line]

    line = awaited(measured, len)[0]
    [directive] = line["_aws"]["CloudWatchMetrics"]
    name = stack.deployment.output("dashboard")
    body = json.loads(stack.client("cloudwatch").get_dashboard(DashboardName=name)["DashboardBody"])
    shown = [each for w in body["widgets"] for each in w["properties"].get("metrics", [])]
    for found, dimensions in metrics_of(line):
        assert [directive["Namespace"], found, *chain.from_iterable(dimensions)] in shown


def logged(stack: Stack, function: str) -> list[str]:
    """Return what a function has written to its log group."""
    group = stack.deployment.output("log_groups")[function]
    events = stack.client("logs").filter_log_events(logGroupName=group)["events"]
    return [event["message"] for event in events]
